/*
 * What can be done with a single message (answer it with a quote, react to it), and the reactions that it has.
 *
 * Apart from the bubble because it belongs to the whole conversation. Invariants: one reaction of the contact's and one
 * of ours; the tools of a message are one stop away from its neighbour's (Alt and an arrow), and no stop of the Tab key,
 * which would have to pass all of them.
 */
import { el, icon, openDialog } from '../dom.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';
import { createEmojiPicker } from './emoji.js';
import { canRefer } from './quote.js';

/** @typedef {import('../floor.js').Message} Message */

const QUICK = ['\u{1F44D}', '\u2764\uFE0F', '\u{1F602}', '\u{1F62E}', '\u{1F622}', '\u{1F64F}'];

/** @param {Message} message */
const ours = (message) => message.reactions?.find((reaction) => reaction.author.kind !== 'contact');

/**
 * @param {import('../app.js').Context} context
 * @param {{contact_name: () => string, may_act: () => boolean}} options
 */
export function createMessageTools(context, { contact_name, may_act }) {
  const { state } = context.floor;
  const reactions = el('div', { class: 'reactions', hidden: true });
  const tools = el('div', { class: 'message-tools', hidden: true });
  let drawn = '';

  /** @param {Message} message */
  function draw(message) {
    const act = may_act() && canRefer(message);
    const drawing = JSON.stringify([act, message.id, message.reactions, message.content.text, contact_name()]);
    if (drawing === drawn) return;
    drawn = drawing;
    const list = message.reactions ?? [];
    reactions.hidden = list.length === 0;
    reactions.replaceChildren(...list.map((reaction) => chip(message, reaction, act)));
    tools.hidden = !act;
    tools.replaceChildren(
      ...(act
        ? [
            tool('message-quote', 'reply', words.quote.quote, () =>
              tools.dispatchEvent(new CustomEvent('quote-message', { bubbles: true, detail: message })),
            ),
            tool('message-react', 'smile', words.quote.react, () => askReaction(context, message)),
          ]
        : []),
    );
  }

  /**
   * @param {Message} message
   * @param {NonNullable<Message['reactions']>[number]} reaction
   * @param {boolean} act
   */
  function chip(message, { author, emoji, delivery }, act) {
    const who = author.kind === 'contact' ? contact_name() : agentName(state, author.agent_id) || words.product;
    const lost = delivery === 'failed' || delivery === 'unconfirmed';
    const label = lost ? words.quote.not_reacted(who, emoji) : words.quote.reacted(who, emoji);
    const props = {
      class: 'reaction',
      test: 'reaction',
      title: label,
      'aria-label': label,
      'data-author': author.kind,
      'data-lost': lost,
    };
    const parts = [emoji, lost && icon('failed')];
    if (author.kind === 'contact' || !act) return el('span', { ...props, role: 'img' }, ...parts);
    return el(
      'button',
      { type: 'button', tabindex: '-1', ...props, onclick: () => askReaction(context, message) },
      ...parts,
    );
  }

  return { reactions, tools, update: draw };
}

/** @param {string} test @param {'reply'|'smile'} icon_name @param {string} label @param {() => void} onclick */
const tool = (test, icon_name, label, onclick) =>
  el(
    'button',
    { type: 'button', tabindex: '-1', class: 'quiet tool', test, 'aria-label': label, title: label, onclick },
    icon(icon_name),
  );

/**
 * Chooses our reaction, changes it, or takes it back.
 * @param {import('../app.js').Context} context
 * @param {Message} message
 */
export function askReaction(context, message) {
  const { actions } = context;
  const set = ours(message)?.emoji;
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const picker = createEmojiPicker(context, { take: react, left: () => picker.button.focus() });
  const quick = QUICK.map((emoji) =>
    el('button', {
      type: 'button',
      class: 'quiet quick-emoji',
      test: 'quick-emoji',
      'aria-pressed': String(emoji === set),
      onclick: () => react(emoji),
      text: emoji,
    }),
  );
  const dialog = openDialog(
    'reaction-dialog',
    words.quote.react,
    el('div', { class: 'row quick-row' }, ...quick, picker.button, picker.panel),
    trouble,
    el(
      'div',
      { class: 'dialog-buttons' },
      set !== undefined &&
        el('button', {
          type: 'button',
          test: 'reaction-remove',
          onclick: () => react(''),
          text: words.quote.take_back,
        }),
      el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel }),
    ),
  );

  /** @param {string} emoji */
  async function react(emoji) {
    trouble.textContent = '';
    try {
      await actions.react(/** @type {number} */ (message.id), emoji);
      dialog.close();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }
}

/**
 * Alt and an arrow goes to the tools of the message above or below; from outside to those of the last one.
 * @param {KeyboardEvent} event @param {Element} transcript
 * @returns {boolean} whether it was such a key
 */
export function moveBetweenTools(event, transcript) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.altKey) return false;
  const all = [...transcript.querySelectorAll('.message-tools:not([hidden])')];
  const at = all.findIndex((tools) => tools.contains(document.activeElement));
  const next = all[at < 0 ? all.length - 1 : at + step];
  const button = /** @type {HTMLElement|null} */ (next?.querySelector('button') ?? null);
  event.preventDefault();
  button?.scrollIntoView({ block: 'nearest' });
  button?.focus();
  return true;
}
