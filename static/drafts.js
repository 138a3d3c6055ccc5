/*
 * What the agent has written but not sent: kept for each conversation and each note while the tab lives.
 *
 * Apart so that the place can change (later the server keeps them) without touching the composer. Invariant: a draft
 * survives a lost connection, a new sign-in of the same agent and a reload; it never shows to another agent.
 */

/** @param {number} agent_id */
export function openDrafts(agent_id) {
  const prefix = `deskbell.draft.${agent_id}.`;
  /** @type {Map<string, string>} */
  const memory = new Map();
  return {
    /** @param {string} name */
    get(name) {
      return memory.get(name) ?? stored(prefix + name) ?? '';
    },
    /** @param {string} name @param {string} text an empty text forgets the draft */
    set(name, text) {
      memory.set(name, text);
      store(prefix + name, text);
    },
  };
}

/** Storage can be full or forbidden; the memory still holds the draft then. @param {string} name */
export function stored(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} text */
export function store(name, text) {
  try {
    if (text) sessionStorage.setItem(name, text);
    else sessionStorage.removeItem(name);
  } catch {
    // Nothing to do: see `stored`.
  }
}
