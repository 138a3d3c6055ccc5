/*
 * The prepared responses: read once for each version, searched without caring for case or accents.
 *
 * Apart because the Responses tab and the message field ask the same list. Invariant: a list of an older version is never
 * given out after a newer one is known.
 */
import { request } from './api.js';

/**
 * @typedef {{id: string, name: string, type: string, bytes: number}} Attachment a file that is on the server already
 * @typedef {{id: number, category: string[], title: string, shortcut: string|null, text: string,
 *   attachments: Attachment[]}} Response
 * @typedef {{name: string, path: string, categories: Category[], responses: Response[]}} Category
 */

/** @type {{version: number, reading: Promise<Response[]>}|null} */
let held = null;

/** @param {number} version the newest that is known @returns {Promise<Response[]>} */
export function readResponses(version) {
  if (held?.version === version) return held.reading;
  const reading = request('GET', '/api/responses').then((answer) => answer.responses);
  held = { version, reading };
  reading.catch(() => {
    if (held?.reading === reading) held = null;
  });
  return reading;
}

/** Without case and accents. @param {string} text */
export const folded = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * Responses that hold every word of the query; titles and shortcuts before mere texts.
 * @param {Response[]} responses
 * @param {string} query
 */
export function findResponses(responses, query) {
  const wanted = folded(query.replace(/^\//u, '')).split(/\s+/u).filter(Boolean);
  const holds = (/** @type {string} */ text) => wanted.every((word) => folded(text).includes(word));
  const rank = (/** @type {Response} */ one) => {
    if (holds(`${one.title} ${one.shortcut ?? ''}`)) return 0;
    return holds(`${one.title} ${one.shortcut ?? ''} ${one.category.join(' ')} ${one.text}`) ? 1 : 2;
  };
  return responses
    .map((one) => ({ one, rank: rank(one) }))
    .filter((entry) => entry.rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .map((entry) => entry.one);
}

/** Those that a `/shortcut` begins to name, by shortcut. @param {Response[]} responses @param {string} begun */
export function matchShortcut(responses, begun) {
  const start = folded(begun);
  const by_shortcut = responses.filter((one) => one.shortcut?.startsWith(start));
  const by_title = responses.filter((one) => !by_shortcut.includes(one) && folded(one.title).includes(start));
  by_shortcut.sort((a, b) => /** @type {string} */ (a.shortcut).localeCompare(/** @type {string} */ (b.shortcut)));
  return [...by_shortcut, ...(start ? by_title : [])];
}

/** @param {Response[]} responses @returns {Category} the root */
export function categoryTree(responses) {
  /** @type {Category} */
  const root = { name: '', path: '', categories: [], responses: [] };
  for (const one of responses) {
    let at = root;
    for (const name of one.category) {
      let next = at.categories.find((category) => category.name === name);
      if (!next) {
        next = { name, path: `${at.path}/${name}`, categories: [], responses: [] };
        at.categories.push(next);
      }
      at = next;
    }
    at.responses.push(one);
  }
  return root;
}
