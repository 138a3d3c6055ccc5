/*
 * The filters in a query, as a person types them: `from:contact`, `agent:ana`, `after:7d`, `in:"Order desk"`.
 *
 * Apart so that the chips of the page and the typed text are the same thing: a chip reads and writes the text, and the
 * server reads the text alone. Invariant: what is not a filter stays as it was typed.
 */

const FILTER =
  /(?:^|(?<=\s))(from|agent|with|in|before|after|on|has|is|disposition):(?:["\u201c\u201e]([^"\u201c\u201d\u201e]*)["\u201c\u201d]|(\S+))(?=\s|$)/giu;

/** @typedef {{key: string, value: string, typed: string}} Filter */

/** @param {string} query @returns {Filter[]} */
export const filtersIn = (query) =>
  [...query.matchAll(FILTER)].map(([typed, key, quoted, bare]) => ({
    key: key.toLowerCase(),
    value: (quoted ?? bare).toLowerCase(),
    typed,
  }));

/** Without the filters of these keys. @param {string} query @param {string[]} keys */
export const withoutFilters = (query, keys) =>
  query
    .replace(FILTER, (typed, key) => (keys.includes(key.toLowerCase()) ? '' : typed))
    .replace(/^\s+|(?<=\s)\s+/gu, '');

/** With a filter in front, for the last word is still being typed. @param {string} query @param {string} key @param {string} value */
export const withFilter = (query, key, value) => `${key}:${/[\s"]/u.test(value) ? `"${value}"` : value} ${query}`;
