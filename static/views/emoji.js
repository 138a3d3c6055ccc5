/*
 * The picker of emoji: a small set with names to search, drawn by the system's own font.
 *
 * Invariants: no pictures are loaded; every emoji has a name; the grid is one stop of the Tab key, arrows move in it.
 */
import { el, icon } from '../dom.js';
import { folded } from '../responses.js';
import { words } from '../strings.js';

const RECENT_MAX = 14;

/** @typedef {{emoji: string, name: string}} Emoji */

/** @param {string} entries "😀 grinning, happy|…" @returns {Emoji[]} */
const parsed = (entries) =>
  entries.split('|').map((entry) => {
    const space = entry.indexOf(' ');
    return { emoji: entry.slice(0, space), name: entry.slice(space + 1) };
  });

/**
 * A button and what it opens.
 * @param {import('../app.js').Context} context
 * @param {{take: (emoji: string) => void, left: () => void}} options `left`: closed by Escape
 */
export function createEmojiPicker({ preferences }, { take, left }) {
  const groups = words.emoji.groups.map(({ label, entries }) => ({ label, emoji: parsed(entries) }));
  const all = groups.flatMap((group) => group.emoji);
  const search = el('input', {
    type: 'text',
    test: 'emoji-search',
    'aria-label': words.emoji.search,
    placeholder: words.emoji.search,
    autocomplete: 'off',
    oninput: draw,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing) return;
      if (event.key === 'Enter') first()?.click();
      else if (event.key === 'ArrowDown') first()?.focus();
      else return;
      event.preventDefault();
    },
  });
  const grid = el('div', { class: 'emoji-grid', onkeydown: moved });
  const panel = el(
    'div',
    {
      class: 'emoji-panel',
      role: 'dialog',
      'aria-label': words.emoji.open,
      test: 'emoji-panel',
      hidden: true,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
        left();
      },
      onfocusout: (/** @type {FocusEvent} */ event) => {
        const to = /** @type {Node|null} */ (event.relatedTarget);
        if (to && !panel.contains(to) && !button.contains(to)) close();
      },
    },
    search,
    grid,
  );
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet tool',
      test: 'emoji-open',
      'aria-label': words.emoji.open,
      title: words.emoji.open,
      'aria-expanded': 'false',
      onclick: () => (panel.hidden ? open() : close()),
    },
    icon('smile'),
  );

  const first = () => /** @type {HTMLElement|null} */ (grid.querySelector('button'));

  function open() {
    panel.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    search.value = '';
    draw();
    search.focus();
  }

  function close() {
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  }

  function recent() {
    const held = preferences.get('emoji').split(' ');
    return held.flatMap((emoji) => all.find((one) => one.emoji === emoji) ?? []);
  }

  /** @param {string} emoji */
  function chosen(emoji) {
    const kept = recent()
      .map((one) => one.emoji)
      .filter((one) => one !== emoji);
    preferences.set('emoji', [emoji, ...kept].slice(0, RECENT_MAX).join(' '));
    close();
    take(emoji);
  }

  /** @param {string} label @param {Emoji[]} emoji */
  const section = (label, emoji) =>
    emoji.length > 0 &&
    el(
      'section',
      { 'aria-label': label },
      el('p', { class: 'emoji-label', 'aria-hidden': 'true', text: label }),
      el(
        'div',
        { class: 'emoji-row' },
        ...emoji.map((one) =>
          el('button', {
            type: 'button',
            tabindex: '-1',
            class: 'quiet',
            test: 'emoji',
            'aria-label': one.name,
            title: one.name,
            onclick: () => chosen(one.emoji),
            text: one.emoji,
          }),
        ),
      ),
    );

  function draw() {
    const wanted = folded(search.value).split(/\s+/u).filter(Boolean);
    const sections = wanted.length
      ? [
          section(
            words.emoji.found,
            all.filter((one) => wanted.every((word) => folded(one.name).includes(word))),
          ),
        ]
      : [section(words.emoji.recent, recent()), ...groups.map((group) => section(group.label, group.emoji))];
    const shown = sections.filter((one) => one !== false);
    grid.replaceChildren(...(shown.length ? shown : [el('p', { class: 'hint', text: words.emoji.none })]));
    const stop = first();
    if (stop) stop.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const buttons = /** @type {HTMLElement[]} */ ([...grid.querySelectorAll('button')]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, () => number>} */
    const steps = {
      ArrowRight: () => at + 1,
      ArrowLeft: () => at - 1,
      ArrowDown: () => below(buttons, at, 1),
      ArrowUp: () => below(buttons, at, -1),
      Home: () => 0,
      End: () => buttons.length - 1,
    };
    const to = steps[event.key]?.();
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to < 0) return search.focus();
    buttons[Math.min(to, buttons.length - 1)].focus();
  }

  return { button, panel, close };
}

/**
 * The nearest one in the next line up or down.
 * @param {HTMLElement[]} buttons @param {number} at @param {1|-1} step
 */
function below(buttons, at, step) {
  const from = buttons[at].getBoundingClientRect();
  let best = at;
  let best_px = Infinity;
  for (let index = at + step; index >= 0 && index < buttons.length; index += step) {
    const box = buttons[index].getBoundingClientRect();
    const rows_px = (box.top - from.top) * step;
    if (rows_px < from.height / 2) continue;
    const away_px = rows_px * 10 + Math.abs(box.left - from.left);
    if (away_px < best_px) [best, best_px] = [index, away_px];
  }
  return best === at && step < 0 ? -1 : best;
}
