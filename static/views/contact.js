/*
 * The contact card: who writes, from which numbers, to which channel, and the facts of this interaction.
 */
import { el, list, setText } from '../dom.js';
import { moment, running, serverNow } from '../clock.js';
import { agentName, queueName } from '../floor.js';
import { words } from '../strings.js';

const TINTS = 6;

/** @typedef {import('../floor.js').Contact} Contact */

/** The number, or whatever else the contact is known by. @param {Contact} contact */
export const addressText = (contact) =>
  (contact.addresses.find((one) => one.kind === 'phone') ?? contact.addresses[0])?.value ?? `#${contact.id}`;

/** Initials on a tint that stays with the contact. @param {Contact} contact */
export function avatar(contact) {
  const letters = contact.name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  const initials = (letters.length > 1 ? [letters[0], /** @type {string} */ (letters.at(-1))] : letters)
    .map((word) => [...word][0].toUpperCase())
    .join('');
  return el('span', { class: `avatar tint-${contact.id % TINTS}`, 'aria-hidden': 'true', text: initials || '#' });
}

/** @param {import('../app.js').Context} context */
export function createContact({ floor }) {
  const { state } = floor;
  const face = el('span', { class: 'face' });
  const name = el('p', { class: 'contact-name', dir: 'auto' });
  const facts = el('dl');
  /** @type {import('../floor.js').Interaction|null} */
  let shown = null;

  function tick() {
    if (!shown) return;
    list(
      facts,
      factsOf(shown),
      (fact) => fact[0] + fact[2],
      ([label]) => {
        const value = el('dd', { dir: 'auto' });
        return { node: el('div', {}, el('dt', { text: label }), value), update: (fact) => setText(value, fact[1]) };
      },
    );
  }

  /** @param {import('../floor.js').Interaction} interaction @returns {[string, string, number][]} label, value, number */
  function factsOf(interaction) {
    const channel = state.channels.find((one) => one.id === interaction.channel_id);
    const left_ms = (interaction.window_until ?? 0) - serverNow();
    const ended_by = words.contact.ended_by[/** @type {'agent'} */ (interaction.end_reason)] ?? '';
    /** @type {[string, string|number|boolean|null|undefined][]} */
    const facts_all = [
      ...interaction.contact.addresses.map(
        (one) =>
          /** @type {[string, string]} */ ([
            words.contact.kinds[/** @type {'phone'} */ (one.kind)] ?? words.contact.other_kind,
            one.value,
          ]),
      ),
      [words.contact.channel, channel && `${channel.name} ${channel.display_number.replaceAll(' ', '\u00a0')}`],
      [words.contact.window, left_ms > 0 ? words.contact.window_open(running(left_ms)) : words.contact.window_closed],
      [words.contact.queue, queueName(state, interaction.queue_id)],
      [words.contact.owner, agentName(state, interaction.owner_id)],
      [words.contact.began, moment(interaction.created_at)],
      [
        words.contact.ended,
        interaction.state === 'ended' && interaction.ended_at && `${moment(interaction.ended_at)} ${ended_by}`,
      ],
      [words.contact.number, `#${interaction.id}`],
    ];
    return facts_all.flatMap(([label, value], index) =>
      value ? [/** @type {[string, string, number]} */ ([label, value, index])] : [],
    );
  }

  return {
    node: el(
      'section',
      { class: 'contact-card', test: 'contact' },
      el('h3', { class: 'heard', text: words.contact.heading }),
      el('div', { class: 'contact-head' }, face, name),
      facts,
    ),
    /** @param {import('../floor.js').Interaction} interaction */
    update(interaction) {
      if (shown?.contact !== interaction.contact) face.replaceChildren(avatar(interaction.contact));
      shown = interaction;
      setText(name, interaction.contact.name || addressText(interaction.contact));
      tick();
    },
    tick,
  };
}
