/*
 * What a person has chosen for this browser: sound, notifications, keys, language, theme, density.
 *
 * Apart from the drafts because it stays when the tab goes and is the same in all tabs. Invariants: one person's choices
 * never show to another; where storage is forbidden a choice lasts until the page is left.
 */

import { languages } from './language.js';

/** What `start.js` needs before anybody has signed in: the choices of the person who was here last. */
const BEFORE_SIGN_IN = ['language', 'theme', 'density'];

/** @param {number} agent_id */
export function openPreferences(agent_id) {
  const prefix = `deskbell.${agent_id}.`;
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const ended = new AbortController();
  const tell = () => listeners.forEach((listener) => listener());

  addEventListener(
    'storage',
    (event) => {
      if (!event.key?.startsWith(prefix)) return;
      memory.delete(event.key.slice(prefix.length));
      tell();
    },
    { signal: ended.signal },
  );

  const preferences = {
    /** @param {string} name @returns {string} empty where nothing was chosen */
    get: (name) => memory.get(name) ?? read(prefix + name) ?? '',
    /** @param {string} name @param {string} value empty forgets the choice */
    set(name, value) {
      memory.set(name, value);
      write(prefix + name, value);
      tell();
    },
    /** Called when a choice has changed, in this tab or another. @param {() => void} listener */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => ended.abort(),
  };
  preferences.listen(() => show(preferences));
  show(preferences);
  return preferences;
}

/** @typedef {ReturnType<typeof openPreferences>} Preferences */

/** Makes the page look as chosen; another language needs the page anew. @param {{get: (name: string) => string}} preferences */
function show(preferences) {
  for (const name of BEFORE_SIGN_IN) write(`deskbell.${name}`, preferences.get(name));
  const root = document.documentElement;
  for (const name of ['theme', 'density']) {
    if (preferences.get(name)) root.dataset[name] = preferences.get(name);
    else delete root.dataset[name];
  }
  const chosen = preferences.get('language');
  const language = languages.includes(chosen) ? chosen : root.dataset.browserLanguage;
  // Without storage the next load could not know.
  if (language !== root.lang && (read('deskbell.language') ?? '') === chosen) location.reload();
}

/** @param {string} name */
export function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
export function write(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // The memory holds it.
  }
}
