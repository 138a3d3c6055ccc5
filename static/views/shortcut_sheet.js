/*
 * The sheet of shortcuts: which key does what, and the way to change it.
 *
 * Invariant: what it shows is what the keys do; a key that is taken over is said so.
 */
import { shortcut_ids } from '../commands.js';
import { el, list, openDialog, setAttribute, setText } from '../dom.js';
import { keyFrom, keyName } from '../shortcuts.js';
import { words } from '../strings.js';

/** @param {{version: string, commands: import('../commands.js').Commands}} options */
export function showShortcutSheet({ version, commands }) {
  const told = el('p', { class: 'hint', role: 'status', test: 'shortcut-told' });
  const rows = el('dl', { class: 'keys' });
  const single_keys = el('input', {
    type: 'checkbox',
    checked: commands.single_keys.on,
    test: 'shortcuts-enabled',
    onchange: () => (commands.single_keys.on = single_keys.checked),
  });

  function show() {
    list(
      rows,
      shortcut_ids,
      (id) => id,
      (id) => createRow(id),
    );
  }

  /** @param {import('../commands.js').ShortcutId} id */
  function createRow(id) {
    const key = el('kbd');
    const change = el(
      'button',
      { type: 'button', class: 'quiet small', test: `shortcut-${id}`, onclick: ask, onkeydown: take, onblur: leave },
      key,
    );
    let asking = false;

    function ask() {
      asking = true;
      setText(told, words.shortcuts.how);
      update();
    }

    function leave() {
      asking = false;
      update();
    }

    /** @param {KeyboardEvent} event */
    function take(event) {
      if (!asking || event.key === 'Tab') return;
      event.preventDefault();
      event.stopPropagation();
      const pressed = keyFrom(event);
      if (!pressed) return;
      if (pressed !== 'Escape') bind(['Backspace', 'Delete'].includes(pressed) ? '' : pressed);
      asking = false;
      show();
    }

    /** @param {string} pressed */
    function bind(pressed) {
      const other = commands.withKey(pressed);
      commands.bind(id, pressed);
      const taken = other && other !== id;
      setText(told, taken ? words.shortcuts.taken(keyName(pressed), words.commands[other]) : words.shortcuts.kept);
    }

    function update() {
      const bound = commands.keyOf(id);
      setText(key, asking ? words.shortcuts.press : bound ? keyName(bound) : words.shortcuts.none);
      setAttribute(key, 'data-empty', !asking && !bound);
      setAttribute(change, 'aria-label', `${words.commands[id]}: ${key.textContent}. ${words.shortcuts.change}`);
    }
    return { node: el('div', {}, el('dt', {}, change), el('dd', { text: words.commands[id] })), update };
  }

  const dialog = openDialog(
    'shortcuts-dialog',
    words.shortcuts.heading,
    el('p', { class: 'hint', text: words.shortcuts.hint }),
    rows,
    el(
      'dl',
      { class: 'keys fixed' },
      ...words.shortcuts.rows.map(([keys, what]) =>
        el('div', {}, el('dt', {}, el('kbd', { text: keys })), el('dd', { text: what })),
      ),
    ),
    told,
    el('label', { class: 'check' }, single_keys, words.shortcuts.single_keys),
    el(
      'div',
      { class: 'dialog-buttons' },
      el('button', { type: 'button', autofocus: true, onclick: () => dialog.close(), text: words.close }),
      el('button', {
        type: 'button',
        class: 'quiet',
        test: 'shortcuts-reset',
        onclick: () => {
          commands.forgetKeys();
          show();
        },
        text: words.shortcuts.reset,
      }),
      el('span', { class: 'hint', text: words.shortcuts.version(version) }),
    ),
  );
  dialog.classList.add('sheet');
  show();
}
