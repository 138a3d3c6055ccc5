/*
 * What an agent asks and orders about a contact: the whole card, changes to it, its interactions.
 *
 * Apart from the orders about one interaction (`actions.js`). Invariant: an answer with a contact goes into the floor at
 * once, so that every view shows the same.
 */
import { request } from './api.js';

/**
 * @typedef {import('./floor.js').Contact} Contact
 * @typedef {import('./floor.js').Interaction} Interaction
 * @typedef {{id: number, channel_id: number, window_until: number|null, last_at: number|null}} ConversationRow
 * @typedef {{first_name: string|null, last_name: string|null, attributes: {key: string, value: string}[], tags: string[],
 *   version: number}} ContactEdit
 */

/** @param {import('./floor.js').Floor} floor */
export function openContactOrders({ dispatch }) {
  /** @param {Contact} contact */
  function take(contact) {
    dispatch({ event: 'contact_changed', contact });
    return contact;
  }

  return {
    /** @param {number} id @returns {Promise<{contact: Contact, conversations: ConversationRow[]}>} */
    async read(id) {
      const row = await request('GET', `/api/contacts/${id}`);
      take(row.contact);
      return row;
    },
    /** @param {number} id @param {ContactEdit} edit @returns {Promise<Contact>} */
    edit: async (id, edit) => take(await request('PUT', `/api/contacts/${id}`, edit)),
    /** @param {number} id @param {boolean} blocked */
    async setBlocked(id, blocked) {
      const contact = await request('PUT', `/api/contacts/${id}/blocked`, { blocked });
      if (contact?.id) take(contact);
    },
    /** @param {number} id @param {string} value */
    async addNumber(id, value) {
      const contact = await request('POST', `/api/contacts/${id}/addresses`, { kind: 'phone', value });
      if (contact?.id) take(contact);
    },
    /** @param {number} id @param {{kind: string, value: string}} address */
    async removeAddress(id, { kind, value }) {
      const contact = await request('DELETE', `/api/contacts/${id}/addresses/${kind}/${encodeURIComponent(value)}`);
      if (contact?.id) take(contact);
    },
    /**
     * Interactions of a contact, the newest first.
     * @param {number} id
     * @param {Record<string, string|number>} filters those of the contract; empty ones are left out
     * @returns {Promise<{interactions: Interaction[], before: string|null}>}
     */
    history(id, filters) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(filters)) if (value !== '') query.set(name, String(value));
      return request('GET', `/api/contacts/${id}/interactions?${query}`);
    },
  };
}
