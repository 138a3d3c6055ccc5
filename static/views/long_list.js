/*
 * A list of any length: rows of one height, of which only those near the eye are in the document.
 *
 * Apart because contacts and handled interactions both need it. Invariants: the row that has the focus stays in the
 * document; arrow keys, Home and End reach every row that is loaded; the end of the list is told before it is reached.
 */
import { el, list } from '../dom.js';

/** Rows beyond the edge that are drawn too. */
const BEYOND = 8;
/** More rows are asked for when this many are left below. */
const NEAR_END = 12;

/**
 * @template I
 * @typedef {{label: string, row_px: number, id_of: (item: I) => number, make: (item: I) => import('../dom.js').Row<I>,
 *   near_end: () => void}} Options `make`: each row holds one link
 */

/** @extends {HTMLElement} */
export class LongList extends HTMLElement {
  #rows = el('ul');
  /** @type {any[]} */
  #items = [];
  /** @type {Options<any>|null} */
  #options = null;
  #resized = new ResizeObserver(() => this.#draw());
  #focused = -1;

  /** @template I @param {Options<I>} options */
  begin(options) {
    this.#options = options;
    this.#rows.setAttribute('aria-label', options.label);
    this.append(this.#rows);
    this.addEventListener('scroll', () => this.#draw());
    this.addEventListener('keydown', (event) => this.#pressed(event));
    this.addEventListener('focusin', ({ target }) => (this.#focused = this.#placeOf(target)));
    this.addEventListener('focusout', () => (this.#focused = -1));
  }

  connectedCallback() {
    this.#resized.observe(this);
  }

  disconnectedCallback() {
    this.#resized.disconnect();
  }

  /** @param {any[]} items */
  show(items) {
    const focused_id = this.#focused < 0 ? null : this.#options?.id_of(this.#items[this.#focused]);
    this.#items = items;
    if (focused_id !== null) this.#focused = items.findIndex((item) => this.#options?.id_of(item) === focused_id);
    this.#draw();
  }

  /** Goes a step on from the row that has the focus, else from the one that is chosen. @param {number} step */
  move(step) {
    const chosen = this.#items.findIndex((item) => this.#linkOf(item)?.hasAttribute('aria-current'));
    const from = this.#focused >= 0 ? this.#focused : chosen;
    this.#focusOn(from < 0 ? 0 : from + step);
  }

  toTop() {
    this.scrollTop = 0;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (this.#focused < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = {
      ArrowDown: this.#focused + 1,
      ArrowUp: this.#focused - 1,
      Home: 0,
      End: this.#items.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#focusOn(to);
  }

  /** @param {number} place */
  #focusOn(place) {
    if (!this.#options || this.#items.length === 0) return;
    const at = Math.min(this.#items.length - 1, Math.max(0, place));
    const { row_px } = this.#options;
    const top = at * row_px;
    if (top < this.scrollTop) this.scrollTop = top;
    else if (top + row_px > this.scrollTop + this.clientHeight) this.scrollTop = top + row_px - this.clientHeight;
    this.#focused = at;
    this.#draw();
    this.#linkOf(this.#items[at])?.focus();
  }

  /** @param {any} item @returns {HTMLElement|null} */
  #linkOf(item) {
    return this.#rows.querySelector(`[data-row="${this.#options?.id_of(item)}"] a`);
  }

  /** @param {EventTarget|null} target */
  #placeOf(target) {
    const id = Number(/** @type {HTMLElement|null} */ (target)?.closest('li')?.dataset.row);
    return this.#items.findIndex((item) => this.#options?.id_of(item) === id);
  }

  #draw() {
    const options = this.#options;
    if (!options) return;
    const { row_px, id_of } = options;
    const length = this.#items.length;
    const first = Math.max(0, Math.floor(this.scrollTop / row_px) - BEYOND);
    const last = Math.min(length, Math.ceil((this.scrollTop + this.clientHeight) / row_px) + BEYOND);
    const places = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
    if (this.#focused >= last) places.push(this.#focused);
    else if (this.#focused >= 0 && this.#focused < first) places.unshift(this.#focused);
    this.#rows.style.blockSize = `${length * row_px}px`;
    list(
      this.#rows,
      places.map((place) => ({ place, item: this.#items[place] })),
      ({ item }) => id_of(item),
      ({ item }) => this.#createRow(options, item),
    );
    if (this.isConnected && last >= length - NEAR_END) options.near_end();
  }

  /** @param {Options<any>} options @param {any} first */
  #createRow({ row_px, id_of, make }, first) {
    const row = make(first);
    const node = el('li', { 'data-row': id_of(first) }, row.node);
    node.style.blockSize = `${row_px}px`;
    return {
      node,
      tick: row.tick,
      /** @param {{place: number, item: any}} entry */
      update: ({ place, item }) => {
        node.style.insetBlockStart = `${place * row_px}px`;
        node.setAttribute('aria-posinset', String(place + 1));
        node.setAttribute('aria-setsize', String(this.#items.length));
        row.update?.(item);
      },
    };
  }
}

customElements.define('deskbell-long-list', LongList);

/** @template I @param {Options<I>} options */
export function createLongList(options) {
  const node = /** @type {LongList} */ (document.createElement('deskbell-long-list'));
  node.begin(options);
  return node;
}
