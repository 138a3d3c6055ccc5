/*
 * The filters of a search as chips: lists to choose from, and what else was typed, to be taken away again.
 *
 * Invariant: the query's text is the only truth; a chip shows what stands there, also when it was typed by hand.
 */
import { el, setAttribute } from '../dom.js';
import { filtersIn, withFilter, withoutFilters } from '../search_query.js';
import { words } from '../strings.js';

/**
 * A list: the keys that it speaks for (choosing removes all of them), and its choices as `key:value`.
 * @typedef {{name: keyof typeof words.search.filters, keys: string[], choices: [string, string][]}} Choice
 */

/** @param {import('../floor.js').State} state @param {boolean} everywhere @returns {Choice[]} */
function choicesFor(state, everywhere) {
  const { values } = words.search;
  const named = (/** @type {string} */ key, /** @type {[string, string][]} */ ...all) =>
    all.map(([value, label]) => /** @type {[string, string]} */ ([`${key}:${value.toLowerCase()}`, label]));
  const colleagues = [...state.agents.values()]
    .filter((agent) => agent.id !== state.me?.id)
    .sort((a, b) => a.name.localeCompare(b.name));
  /** @type {Choice[]} */
  const all = [
    {
      name: 'author',
      keys: ['from', 'agent'],
      choices: [
        ...named('from', ['contact', values.contact]),
        ...named(
          'agent',
          [state.me?.login ?? '', values.me],
          ...colleagues.map(({ login, name }) => pair(login, name)),
        ),
      ],
    },
    {
      name: 'when',
      keys: ['after', 'before', 'on'],
      choices: [
        ...named('on', ['today', values.today], ['yesterday', values.yesterday]),
        ...named('after', ['7d', values.days(7)], ['30d', values.days(30)], ['1y', values.year]),
      ],
    },
    {
      name: 'has',
      keys: ['has'],
      choices: named(
        'has',
        .../** @type {const} */ (['image', 'file', 'audio', 'video', 'location', 'link']).map((one) =>
          pair(one, values[one]),
        ),
      ),
    },
    {
      name: 'is',
      keys: ['is'],
      choices: named('is', .../** @type {const} */ (['open', 'done', 'failed']).map((one) => pair(one, values[one]))),
    },
  ];
  if (!everywhere) return all;
  if (state.queues.length > 1)
    all.push({
      name: 'queue',
      keys: ['in'],
      choices: named('in', ...state.queues.map(({ name }) => pair(name, name))),
    });
  const outcomes = state.dispositions.map(({ code, label }) => pair(code, label));
  all.push({ name: 'disposition', keys: ['disposition'], choices: named('disposition', ...outcomes) });
  return all;
}

/** @param {string} a @param {string} b @returns {[string, string]} */
const pair = (a, b) => [a, b];

/**
 * @param {import('../floor.js').State} state
 * @param {{everywhere: boolean, query: () => string, change: (query: string) => void}} options
 */
export function createFilters(state, { everywhere, query, change }) {
  const choices = choicesFor(state, everywhere);
  const lists = choices.map((choice) => createList(choice));
  const typed = el('span', { class: 'typed-filters' });
  const clear = el('button', {
    type: 'button',
    class: 'quiet small',
    test: 'search-clear-filters',
    onclick: () => change(withoutFilters(query(), ['with', ...choices.flatMap(({ keys }) => keys)])),
    text: words.search.clear_filters,
  });

  /** @param {Choice} choice */
  function createList({ name, keys, choices: known }) {
    const select = el(
      'select',
      {
        class: 'chip-select',
        test: `search-filter-${name}`,
        'aria-label': words.search.filters[name],
        onchange: chosen,
      },
      el('option', { value: '', text: words.search.filters[name] }),
      ...known.map(([value, text]) => el('option', { value, text })),
    );
    function chosen() {
      const rest = withoutFilters(query(), keys);
      const [key, value] = [select.value.split(':')[0], select.value.slice(select.value.indexOf(':') + 1)];
      change(select.value ? withFilter(rest, key, value) : rest);
    }
    return { select, known: new Set(known.map(([value]) => value)), keys };
  }

  return {
    node: el(
      'div',
      { class: 'search-filters', role: 'group', 'aria-label': words.search.filter },
      ...lists.map((one) => one.select),
      typed,
      clear,
    ),
    update() {
      const filters = filtersIn(query());
      const shown = new Set();
      for (const { select, known, keys } of lists) {
        const mine = filters.filter(({ key }) => keys.includes(key));
        const value = mine.length === 1 ? `${mine[0].key}:${mine[0].value}` : '';
        select.value = known.has(value) ? value : '';
        setAttribute(select, 'data-set', select.value !== '');
        if (select.value) shown.add(mine[0]);
      }
      typed.replaceChildren(
        ...filters
          .filter((filter) => !shown.has(filter))
          .map((filter) =>
            el('button', {
              type: 'button',
              class: 'typed-filter',
              test: 'search-typed-filter',
              'aria-label': words.search.remove(filter.typed),
              onclick: () => change(query().replace(filter.typed, '').trimStart()),
              text: `${filter.typed} \u00d7`,
            }),
          ),
      );
      clear.hidden = filters.length === 0;
    },
  };
}
