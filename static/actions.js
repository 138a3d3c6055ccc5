/*
 * What an agent can order: each order is one call to the server, and its answer goes into the floor at once instead of
 * waiting for the live event, which may be the same news again.
 *
 * Apart so that buttons, keys and dialogs share one way. A refused order throws; the caller shows the sentence where the
 * hand was.
 */
import { newClientKey, Problem, request } from './api.js';

/** WhatsApp shows "typing" for up to 25 s; asking more often than this is waste. */
const TYPING_MS = 15_000;
const PAGE_MESSAGES = 50;
/** Pages read back to close the hole after a long cut; beyond, the transcript is loaded anew. */
const CATCH_UP_PAGES_MAX = 6;

/** @param {import('./floor.js').Floor} floor */
export function openActions(floor) {
  const { state, dispatch } = floor;
  /** @type {Map<number, string>} failed message to the key of its second sending */
  const resend_keys = new Map();
  /** @type {Map<number, number>} */
  const typing_told_at = new Map();
  /** @type {Map<number, number>} conversation to the newest message reported as read */
  const read_told = new Map();

  /** @param {number} id @param {string} path @param {string} event @param {object} [body] */
  async function order(id, path, event, body) {
    const interaction = await request('POST', `/api/interactions/${id}/${path}`, body);
    if (interaction) dispatch({ event, interaction });
  }

  /** @param {number} conversation_id @param {string|null} before */
  function page(conversation_id, before) {
    const from = before ? `&before=${encodeURIComponent(before)}` : '';
    return request('GET', `/api/conversations/${conversation_id}/messages?limit=${PAGE_MESSAGES}${from}`);
  }

  /** @param {number} conversation_id @param {(conversation_id: number) => Promise<any>} read */
  async function load(conversation_id, read) {
    if (state.transcripts.get(conversation_id)?.loading) return;
    dispatch({ event: 'transcript_asked', conversation_id });
    try {
      dispatch({ event: 'transcript_loaded', conversation_id, ...(await read(conversation_id)) });
    } catch (error) {
      dispatch({ event: 'transcript_failed', conversation_id, sentence: /** @type {Error} */ (error).message });
    }
  }

  /** The newest page, and older ones until they meet what is held. @param {number} conversation_id */
  async function catchUp(conversation_id) {
    const held = new Set(state.transcripts.get(conversation_id)?.messages.map((message) => message.id));
    const meets = (/** @type {import('./floor.js').Message[]} */ messages) =>
      messages.some((message) => held.has(message.id));
    let { messages, before } = await page(conversation_id, null);
    for (let pages = 1; held.size > 0 && before && pages < CATCH_UP_PAGES_MAX && !meets(messages); pages += 1) {
      const older = await page(conversation_id, before);
      messages = [...older.messages, ...messages];
      before = older.before;
    }
    return { messages, before, anew: true };
  }

  return {
    /** @param {number} id */ accept: (id) => order(id, 'accept', 'offer_accepted'),
    /** @param {number} id */ reject: (id) => order(id, 'reject', 'offer_rejected'),
    /** @param {number} id */ acceptTransfer: (id) => order(id, 'transfer/accept', 'transfer_accepted'),
    /** @param {number} id */ rejectTransfer: (id) => order(id, 'transfer/reject', 'transfer_ended'),
    /** @param {number} id */ cancelTransfer: (id) => order(id, 'transfer/cancel', 'transfer_ended'),
    /** @param {number} id */ end: (id) => order(id, 'end', 'interaction_ended'),
    /** @param {number} id */ done: (id) => order(id, 'done', 'interaction_done'),
    /** @param {number} id */ park: (id) => order(id, 'park', 'interaction_parked'),
    /** @param {number} id */ open: (id) => order(id, 'open', 'interaction_opened'),
    /** @param {number} id @param {{agent_id: number}|{queue_id: number}} to @param {string} note */
    transfer: (id, to, note) => order(id, 'transfer', 'transfer_started', { ...to, note }),

    /** @param {number} id @param {number|null} disposition_id */
    async setDisposition(id, disposition_id) {
      dispatch({
        event: 'disposition_set',
        interaction: await request('PUT', `/api/interactions/${id}/disposition`, { disposition_id }),
      });
    },

    /** @param {number} id @param {string} key @param {string|null} value null removes it */
    async setCaseValue(id, key, value) {
      dispatch({
        event: 'case_data_changed',
        interaction: await request('PUT', `/api/interactions/${id}/case-data/${encodeURIComponent(key)}`, { value }),
      });
    },

    /** @param {number} id @param {string} text @param {number} version @returns {Promise<number>} the new version */
    async saveNote(id, text, version) {
      return (await request('PUT', `/api/interactions/${id}/note`, { text, version })).note_version;
    },

    /** @param {number} id */
    async refresh(id) {
      dispatch({ event: 'interaction_refreshed', interaction: await request('GET', `/api/interactions/${id}`) });
    },

    /** @param {string} presence @param {string|null} reason */
    async setPresence(presence, reason) {
      dispatch({
        event: 'presence_changed',
        agent: await request('PUT', '/api/presence', { state: presence, reason }),
      });
    },

    signOut: () => request('POST', '/api/sign-out'),

    /** A failed or unconfirmed message once more; the key stays until the server has answered. @param {number} message_id */
    async resend(message_id) {
      const client_key = resend_keys.get(message_id) ?? newClientKey();
      resend_keys.set(message_id, client_key);
      try {
        dispatch({
          event: 'message_resent',
          message_id,
          message: await request('POST', `/api/messages/${message_id}/retry`, { client_key }),
        });
      } catch (error) {
        if (error instanceof Problem && error.code === 'nothing_to_retry')
          dispatch({ event: 'message_resent', message_id });
        throw error;
      }
    },

    /** @param {import('./floor.js').Interaction} interaction @param {number} message_id */
    read(interaction, message_id) {
      if ((read_told.get(interaction.conversation_id) ?? 0) >= message_id) return;
      read_told.set(interaction.conversation_id, message_id);
      request('POST', `/api/interactions/${interaction.id}/read`, { message_id }).catch(() =>
        read_told.delete(interaction.conversation_id),
      );
    },

    /** Best effort: nobody misses it. @param {number} id */
    typing(id) {
      if (Date.now() - (typing_told_at.get(id) ?? 0) < TYPING_MS) return;
      typing_told_at.set(id, Date.now());
      request('POST', `/api/interactions/${id}/typing`).catch(() => {});
    },

    /** @param {number} conversation_id */
    loadNewest: (conversation_id) => load(conversation_id, catchUp),
    /** @param {number} conversation_id */
    loadOlder: (conversation_id) => load(conversation_id, (id) => page(id, state.transcripts.get(id)?.before ?? null)),
  };
}
