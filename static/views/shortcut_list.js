/*
 * The list that `/shortcut` in the message field opens.
 *
 * Invariants: it is open only while the word under the cursor begins with a slash and something matches; the keys of the
 * list reach the field again as soon as it is closed.
 */
import { el } from '../dom.js';
import { oneLine } from '../formatting.js';
import { matchShortcut, readResponses } from '../responses.js';
import { words } from '../strings.js';
import { createOptionList } from './option_list.js';

const SHOWN_MAX = 8;
const BEGUN = /(?:^|\s)\/([\p{L}\p{N}_-]{0,32})$/u;

/**
 * @param {import('../app.js').Context} context
 * @param {{text: HTMLTextAreaElement, fill: (text: string) => string,
 *   take: (response: import('../responses.js').Response, from: number, until: number) => void}} options
 */
export function createShortcutList({ floor, announce }, { text, fill, take }) {
  const { state } = floor;
  const options = createOptionList({
    id: 'composer-shortcuts',
    label: words.responses.shortcuts,
    field: text,
    test: 'shortcut-option',
    draw: (/** @type {import('../responses.js').Response} */ one) => [
      el(
        'span',
        { class: 'title' },
        el('strong', { dir: 'auto', text: one.title }),
        one.shortcut && ` /${one.shortcut}`,
      ),
      el('span', { class: 'preview', dir: 'auto', text: oneLine(fill(one.text)) || one.attachments[0]?.name }),
    ],
    take(one) {
      const place = begun();
      close();
      if (place) take(one, place.from, place.until);
    },
  });
  const node = el('div', { class: 'shortcut-list', hidden: true }, options.node);

  function begun() {
    const until = text.selectionStart;
    const found = until === text.selectionEnd ? BEGUN.exec(text.value.slice(0, until)) : null;
    return found && { word: found[1], from: until - found[1].length - 1, until };
  }

  function close() {
    node.hidden = true;
    options.show([], -1);
  }

  return {
    node,
    close,
    /** Has to follow every change of the text. */
    async follow() {
      const place = begun();
      if (!place) return node.hidden || close();
      const responses = await readResponses(state.responses_version).catch(() => []);
      // Meanwhile the hand may have gone on.
      const now = begun();
      if (!now || now.word !== place.word) return;
      const found = matchShortcut(responses, place.word).slice(0, SHOWN_MAX);
      if (found.length === 0) return close();
      const was_hidden = node.hidden;
      node.hidden = false;
      options.show(found, 0);
      if (was_hidden) announce(words.responses.shortcuts_heard(found.length), 'polite');
    },
    /** Whether the key was for the list. @param {KeyboardEvent} event */
    pressed(event) {
      if (node.hidden) return false;
      if (event.key === 'Escape') close();
      else if (event.key === 'Tab' && !event.shiftKey) options.takeMarked();
      else return options.pressed(event);
      event.preventDefault();
      return true;
    },
  };
}
