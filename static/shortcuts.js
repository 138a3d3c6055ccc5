/*
 * From a pressed key to a command, and from a key to its name.
 *
 * Apart so that one place decides when a key is a command and when it is a letter. Invariants: nothing happens while a
 * person composes with an input method or has a dialog open; a single key does nothing in a field, in a menu, with a
 * modifier, or when the person has switched single keys off.
 */

/** @type {Record<string, string>} */
const ARROWS = { ArrowDown: 'next', ArrowUp: 'previous' };
const APPLE = /^(Mac|iP)/u.test(navigator.platform);
/** @type {Record<string, string>} */
const SIGNS = { Mod: APPLE ? '\u2318' : 'Ctrl', Alt: APPLE ? '\u2325' : 'Alt', Shift: APPLE ? '\u21e7' : 'Shift' };

/**
 * How a key is written down: `j`, `?`, `Mod+k`, `Alt+Shift+F2`. Null for a modifier alone, and for what an input method
 * or AltGr is busy with.
 * @param {KeyboardEvent} event
 */
export function keyFrom(event) {
  const { key } = event;
  // 229 is what some browsers give for a key that belongs to a composition.
  if (event.isComposing || event.keyCode === 229 || key === 'Dead') return null;
  if (event.getModifierState('AltGraph') || ['Control', 'Meta', 'Alt', 'Shift'].includes(key)) return null;
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  const parts = [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt'];
  if (event.shiftKey && (modified || key.length > 1)) parts.push('Shift');
  return [...parts.filter(Boolean), key.length === 1 ? key.toLowerCase() : key].join('+');
}

/** A key that is also a letter in a field. @param {string} key */
export const isSingle = (key) => !/^(Mod|Alt)\+/u.test(key) && !/^F\d/u.test(key);

/** For people. @param {string} key */
export function keyName(key) {
  const parts = key === '+' ? ['+'] : key.split('+');
  return parts.map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(APPLE ? '' : '+');
}

/** @param {import('./commands.js').Commands} commands @param {AbortSignal} signal */
export function listenForKeys(commands, signal) {
  addEventListener('keydown', (event) => pressed(event, commands), { signal });
}

/** @param {KeyboardEvent} event @param {import('./commands.js').Commands} commands */
function pressed(event, commands) {
  const key = event.defaultPrevented ? null : keyFrom(event);
  if (!key || document.querySelector('dialog[open]')) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.closest('input, textarea, select, [contenteditable], [popover]') !== null;
  const arrow = target === document.body || target.closest('.work') ? ARROWS[key] : undefined;
  const id = arrow ?? commands.withKey(key);
  if (!id || (isSingle(key) && (typing || (!arrow && !commands.single_keys.on)))) return;
  if (commands.run(id)) event.preventDefault();
}
