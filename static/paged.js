/*
 * A list of the server that is read page by page: what is held of it, and what the answers do to it.
 *
 * Apart because contacts and handled interactions are read in the same way. Invariants: an answer to an older question
 * changes nothing; no item stands twice; what is held stays to be seen until its successor is here.
 */

/**
 * @template I
 * @typedef {{query: string, items: I[], cursor: string|null, loaded: boolean, loading: boolean, trouble: string|null,
 *   stale: boolean}} Paged `query`: the filters as the address has them; `stale`: the beginning has to be read again
 */

/** @returns {Paged<any>} */
export const emptyPaged = () => ({
  query: '',
  items: [],
  cursor: null,
  loaded: false,
  loading: false,
  trouble: null,
  stale: true,
});

/** @param {Paged<any>} paged @param {string} query */
export function ask(paged, query) {
  Object.assign(paged, { query, loading: true, trouble: null });
}

/**
 * @template I
 * @param {Paged<I>} paged
 * @param {{query: string, items: I[], cursor: string|null, anew: boolean}} answer
 * @param {(item: I) => number} id_of
 */
export function take(paged, { query, items, cursor, anew }, id_of) {
  if (query !== paged.query) return;
  const before = anew ? [] : paged.items;
  const held = new Set(before.map(id_of));
  const all = [...before, ...items.filter((item) => !held.has(id_of(item)))];
  Object.assign(paged, { items: all, cursor, loaded: true, loading: false, trouble: null });
  if (anew) paged.stale = false;
}

/** @param {Paged<any>} paged @param {{query: string, sentence: string}} failure */
export function fail(paged, { query, sentence }) {
  if (query === paged.query) Object.assign(paged, { loading: false, trouble: sentence });
}
