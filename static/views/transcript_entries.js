/*
 * From messages to the entries of a transcript: bubbles, and the lines between them (days, interactions, where the
 * unread ones begin, the edges).
 *
 * Apart from the view, which decides about scroll. Invariant: an entry's key is the same from the first bubble to the
 * last tick and wherever the window stands, so that rows, heights and anchors outlive a redrawing.
 */
import { dayKey, dayName, moment } from '../clock.js';
import { el, setAttribute, setText } from '../dom.js';
import { agentName, queueName } from '../floor.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Message} Message */
/** @typedef {import('../floor.js').State} State */
/** @typedef {import('../transcript_window.js').Transcript} Transcript */
/** @typedef {{key: string, line: string, kind: 'day'|'chapter'|'fresh'|'edge', chapter_id?: number}} Line */
/** @typedef {import('./message.js').Entry|Line} Entry */

/** Messages of one sender within this span hang together under one name. */
const GROUP_MS = 5 * 60_000;

/** @param {Message} message */
export const keyOf = (message) => (message.client_key ? `key ${message.client_key}` : `message ${message.id}`);

/**
 * @param {State} state
 * @param {Transcript} transcript
 * @param {Message[]} waiting messages that the server has not taken yet
 * @param {number|null} fresh_from_id the first unread one
 * @returns {Entry[]}
 */
export function entriesOf(state, transcript, waiting, fresh_from_id) {
  const { messages, before: older, after: newer, loaded } = transcript;
  /** @type {Entry[]} */
  const entries = [];
  const edge = (/** @type {string} */ key, /** @type {string} */ line) => entries.push({ key, kind: 'edge', line });
  if (!loaded || older) edge('older', transcript.trouble ? '' : words.loading);
  else edge('beginning', messages.length + waiting.length ? words.transcript.beginning : words.transcript.empty);
  /** @type {Message|null} */
  let before = null;
  let day = '';
  /** Unknown while the message before it is not held: then nothing begins here. @type {number|null} */
  let chapter_id = older ? (messages[0]?.interaction_id ?? null) : null;
  for (const message of newer ? messages : [...messages, ...waiting]) {
    const new_day = !before || message.at - before.at > 86_400_000 || dayKey(message.at) !== day;
    if (new_day) {
      day = dayKey(message.at);
      // Clocks may differ: the bubbles that wait can stand under a day of their own.
      entries.push({ key: `day ${day} ${message.id ? '' : 'waiting'}`, kind: 'day', line: dayName(message.at) });
    }
    const new_chapter = message.interaction_id !== null && message.interaction_id !== chapter_id;
    if (new_chapter) {
      chapter_id = /** @type {number} */ (message.interaction_id);
      const line = chapterLine(state, transcript, chapter_id);
      entries.push({ key: `chapter ${chapter_id} ${message.id}`, kind: 'chapter', line, chapter_id });
    }
    const fresh = message.id !== null && message.id === fresh_from_id;
    if (fresh) entries.push({ key: 'fresh', kind: 'fresh', line: words.transcript.fresh_from_here });
    const same_author =
      before?.author.kind === message.author.kind && before.author.agent_id === message.author.agent_id;
    const first =
      new_day || new_chapter || fresh || !same_author || message.at - /** @type {Message} */ (before).at > GROUP_MS;
    entries.push({ key: keyOf(message), message, first, waiting: message.id === null });
    before = message;
  }
  if (newer) edge('newer', transcript.trouble ? '' : words.loading);
  return entries;
}

/** @param {State} state @param {Transcript} transcript @param {number} id */
function chapterLine(state, transcript, id) {
  const live = state.interactions.get(id);
  const chapter = live
    ? {
        queue_id: live.queue_id,
        agent_id: live.owner_id,
        created_at: live.created_at,
        disposition_id: live.disposition_id,
      }
    : transcript.chapters.get(id);
  const parts = [words.transcript.chapter(id)];
  if (chapter) {
    parts.push(queueName(state, chapter.queue_id));
    if (chapter.agent_id) parts.push(agentName(state, chapter.agent_id));
    parts.push(moment(chapter.created_at));
    const disposition = state.dispositions.find((one) => one.id === chapter.disposition_id);
    if (disposition) parts.push(disposition.label);
  }
  return parts.join(' \u00b7 ');
}

/** @param {Line} line */
export function createLine({ kind, chapter_id }) {
  const text = el('span', { dir: 'auto' });
  const node = el('li', { class: `line ${kind}`, test: `line-${kind}` }, text);
  setAttribute(node, 'data-interaction', chapter_id);
  return { node, update: (/** @type {Line} */ { line }) => setText(text, line) };
}

/** A written message that the server has not taken yet. @param {import('../floor.js').Outgoing} outgoing @param {number|null} agent_id @returns {Message} */
export function asMessage({ client_key, conversation_id, interaction_id, text, file, quoted, at, refusal }, agent_id) {
  return {
    id: null,
    conversation_id,
    interaction_id,
    author: { kind: 'agent', agent_id },
    at,
    content: { kind: 'text', text: file ? `\u{1F4CE} ${file.name}` : text, file },
    quoted: quoted ?? null,
    delivery: refusal === null ? 'queued' : 'failed',
    failure: refusal === null ? null : { code: null, title: '', detail: refusal, retry: true },
    client_key,
    version: 0,
  };
}
