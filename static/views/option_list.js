/*
 * A list of options under a text field: the field keeps the focus, arrows move the mark, Enter takes.
 *
 * Apart because dispositions and the responses behind `/` are chosen in the same way. Invariant: the marked option is
 * named to screen readers by the field's `aria-activedescendant`.
 */
import { el, setAttribute } from '../dom.js';

/**
 * @template O
 * @param {{id: string, label: string, field: HTMLElement, test: string, draw: (option: O) => (Node|string|false)[],
 *   chosen?: (option: O) => boolean, take: (option: O) => void}} options
 */
export function createOptionList({ id, label, field, test, draw, chosen, take }) {
  const node = el('ul', { class: 'options', role: 'listbox', id, 'aria-label': label });
  /** @type {O[]} */
  let shown = [];
  let marked = -1;

  function showMark() {
    for (const [index, row] of [...node.children].entries()) setAttribute(row, 'data-marked', index === marked);
    setAttribute(field, 'aria-activedescendant', marked < 0 ? null : `${id}-${marked}`);
    if (marked >= 0) node.children[marked]?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {number} index */
  function mark(index) {
    marked = index;
    showMark();
  }

  return {
    node,
    /** @param {O[]} options @param {number} first the marked one, -1: none */
    show(options, first) {
      shown = options;
      marked = options.length ? first : -1;
      node.replaceChildren(
        ...options.map((option, index) =>
          el(
            'li',
            {
              role: 'option',
              id: `${id}-${index}`,
              test,
              'aria-selected': String(chosen ? chosen(option) : index === marked),
              // The field keeps the focus.
              onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
              onclick: () => take(option),
            },
            ...draw(option),
          ),
        ),
      );
      showMark();
    },
    clear: () => mark(-1),
    /** Whether the key was for the list. @param {KeyboardEvent} event @returns {boolean} */
    pressed(event) {
      if (shown.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
      if (event.key === 'ArrowDown') mark((marked + 1) % shown.length);
      else if (event.key === 'ArrowUp') mark((marked <= 0 ? shown.length : marked) - 1);
      else if (event.key === 'Enter' && !event.shiftKey && marked >= 0) take(shown[marked]);
      else return false;
      event.preventDefault();
      return true;
    },
    /** Takes the marked one, if there is one. */
    takeMarked() {
      if (marked >= 0) take(shown[marked]);
    },
  };
}
