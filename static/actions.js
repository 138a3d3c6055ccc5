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
/** Messages asked for when a transcript is opened, and at an edge that the eye comes near to. */
const OPEN_MESSAGES = 60;
const EDGE_MESSAGES = 100;

/** @param {import('./floor.js').Floor} floor */
export function openActions(floor) {
  const { state, dispatch } = floor;
  /** @type {Map<number, string>} failed message to the key of its second sending */
  const resend_keys = new Map();
  /** @type {Map<number, number>} */
  const typing_told_at = new Map();
  /** @type {Map<number, number>} conversation to the newest message reported as read */
  const read_told = new Map();
  let last_asked = 0;

  /** @param {number} id @param {string} path @param {string} event @param {object} [body] */
  async function order(id, path, event, body) {
    const interaction = await request('POST', `/api/interactions/${id}/${path}`, body);
    if (interaction) dispatch({ event, interaction });
  }

  /**
   * A part of a transcript; a later request makes an earlier one void.
   * @param {number} conversation_id
   * @param {{part: 'open'|'older'|'newer', side?: 'before'|'after'|'around', cursor?: string|null}} what
   */
  async function load(conversation_id, { part, side, cursor = null }) {
    const number = (last_asked += 1);
    dispatch({ event: 'transcript_asked', conversation_id, number });
    const from = side ? `&${side}=${cursor}` : '';
    const limit = part === 'open' ? OPEN_MESSAGES : EDGE_MESSAGES;
    try {
      const page = await request('GET', `/api/conversations/${conversation_id}/messages?limit=${limit}${from}`);
      dispatch({ event: 'transcript_loaded', conversation_id, number, part, cursor, page });
    } catch (error) {
      // The message that was asked for is gone: the end is always there.
      if (error instanceof Problem && error.status === 400 && side) return load(conversation_id, { part: 'open' });
      const sentence = /** @type {Error} */ (error).message;
      dispatch({ event: 'transcript_failed', conversation_id, number, sentence });
    }
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

    /** @param {number} id @param {number} agent_id @param {'consult'|'conference'} part */
    invite: (id, agent_id, part) => order(id, 'participants', 'participant_joined', { agent_id, part }),

    /** @param {number} id @param {number} agent_id */
    leave: (id, agent_id) => request('DELETE', `/api/interactions/${id}/participants/${agent_id}`),

    /** Said among those who take part. @param {number} id @param {string} client_key @param {string} text */
    async sendInternal(id, client_key, text) {
      dispatch({
        event: 'internal_message_added',
        message: await request('POST', `/api/interactions/${id}/internal-messages`, { client_key, text }),
      });
    },

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

    /** Not Ready as soon as the work of now is done, or not after all. @param {boolean} pending @param {string|null} reason */
    async setAfterWork(pending, reason) {
      dispatch({ event: 'presence_changed', agent: await request('PUT', '/api/after-work', { pending, reason }) });
    },

    signOut: () => request('POST', '/api/sign-out'),

    /**
     * Sends what is not written in the message field: a file, a template, an object.
     * @param {number} interaction_id @param {{client_key: string, quoted_id: number|null} & Record<string, unknown>} what
     */
    async sendNow(interaction_id, what) {
      const message = await request('POST', `/api/interactions/${interaction_id}/messages`, what);
      dispatch({ event: 'message_queued', message });
    },

    /** Our reaction to a message; an empty emoji takes it back. @param {number} message_id @param {string} emoji */
    async react(message_id, emoji) {
      dispatch({
        event: 'reaction_changed',
        message: await request('PUT', `/api/messages/${message_id}/reaction`, { emoji }),
      });
    },

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

    /** Begins anew: at the end, or around a message. @param {number} conversation_id @param {number|null} around_id */
    openTranscript: (conversation_id, around_id) =>
      around_id === null
        ? load(conversation_id, { part: 'open' })
        : load(conversation_id, { part: 'open', side: 'around', cursor: String(around_id) }),
    /** Goes on at an edge. @param {number} conversation_id @param {'older'|'newer'} part */
    loadMore(conversation_id, part) {
      const transcript = state.transcripts.get(conversation_id);
      const side = part === 'older' ? 'before' : 'after';
      if (transcript && !transcript.asked && transcript[side])
        load(conversation_id, { part, side, cursor: transcript[side] });
    },
  };
}
