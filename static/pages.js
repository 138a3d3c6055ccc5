/*
 * The pages of the workspace and their addresses: what the bar links to, and what an address means.
 *
 * Apart from the shell and the bar so that a page is one line here. Invariant: an address that means nothing, or that
 * the person may not see, is My work.
 */
import { supervises } from './floor.js';
import { words } from './strings.js';

/** @typedef {'work'|'communication'|'history'|'open_work'|'administration'} PageName */
/** @typedef {{page: PageName, interaction_id: number|null, contact_id: number|null, message_id: number|null,
 *   conversation_id: number|null, handled_id: number|null}} Place */

/** @type {{name: PageName, path: string, test: string, may?: (state: import('./floor.js').State) => boolean}[]} in the order of the bar */
const PAGES = [
  { name: 'work', path: '#/', test: 'my-work' },
  { name: 'communication', path: '#/communication', test: 'communication' },
  { name: 'history', path: '#/history', test: 'history' },
  { name: 'open_work', path: '#/open-work', test: 'open-work', may: supervises },
  // A document of its own.
  { name: 'administration', path: '/administration', test: 'administration', may: (state) => state.me?.role === 'administrator' },
];

/** The pages that this person may open. @param {import('./floor.js').State} state */
export const pagesFor = (state) => PAGES.filter(({ may }) => !may || may(state));

/** @param {PageName} name */
export const pageLabel = (name) => words.header.page_names[name];

/** What an address shows. @param {string} hash @param {import('./floor.js').State} state @returns {Place} */
export function placeOf(hash, state) {
  const number = (/** @type {RegExp} */ pattern) => Number(pattern.exec(hash)?.[1]) || null;
  const interaction_id = number(/^#\/interaction\/(\d+)$/u);
  const contact_id = number(/^#\/communication\/contact\/(\d+)(?:\?|$)/u);
  const message_id = number(/^#\/communication\/contact\/\d+\?message=(\d+)/u);
  const conversation_id = number(/&conversation=(\d+)$/u);
  const handled_id = number(/^#\/history\/interaction\/(\d+)$/u);
  const place = { interaction_id, contact_id, message_id, conversation_id, handled_id };
  if (contact_id) return { page: 'communication', ...place };
  if (handled_id) return { page: 'history', ...place };
  return { page: pagesFor(state).find(({ path }) => path === hash)?.name ?? 'work', ...place };
}

/**
 * The address of a contact's page, where a message is to be seen if one is named, in the conversation used last unless
 * another is named.
 * @param {number} id
 * @param {number|null} [message_id]
 * @param {number|null} [conversation_id]
 */
export function contactPath(id, message_id = null, conversation_id = null) {
  const message = message_id === null ? '' : `?message=${message_id}`;
  return `#/communication/contact/${id}${message}${message && conversation_id ? `&conversation=${conversation_id}` : ''}`;
}

/** The address of an interaction in My History. @param {number} id */
export const handledPath = (id) => `#/history/interaction/${id}`;
