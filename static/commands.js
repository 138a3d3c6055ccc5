/*
 * Every action of the page by its name: what the palette lists, what the keys do, what the sheet of shortcuts shows.
 *
 * Apart so that a view says once what can be done and need not know who asks. A view adds a source: a function that
 * gives the commands that are possible now. Invariants: a command that is not given cannot be run; a key belongs to one
 * command; a person's own keys are kept and win over the usual ones.
 */
import { words } from './strings.js';

/**
 * `label` may be left out where `words.commands` has one for the id. `group` and `detail` are shown beside it; `terms`
 * are more words to be found by.
 * @typedef {{id: string, run: () => void, label?: string, group?: string, detail?: string, terms?: string}} Command
 * @typedef {keyof typeof words.commands} ShortcutId
 */

/**
 * The commands that can have a key, with the usual one. One character is a single key; `Mod` is Ctrl or Cmd.
 * @type {Record<string, string>}
 */
const USUAL_KEYS = {
  palette: 'Mod+k',
  next: 'j',
  previous: 'k',
  accept: 'a',
  reject: 'r',
  answer: 'w',
  template: 'm',
  object: '',
  quote: 'q',
  react: 'e',
  note: 'n',
  disposition: 'o',
  done: 'd',
  transfer: 't',
  park: 'p',
  end: '',
  search: '/',
  find: 'f',
  case: '',
  contact: '',
  contact_history: '',
  responses: '',
  invite: '',
  my_work: '',
  open_work: '',
  communication: '',
  history: '',
  ready: '',
  not_ready: '',
  settings: '',
  help: '?',
};

/** @param {import('./preferences.js').Preferences} preferences */
export function openCommands(preferences) {
  /** @type {Set<() => Command[]>} */
  const sources = new Set();

  /** @returns {Record<string, string>} */
  function ownKeys() {
    try {
      return JSON.parse(preferences.get('keys') || '{}');
    } catch {
      return {};
    }
  }

  /** @param {string} id */
  const keyOf = (id) => ownKeys()[id] ?? USUAL_KEYS[id] ?? '';

  return {
    /** @param {() => Command[]} source @returns {() => void} takes it away */
    add(source) {
      sources.add(source);
      return () => sources.delete(source);
    },
    /** What can be done now, the latest source first: it is nearest to what the person does. @returns {Command[]} */
    possible: () => [...sources].reverse().flatMap((source) => source()),
    /** Does it where that is possible now. @param {string} id @returns {boolean} */
    run(id) {
      for (const source of sources) {
        const command = source().find((one) => one.id === id);
        if (!command) continue;
        command.run();
        return true;
      }
      return false;
    },
    keyOf,
    /** @param {string} key */
    withKey: (key) => (key ? shortcut_ids.find((id) => keyOf(id) === key) : undefined),
    /** The other command that had this key gives it up. @param {string} id @param {string} key empty for none */
    bind(id, key) {
      const keys = ownKeys();
      for (const other of shortcut_ids) if (other !== id && key && keyOf(other) === key) keys[other] = '';
      keys[id] = key;
      preferences.set('keys', JSON.stringify(keys));
    },
    /** All usual keys again. */
    forgetKeys: () => preferences.set('keys', ''),
    /** Keys of one character can be switched off as a whole. */
    single_keys: {
      get on() {
        return preferences.get('single_keys') !== 'off';
      },
      set on(on) {
        preferences.set('single_keys', on ? '' : 'off');
      },
    },
  };
}

/** @typedef {ReturnType<typeof openCommands>} Commands */

/** In the order of the sheet. */
export const shortcut_ids = /** @type {ShortcutId[]} */ (Object.keys(USUAL_KEYS));

/** @param {Command} command */
export const labelOf = (command) =>
  command.label ?? words.commands[/** @type {ShortcutId} */ (command.id)] ?? command.id;
