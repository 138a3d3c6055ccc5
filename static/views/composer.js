/*
 * Where the answer is written. It also says when and why nothing can be written, and what to do then.
 *
 * Invariants: a text leaves the field only into a bubble; a key that belongs to an input method never sends; while the
 * reply window is closed there is no field to type into, and the draft is kept.
 */
import { el, icon, setAttribute, setText } from '../dom.js';
import { moment, running, serverNow } from '../clock.js';
import { agentName, powers } from '../floor.js';
import { words } from '../strings.js';

/** The countdown of the reply window is shown from here on. */
const WINDOW_SHOWN_MS = 4 * 3_600_000;
const WINDOW_URGENT_MS = 15 * 60_000;
/** Remaining characters are shown when fewer than this are left. */
const LEFT_SHOWN = 500;

/** @param {import('../app.js').Context} context @param {import('../floor.js').Interaction} first */
export function createComposer(context, first) {
  const { floor, actions, drafts, outgoing } = context;
  const { state } = floor;
  const { id } = first;
  const draft_name = `conversation.${first.conversation_id}`;
  const text = el('textarea', {
    rows: 1,
    dir: 'auto',
    test: 'composer-text',
    'aria-label': words.composer.label(first.contact.name),
    placeholder: words.composer.placeholder,
    enterkeyhint: 'send',
    'aria-describedby': 'composer-hint composer-left',
    oninput: edited,
    onkeydown: pressed,
  });
  const send = el(
    'button',
    { type: 'button', class: 'primary send', test: 'composer-send', 'aria-label': words.composer.send, onclick: write },
    icon('send'),
    el('span', { text: words.composer.send }),
  );
  const hint = el('span', { id: 'composer-hint' });
  const left = el('span', { class: 'left', id: 'composer-left' });
  const closing = el('span', { class: 'closing', test: 'window-closing' });
  const field = el(
    'div',
    { class: 'field' },
    el('div', { class: 'field-box' }, text, send),
    el('div', { class: 'field-foot' }, hint, closing, left),
  );
  const closed_when = el('p');
  const closed_draft = el('p', { text: words.composer.closed_draft });
  const closed = el(
    'div',
    { class: 'blocked', test: 'window-closed', role: 'status' },
    icon('lock'),
    el(
      'div',
      {},
      el('h3', { text: words.composer.closed_heading }),
      closed_when,
      el('p', { text: words.composer.closed_way_out }),
      closed_draft,
    ),
  );
  const elsewhere_words = el('p', { dir: 'auto' });
  const elsewhere = el('div', { class: 'blocked plain' }, elsewhere_words);

  text.value = drafts.get(draft_name);
  queueMicrotask(grow);
  // A narrower field breaks the lines anew.
  new ResizeObserver(grow).observe(text);

  function grow() {
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight + 2}px`;
  }

  function edited() {
    drafts.set(draft_name, text.value);
    grow();
    count();
    if (text.value.trim()) actions.typing(id);
  }

  function count() {
    const length = [...text.value.trim()].length;
    const over = length - state.settings.message_chars_max;
    setText(left, over > 0 ? words.composer.over(over) : -over < LEFT_SHOWN ? words.composer.left(-over) : '');
    setAttribute(left, 'data-over', over > 0);
    send.disabled = length === 0 || over > 0;
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // 229 is what some browsers give for the Enter that confirms a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') text.blur();
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    event.preventDefault();
    write();
  }

  function write() {
    const interaction = state.interactions.get(id);
    if (!interaction || send.disabled || mode(interaction) !== 'open') return;
    outgoing.write(interaction, text.value.trim());
    text.value = '';
    edited();
    text.focus();
  }

  /** @param {import('../floor.js').Interaction} interaction @returns {'open'|'closed'|'elsewhere'} */
  function mode(interaction) {
    if (!powers(state, interaction).write) return 'elsewhere';
    return (interaction.window_until ?? 0) > serverNow() ? 'open' : 'closed';
  }

  function show() {
    const interaction = state.interactions.get(id);
    if (!interaction) return;
    const now = mode(interaction);
    const was_hidden = field.hidden;
    field.hidden = now !== 'open';
    closed.hidden = now !== 'closed';
    elsewhere.hidden = now !== 'elsewhere';
    if (was_hidden && !field.hidden) grow();
    if (now === 'open') showOpen(interaction);
    else if (now === 'closed') showClosed(interaction);
    else setText(elsewhere_words, whyElsewhere(interaction));
  }

  /** @param {import('../floor.js').Interaction} interaction */
  function showOpen(interaction) {
    setText(hint, interaction.state === 'ended' ? words.composer.reactivates : words.composer.hint);
    setAttribute(hint, 'data-strong', interaction.state === 'ended');
    const left_ms = (interaction.window_until ?? 0) - serverNow();
    setText(closing, left_ms < WINDOW_SHOWN_MS ? words.composer.window_closes(running(left_ms)) : '');
    setAttribute(closing, 'data-urgent', left_ms < WINDOW_URGENT_MS);
    count();
  }

  /** @param {import('../floor.js').Interaction} interaction */
  function showClosed({ window_until }) {
    setText(
      closed_when,
      window_until ? words.composer.closed_since(moment(window_until)) : words.composer.closed_never,
    );
    closed_draft.hidden = text.value.trim() === '';
  }

  /** @param {import('../floor.js').Interaction} interaction */
  function whyElsewhere(interaction) {
    if (interaction.state === 'offered')
      return interaction.offered_to_id === state.me?.id ? words.composer.offered : words.composer.ringing;
    if (interaction.state === 'queued') return words.composer.queued;
    if (interaction.state === 'transferring' && interaction.transfer?.to_agent_id === state.me?.id)
      return words.composer.offered;
    return powers(state, interaction).mine
      ? words.composer.parked
      : words.composer.elsewhere(agentName(state, interaction.owner_id));
  }

  return {
    node: el('div', { class: 'composer' }, field, closed, elsewhere),
    update: show,
    tick: show,
    focus: () => text.focus(),
    /** A refused message comes back to be changed. @param {string} refused */
    take(refused) {
      text.value = text.value.trim() ? `${refused}\n${text.value}` : refused;
      edited();
      text.focus();
    },
  };
}
