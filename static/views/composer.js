/*
 * Where the answer is written. It also says when and why nothing can be written, and what to do then.
 *
 * Invariants: a text leaves the field only into a bubble; a key that belongs to an input method never sends; a text with
 * a field code that is not filled in never leaves; while the reply window is closed there is no field to type into, and
 * the draft is kept.
 */
import { dateToday, moment, running, serverNow, timeOfDay } from '../clock.js';
import { el, icon, setAttribute, setText } from '../dom.js';
import { filled, unresolved } from '../field_codes.js';
import { agentName, powers } from '../floor.js';
import { formatted } from '../formatting.js';
import { words } from '../strings.js';
import { createAttached } from './attached.js';
import { createEmojiPicker } from './emoji.js';
import { askFile, createFileTool, createVoiceTool } from './media.js';
import { createMessageField } from './message_field.js';
import { askObject } from './objects.js';
import { createQuoting, quotedFrom } from './quote.js';
import { createShortcutList } from './shortcut_list.js';
import { askTemplate } from './templates.js';

/** The countdown of the reply window is shown from here on. */
const WINDOW_SHOWN_MS = 4 * 3_600_000;
const WINDOW_URGENT_MS = 15 * 60_000;
/** Remaining characters are shown when fewer than this are left. */
const LEFT_SHOWN = 500;
/** After this pause the field takes what was written in another tab. */
const TYPING_PAUSE_MS = 3_000;

/** Marks of the text, their key with Ctrl or Cmd, and how their button looks. */
const MARKS = /** @type {const} */ ([
  { name: 'bold', mark: '*', key: 'b', tag: 'strong', sign: 'B' },
  { name: 'italic', mark: '_', key: 'i', tag: 'em', sign: 'I' },
  { name: 'strike', mark: '~', key: null, tag: 's', sign: 'S' },
  { name: 'mono', mark: '```', key: null, tag: 'code', sign: '<>' },
]);

/** @typedef {import('../floor.js').Interaction} Interaction */

/** @param {import('../app.js').Context} context @param {Interaction} first */
export function createComposer(context, first) {
  const { floor, actions, drafts, outgoing } = context;
  const { state } = floor;
  const { id } = first;
  const draft_name = `conversation.${first.conversation_id}`;
  const field = createMessageField({
    test: 'composer-text',
    'aria-label': words.composer.label(first.contact.name),
    placeholder: words.composer.placeholder,
    'aria-describedby': 'composer-hint composer-left composer-codes',
    'aria-autocomplete': 'list',
    'aria-haspopup': 'listbox',
    'aria-controls': 'composer-shortcuts',
    oninput: edited,
    onkeydown: pressed,
    onblur: () => shortcuts.close(),
  });
  const { text } = field;
  const shortcuts = createShortcutList(context, { text, fill, take: put });
  const emoji = createEmojiPicker(context, {
    take(chosen) {
      field.insert(chosen);
      text.focus();
    },
    left: () => text.focus(),
  });
  const quoting = createQuoting(context, {
    contact_name: () => (state.interactions.get(id) ?? first).contact.name,
    left: () => text.focus(),
  });
  const attached = createAttached(context, {
    conversation_id: first.conversation_id,
    changed: () => count(),
    left: () => text.focus(),
  });
  const files = createFileTool({ take: chooseFile });
  const voice = createVoiceTool({ take: chooseFile });
  const template = el(
    'button',
    {
      type: 'button',
      class: 'quiet tool',
      test: 'composer-template',
      'aria-label': words.templates.open,
      title: words.templates.open,
      onclick: chooseTemplate,
    },
    icon('template'),
  );
  const object = el(
    'button',
    {
      type: 'button',
      class: 'quiet tool',
      test: 'composer-object',
      'aria-label': words.commands.object,
      title: words.commands.object,
      onclick: chooseObject,
    },
    icon('plus'),
  );
  const marks = MARKS.map(({ name, mark, key, tag, sign }) =>
    el(
      'button',
      {
        type: 'button',
        class: 'quiet tool mark-tool',
        test: `mark-${name}`,
        'aria-label': words.composer.marks[name],
        title: key ? `${words.composer.marks[name]} (Ctrl+${key.toUpperCase()})` : words.composer.marks[name],
        onclick: () => field.wrap(mark),
      },
      el(tag, { text: sign }),
    ),
  );
  const send = el(
    'button',
    { type: 'button', class: 'primary send', test: 'composer-send', 'aria-label': words.composer.send, onclick: write },
    icon('send'),
    el('span', { text: words.composer.send }),
  );
  const link_preview = el('input', { type: 'checkbox', test: 'composer-link-preview' });
  const linked = el('label', { class: 'field-hint', hidden: true }, link_preview, words.composer.link_preview);
  const preview = el('div', { class: 'message-preview', dir: 'auto', test: 'composer-preview', 'aria-hidden': 'true' });
  const hint = el('span', { class: 'field-hint', id: 'composer-hint' });
  const left = el('span', { class: 'left', id: 'composer-left' });
  const closing = el('span', { class: 'closing', test: 'window-closing' });
  const codes_words = el('span', { id: 'composer-codes' });
  const codes = el(
    'div',
    { class: 'codes', role: 'status', test: 'composer-codes', hidden: true },
    icon('late'),
    codes_words,
    el('button', {
      type: 'button',
      class: 'small',
      test: 'composer-next-code',
      onclick: () => field.toNextCode(true),
      text: words.composer.next_code,
    }),
  );
  const open = el(
    'div',
    { class: 'field' },
    shortcuts.node,
    emoji.panel,
    quoting.node,
    attached.node,
    preview,
    codes,
    el('div', { class: 'field-box' }, field.node, send),
    el(
      'div',
      { class: 'field-foot' },
      el(
        'div',
        { class: 'tools', role: 'group', 'aria-label': words.composer.tools },
        emoji.button,
        files.button,
        files.input,
        voice.button,
        template,
        object,
        ...marks,
      ),
      linked,
      hint,
      closing,
      left,
    ),
  );
  files.listen(open);
  const blocked = createBlocked(chooseTemplate);
  let typed_at = 0;
  /** @type {string|null} */
  let previewed = null;

  text.value = drafts.get(draft_name);
  showText();

  function showText() {
    field.show();
    count();
    showCodes();
    showPreview();
  }

  function edited() {
    typed_at = Date.now();
    drafts.set(draft_name, text.value);
    showText();
    shortcuts.follow();
    if (text.value.trim()) actions.typing(id);
  }

  function count() {
    const length = [...text.value.trim()].length;
    const over = length - state.settings.message_chars_max;
    setText(left, over > 0 ? words.composer.over(over) : -over < LEFT_SHOWN ? words.composer.left(-over) : '');
    setAttribute(left, 'data-over', over > 0);
    send.disabled = (length === 0 && attached.empty) || over > 0;
  }

  function showCodes() {
    const places = unresolved(text.value);
    codes.hidden = places.length === 0;
    setText(codes_words, places.length ? words.composer.codes(text.value.slice(...places[0]), places.length) : '');
  }

  /** Only where marks or links change what the contact sees. */
  function showPreview() {
    if (previewed === text.value) return;
    linked.hidden = !/https?:\/\//u.test(text.value);
    if (linked.hidden) link_preview.checked = true;
    previewed = text.value;
    const nodes = /[*_~`]/u.test(previewed) ? formatted(previewed.trim()) : [];
    preview.hidden = !nodes.some((node) => node instanceof Element && node.tagName !== 'A');
    preview.replaceChildren(...(preview.hidden ? [] : nodes));
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // 229 is what some browsers give for the Enter that confirms a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (shortcuts.pressed(event)) return;
    const mark = MARKS.find((one) => one.key === event.key.toLowerCase());
    if (mark && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      return field.wrap(mark.mark);
    }
    if (event.key === 'F2' && field.toNextCode(true)) return event.preventDefault();
    if (event.key === 'Tab' && !event.shiftKey && field.toNextCode(false)) return event.preventDefault();
    if (event.key === 'Escape' && quoting.quoted) return quoting.set(null);
    if (event.key === 'Escape') text.blur();
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    event.preventDefault();
    write();
  }

  function write() {
    const interaction = state.interactions.get(id);
    if (!interaction || send.disabled || mode(interaction) !== 'open') return;
    if (unresolved(text.value).length > 0) return field.toNextCode(true);
    const said = text.value.trim();
    if (said) outgoing.write(interaction, said, { quoted: quoting.take(), preview: link_preview.checked });
    for (const file of attached.take()) outgoing.write(interaction, '', { quoted: quoting.take(), file });
    text.value = '';
    edited();
    text.focus();
  }

  /** @param {File} file @param {boolean} [voice] recorded here */
  function chooseFile(file, voice) {
    const interaction = state.interactions.get(id);
    if (!interaction || mode(interaction) !== 'open') return;
    const quoted_id = quoting.quoted?.id ?? null;
    askFile(context, interaction, file, { quoted_id, on_sent: () => quoting.set(null), voice });
  }

  function chooseObject() {
    const interaction = state.interactions.get(id);
    if (!interaction || mode(interaction) !== 'open') return;
    const quoted_id = quoting.quoted?.id ?? null;
    askObject(context, interaction, { quoted_id, on_sent: () => quoting.set(null) });
  }

  function chooseTemplate() {
    const interaction = state.interactions.get(id);
    if (!interaction || mode(interaction) === 'elsewhere') return;
    askTemplate(context, interaction, {
      fill,
      quoted_id: quoting.quoted?.id ?? null,
      on_sent: () => quoting.set(null),
    });
  }

  /** Codes filled in from what is known now. @param {string} words_in */
  function fill(words_in) {
    const interaction = state.interactions.get(id) ?? first;
    const kinds = new Map(state.case_keys.map((one) => [one.key, one.kind]));
    return filled(words_in, {
      contact: interaction.contact,
      agent: { name: state.me?.name ?? '' },
      queue: state.queues.find((one) => one.id === interaction.queue_id),
      channel: state.channels.find((one) => one.id === interaction.channel_id),
      interaction,
      case_data: interaction.case_data.map(({ key, value }) => ({
        key,
        value: kinds.get(key) === 'boolean' ? words.case_information[value === 'true' ? 'yes' : 'no'] : value,
      })),
      date: dateToday(),
      time: timeOfDay(serverNow()),
    });
  }

  /**
   * A response into the text, the cursor behind it or on its first open code, its files above.
   * @param {import('../responses.js').Response} response @param {number} from @param {number} until
   */
  function put(response, from, until) {
    attached.add(response.attachments);
    const ready = fill(response.text);
    field.replace(ready, from, until);
    text.focus();
    if (unresolved(ready).length === 0) return;
    text.setSelectionRange(from, from);
    field.toNextCode(false);
  }

  /** @param {Interaction} interaction @returns {'open'|'closed'|'elsewhere'} */
  function mode(interaction) {
    if (!powers(state, interaction).write || endedForGood(state, interaction)) return 'elsewhere';
    return (interaction.window_until ?? 0) > serverNow() ? 'open' : 'closed';
  }

  function show() {
    const interaction = state.interactions.get(id);
    if (!interaction) return;
    const now = mode(interaction);
    open.hidden = now !== 'open';
    if (now === 'open') showOpen(interaction);
    blocked.show(now === 'open' ? null : now, interaction, state, text.value.trim() !== '');
    const busy = document.activeElement === text && Date.now() - typed_at < TYPING_PAUSE_MS;
    const written = drafts.get(draft_name);
    if (written === text.value || busy) return;
    text.value = written;
    showText();
  }

  /** @param {Interaction} interaction */
  function showOpen(interaction) {
    setText(hint, interaction.state === 'ended' ? words.composer.reactivates : words.composer.hint);
    setAttribute(hint, 'data-strong', interaction.state === 'ended');
    const left_ms = (interaction.window_until ?? 0) - serverNow();
    setText(closing, left_ms < WINDOW_SHOWN_MS ? words.composer.window_closes(running(left_ms)) : '');
    setAttribute(closing, 'data-urgent', left_ms < WINDOW_URGENT_MS);
    count();
  }

  return {
    node: el('div', { class: 'composer' }, open, blocked.node),
    update: show,
    tick: show,
    focus: () => text.focus(),
    /** Whether something can be written now. */
    writes: () => !open.hidden,
    fill,
    /** A response at the cursor. @param {import('../responses.js').Response} response */
    insert: (response) => put(response, text.selectionStart, text.selectionEnd),
    chooseObject,
    chooseTemplate,
    /** The answer that is being written quotes this message. @param {import('../floor.js').Message} message */
    quote(message) {
      quoting.set(quotedFrom(message));
      text.focus();
    },
    /** A refused message comes back to be changed. @param {import('../floor.js').Message['content']} content */
    take({ text: refused, file }) {
      if (file) return attached.add([file]);
      text.value = text.value.trim() ? `${refused}\n${text.value}` : refused;
      edited();
      text.focus();
    },
  };
}

/** What stands there instead of the field. @param {() => void} chooseTemplate */
function createBlocked(chooseTemplate) {
  const closed_when = el('p');
  const closed_way_out = el('p', { test: 'window-way-out' });
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
      closed_way_out,
      closed_draft,
      el('button', {
        type: 'button',
        class: 'primary',
        test: 'window-template',
        onclick: chooseTemplate,
        text: words.templates.open,
      }),
    ),
  );
  const elsewhere_words = el('p', { dir: 'auto' });
  const elsewhere = el('div', { class: 'blocked plain', test: 'composer-elsewhere' }, elsewhere_words);
  return {
    node: el('div', {}, closed, elsewhere),
    /**
     * @param {'closed'|'elsewhere'|null} why @param {Interaction} interaction
     * @param {import('../floor.js').State} state @param {boolean} has_draft
     */
    show(why, interaction, state, has_draft) {
      closed.hidden = why !== 'closed';
      elsewhere.hidden = why !== 'elsewhere';
      const { window_until } = interaction;
      setText(
        closed_when,
        window_until ? words.composer.closed_since(moment(window_until)) : words.composer.closed_never,
      );
      const waits = interaction.last_message?.content.kind === 'template';
      setText(closed_way_out, waits ? words.composer.closed_template_sent : words.composer.closed_way_out);
      closed_draft.hidden = !has_draft;
      setText(elsewhere_words, whyElsewhere(state, interaction));
    },
  };
}

/** A blocked contact gets nothing; where asynchronous mode is off, an ended interaction is not taken up again. @param {import('../floor.js').State} state @param {Interaction} interaction */
const endedForGood = (state, { state: at, channel_id, contact }) =>
  contact.blocked ||
  (at === 'ended' && state.channels.find((one) => one.id === channel_id)?.asynchronous === false);

/** @param {import('../floor.js').State} state @param {Interaction} interaction */
function whyElsewhere(state, interaction) {
  if (interaction.contact.blocked) return words.composer.contact_blocked;
  if (interaction.state === 'offered')
    return interaction.offered_to_id === state.me?.id ? words.composer.offered : words.composer.ringing;
  if (interaction.state === 'queued') return words.composer.queued;
  if (interaction.state === 'transferring' && interaction.transfer?.to_agent_id === state.me?.id)
    return words.composer.offered;
  if (endedForGood(state, interaction)) return words.composer.ended_for_good;
  return powers(state, interaction).mine
    ? words.composer.parked
    : words.composer.elsewhere(agentName(state, interaction.owner_id));
}
