/*
 * The field that a message is written into: it grows with its text, marks field codes that are not filled in, and knows
 * how to insert and to wrap.
 *
 * Apart from the composer, which decides what may be sent. A copy of the text lies under the field: it gives the height
 * without measuring, and carries the marks, which a text field itself cannot show. Invariant: field and copy have the
 * same letters in the same places.
 */
import { el } from '../dom.js';
import { unresolved } from '../field_codes.js';

/** @param {Record<string, any>} props */
export function createMessageField(props) {
  const text = el('textarea', { rows: 1, dir: 'auto', enterkeyhint: 'send', ...props });
  const copy = el('div', { class: 'copy', dir: 'auto', 'aria-hidden': 'true' });
  const node = el('div', { class: 'growing' }, copy, text);

  /** Has to follow every change of the text. */
  function show() {
    let from = 0;
    /** @type {(Node|string)[]} */
    const parts = [];
    for (const [start, end] of unresolved(text.value)) {
      parts.push(text.value.slice(from, start), el('mark', { text: text.value.slice(start, end) }));
      from = end;
    }
    // The last line counts even when it is empty.
    copy.replaceChildren(...parts, `${text.value.slice(from)}\u200b`);
  }

  /** @param {string} words @param {number} from @param {number} until */
  function replace(words, from, until) {
    text.setRangeText(words, from, until, 'end');
    text.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }

  return {
    node,
    text,
    show,
    replace,
    /** At the cursor, or instead of what is selected. @param {string} words */
    insert(words) {
      replace(words, text.selectionStart, text.selectionEnd);
    },
    /** Puts a mark around what is selected, or takes it away again. @param {string} mark */
    wrap(mark) {
      const { selectionStart: from, selectionEnd: until, value } = text;
      const around =
        value.slice(0, from).endsWith(mark) && value.slice(until).startsWith(mark) && mark !== '' && until > from;
      const chosen = value.slice(from, until);
      if (around) replace(chosen, from - mark.length, until + mark.length);
      else replace(mark + chosen + mark, from, until);
      const start = around ? from - mark.length : from + mark.length;
      text.setSelectionRange(start, start + chosen.length);
      text.focus();
    },
    /** Selects the next code that is not filled in. @param {boolean} around go on from the beginning @returns {boolean} */
    toNextCode(around) {
      const places = unresolved(text.value);
      const at = text.selectionStart === text.selectionEnd ? text.selectionEnd : text.selectionStart + 1;
      const next = places.find(([from]) => from >= at) ?? (around ? places[0] : undefined);
      if (!next) return false;
      text.focus();
      text.setSelectionRange(...next);
      return true;
    },
  };
}
