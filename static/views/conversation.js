/*
 * The transcript of a conversation: everything ever said, in one scroll that loads older pages on the way up.
 *
 * Invariants: what the eye rests on does not move: at the end the view follows new messages, anywhere else it keeps its
 * place while messages come in above or below; a message is reported as read only while its owner sees it.
 */
import { el, list, setText } from '../dom.js';
import { dayKey, dayName } from '../clock.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';
import { createMessage } from './message.js';

/** @typedef {import('../floor.js').Message} Message */
/** @typedef {import('./message.js').Entry} Entry */
/** @typedef {{key: string, line: string, kind: 'day'|'fresh'|'edge'}} Line */

/** Nearer to the end than this counts as at the end. */
const END_PX = 48;
/** Older messages are asked for when the scroll comes this near to the top. */
const TOP_PX = 600;
/** Messages of one sender within this span hang together under one name. */
const GROUP_MS = 5 * 60_000;

/**
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} first
 * @param {(message: Message) => void} edit
 */
export function createTranscript(context, first, edit) {
  const { floor, actions, announce, positions } = context;
  const { state } = floor;
  const { id, conversation_id } = first;
  const entries = el('ol', { class: 'messages' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const try_again = el('button', { type: 'button', class: 'small', text: words.try_again, onclick: () => load(true) });
  const failed = el('div', { class: 'transcript-trouble', hidden: true }, trouble, try_again);
  const scroller = el(
    'div',
    {
      class: 'transcript',
      test: 'transcript',
      role: 'log',
      'aria-live': 'off',
      'aria-label': words.transcript.region,
      tabindex: '0',
      onscroll: scrolled,
    },
    failed,
    entries,
  );
  const latest_words = el('span');
  const latest = el(
    'button',
    { type: 'button', class: 'latest', test: 'latest', hidden: true, onclick: toEnd },
    latest_words,
  );
  /** @type {{at_end: boolean, key: string, offset: number}|undefined} */
  let kept = positions.get(id);
  let at_end = kept?.at_end ?? true;
  let seen_id = 0;
  let missed = 0;
  /** @type {number|null|undefined} undefined: not known before the first page */
  let fresh_from_id;

  const resized = new ResizeObserver(() => at_end && toEnd());
  resized.observe(scroller);
  document.addEventListener('visibilitychange', markRead);

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
    scrolled();
  }

  function scrolled() {
    at_end = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX;
    if (at_end) missed = 0;
    showLatest();
    if (at_end) markRead();
    load(false);
  }

  function showLatest() {
    latest.hidden = at_end;
    setText(latest_words, missed > 0 ? words.transcript.fresh(missed) : words.transcript.latest);
  }

  /** @param {boolean} asked a person asks again after trouble */
  function load(asked) {
    const transcript = state.transcripts.get(conversation_id);
    if (transcript?.loading || (transcript?.trouble && !asked)) return;
    if (!transcript?.loaded || transcript.stale) actions.loadNewest(conversation_id);
    else if (transcript.before && (asked || scroller.scrollTop < TOP_PX)) actions.loadOlder(conversation_id);
  }

  function markRead() {
    const interaction = state.interactions.get(id);
    if (!interaction?.unread || !at_end || document.visibilityState !== 'visible' || !powers(state, interaction).mine)
      return;
    const newest = state.transcripts
      .get(conversation_id)
      ?.messages.findLast((message) => message.author.kind === 'contact');
    if (newest?.id) actions.read(interaction, newest.id);
  }

  /** The first entry that is in view, and where. */
  function anchor() {
    const top = scroller.getBoundingClientRect().top;
    for (const node of entries.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top && node.classList.contains('message'))
        return { node: /** @type {HTMLElement} */ (node), offset: box.top - top };
    }
    return null;
  }

  /** @param {Entry|Line} entry @returns {import('../dom.js').Row<any>} */
  function createEntry(entry) {
    if ('line' in entry) return createLine(entry);
    return createMessage(context, entry, { contact_name: () => state.interactions.get(id)?.contact.name ?? '', edit });
  }

  /** @param {Message[]} messages */
  function noticeNews(messages) {
    const newest_id = messages.reduce((max, message) => Math.max(max, message.id ?? 0), 0);
    if (seen_id > 0) {
      for (const message of messages) {
        if (/** @type {number} */ (message.id) <= seen_id || message.author.kind !== 'contact') continue;
        if (!at_end) missed += 1;
        announce(`${state.interactions.get(id)?.contact.name ?? ''}: ${message.content.text}`, 'polite');
      }
    } else if (newest_id > 0) {
      const unread = state.interactions.get(id)?.unread ?? 0;
      const inbound = messages.filter((message) => message.author.kind === 'contact');
      fresh_from_id = unread > 0 ? (inbound.at(-unread)?.id ?? null) : null;
    }
    seen_id = Math.max(seen_id, newest_id);
  }

  function update() {
    const transcript = state.transcripts.get(conversation_id);
    const messages = transcript?.messages ?? [];
    const waiting = [...state.outgoing.values()]
      .filter((one) => one.conversation_id === conversation_id)
      .map((one) => asMessage(one, state.me?.id ?? null));
    const own_new = waiting.some((message) => !rowKeys.has(keyOf(message)));
    const held = at_end || own_new ? null : anchor();
    if (transcript?.loaded) noticeNews(messages);
    const drawn = transcript ? entriesOf(transcript, messages, waiting, fresh_from_id ?? null) : [];
    list(entries, drawn, (entry) => entry.key, createEntry);
    rowKeys = new Set(drawn.map((entry) => entry.key));
    failed.hidden = !transcript?.trouble;
    setText(trouble, transcript?.trouble ?? '');
    place(held, own_new, Boolean(transcript?.loaded));
    showLatest();
    load(false);
    markRead();
  }

  /** @type {Set<string>} */
  let rowKeys = new Set();

  /** @param {ReturnType<typeof anchor>} held @param {boolean} own_new @param {boolean} loaded */
  function place(held, own_new, loaded) {
    if (kept && loaded) {
      const node = /** @type {HTMLElement|null} */ (entries.querySelector(`[data-message="${CSS.escape(kept.key)}"]`));
      if (!kept.at_end && node) held = { node, offset: kept.offset };
      kept = undefined;
    }
    if (at_end || own_new) scroller.scrollTop = scroller.scrollHeight;
    else if (held?.node.isConnected)
      scroller.scrollTop += held.node.getBoundingClientRect().top - scroller.getBoundingClientRect().top - held.offset;
  }

  return {
    node: el('div', { class: 'transcript-place' }, scroller, latest),
    update,
    close() {
      const held = anchor();
      positions.set(id, { at_end, key: held?.node.dataset.message ?? '', offset: held?.offset ?? 0 });
      resized.disconnect();
      document.removeEventListener('visibilitychange', markRead);
    },
  };
}

/** @param {Line} line */
function createLine({ kind }) {
  const text = el('span');
  return {
    node: el('li', { class: `line ${kind}` }, text),
    update: (/** @type {Line} */ { line }) => setText(text, line),
  };
}

/** One key from the first bubble to the last tick, so that the node stays. @param {Message} message */
const keyOf = (message) => (message.client_key ? `key ${message.client_key}` : `message ${message.id}`);

/** @param {import('../floor.js').Outgoing} outgoing @param {number|null} agent_id @returns {Message} */
function asMessage({ client_key, conversation_id, interaction_id, text, at, refusal }, agent_id) {
  return {
    id: null,
    conversation_id,
    interaction_id,
    author: { kind: 'agent', agent_id },
    at,
    content: { kind: 'text', text },
    delivery: refusal === null ? 'queued' : 'failed',
    failure: refusal === null ? null : { code: null, title: '', detail: refusal, retry: true },
    client_key,
    version: 0,
  };
}

/**
 * @param {import('../floor.js').Transcript} transcript
 * @param {Message[]} messages
 * @param {Message[]} waiting
 * @param {number|null} fresh_from_id
 * @returns {(Entry|Line)[]}
 */
function entriesOf(transcript, messages, waiting, fresh_from_id) {
  /** @type {(Entry|Line)[]} */
  const entries = [];
  if (!transcript.loaded || transcript.before)
    entries.push({ key: 'edge', kind: 'edge', line: transcript.trouble ? '' : words.loading });
  else
    entries.push({
      key: 'beginning',
      kind: 'edge',
      line: messages.length + waiting.length > 0 ? words.transcript.beginning : words.transcript.empty,
    });
  /** @type {Message|null} */
  let before = null;
  for (const message of [...messages, ...waiting]) {
    const new_day = !before || dayKey(before.at) !== dayKey(message.at);
    if (new_day)
      entries.push({
        key: `day ${dayKey(message.at)} ${message.id ? '' : 'waiting'}`,
        kind: 'day',
        line: dayName(message.at),
      });
    const fresh = message.id !== null && message.id === fresh_from_id;
    if (fresh) entries.push({ key: 'fresh', kind: 'fresh', line: words.transcript.fresh_from_here });
    const same_author =
      before?.author.kind === message.author.kind && before.author.agent_id === message.author.agent_id;
    const first = new_day || fresh || !same_author || message.at - /** @type {Message} */ (before).at > GROUP_MS;
    entries.push({ key: keyOf(message), message, first, waiting: message.id === null });
    before = message;
  }
  return entries;
}
