/*
 * What the agent has written but not sent. Messages: kept by the server for each conversation, so that a draft follows
 * its author from tab to tab and from place to place. Notes: kept while the tab lives, the note itself saves soon.
 *
 * Apart from the composer because a draft outlives it. Invariants: a draft survives a lost connection, a new sign-in of
 * the same agent and a reload; it never shows to another agent; of two writings the later one counts.
 */
import { Problem, request } from './api.js';
import { serverNow } from './clock.js';

/** The server is told when the hand has rested this long. */
const QUIET_MS = 600;
const RETRY_MS = 5_000;
const CONVERSATION = /^conversation\.(\d+)$/u;

/** @typedef {{text: string, at: number}} Written */

/** @param {import('./floor.js').Floor} floor @param {number} agent_id */
export function openDrafts({ state, listen }, agent_id) {
  const prefix = `deskbell.draft.${agent_id}.`;
  /** @type {Map<string, Written>} */
  const memory = new Map();
  /** @type {Map<number, number>} conversation to the timer of its next telling */
  const timers = new Map();
  /** @type {Map<number, Promise<void>>} conversation to the telling under way */
  const telling = new Map();
  /** @type {Map<number, number>} conversation to how many of its messages wait to be taken by the server */
  const on_the_way = new Map();
  let connection = state.connection;
  let closed = false;

  /** @param {string} name @returns {Written|null} */
  function local(name) {
    const known = memory.get(name) ?? decode(stored(prefix + name));
    if (known) memory.set(name, known);
    return known;
  }

  /** @param {number} conversation_id */
  function tellLater(conversation_id, wait_ms = QUIET_MS) {
    clearTimeout(timers.get(conversation_id));
    timers.set(
      conversation_id,
      setTimeout(() => tell(conversation_id), wait_ms),
    );
  }

  /** One telling at a time, so that the later text arrives later. @param {number} conversation_id @returns {Promise<void>} */
  function tell(conversation_id) {
    clearTimeout(timers.get(conversation_id));
    timers.delete(conversation_id);
    const running = telling.get(conversation_id);
    if (running) return running.then(() => tell(conversation_id));
    const promise = put(conversation_id).finally(() => telling.delete(conversation_id));
    telling.set(conversation_id, promise);
    return promise;
  }

  /** @param {number} conversation_id */
  async function put(conversation_id) {
    const name = `conversation.${conversation_id}`;
    const written = memory.get(name);
    if (!written || closed) return;
    try {
      await request('PUT', `/api/conversations/${conversation_id}/draft`, written);
      // The server holds it: the copy of this tab would only grow old.
      if (memory.get(name) === written) store(prefix + name, '');
    } catch (error) {
      if (closed || (error instanceof Problem && !error.passing)) return;
      tellLater(conversation_id, RETRY_MS);
    }
  }

  const forget = listen(() => {
    if (state.connection === 'live' && connection !== 'live') for (const id of timers.keys()) tell(id);
    connection = state.connection;
    /** @type {Map<number, number>} */
    const waiting = new Map();
    for (const { conversation_id } of state.outgoing.values())
      waiting.set(conversation_id, (waiting.get(conversation_id) ?? 0) + 1);
    for (const [id, count] of on_the_way) {
      // A message that the server took has removed the draft there; what was written since has to go there again.
      if ((waiting.get(id) ?? 0) < count && memory.get(`conversation.${id}`)?.text) tellLater(id);
    }
    on_the_way.clear();
    for (const [id, count] of waiting) on_the_way.set(id, count);
  });
  const hidden = () => document.visibilityState === 'hidden' && flush();
  document.addEventListener('visibilitychange', hidden);

  /** Tells at once what the server does not know yet. */
  async function flush() {
    await Promise.all([...timers.keys()].map(tell));
  }

  return {
    /** @param {string} name */
    get(name) {
      const mine = local(name);
      const id = Number(CONVERSATION.exec(name)?.[1]);
      const remote = id ? state.drafts.get(id) : undefined;
      return (remote && remote.at > (mine?.at ?? 0) ? remote.text : mine?.text) ?? '';
    },
    /** @param {string} name @param {string} text an empty text forgets the draft */
    set(name, text) {
      const id = Number(CONVERSATION.exec(name)?.[1]);
      const known_at = Math.max(memory.get(name)?.at ?? 0, state.drafts.get(id)?.at ?? 0);
      const written = { text, at: Math.max(serverNow(), known_at + 1) };
      memory.set(name, written);
      store(prefix + name, text || id ? JSON.stringify(written) : '');
      if (id) tellLater(id);
    },
    flush,
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      forget();
      document.removeEventListener('visibilitychange', hidden);
    },
  };
}

/** @param {string|null} text @returns {Written|null} */
function decode(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Storage can be full or forbidden; the memory still holds the draft then. @param {string} name */
export function stored(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} text */
export function store(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // Nothing to do: see `stored`.
  }
}
