/*
 * What the page needs to draw: make an element, open a dialog, keep a keyed list, set a text.
 *
 * Apart from the views so that there is one place where nodes are made. Invariant: text reaches the document only as
 * text nodes, never as markup; nothing here reads or writes `innerHTML`.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** Strokes of our own icons on a 16 by 16 grid. */
const ICONS = {
  back: 'M10 3 5 8l5 5',
  bell: 'M3.5 11.5h9c-1-1-1.2-2.2-1.2-4.2a3.3 3.3 0 0 0-6.6 0c0 2-.2 3.2-1.2 4.2ZM6.8 13.6h2.4M8 2.2v1.6',
  check: 'm3.5 8.5 3 3 6-7',
  chevron: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  clip: 'm12.8 7.2-4.9 4.9a2.7 2.7 0 0 1-3.8-3.8l5.2-5.2a1.8 1.8 0 0 1 2.5 2.5l-5.2 5.2a.9.9 0 0 1-1.3-1.3l4.6-4.6',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2 1.3',
  close: 'm4 4 8 8m0-8-8 8',
  command: 'm3 4.5 3.5 3.5L3 11.5M8.5 12H13',
  down: 'M8 3v9m-4-4 4 4 4-4',
  failed: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.6M8 10.6v.4',
  gear: 'M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6l1.4 1.4M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4',
  late: 'M8 2.3 14 13H2ZM8 6.3v3.2M8 11.2v.3',
  lock: 'M4 7.5h8v6H4ZM5.7 7.5V5.3a2.3 2.3 0 0 1 4.6 0v2.2',
  note: 'M3.5 2.5h9v7l-4 4h-5ZM8.5 13.5v-4h4',
  open: 'M6 4.5 10.5 8 6 11.5Z',
  park: 'M5.8 4v8M10.2 4v8',
  people:
    'M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.8 13a4.2 4.2 0 0 1 8.4 0M10.5 3.2a2.3 2.3 0 0 1 0 4M11.6 9.2a4.2 4.2 0 0 1 2.6 3.8',
  plus: 'M8 3.5v9M3.5 8h9',
  person: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8ZM3 13.5c.2-2.6 2.2-4 5-4s4.8 1.4 5 4',
  queue: 'M3 4.5h10M3 8h10M3 11.5h6',
  reply: 'M6.5 3.5 2.5 7l4 3.5M2.5 7h6.5a4.5 4.5 0 0 1 4.5 4.5v1',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.2 3.2',
  send: 'M2.5 8 13.5 3 10 13 8 9Zm5.5 1 5.5-6',
  smile: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM5.8 9.3a2.7 2.7 0 0 0 4.4 0M6.2 6.4v.3M9.8 6.4v.3',
  stop: 'M4.5 4.5h7v7h-7Z',
  template: 'M3 2.5h10v11H3ZM5.3 5.5h5.4M5.3 8h5.4M5.3 10.5h3',
  tick: 'm3.5 8.5 3 3 6-7',
  voice: 'M8 2a2 2 0 0 0-2 2v4a2 2 0 0 0 4 0V4a2 2 0 0 0-2-2M4 8a4 4 0 0 0 8 0M8 12v2',
  ticks: 'm1 8.5 3 3 6-7M7.5 11l.5.5 6-7',
  transfer: 'M2.5 5.5h10m-3-3 3 3-3 3M13.5 11h-10',
  unconfirmed:
    'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM6.4 6.6a1.6 1.6 0 1 1 2.3 1.5c-.5.3-.7.6-.7 1.1M8 10.9v.3',
};

/**
 * Makes an element. Keys of `props`: `class`, `text`, `test` (the hook for browser tests), `on` and an event name (a listener),
 * booleans (present or absent), everything else an attribute; null and undefined are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') node.textContent = value;
    else if (name === 'test') node.setAttribute('data-test', value);
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(.../** @type {(Node|string)[]} */ (children.filter((child) => child || child === '')));
  return node;
}

/**
 * A decorative icon: its meaning must stand in text beside it, or in the button's name.
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A modal question or form: it closes with Esc, gives the focus back where it was, and is removed when closed.
 * @param {string} test
 * @param {string} heading
 * @param {...(Node|string|null|false)} content
 */
export function openDialog(test, heading, ...content) {
  const dialog = el(
    'dialog',
    { test, 'aria-labelledby': 'dialog-heading', onclose: () => dialog.remove() },
    el('h2', { id: 'dialog-heading', text: heading }),
    ...content,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Text for screen readers alone.
 * @param {string} text
 */
export const heard = (text) => el('span', { class: 'heard', text });

/**
 * Sets a text only when it differs, so that a selection and a live region are not disturbed.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets or removes an attribute, only when it differs.
 * @param {Element} node
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value
 */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/**
 * @template I
 * @typedef {{node: HTMLElement, update?: (item: I) => void, tick?: () => void}} Row
 */

/** @type {WeakMap<Element, Map<string|number, Row<any>>>} */
const rows_of = new WeakMap();

/**
 * Makes the children of `parent` follow `items`, one row for each key. Rows that stay keep their node (so focus,
 * selection and scroll survive); only rows whose place changed are moved.
 * @template I
 * @param {Element} parent
 * @param {Iterable<I>} items
 * @param {(item: I) => string|number} key_of
 * @param {(item: I) => Row<I>} make
 */
export function list(parent, items, key_of, make) {
  const old_rows = rows_of.get(parent) ?? new Map();
  /** @type {Map<string|number, Row<I>>} */
  const rows = new Map();
  for (const item of items) {
    const key = key_of(item);
    const row = old_rows.get(key) ?? make(item);
    row.update?.(item);
    rows.set(key, row);
  }
  for (const [key, row] of old_rows) if (!rows.has(key)) row.node.remove();
  let place = parent.firstChild;
  for (const row of rows.values()) {
    if (row.node === place) place = place.nextSibling;
    else parent.insertBefore(row.node, place);
  }
  rows_of.set(parent, rows);
}

/**
 * The rows that `list` keeps under `parent`.
 * @param {Element} parent
 * @returns {Iterable<Row<any>>}
 */
export const rows = (parent) => rows_of.get(parent)?.values() ?? [];
