/*
 * Single-key shortcuts.
 *
 * Apart so that one place decides when a key is a command and when it is a letter. Invariant: nothing happens while a
 * person types, composes with an input method, holds a modifier, has a dialog open, or has switched the keys off.
 */

const SWITCH = 'deskbell.single_keys';

/** @typedef {'next'|'previous'|'accept'|'reject'|'search'|'help'} Command */

/** @type {Record<string, Command>} */
const KEYS = { j: 'next', k: 'previous', a: 'accept', r: 'reject', '/': 'search', '?': 'help' };
/** @type {Record<string, Command>} */
const ARROWS = { ArrowDown: 'next', ArrowUp: 'previous' };

/** The choice lasts where storage works; elsewhere until the page is left. */
let enabled = read();

function read() {
  try {
    return localStorage.getItem(SWITCH) !== 'off';
  } catch {
    return true;
  }
}

export const singleKeysEnabled = () => enabled;

/** @param {boolean} on */
export function enableSingleKeys(on) {
  enabled = on;
  try {
    localStorage.setItem(SWITCH, on ? 'on' : 'off');
  } catch {
    // Kept in memory only.
  }
}

/** @param {(command: Command) => void} order @param {AbortSignal} signal */
export function listenForKeys(order, signal) {
  addEventListener('keydown', (event) => pressed(event, order), { signal });
}

/** @param {KeyboardEvent} event @param {(command: Command) => void} order */
function pressed(event, order) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (
    target.closest('input, textarea, select, [contenteditable], dialog, [popover]') ||
    document.querySelector('dialog[open]')
  )
    return;
  const arrow = target === document.body || target.closest('.work') ? ARROWS[event.key] : undefined;
  const command = arrow ?? (enabled ? KEYS[event.key.toLowerCase()] : undefined);
  if (!command) return;
  event.preventDefault();
  order(command);
}
