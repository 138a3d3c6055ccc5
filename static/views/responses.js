/*
 * The Responses tab: prepared texts in their categories, found by a few letters, put into the message with one click.
 *
 * Invariants: a text is shown with its field codes filled in as they will be sent; what is put in can still be changed
 * before it is sent.
 */
import { el, icon, setText } from '../dom.js';
import { unresolved } from '../field_codes.js';
import { categoryTree, findResponses, readResponses } from '../responses.js';
import { words } from '../strings.js';

/** @typedef {import('../responses.js').Response} Response */

/**
 * @param {import('../app.js').Context} context
 * @param {{fill: (text: string) => string, insert: (response: Response) => void, writes: () => boolean}} composer
 */
export function createResponses({ floor }, composer) {
  const { state } = floor;
  const search = el('input', {
    type: 'text',
    test: 'responses-search',
    'aria-label': words.responses.search,
    placeholder: words.responses.search,
    autocomplete: 'off',
    oninput: draw,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing) return;
      const first = /** @type {HTMLElement|null} */ (place.querySelector('.response'));
      if (event.key === 'ArrowDown') first?.focus();
      else if (event.key === 'Enter') first?.click();
      else if (event.key === 'Escape' && search.value) {
        event.stopPropagation();
        search.value = '';
        draw();
      } else return;
      event.preventDefault();
    },
  });
  const status = el('p', { class: 'hint', role: 'status' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const place = el('div', { class: 'response-tree', onkeydown: moved });
  const node = el('div', { class: 'responses' }, search, status, trouble, place);
  /** @type {Response[]} */
  let responses = [];
  /** @type {Set<string>} */
  const open_paths = new Set();
  let asked_version = -1;
  let writable = false;

  async function load() {
    const version = (asked_version = state.responses_version);
    trouble.textContent = '';
    try {
      responses = await readResponses(version);
      if (version === asked_version) draw();
    } catch (error) {
      asked_version = -1;
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Response} one @param {boolean} with_way */
  function createEntry(one, with_way) {
    const text = composer.fill(one.text);
    const way = with_way && one.category.length > 0 && `${one.category.join(' \u203a ')} \u203a `;
    return el(
      'button',
      {
        type: 'button',
        class: 'response',
        test: 'response',
        disabled: !writable,
        title: writable ? words.responses.insert : words.responses.not_now,
        onclick: () => composer.insert(one),
      },
      el(
        'span',
        { class: 'title', dir: 'auto' },
        way && el('span', { class: 'way', text: way }),
        el('strong', { text: one.title }),
        one.shortcut && el('kbd', { text: `/${one.shortcut}` }),
      ),
      el('span', { class: 'preview', dir: 'auto' }, ...marked(text)),
      ...one.attachments.map(({ name }) =>
        el('span', { class: 'file', test: 'response-file', dir: 'auto' }, icon('clip'), name),
      ),
    );
  }

  /** @param {import('../responses.js').Category} category @returns {Node[]} */
  function branches({ categories, responses: here }) {
    return [
      ...categories.map((category) => {
        const branch = el(
          'details',
          {
            open: open_paths.has(category.path),
            ontoggle: () => (branch.open ? open_paths.add(category.path) : open_paths.delete(category.path)),
          },
          el(
            'summary',
            { dir: 'auto', test: 'response-category' },
            icon('chevron'),
            el('span', { text: category.name }),
            el('span', { class: 'count', text: String(countOf(category)) }),
          ),
          el('div', { class: 'branch' }, ...branches(category)),
        );
        return branch;
      }),
      ...here.map((one) => createEntry(one, false)),
    ];
  }

  function draw() {
    const query = search.value.trim();
    const found = query ? findResponses(responses, query) : responses;
    setText(status, found.length ? '' : responses.length ? words.responses.none_found : words.responses.none);
    place.replaceChildren(...(query ? found.map((one) => createEntry(one, true)) : branches(categoryTree(responses))));
  }

  /** Arrows move through what is to be seen. @param {KeyboardEvent} event */
  function moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = /** @type {HTMLElement[]} */ ([...place.querySelectorAll('summary, .response')]).filter((one) =>
      one.checkVisibility(),
    );
    const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    event.preventDefault();
    event.stopPropagation();
    if (at + step < 0) search.focus();
    else stops[Math.min(at + step, stops.length - 1)]?.focus();
  }

  let facts = '';
  return {
    node,
    update(/** @type {import('../floor.js').Interaction} */ interaction) {
      if (!node.checkVisibility()) return;
      if (state.responses_version !== asked_version) load();
      // What the codes stand for, and whether there is a field to put it into.
      const now = JSON.stringify([interaction.contact, interaction.case_data, composer.writes()]);
      if (now === facts) return;
      facts = now;
      writable = composer.writes();
      draw();
    },
    focus: () => search.focus(),
  };
}

/** @param {import('../responses.js').Category} category @returns {number} */
const countOf = ({ categories, responses }) =>
  categories.reduce((sum, category) => sum + countOf(category), responses.length);

/** The text with its open codes marked. @param {string} text @returns {(Node|string)[]} */
function marked(text) {
  let from = 0;
  /** @type {(Node|string)[]} */
  const parts = [];
  for (const [start, end] of unresolved(text)) {
    parts.push(text.slice(from, start), el('mark', { text: text.slice(start, end) }));
    from = end;
  }
  return [...parts, text.slice(from)];
}
