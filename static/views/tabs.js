/*
 * Tabs: a strip of names of which one is in front, and the panel that belongs to it.
 *
 * Apart because the interaction has two such strips and both must behave alike. Invariants: exactly one panel is shown;
 * the strip is one stop of the Tab key, arrows, Home and End move in it; panels stay in the document, so what is typed
 * into one survives a look at another.
 */
import { el, heard, setAttribute, setText } from '../dom.js';

/** @typedef {{id: string, label: string, node: HTMLElement}} Tab */

/**
 * @param {{label: string, chosen: string, tabs: Tab[], on_choose: (id: string) => void}} options
 */
export function createTabs({ label, chosen, tabs, on_choose }) {
  const parts = tabs.map(({ id, label: name, node }) => {
    const mark = el('span', { class: 'mark', 'aria-hidden': 'true' });
    const mark_words = heard('');
    const button = el(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${id}`,
        test: `tab-${id}`,
        'aria-controls': `panel-${id}`,
        onclick: () => choose(id),
      },
      el('span', { text: name }),
      mark,
      mark_words,
    );
    const panel = el(
      'div',
      {
        class: `panel panel-${id}`,
        role: 'tabpanel',
        id: `panel-${id}`,
        test: `panel-${id}`,
        'aria-labelledby': `tab-${id}`,
        tabindex: '0',
      },
      node,
    );
    return { id, button, panel, mark, mark_words };
  });
  const strip = el(
    'div',
    { class: 'tab-strip', role: 'tablist', 'aria-label': label, onkeydown: moved },
    ...parts.map((part) => part.button),
  );
  let front = parts.some((part) => part.id === chosen) ? chosen : parts[0].id;
  show();

  function show() {
    for (const { id, button, panel } of parts) {
      setAttribute(button, 'aria-selected', String(id === front));
      button.tabIndex = id === front ? 0 : -1;
      panel.hidden = id !== front;
    }
  }

  /** @param {string} id */
  function choose(id) {
    front = id;
    show();
    parts.find((part) => part.id === id)?.button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    on_choose(id);
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const forward = getComputedStyle(strip).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const backward = forward === 'ArrowRight' ? 'ArrowLeft' : 'ArrowRight';
    const at = parts.findIndex((part) => part.id === front);
    const to = {
      [forward]: (at + 1) % parts.length,
      [backward]: (at - 1 + parts.length) % parts.length,
      Home: 0,
      End: parts.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(parts[to].id);
    parts[to].button.focus();
  }

  return {
    strip,
    panels: parts.map((part) => part.panel),
    choose,
    front: () => front,
    /** A sign beside the name, and its words for a screen reader; both empty: no sign. @param {string} id @param {string} sign @param {string} meaning */
    mark(id, sign, meaning) {
      const part = parts.find((one) => one.id === id);
      if (!part) return;
      setText(part.mark, sign);
      setText(part.mark_words, meaning && ` (${meaning})`);
    },
  };
}
