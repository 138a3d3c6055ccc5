/*
 * The Conversation tab: search in everything ever said with this contact, and an outline of the interactions to jump to.
 * The conversation itself is the transcript in the middle; it is not shown a second time.
 */
import { openContactOrders } from '../contact_orders.js';
import { el, list, setAttribute, setText } from '../dom.js';
import { moment, shortMoment } from '../clock.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';
import { dispositionName } from './disposition.js';
import { Search } from './search.js';

const OUTLINE_MAX = 50;

/** @typedef {import('../floor.js').Interaction} Interaction */

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{jump: (interaction: Interaction) => void, jumpTo: (message_id: number, texts: string[]) => void}} options
 */
export function createFind(context, first, { jump, jumpTo }) {
  const outline = createOutline(context, first, jump);
  const search = new Search(context, {
    conversation_id: first.conversation_id,
    open(hit, texts) {
      if (hit.message_id !== null) jumpTo(hit.message_id, texts);
      else outline.open(hit.interaction_id);
    },
    asking: (asking) => (outline.node.hidden = asking),
  });
  return {
    node: el('div', { class: 'find' }, search, outline.node),
    update: outline.update,
    focus: () => search.focus(),
  };
}

/**
 * The interactions of this conversation, one line each.
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {(interaction: Interaction) => void} jump
 */
function createOutline({ floor }, first, jump) {
  const { state } = floor;
  const orders = openContactOrders(floor);
  const lines = el('ol', { class: 'outline' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const node = el('section', {}, el('h3', { text: words.find.outline }), trouble, lines);
  /** @type {Interaction[]} */
  let interactions = [];
  let state_asked = '';

  async function load() {
    trouble.textContent = '';
    try {
      const filters = { channel_id: first.channel_id, limit: OUTLINE_MAX };
      interactions = (await orders.history(first.contact.id, filters)).interactions;
      draw();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  function draw() {
    list(
      lines,
      interactions,
      (one) => one.id,
      () => {
        const when = el('time');
        const who = el('span', { class: 'outline-who', dir: 'auto' });
        /** @type {Interaction|null} */
        let shown = null;
        const line = el(
          'button',
          { type: 'button', class: 'outline-line', test: 'find-interaction', onclick: () => shown && jump(shown) },
          when,
          who,
        );
        return {
          node: el('li', {}, line),
          update(one) {
            shown = one;
            const current = one.id === first.id;
            const agents = one.handled_by.map((id) => agentName(state, id)).join(', ');
            setText(when, shortMoment(one.created_at));
            when.title = moment(one.created_at);
            setText(
              who,
              [current ? words.find.now : '', agents, dispositionName(state, one.disposition_id)]
                .filter(Boolean)
                .join(' \u00b7 ') || words.states[one.state],
            );
            setAttribute(line, 'data-current', current);
          },
        };
      },
    );
  }

  return {
    node,
    /** A note was found: where its interaction stands. @param {number|null} id */
    open(id) {
      const one = interactions.find((interaction) => interaction.id === id);
      if (one) jump(one);
    },
    /** @param {Interaction} interaction */
    update(interaction) {
      if (!node.checkVisibility()) return;
      const now = `${interaction.state} ${interaction.owner_id} ${state.connection === 'live'}`;
      if (now === state_asked) return;
      state_asked = now;
      load();
    },
  };
}
