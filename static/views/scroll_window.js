/*
 * A scroll that draws only what is near the eye: some rows, and two spacers for the others.
 *
 * Apart because it knows nothing of messages. Invariants: at most `ROWS_MAX` rows are in the document; what the eye rests
 * on does not move, whatever comes or goes above or below it or changes its height; while the eye is at the end it
 * follows the end. The place of the eye is the end, or an item's key and how far below the upper edge that item stands.
 */
import { el, list } from '../dom.js';

/** @template I @typedef {import('../dom.js').Row<I>} Row */
/** @typedef {{key: string, anchor?: boolean}} Item `anchor`: the eye can rest on it, for it stays as long as it is held */
/** @typedef {{end: true}|{end: false, key: string, offset: number}} Rest */

const ROWS_MAX = 120;
/** Rows are drawn this far beyond both edges, and anew when less than the smaller span is left. */
const DRAWN_PX = 900;
const DRAWN_PX_MIN = 350;
/** Nearer to the end than this counts as at the end. */
const END_PX = 48;
/** A row of which nothing is known yet. */
const GUESS_PX = 46;
/** Of wrong guesses the upper spacer takes up this much at most. */
const SLACK_PX_MAX = 2_000;
/** A scroll that has been quiet for this long has ended. */
const QUIET_MS = 140;

/**
 * @template {Item} I
 * @param {{attributes: Record<string, any>, create: (item: I) => Row<I>, moved: () => void}} options `moved` is called
 *   after each scroll and each redrawing
 */
export function createScrollWindow({ attributes, create, moved }) {
  const above = el('div', { class: 'spacer' });
  const below = el('div', { class: 'spacer' });
  const drawn_rows = el('ol', { class: 'messages' });
  const column = el('div', { class: 'column' }, above, drawn_rows, below);
  const scroller = el('div', { ...attributes, onscroll: scrolled }, column);
  /** @type {I[]} */
  let items = [];
  /** @type {Map<string, number>} */
  let place_of = new Map();
  /** @type {Map<string, {height: number, inset: number}>} what was measured; `inset`: from a row's top to its bubble */
  let measured = new Map();
  /** What stands in the document: `items` from `from` on, unless they are `dirty`. @type {I[]} */
  let drawn = [];
  let from = 0;
  let dirty = true;
  /** The place of the eye was set: the scroll is to follow it. */
  let commanded = true;
  /** @type {Rest} */
  let rest = { end: true };
  /** The end of the items is the end of everything. */
  let ends = true;
  let viewport = 0;
  /** Where the rows begin in the scroll; the upper spacer's height, and what it has more than its items. */
  let top_px = 0;
  let above_px = 0;
  let slack_px = 0;
  let placed_at = -1;
  let scrolled_at = 0;
  let quiet = 0;
  let rows_height = 0;

  const sizes = new ResizeObserver(() => {
    const height = scroller.clientHeight;
    const changed = Math.abs(drawn_rows.getBoundingClientRect().height - rows_height) > 0.5;
    if (height === viewport && !changed) return;
    viewport = height;
    if (height === 0) return;
    follow();
    measure();
    if (!dirty) place();
    requestAnimationFrame(draw);
  });

  const heightOf = (/** @type {I} */ item) => measured.get(item.key)?.height ?? GUESS_PX;
  const insetOf = (/** @type {string} */ key) => measured.get(key)?.inset ?? 0;
  const sum = (/** @type {number} */ first, /** @type {number} */ last) => {
    let px = 0;
    for (let at = first; at < last; at += 1) px += heightOf(items[at]);
    return px;
  };

  /** Which items are wanted: those near the eye. @param {number} reach_px */
  function near(reach_px) {
    let first = items.length;
    let last = items.length;
    if (rest.end) {
      for (let px = -viewport; px < reach_px && first > 0; px += heightOf(items[first])) first -= 1;
    } else {
      const at = place_of.get(rest.key) ?? 0;
      const at_px = rest.offset - insetOf(rest.key);
      first = last = at;
      for (let px = at_px; px > -reach_px && first > 0; px -= heightOf(items[first])) first -= 1;
      for (let px = at_px; px < viewport + reach_px && last < items.length; last += 1) px += heightOf(items[last]);
      first = Math.max(first, Math.min(at, last - ROWS_MAX));
    }
    return [Math.max(first, rest.end ? last - ROWS_MAX : 0), Math.min(last, first + ROWS_MAX)];
  }

  function draw() {
    if (viewport === 0) return;
    follow();
    for (let round = 0; round < 3; round += 1) {
      const [need_from, need_until] = near(DRAWN_PX_MIN);
      if (!dirty && from <= need_from && from + drawn.length >= need_until) break;
      const [first, last] = near(DRAWN_PX);
      drawn = items.slice(first, last);
      from = first;
      dirty = false;
      list(drawn_rows, drawn, (item) => item.key, create);
      measure();
    }
    space();
    place();
    moved();
  }

  function measure() {
    const box = drawn_rows.getBoundingClientRect();
    if (box.width === 0) return;
    rows_height = box.height;
    for (const [at, item] of drawn.entries()) {
      const node = drawn_rows.children[at];
      const { top, height } = node.getBoundingClientRect();
      const bubble = node.querySelector('.bubble');
      measured.set(item.key, { height, inset: bubble ? bubble.getBoundingClientRect().top - top : 0 });
    }
  }

  /** Gives the spacers their height. */
  function space() {
    above_px = Math.max(0, sum(0, from) + slack_px);
    above.style.height = `${above_px}px`;
    below.style.height = `${sum(from + drawn.length, items.length)}px`;
  }

  /**
   * Brings the scroll to where the eye rests. While a hand scrolls, the upper spacer takes up what the guesses above
   * were wrong by: setting the position would break off the movement.
   */
  function place() {
    const moving = performance.now() - scrolled_at < QUIET_MS;
    if (rest.end) {
      slack_px = 0;
      space();
      scroller.scrollTop = scroller.scrollHeight;
    } else {
      const off_px = offOf(rest);
      const room_px = above_px - off_px;
      const slack = room_px - sum(0, from);
      if (moving && from > 0 && room_px > viewport && Math.abs(slack) < SLACK_PX_MAX) {
        if (Math.abs(off_px) >= 0.5) {
          slack_px = slack;
          space();
        }
      } else if (Math.abs(off_px) >= 0.5 || slack_px) {
        slack_px = 0;
        space();
        scroller.scrollTop += offOf(rest);
      }
    }
    commanded = false;
    placed_at = scroller.scrollTop;
    top_px = drawn_rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + placed_at;
  }

  /** How far what the eye rests on stands below its place. @param {{key: string, offset: number}} rest */
  function offOf({ key, offset }) {
    const node = nodeOf(key);
    if (!node) return 0;
    const top = (node.querySelector('.bubble') ?? node).getBoundingClientRect().top;
    return top - scroller.getBoundingClientRect().top - offset;
  }

  function scrolled() {
    if (follow()) draw();
  }

  /** The eye follows a scroll, whether its event has come already or not. */
  function follow() {
    const at = scroller.scrollTop;
    // Ours, or no movement at all.
    if (commanded || dirty || Math.abs(at - placed_at) < 1) return false;
    placed_at = at;
    scrolled_at = performance.now();
    clearTimeout(quiet);
    quiet = setTimeout(settle, QUIET_MS + 10);
    if (ends && scroller.scrollHeight - at - viewport < END_PX) rest = { end: true };
    else lookAt(at);
    return true;
  }

  /** The scroll has ended: guesses that were wrong are put right. */
  function settle() {
    if (dirty || !slack_px) return;
    follow();
    place();
  }

  /**
   * The eye rests on the first item in view that it can rest on: one that is drawn, for where the others stand is a
   * guess.
   * @param {number} at_px
   */
  function lookAt(at_px) {
    const begin_px = top_px - sum(0, from);
    const drawn_in_view = restIn(drawn, top_px, at_px, at_px + viewport);
    rest = drawn_in_view ?? restIn(items, begin_px, at_px, Infinity) ?? rest;
  }

  /** @param {I[]} some @param {number} px where they begin @param {number} first_px @param {number} last_px @returns {Rest|null} */
  function restIn(some, px, first_px, last_px) {
    for (const item of some) {
      const height = heightOf(item);
      if (px + height > first_px && px < last_px && item.anchor)
        return { end: false, key: item.key, offset: px + insetOf(item.key) - first_px };
      px += height;
    }
    return null;
  }

  /** @param {string} key @returns {HTMLElement|null} */
  function nodeOf(key) {
    const at = drawn.findIndex((item) => item.key === key);
    return at < 0 ? null : /** @type {HTMLElement} */ (drawn_rows.children[at]);
  }

  return {
    node: scroller,
    nodeOf,
    /** @param {string} key */ has: (key) => place_of.has(key),
    rest: () => rest,
    /** Lets the eye rest elsewhere, from the next `show` on. @param {Rest} elsewhere */
    restAt(elsewhere) {
      rest = elsewhere;
      scrolled_at = 0;
      commanded = true;
    },
    /** Where an item has to stand to be in the middle. @param {string} key */
    middle: (key) => Math.max(16, (viewport - (measured.get(key)?.height ?? GUESS_PX)) / 2),
    /** @param {I[]} now @param {boolean} end nothing comes after them */
    show(now, end) {
      follow();
      items = now;
      ends = end;
      place_of = new Map(items.map((item, at) => [item.key, at]));
      for (const key of measured.keys()) if (!place_of.has(key)) measured.delete(key);
      dirty = true;
      draw();
    },
    /** How far the items reach beyond the edges of what is to be seen. */
    beyond() {
      const before = top_px - sum(0, from) - placed_at;
      return { older_px: -before, newer_px: before + sum(0, items.length) - viewport };
    },
    /** It stands in the document. */
    connect() {
      viewport = scroller.clientHeight;
      commanded = dirty = true;
      sizes.observe(scroller);
      sizes.observe(drawn_rows);
    },
    disconnect() {
      sizes.disconnect();
      clearTimeout(quiet);
    },
  };
}
