/*
 * The contact card: who writes, from which numbers, on which channels, what is known about them, and the facts of this
 * interaction.
 *
 * Invariant: what is shown is what the server has; the form in which it is changed is apart (`contact_form.js`).
 */
import { openContactOrders } from '../contact_orders.js';
import { el, icon, list, setAttribute, setText } from '../dom.js';
import { moment, running, serverNow, shortMoment } from '../clock.js';
import { agentName, queueName } from '../floor.js';
import { words } from '../strings.js';
import { createContactForm } from './contact_form.js';

const TINTS = 6;

/**
 * @typedef {import('../floor.js').Contact} Contact
 * @typedef {import('../floor.js').Interaction} Interaction
 */

/** The number, or whatever else the contact is known by. @param {Contact} contact */
export const addressText = (contact) =>
  (contact.addresses.find((one) => one.kind === 'phone') ?? contact.addresses[0])?.value ?? `#${contact.id}`;

/** Initials on a tint that stays with the person. @param {{id: number, name: string}} person */
export function avatar(person) {
  const letters = person.name.split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  const initials = (letters.length > 1 ? [letters[0], /** @type {string} */ (letters.at(-1))] : letters)
    .map((word) => [...word][0].toUpperCase())
    .join('');
  return el('span', { class: `avatar tint-${person.id % TINTS}`, 'aria-hidden': 'true', text: initials || '#' });
}

/**
 * Who the contact is: name, tags, attributes and numbers, to be changed in place. `more` comes below.
 * @param {ReturnType<typeof openContactOrders>} orders
 * @param {...HTMLElement} more
 */
export function createContactCard(orders, ...more) {
  const face = el('span', { class: 'face' });
  const name = el('p', { class: 'contact-name', dir: 'auto', test: 'contact-name' });
  const profile = el('p', { class: 'hint', dir: 'auto' });
  const edit = el(
    'button',
    { type: 'button', class: 'small', test: 'contact-edit', onclick: () => form.open() },
    words.contact.edit,
  );
  const tags = el('ul', { class: 'tags', 'aria-label': words.contact.tags });
  const attributes = el('dl');
  const addresses = createAddresses(orders);
  const form = createContactForm(orders, {
    closed() {
      card.hidden = false;
      edit.focus();
    },
    opened: () => (card.hidden = true),
  });
  const marketing = el('p', { class: 'hint', test: 'contact-no-marketing', text: words.contact.no_marketing });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'block-trouble' });
  let sure = false;
  // A second click, so that nobody is shut out by the first.
  const block = el('button', {
    type: 'button',
    class: 'quiet small',
    test: 'contact-block',
    async onclick() {
      if (!shown) return;
      if (!shown.blocked && !sure) {
        sure = true;
        return drawBlock();
      }
      trouble.textContent = '';
      try {
        await orders.setBlocked(shown.id, !shown.blocked);
      } catch (error) {
        trouble.textContent = /** @type {Error} */ (error).message;
      }
    },
    onblur() {
      sure = false;
      drawBlock();
    },
  });
  function drawBlock() {
    setText(block, shown?.blocked ? words.contact.unblock : sure ? words.contact.block_sure : words.contact.block);
  }
  const card = el(
    'div',
    { class: 'contact-card' },
    el('div', { class: 'contact-head' }, face, el('div', { class: 'contact-names' }, name, profile), edit),
    tags,
    attributes,
    el('section', {}, el('h3', { text: words.contact.numbers }), addresses.node),
    ...more,
    el('section', {}, marketing, trouble, block),
  );
  /** @type {Contact|null} */
  let shown = null;

  return {
    node: el('div', { class: 'contact', test: 'contact' }, card, form.node),
    isSeen: () => card.checkVisibility(),
    /** @param {Contact} contact */
    update(contact) {
      if (shown === contact) return;
      shown = contact;
      face.replaceChildren(avatar(contact));
      setText(name, contact.name || addressText(contact));
      const differs = contact.profile_name && contact.profile_name !== contact.name;
      setText(profile, differs ? words.contact.profile_name(/** @type {string} */ (contact.profile_name)) : '');
      profile.hidden = !differs;
      tags.replaceChildren(...contact.tags.map((tag) => el('li', { class: 'tag', dir: 'auto', text: tag })));
      tags.hidden = contact.tags.length === 0;
      drawPairs(
        attributes,
        contact.attributes.map(({ key, value }) => [key, value]),
      );
      attributes.hidden = contact.attributes.length === 0;
      addresses.update(contact);
      form.update(contact);
      marketing.hidden = !contact.marketing_stopped;
      sure = false;
      drawBlock();
    },
  };
}

/** @param {import('../app.js').Context} context @param {Interaction} first */
export function createContact(context, first) {
  const { state } = context.floor;
  const orders = openContactOrders(context.floor);
  const channels = el('ul', { class: 'channels' });
  const facts = el('dl');
  const card = createContactCard(
    orders,
    el('section', {}, el('h3', { text: words.contact.channels }), channels),
    el('section', {}, el('h3', { text: words.contact.interaction }), facts),
  );
  /** @type {Interaction|null} */
  let shown = null;
  /** @type {import('../contact_orders.js').ConversationRow[]} */
  let conversations = [
    { id: first.conversation_id, channel_id: first.channel_id, window_until: first.window_until, last_at: null },
  ];
  let asked = false;

  /** The other channels are worth a question only when somebody looks. */
  async function ask() {
    if (asked) return;
    asked = true;
    try {
      conversations = (await orders.read(first.contact.id)).conversations;
      tick();
    } catch {
      // The card shows what the interaction knows; the next look asks again.
      asked = false;
    }
  }

  function tick() {
    if (!shown || !card.isSeen()) return;
    ask();
    drawPairs(facts, factsOf(state, shown));
    drawChannels(state, channels, conversations, shown);
  }

  return {
    node: card.node,
    /** @param {Interaction} interaction */
    update(interaction) {
      card.update(interaction.contact);
      shown = interaction;
      tick();
    },
    tick,
  };
}

/** @param {HTMLElement} place @param {[string, string][]} pairs */
function drawPairs(place, pairs) {
  list(
    place,
    pairs.map(([label, value], index) => ({ label, value, index })),
    ({ label, index }) => `${label} ${index}`,
    ({ label }) => {
      const said = el('dd', { dir: 'auto' });
      return {
        node: el('div', {}, el('dt', { dir: 'auto', text: label }), said),
        update: (pair) => setText(said, pair.value),
      };
    },
  );
}

/** @param {import('../floor.js').State} state @param {Interaction} interaction @returns {[string, string][]} */
function factsOf(state, interaction) {
  const ended_by = words.contact.ended_by[/** @type {'agent'} */ (interaction.end_reason)] ?? '';
  const ended =
    interaction.state === 'ended' && interaction.ended_at && `${moment(interaction.ended_at)} ${ended_by}`.trim();
  /** @type {[string, string|0|null|false][]} */
  const facts = [
    [words.contact.queue, queueName(state, interaction.queue_id)],
    [words.contact.owner, agentName(state, interaction.owner_id)],
    [words.contact.began, moment(interaction.created_at)],
    [words.contact.ended, ended],
    [words.contact.number, `#${interaction.id}`],
  ];
  return facts.flatMap(([label, value]) => (value ? [/** @type {[string, string]} */ ([label, value])] : []));
}

/**
 * @param {import('../floor.js').State} state @param {HTMLElement} place
 * @param {import('../contact_orders.js').ConversationRow[]} conversations @param {Interaction} interaction
 */
function drawChannels(state, place, conversations, interaction) {
  list(
    place,
    conversations,
    (one) => one.id,
    () => {
      const name = el('span', { class: 'channel-name', dir: 'auto' });
      const until = el('span', { class: 'window' });
      const last = el('span', { class: 'hint' });
      return {
        node: el('li', { test: 'contact-channel' }, name, until, last),
        update(one) {
          const channel = state.channels.find((each) => each.id === one.channel_id);
          const current = one.id === interaction.conversation_id;
          const left_ms = ((current ? interaction.window_until : one.window_until) ?? 0) - serverNow();
          setText(
            name,
            channel ? `${channel.name} ${channel.display_number.replaceAll(' ', '\u00a0')}` : `#${one.channel_id}`,
          );
          setText(until, left_ms > 0 ? words.contact.window_open(running(left_ms)) : words.contact.window_closed);
          setAttribute(until, 'data-open', left_ms > 0);
          setText(
            last,
            current ? words.contact.this_channel : one.last_at ? words.contact.last(shortMoment(one.last_at)) : '',
          );
        },
      };
    },
  );
}

/**
 * Numbers and other addresses: add one, remove one after a second click.
 * @param {ReturnType<typeof openContactOrders>} orders
 */
function createAddresses(orders) {
  /** @type {Contact|null} */
  let contact = null;
  const rows = el('ul', { class: 'addresses' });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'address-trouble' });
  const number = el('input', {
    type: 'tel',
    id: 'contact-new-number',
    test: 'contact-new-number',
    'aria-label': words.contact.new_number,
    placeholder: words.contact.new_number_example,
    required: true,
    autocomplete: 'off',
  });
  const begin = el(
    'button',
    { type: 'button', class: 'quiet small add', test: 'contact-add-number', onclick: () => open(true) },
    icon('plus'),
    el('span', { text: words.contact.add_number }),
  );
  const form = el(
    'form',
    {
      class: 'inline-form',
      hidden: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        give(async () => {
          await orders.addNumber(/** @type {Contact} */ (contact).id, number.value.trim());
          open(false);
        });
      },
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && open(false),
    },
    number,
    el('button', { type: 'submit', class: 'primary', test: 'contact-save-number', text: words.contact.add }),
    el('button', { type: 'button', class: 'quiet', onclick: () => open(false), text: words.cancel }),
  );

  /** @param {boolean} wanted */
  function open(wanted) {
    form.hidden = !wanted;
    begin.hidden = wanted;
    trouble.textContent = '';
    number.value = '';
    (wanted ? number : begin).focus();
  }

  /** @param {() => Promise<void>} order */
  async function give(order) {
    trouble.textContent = '';
    try {
      await order();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Contact['addresses'][0]} address */
  function createRow(address) {
    let sure = false;
    const remove = el('button', {
      type: 'button',
      class: 'quiet small',
      test: 'contact-remove-number',
      onclick() {
        if (sure) return give(() => orders.removeAddress(/** @type {Contact} */ (contact).id, address));
        sure = true;
        name();
      },
      onblur() {
        sure = false;
        name();
      },
    });
    function name() {
      remove.replaceChildren(sure ? words.contact.remove_sure : icon('close'));
      setAttribute(remove, 'aria-label', words.contact.remove_number(address.value, sure));
    }
    name();
    return {
      node: el(
        'li',
        { test: 'contact-address' },
        el('span', {
          class: 'kind',
          text: words.contact.kinds[/** @type {'phone'} */ (address.kind)] ?? words.contact.other_kind,
        }),
        el('span', { class: 'value', dir: 'ltr', text: address.value }),
        remove,
      ),
      update: () => (remove.hidden = contact?.addresses.length === 1),
    };
  }

  return {
    node: el('div', {}, rows, trouble, begin, form),
    /** @param {Contact} now */
    update(now) {
      contact = now;
      list(rows, now.addresses, (one) => `${one.kind} ${one.value}`, createRow);
    },
  };
}
