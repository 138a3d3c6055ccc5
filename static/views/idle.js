/*
 * The warning before the idle lock: how long is left, and that any input is enough to stay.
 */
import { el, openDialog, setText } from '../dom.js';
import { words } from '../strings.js';

/** A screen reader hears the seconds this often, not each of them. */
const TOLD_EACH_S = 15;

/** @param {{announce: (sentence: string, urgency: 'assertive') => void, signOut: () => void}} options */
export function createIdleWarning({ announce, signOut }) {
  const left = el('p', { class: 'countdown', 'aria-hidden': 'true' });
  /** @type {HTMLDialogElement|null} */
  let dialog = null;

  function open() {
    const shown = openDialog(
      'idle-dialog',
      words.idle.heading,
      el('p', { text: words.idle.explanation }),
      left,
      el(
        'div',
        { class: 'dialog-buttons' },
        el('button', {
          type: 'button',
          class: 'primary',
          test: 'idle-stay',
          autofocus: true,
          onclick: () => shown.close(),
          text: words.idle.stay,
        }),
        el('button', { type: 'button', class: 'quiet', onclick: () => signOut(), text: words.presence.sign_out }),
      ),
    );
    shown.role = 'alertdialog';
    return shown;
  }

  return {
    /** @param {number|null} left_ms null: somebody is there again */
    show(left_ms) {
      if (left_ms === null) {
        dialog?.close();
        dialog = null;
        return;
      }
      const seconds = Math.ceil(left_ms / 1000);
      const first = !dialog;
      dialog ??= open();
      setText(left, words.idle.left(seconds));
      if (first || seconds % TOLD_EACH_S === 0) announce(words.idle.left(seconds), 'assertive');
    },
  };
}
