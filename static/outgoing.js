/*
 * The way out of a written message: from the bubble on the screen to the server's acknowledgement.
 *
 * Apart from the composer because a message outlives it: it waits through a lost connection, a new sign-in, a reload.
 * Invariants: one message has one client key for all its attempts, so the server sends it once; messages of one
 * conversation go out in the order in which they were written; only the server's refusal stops an attempt.
 */
import { newClientKey, Problem, request } from './api.js';
import { serverNow } from './clock.js';
import { store, stored } from './drafts.js';
import { words } from './strings.js';

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 8_000;
/** After a reload a message older than this is not sent by itself any more: the agent decides. */
const RESTORED_AGE_MS_MAX = 5 * 60_000;

/** @typedef {import('./floor.js').Outgoing} Outgoing */

/** @param {import('./floor.js').Floor} floor @param {number} agent_id */
export function openOutgoing(floor, agent_id) {
  const place = `deskbell.outgoing.${agent_id}`;
  /** @type {Set<number>} conversations with a running attempt */
  const busy = new Set();
  /** @type {Set<() => void>} */
  const sleepers = new Set();
  let closed = false;

  function restore() {
    for (const outgoing of /** @type {Outgoing[]} */ (JSON.parse(stored(place) ?? '[]'))) {
      const old = serverNow() - outgoing.at > RESTORED_AGE_MS_MAX;
      floor.dispatch({
        event: 'message_written',
        outgoing: old ? { ...outgoing, refusal: words.send_stale } : outgoing,
      });
    }
  }

  function keep() {
    const waiting = [...floor.state.outgoing.values()];
    store(place, waiting.length ? JSON.stringify(waiting) : '');
  }

  /** @param {number} wait_ms */
  const sleep = (wait_ms) =>
    new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve(undefined);
      };
      const timer = setTimeout(wake, wait_ms);
      sleepers.add(wake);
    });

  /** @param {number} conversation_id */
  const next = (conversation_id) =>
    [...floor.state.outgoing.values()].find((one) => one.conversation_id === conversation_id && one.refusal === null);

  /** @param {number} conversation_id */
  async function drain(conversation_id) {
    if (busy.has(conversation_id)) return;
    busy.add(conversation_id);
    let failures = 0;
    for (let outgoing = next(conversation_id); outgoing && !closed; outgoing = next(conversation_id)) {
      const wait_ms = await attempt(outgoing, failures);
      keep();
      failures = wait_ms ? failures + 1 : 0;
      if (wait_ms && !closed) await sleep(wait_ms);
    }
    busy.delete(conversation_id);
  }

  /** @param {Outgoing} outgoing @param {number} failures @returns {Promise<number>} how long to wait before the next attempt */
  async function attempt({ client_key, interaction_id, text, file, quoted, preview }, failures) {
    try {
      const said = file ? { file: { id: file.id, name: file.name } } : { text, preview };
      const body = { client_key, ...said, ...(quoted ? { quoted_id: quoted.id } : {}) };
      const message = await request('POST', `/api/interactions/${interaction_id}/messages`, body);
      floor.dispatch({ event: 'message_queued', message });
      return 0;
    } catch (error) {
      const refused = error instanceof Problem && !error.passing && error.status !== 401;
      if (refused) {
        floor.dispatch({ event: 'message_refused', client_key, sentence: error.message });
        return 0;
      }
      const asked_ms = error instanceof Problem ? error.retry_after_ms : null;
      return asked_ms ?? Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** failures);
    }
  }

  function wake() {
    for (const sleeper of [...sleepers]) sleeper();
    for (const { conversation_id } of floor.state.outgoing.values()) drain(conversation_id);
  }

  restore();
  return {
    /**
     * @param {import('./floor.js').Interaction} interaction @param {string} text
     * @param {{quoted?: import('./views/quote.js').Quoted|null, file?: import('./responses.js').Attachment|null,
     *   preview?: boolean}} [options] `quoted`: the message that it answers; `file`: what is sent instead of the text;
     *   `preview`: links in the text show their pages
     */
    write(interaction, text, { quoted = null, file = null, preview } = {}) {
      const { id: interaction_id, conversation_id } = interaction;
      const outgoing = {
        client_key: newClientKey(),
        conversation_id,
        interaction_id,
        text,
        file,
        quoted,
        preview,
        at: serverNow(),
        refusal: null,
      };
      floor.dispatch({ event: 'message_written', outgoing });
      keep();
      drain(conversation_id);
    },
    /** After a refusal; the key stays. @param {string} client_key @param {number} conversation_id */
    tryAgain(client_key, conversation_id) {
      floor.dispatch({ event: 'message_tried_again', client_key });
      drain(conversation_id);
    },
    /** @param {string} client_key */
    discard(client_key) {
      floor.dispatch({ event: 'message_discarded', client_key });
      keep();
    },
    /** The connection is back: do not sleep on. */
    wake,
    close() {
      closed = true;
      wake();
    },
  };
}
