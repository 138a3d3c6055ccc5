/*
 * What the browser knows beyond its own desktop: the contacts of the centre, the interactions that I handled, and who
 * looks at which conversation.
 *
 * Apart from `floor.js`, whose reducer calls this one for every change. Invariant: a contact never goes back to an older
 * version; a row follows the news of its contact without being read again.
 */
import { ask, emptyPaged, fail, take } from './paged.js';

/**
 * @typedef {import('./floor.js').Contact} Contact
 * @typedef {import('./floor.js').Interaction} Interaction
 * @typedef {{id: number, channel_id: number, window_until: number|null, last_at: number|null, opened_at: number}} ConversationFacts
 * @typedef {{contact: Contact, assigned: boolean, last_at: number|null, last_message: import('./floor.js').Message|null,
 *   last_agent_id: number|null,
 *   open: null|{interaction_id: number, state: Interaction['state'], owner_id: number|null},
 *   conversations?: ConversationFacts[]}} ContactRow
 * @typedef {{agent_id: number, typing: boolean}} Watcher
 * @typedef {ReturnType<typeof emptyDirectory>} Directory
 */

/** The question behind Assigned Contacts without a search: its rows move up when something is said. */
export const ASSIGNED_QUERY = 'scope=assigned';

export function emptyDirectory() {
  return {
    /** @type {import('./paged.js').Paged<ContactRow>} */ contacts: emptyPaged(),
    /** @type {import('./paged.js').Paged<Interaction>} */ handled: emptyPaged(),
    /** @type {ContactRow|null} the contact whose page is open */ opened: null,
    /** @type {string|null} why it could not be read */ opened_trouble: null,
    /** @type {Map<number, Watcher[]>} by conversation */ watchers: new Map(),
  };
}

/** @param {ContactRow} row */
const contactId = (row) => row.contact.id;

/**
 * @param {import('./floor.js').State} state
 * @param {import('./floor.js').Change} change
 */
export function reduceDirectory(state, change) {
  const { directory } = state;
  switch (change.event) {
    case 'snapshot_loaded':
      directory.contacts.stale = directory.handled.stale = true;
      return;
    case 'rows_asked':
      return ask(directory[/** @type {'contacts'} */ (change.list)], change.query);
    case 'rows_loaded':
      if (change.list === 'contacts') take(directory.contacts, /** @type {any} */ (change), contactId);
      else take(directory.handled, /** @type {any} */ (change), (one) => one.id);
      return;
    case 'rows_failed':
      return fail(directory[/** @type {'contacts'} */ (change.list)], /** @type {any} */ (change));
    case 'contact_opened':
      return openContact(directory, change.row, change.contact_id);
    case 'contact_not_read':
      if (state.contact_id === change.contact_id) directory.opened_trouble = change.sentence;
      return;
    case 'contact_assigned':
    case 'contact_unassigned':
      return setAssigned(directory, change.contact_id, change.event === 'contact_assigned');
    case 'watchers_changed':
      directory.watchers.set(change.conversation_id, change.watchers);
      return;
  }
  if (change.contact) takeContact(directory, change.contact);
  if (change.interaction) followInteraction(directory, change.interaction);
}

/** @param {Directory} directory @param {ContactRow|null} row null: another one is about to be read @param {number} contact_id */
function openContact(directory, row, contact_id) {
  if (row) Object.assign(directory, { opened: row, opened_trouble: null });
  else if (directory.opened?.contact.id !== contact_id) {
    const known = directory.contacts.items.find((one) => one.contact.id === contact_id) ?? null;
    Object.assign(directory, { opened: known, opened_trouble: null });
  }
}

/**
 * Changes the rows of one contact, in the list and on the contact's page.
 * @param {Directory} directory @param {number} contact_id @param {(row: ContactRow) => ContactRow} change
 */
function changeRows(directory, contact_id, change) {
  const { contacts, opened } = directory;
  contacts.items = contacts.items.map((row) => (row.contact.id === contact_id ? change(row) : row));
  if (opened?.contact.id === contact_id) directory.opened = change(opened);
}

/** @param {Directory} directory @param {Contact} contact */
function takeContact(directory, contact) {
  changeRows(directory, contact.id, (row) => (row.contact.version <= contact.version ? { ...row, contact } : row));
}

/** @param {Directory} directory @param {number} contact_id @param {boolean} assigned */
function setAssigned(directory, contact_id, assigned) {
  const { contacts } = directory;
  changeRows(directory, contact_id, (row) => ({ ...row, assigned }));
  if (!contacts.query.startsWith(ASSIGNED_QUERY)) return;
  if (!assigned) contacts.items = contacts.items.filter((row) => row.contact.id !== contact_id);
  else if (!contacts.items.some((row) => row.contact.id === contact_id)) contacts.stale = true;
}

/** @param {Directory} directory @param {Interaction} interaction */
function followInteraction(directory, interaction) {
  const { contacts, handled } = directory;
  const contact_id = interaction.contact.id;
  handled.items = handled.items.map((one) =>
    one.id === interaction.id && one.version <= interaction.version ? interaction : one,
  );
  changeRows(directory, contact_id, (row) => followed(row, interaction));
  if (contacts.query !== ASSIGNED_QUERY) return;
  contacts.items.sort((a, b) => (b.last_at ?? 0) - (a.last_at ?? 0));
}

/** @param {ContactRow} row @param {Interaction} interaction @returns {ContactRow} */
function followed(row, interaction) {
  const { id, state, owner_id, last_message, window_until, conversation_id } = interaction;
  const newer = last_message && last_message.at >= (row.last_at ?? 0);
  const gone = state === 'done' && row.open?.interaction_id === id;
  return {
    ...row,
    last_message: newer ? last_message : row.last_message,
    last_at: newer ? last_message.at : row.last_at,
    open: state !== 'done' ? { interaction_id: id, state, owner_id } : gone ? null : row.open,
    conversations: row.conversations?.map((one) =>
      one.id === conversation_id ? { ...one, window_until, last_at: last_message?.at ?? one.last_at } : one,
    ),
  };
}
