/*
 * Communication: the contacts of the centre, and all that was said with one of them.
 */
import { el } from '../dom.js';
import { pageLabel } from '../pages.js';

export function createCommunication() {
  return {
    node: el(
      'section',
      { class: 'communication', test: 'communication-page' },
      el('h2', { text: pageLabel('communication') }),
    ),
    update() {},
    tick() {},
  };
}
