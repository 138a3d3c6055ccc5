/*
 * What the sections are drawn with: the head of a page, tables, facts, buttons that do one thing.
 *
 * Apart so that the sections look and read alike. Invariants: a table stays a table for who hears it, also where it is
 * shown as cards on a narrow screen; a button that fails says why beside it.
 */
import { el, icon, setText } from '../dom.js';
import { words } from './strings.js';

/**
 * The head of a section's page, and its content. The heading takes the focus when the page is shown.
 * @param {string} heading
 * @param {string|null} intro
 * @param {{back?: string|null}} options where the way back leads
 * @param {...(Node|string|null|false)} content
 */
export function pageOf(heading, intro, { back = null } = {}, ...content) {
  return el(
    'div',
    { class: 'page' },
    back !== null && el('a', { class: 'back', href: `#/${back}`, test: 'back' }, icon('back'), words.back),
    el('h2', { tabindex: '-1', test: 'section-heading', text: heading }),
    intro && el('p', { class: 'intro', text: intro }),
    ...content,
  );
}

/**
 * A table. The first column names the row.
 * @template I
 * @param {{
 *   test: string, caption: string, empty: string, items: I[],
 *   columns: {label: string, cell: (item: I) => Node|string|null}[]}} options
 */
export function table({ test, caption, empty, items, columns }) {
  if (items.length === 0) return el('p', { class: 'empty', test: `${test}-empty`, text: empty });
  return el(
    'table',
    { class: 'table', test, role: 'table' },
    el('caption', { class: 'heard', text: caption }),
    el(
      'thead',
      { role: 'rowgroup' },
      el(
        'tr',
        { role: 'row' },
        ...columns.map(({ label }) => el('th', { scope: 'col', role: 'columnheader', text: label })),
      ),
    ),
    el(
      'tbody',
      { role: 'rowgroup' },
      ...items.map((item) =>
        el(
          'tr',
          { role: 'row', test: `${test}-row` },
          ...columns.map(({ label, cell }, at) =>
            el(
              at === 0 ? 'th' : 'td',
              { scope: at === 0 && 'row', role: at === 0 ? 'rowheader' : 'cell', 'data-label': label },
              cell(item),
            ),
          ),
        ),
      ),
    ),
  );
}

/**
 * A button that does one thing at the server; while it does, it cannot be pressed again.
 * @param {{test: string, text: string, class?: string, name?: string, run: () => Promise<unknown>}} options `name` is what
 *   is heard, where the text alone does not say enough
 */
export function action({ test, text, class: look = '', name, run }) {
  const trouble = el('span', { class: 'trouble', role: 'alert' });
  const button = el('button', { type: 'button', class: look, test, 'aria-label': name, onclick: press, text });
  async function press() {
    button.disabled = true;
    setText(trouble, '');
    try {
      await run();
    } catch (error) {
      setText(trouble, /** @type {Error} */ (error).message);
    } finally {
      button.disabled = false;
    }
  }
  return el('span', { class: 'action' }, button, trouble);
}

/**
 * A value to take elsewhere, with a button that copies it.
 * @param {string} test
 * @param {string} label
 * @param {string} value
 */
export function copyable(test, label, value) {
  const done = el('span', { class: 'saved', role: 'status' });
  return el(
    'div',
    { class: 'copyable' },
    el('span', { class: 'copy-label', text: label }),
    el('code', { test, text: value }),
    el('button', {
      type: 'button',
      class: 'small',
      'aria-label': `${words.copy}: ${label}`,
      text: words.copy,
      // On plain HTTP in a local network there is no clipboard: the text can be selected.
      hidden: !navigator.clipboard,
      onclick: async () => {
        await navigator.clipboard.writeText(value);
        setText(done, words.copied);
      },
    }),
    done,
  );
}

/**
 * A state in words, with a mark that is not colour alone.
 * @param {'good'|'bad'|'open'|'quiet'} kind
 * @param {string} text
 */
export function state(kind, text) {
  const mark = { good: 'check', bad: 'late', open: 'clock', quiet: null }[kind];
  return el('span', { class: `state ${kind}` }, mark && icon(/** @type {'check'} */ (mark)), el('span', { text }));
}

/** Shown while something is asked for. */
export const waiting = () => el('p', { class: 'hint', role: 'status', text: words.loading });

/** Shown when it did not come. @param {unknown} error @param {() => unknown} again */
export const failed = (error, again) =>
  el(
    'div',
    { class: 'failed', role: 'alert' },
    el('p', { class: 'trouble', text: /** @type {Error} */ (error).message }),
    el('button', { type: 'button', onclick: () => void again(), text: words.try_again }),
  );
