/*
 * Quotes: the excerpt above an answer, which leads to its original, and the bar over the message field while one is
 * being written.
 *
 * Invariant: what is quoted is shown by its author's name and its first words, never by a colour alone.
 */
import { el, icon, setText } from '../dom.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Message} Message */
/** @typedef {{id: number, author: Message['author'], kind: string, text: string}} Quoted */

const EXCERPT_CHARS_MAX = 200;

/** @param {import('../floor.js').State} state @param {Message['author']} author @param {string} contact_name */
function nameOf(state, author, contact_name) {
  if (author.kind === 'contact') return contact_name;
  if (author.kind === 'business_app') return words.transcript.phone_app;
  if (author.kind === 'agent')
    return author.agent_id === state.me?.id ? words.transcript.you : agentName(state, author.agent_id);
  return words.product;
}

/** @param {Quoted} quoted */
function excerptOf({ kind, text }) {
  const what = words.transcript.kinds[/** @type {'image'} */ (kind)];
  return (
    [kind === 'text' || kind === 'template' ? '' : what, text].filter(Boolean).join(': ') || words.transcript.other_kind
  );
}

/** A message as it is quoted. @param {Message} message @returns {Quoted} */
export function quotedFrom({ id, author, content }) {
  const kind = content.kind === 'other' || content.kind === 'media' ? (content.type ?? 'other') : content.kind;
  const text = [...content.text].slice(0, EXCERPT_CHARS_MAX).join('');
  return { id: /** @type {number} */ (id), author, kind, text };
}

/** Whether it can be answered with a quote or reacted to. @param {Message} message */
export const canRefer = ({ id, content, delivery }) =>
  id !== null &&
  content.kind !== 'notice' &&
  content.kind !== 'internal' &&
  delivery !== 'queued' &&
  delivery !== 'failed' &&
  delivery !== 'unconfirmed';

/**
 * The excerpt in a bubble.
 * @param {import('../floor.js').State} state
 * @param {Quoted} quoted
 * @param {string} contact_name
 */
export function quotedExcerpt(state, quoted, contact_name) {
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quote',
      test: 'quote',
      title: words.quote.jump,
      // The transcript may be a read-only one: wherever it stands, it knows how to get there.
      onclick: () => /** @type {any} */ (button.closest('deskbell-transcript'))?.jumpTo(quoted.id),
    },
    el('span', { class: 'quote-name', dir: 'auto', text: nameOf(state, quoted.author, contact_name) }),
    el('span', { class: 'quote-words', dir: 'auto', text: excerptOf(quoted) }),
  );
  return button;
}

/**
 * The bar over the message field.
 * @param {import('../app.js').Context} context
 * @param {{contact_name: () => string, left: () => void}} options `left`: the quote was taken away
 */
export function createQuoting({ floor }, { contact_name, left }) {
  /** @type {Quoted|null} */
  let quoted = null;
  const name = el('span', { class: 'quote-name', dir: 'auto' });
  const text = el('span', { class: 'quote-words', dir: 'auto' });
  const node = el(
    'div',
    { class: 'quoting', test: 'quoting', hidden: true },
    icon('reply'),
    el('div', { class: 'quote' }, name, text),
    el(
      'button',
      {
        type: 'button',
        class: 'quiet tool',
        test: 'quoting-close',
        'aria-label': words.quote.remove,
        title: words.quote.remove,
        onclick: () => {
          set(null);
          left();
        },
      },
      icon('close'),
    ),
  );

  /** @param {Quoted|null} next */
  function set(next) {
    quoted = next;
    node.hidden = next === null;
    if (!next) return;
    setText(name, words.quote.answers(nameOf(floor.state, next.author, contact_name())));
    setText(text, excerptOf(next));
  }

  return {
    node,
    set,
    /** The quote, which is used up. */
    take() {
      const taken = quoted;
      set(null);
      return taken;
    },
    get quoted() {
      return quoted;
    },
  };
}
