/*
 * Small choices about the page that a person makes once: which tab is in front, whether a part is folded away.
 *
 * Apart from the floor because they belong to a person and a browser, not to the centre. Invariant: a choice of one
 * person never shows to another; where storage is forbidden it lasts until the page is left.
 */

/** @type {Map<string, string>} */
const memory = new Map();

/** @param {number|undefined} agent_id */
export function openChoices(agent_id) {
  const prefix = `deskbell.choice.${agent_id}.`;
  return {
    /** @param {string} name @returns {string|null} */
    get(name) {
      try {
        return localStorage.getItem(prefix + name) ?? memory.get(prefix + name) ?? null;
      } catch {
        return memory.get(prefix + name) ?? null;
      }
    },
    /** @param {string} name @param {string} value */
    set(name, value) {
      memory.set(prefix + name, value);
      try {
        localStorage.setItem(prefix + name, value);
      } catch {
        // Kept in memory only.
      }
    },
  };
}
