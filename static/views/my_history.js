/*
 * My History: the interactions that I handled, the newest first.
 */
import { el } from '../dom.js';
import { pageLabel } from '../pages.js';

export function createMyHistory() {
  return {
    node: el('section', { class: 'my-history', test: 'history-page' }, el('h2', { text: pageLabel('history') })),
    update() {},
    tick() {},
  };
}
