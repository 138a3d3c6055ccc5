/*
 * Field codes: `{{contact.first_name}}` in a prepared text stands for a fact of this contact, agent or interaction.
 *
 * Apart and pure because the same rule decides three times: what a response becomes, what is marked in the message
 * field, and whether a message may go out. Invariant: a code that has no value stays as it is, so that nobody sends a
 * hole; the server refuses such a message again.
 *
 * Codes: contact.name, contact.first_name, contact.last_name, contact.phone, contact.attribute.KEY, agent.name,
 * agent.first_name, queue.name, channel.name, channel.number, interaction.id, date.today, time.now, case.KEY. First and
 * last names that nobody has entered are the first and the last word of the name.
 */

/**
 * @typedef {{contact: import('./floor.js').Contact, agent: {name: string}, queue: {name: string}|undefined,
 *   channel: {name: string, display_number: string}|undefined, interaction: {id: number},
 *   case_data: {key: string, value: string}[], date: string, time: string}} Facts
 */

const CODE = /\{\{\s*([\p{L}\p{N}_.-]+(?: [\p{L}\p{N}_.-]+)*)\s*\}\}/gu;

/** @param {string} name */
const wordsOf = (name) => name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));

/**
 * The value of a code, null when there is none.
 * @param {string} code
 * @param {Facts} facts
 * @returns {string|null}
 */
export function valueOf(code, facts) {
  const { contact, agent, queue, channel, interaction, case_data, date, time } = facts;
  /** @type {Record<string, () => string|number|null|undefined>} */
  const plain = {
    'contact.name': () => contact.name,
    'contact.first_name': () => contact.first_name ?? wordsOf(contact.name)[0],
    'contact.last_name': () => contact.last_name ?? wordsOf(contact.name).slice(1).at(-1),
    'contact.phone': () => contact.addresses.find((one) => one.kind === 'phone')?.value,
    'agent.name': () => agent.name,
    'agent.first_name': () => wordsOf(agent.name)[0],
    'queue.name': () => queue?.name,
    'channel.name': () => channel?.name,
    'channel.number': () => channel?.display_number,
    'interaction.id': () => interaction.id,
    'date.today': () => date,
    'time.now': () => time,
  };
  const named = (/** @type {{key: string, value: string}[]} */ rows, /** @type {string} */ key) =>
    rows.find((row) => row.key.toLowerCase() === key.toLowerCase())?.value;
  const value = Object.hasOwn(plain, code)
    ? plain[code]()
    : code.startsWith('contact.attribute.')
      ? named(contact.attributes, code.slice('contact.attribute.'.length))
      : code.startsWith('case.')
        ? named(case_data, code.slice('case.'.length))
        : null;
  return value === undefined || value === null || value === '' ? null : String(value);
}

/** Fills in what has a value. @param {string} text @param {Facts} facts */
export const filled = (text, facts) => text.replace(CODE, (whole, code) => valueOf(code, facts) ?? whole);

/** The places of codes that are left, as [from, until]. @param {string} text @returns {[number, number][]} */
export const unresolved = (text) =>
  [...text.matchAll(CODE)].map((found) => [found.index, found.index + found[0].length]);
