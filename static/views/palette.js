/*
 * The command palette: a field, and under it every action that is possible now.
 *
 * Apart from the other dialogs for its pattern: a combobox whose list is shown as long as it is open; the focus stays in
 * the field, `aria-activedescendant` tells what Enter does. Invariant: it lists what `commands` gives, nothing else.
 */
import { labelOf } from '../commands.js';
import { el, openDialog, setAttribute, setText } from '../dom.js';
import { keyName } from '../shortcuts.js';
import { words } from '../strings.js';

/** More do not fit a screen, and typing one more letter is quicker than reading them. */
const SHOWN_MAX = 60;

/** @param {import('../commands.js').Commands} commands */
export function showPalette(commands) {
  const possible = commands.possible().filter(({ id }) => id !== 'palette');
  const all = possible.map((command) => ({ command, text: textOf(command) }));
  /** @type {{command: import('../commands.js').Command, node: HTMLElement}[]} */
  let shown = [];
  let at = 0;
  const options = el('ul', { id: 'palette-options', role: 'listbox', 'aria-label': words.palette.heading });
  const none = el('p', { class: 'hint', role: 'status' });
  const field = el('input', {
    type: 'text',
    role: 'combobox',
    test: 'palette-text',
    autofocus: true,
    autocomplete: 'off',
    spellcheck: 'false',
    dir: 'auto',
    'aria-label': words.palette.label,
    'aria-expanded': 'true',
    'aria-controls': 'palette-options',
    'aria-autocomplete': 'list',
    placeholder: words.palette.label,
    oninput: filter,
    onkeydown: pressed,
  });

  function filter() {
    const wanted = field.value.trim();
    const found = all
      .map(({ command, text }) => ({ command, score: wanted ? score(wanted, labelOf(command), text) : 1 }))
      .filter((one) => one.score > 0);
    if (wanted) found.sort((a, b) => b.score - a.score);
    shown = found.slice(0, SHOWN_MAX).map(({ command }, index) => ({ command, node: createOption(command, index) }));
    options.replaceChildren(...shown.map((one) => one.node));
    setText(none, words.palette.found(found.length));
    none.classList.toggle('heard', found.length > 0);
    point(0);
  }

  /** @param {import('../commands.js').Command} command @param {number} index */
  function createOption(command, index) {
    const key = commands.keyOf(command.id);
    return el(
      'li',
      {
        id: `palette-option-${index}`,
        role: 'option',
        test: 'palette-option',
        'data-command': command.id,
        onclick: () => choose(index),
        onpointermove: () => point(index),
      },
      el('span', { class: 'palette-label', dir: 'auto', text: labelOf(command) }),
      command.detail && el('small', { dir: 'auto', text: command.detail }),
      key && el('kbd', { text: keyName(key) }),
    );
  }

  /** @param {number} index */
  function point(index) {
    at = Math.max(0, Math.min(index, shown.length - 1));
    shown.forEach(({ node }, place) => setAttribute(node, 'aria-selected', String(place === at)));
    setAttribute(field, 'aria-activedescendant', shown[at]?.node.id);
    shown[at]?.node.scrollIntoView({ block: 'nearest' });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const page = 8;
    const place = {
      ArrowDown: at === shown.length - 1 ? 0 : at + 1,
      ArrowUp: at === 0 ? shown.length - 1 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
    }[event.key];
    if (place !== undefined) point(place);
    else if (event.key === 'Enter') choose(at);
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  function choose(index) {
    const command = shown[index]?.command;
    if (!command) return;
    // First the focus goes back where it was, so that the command may move it.
    dialog.addEventListener('close', () => command.run(), { once: true });
    dialog.close();
  }

  const dialog = openDialog('palette', words.palette.heading, field, options, none);
  dialog.classList.add('palette');
  filter();
}

/** @param {import('../commands.js').Command} command */
const textOf = (command) => [labelOf(command), command.detail, command.terms].filter(Boolean).join(' ');

/** Without case and accents, so that `rene` finds René. @param {string} text */
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * How well a command fits: the words of the query begin words of it, or its letters come in order, the closer the better.
 * 0: not at all.
 * @param {string} wanted
 * @param {string} label
 * @param {string} text the label and everything else it may be found by
 */
export function score(wanted, label, text) {
  const query = plain(wanted);
  const [in_label, in_text] = [plain(label), plain(text)];
  if (in_label.startsWith(query)) return 4;
  const begins = (/** @type {string} */ where) => {
    const starts = where.split(/[^\p{L}\p{N}+#]+/u);
    return query.split(/\s+/u).every((word) => starts.some((start) => start.startsWith(word)));
  };
  if (begins(in_label)) return 3;
  if (begins(in_text)) return 2;
  return closeness(query.replace(/\s+/gu, ''), in_label);
}

/** How close together the letters stand: up to 1, 0 where they do not come in order. @param {string} letters @param {string} where */
function closeness(letters, where) {
  let best = 0;
  for (let from = where.indexOf(letters[0]); from >= 0; from = where.indexOf(letters[0], from + 1)) {
    let place = from;
    for (const letter of letters.slice(1)) {
      place = where.indexOf(letter, place + 1);
      if (place < 0) return best;
    }
    best = Math.max(best, letters.length / (place - from + 1));
  }
  return best;
}
