/*
 * What an agent asks of the server beyond the own desktop: contacts, handled interactions, a new interaction, and who
 * looks at a conversation.
 *
 * Apart from `actions.js`, which is about work on the desktop. A refused order throws; the caller shows the sentence
 * where the hand was. Lists and pages that are only read keep the sentence in the state instead.
 */
import { request } from './api.js';

/** By which the server tells this tab from others of the same person. */
const TAB = crypto.getRandomValues(new Uint32Array(1))[0];
const ROWS = 50;
/** The most that the server gives at once. */
const ROWS_MAX = 200;

const LISTS = {
  contacts: { path: '/api/contacts', items: 'contacts', cursor: 'cursor' },
  handled: { path: '/api/history', items: 'interactions', cursor: 'before' },
};

/** @typedef {keyof typeof LISTS} ListName */
/** @typedef {ReturnType<typeof openDirectoryOrders>} DirectoryOrders */

/** @param {import('./floor.js').Floor} floor */
export function openDirectoryOrders({ state, dispatch }) {
  /** @param {ListName} list @param {string} query @param {string|null} cursor @param {number} limit */
  async function rows(list, query, cursor, limit) {
    const { path, items, cursor: name } = LISTS[list];
    const from = cursor ? `&${name}=${encodeURIComponent(cursor)}` : '';
    const answer = await request('GET', `${path}?${query ? `${query}&` : ''}limit=${limit}${from}`);
    return { items: answer[items], cursor: answer[name] };
  }

  /** @param {ListName} list @param {string} query @param {boolean} anew from the beginning */
  async function read(list, query, anew) {
    const { cursor, items, loading, query: shown } = state.directory[list];
    if ((loading && shown === query) || (!anew && !cursor)) return;
    // What was stale is read as far as it is held, so that nothing shrinks under the eye.
    const limit = anew && shown === query ? Math.min(ROWS_MAX, Math.max(ROWS, items.length)) : ROWS;
    dispatch({ event: 'rows_asked', list, query });
    try {
      dispatch({ event: 'rows_loaded', list, query, anew, ...(await rows(list, query, anew ? null : cursor, limit)) });
    } catch (error) {
      dispatch({ event: 'rows_failed', list, query, sentence: /** @type {Error} */ (error).message });
    }
  }

  return {
    read,

    /** The contact's page: what the list knows at once, the whole when it is here. @param {number} contact_id */
    async openContact(contact_id) {
      dispatch({ event: 'contact_opened', contact_id, row: null });
      try {
        const row = await request('GET', `/api/contacts/${contact_id}`);
        if (state.contact_id === contact_id) dispatch({ event: 'contact_opened', contact_id, row });
      } catch (error) {
        dispatch({ event: 'contact_not_read', contact_id, sentence: /** @type {Error} */ (error).message });
      }
    },

    /** @param {string} name @param {string} phone @returns {Promise<number>} the new contact's id */
    async addContact(name, phone) {
      return (await request('POST', '/api/contacts', { name, phone })).id;
    },

    /** @param {number} contact_id */
    async removeAssigned(contact_id) {
      await request('DELETE', `/api/contacts/${contact_id}/assigned`);
      dispatch({ event: 'contact_unassigned', contact_id });
    },

    /** @param {number} contact_id @param {number} channel_id @returns {Promise<import('./floor.js').Interaction>} */
    async createInteraction(contact_id, channel_id) {
      const interaction = await request('POST', `/api/contacts/${contact_id}/interactions`, { channel_id });
      dispatch({ event: 'interaction_created', interaction });
      return interaction;
    },

    /** Reads an interaction that is not on the own desktop. @param {number} id @returns {Promise<import('./floor.js').Interaction>} */
    async visit(id) {
      const interaction = await request('GET', `/api/interactions/${id}`);
      if (interaction.state === 'done') dispatch({ event: 'interaction_refreshed', interaction });
      else if (state.selected_id === id) dispatch({ event: 'interaction_visited', interaction });
      return interaction;
    },

    /** Best effort: what is not told now is told 20 s later. @param {number} conversation_id @param {{viewing: boolean, typing: boolean}} presence */
    tellPresence(conversation_id, presence) {
      request('POST', `/api/conversations/${conversation_id}/presence`, { ...presence, tab: TAB }).catch(() => {});
    },

    /** @param {number} conversation_id */
    async readWatchers(conversation_id) {
      const answer = await request('GET', `/api/conversations/${conversation_id}/presence`).catch(() => null);
      if (answer) dispatch({ event: 'watchers_changed', conversation_id, watchers: answer.watchers });
    },
  };
}
