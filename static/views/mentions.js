/*
 * "Ben has mentioned you": what a colleague wrote about, and the way there.
 *
 * Invariant: it stays until the person has gone there or put it away; nothing takes the focus.
 */
import { el, icon, list, setText } from '../dom.js';
import { agentName } from '../floor.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Mention} Mention */

/** @param {import('../app.js').Context} context */
export function createMentions({ floor, announce }) {
  const { state, dispatch } = floor;
  const mentions = el('ul', { class: 'mentions' });
  const node = el('section', { 'aria-label': words.mentions.region, hidden: true }, mentions);
  let told_seq = 0;

  /** @param {Mention} mention */
  function createMention(mention) {
    const sentence = el('span', { dir: 'auto' });
    const putAway = () => dispatch({ event: 'mention_put_away', seq: mention.seq });
    const here = state.interactions.has(mention.interaction_id);
    const path = here ? `#/interaction/${mention.interaction_id}` : contactPath(mention.contact.id);
    return {
      node: el(
        'li',
        { class: 'mention', test: 'mention' },
        icon('people'),
        el('a', { href: path, test: 'mention-open', onclick: putAway }, sentence),
        el(
          'button',
          { type: 'button', class: 'quiet small', test: 'mention-close', 'aria-label': words.close, onclick: putAway },
          icon('close'),
        ),
      ),
      update: () => setText(sentence, sentenceOf(mention)),
    };
  }

  /** @param {Mention} mention */
  const sentenceOf = ({ by_id, contact }) =>
    words.mentions.sentence(agentName(state, by_id), contact.name || contact.addresses[0]?.value || '');

  return {
    node,
    update() {
      node.hidden = state.mentions.length === 0;
      list(mentions, state.mentions, (mention) => mention.seq, createMention);
      const newest = state.mentions.at(-1);
      if (!newest || newest.seq <= told_seq) return;
      told_seq = newest.seq;
      announce(sentenceOf(newest), 'polite');
    },
  };
}
