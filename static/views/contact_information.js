/*
 * Contact Information: who it is, and for each channel the reply window and Create WhatsApp Interaction.
 *
 * Invariant: where an interaction is open already there is a way to it instead of a second one, whoever handles it.
 */
import { Problem } from '../api.js';
import { openContactOrders } from '../contact_orders.js';
import { el, list, rows as rowsOf, setAttribute, setText } from '../dom.js';
import { moment, running, serverNow, shortMoment } from '../clock.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';
import { createContactCard } from './contact.js';

/**
 * @typedef {import('../directory.js').ContactRow} ContactRow
 * @typedef {import('../floor.js').State['channels'][number]} Channel
 * @typedef {{interaction_id: number, owner_id: number|null, state: import('../floor.js').Interaction['state']|null}} Open
 */

const WINDOW_URGENT_MS = 60 * 60_000;

/** @param {import('../app.js').Context} context */
export function createContactInformation(context) {
  const { state } = context.floor;
  const card = createContactCard(openContactOrders(context.floor));
  const channels = el('ul', { class: 'channel-cards' });
  const open = createOpenBox(context);
  return {
    node: el(
      'section',
      { class: 'information', test: 'contact-information', 'aria-label': words.information.heading, tabindex: '0' },
      el('h3', { text: words.information.heading }),
      card.node,
      open.node,
      el('h3', { text: words.information.channels }),
      channels,
    ),
    /** @param {ContactRow} row */
    update(row) {
      card.update(row.contact);
      open.update(row);
      list(
        channels,
        state.channels.map((channel) => ({ channel, row })),
        ({ channel }) => `${row.contact.id} ${channel.id}`,
        ({ channel }) => createChannel(context, channel.id),
      );
    },
    tick() {
      for (const channel of rowsOf(channels)) channel.tick?.();
    },
  };
}

/** The interaction that is open with the contact. @param {import('../app.js').Context} context */
function createOpenBox({ floor }) {
  const { state } = floor;
  const text = el('p', { dir: 'auto' });
  const link = el('a', { class: 'button', test: 'open-interaction', text: words.information.go_to_open });
  const node = el('div', { class: 'open-box', test: 'open-box', hidden: true }, text, link);
  return {
    node,
    /** @param {ContactRow} row */
    update({ open }) {
      node.hidden = open === null;
      if (!open) return;
      setText(text, openWords(state, open));
      link.href = `#/interaction/${open.interaction_id}`;
    },
  };
}

/** @param {import('../floor.js').State} state @param {Open} open */
function openWords(state, { interaction_id, owner_id, state: at }) {
  const what = words.information.open(interaction_id, at ? words.states[at] : '');
  if (owner_id === state.me?.id) return `${what} ${words.information.open_mine}`;
  return owner_id === null
    ? `${what} ${words.information.open_nobody}`
    : `${what} ${words.information.open_other(agentName(state, owner_id))}`;
}

/** @param {import('../app.js').Context} context @param {number} channel_id */
function createChannel(context, channel_id) {
  const { floor, directory, go } = context;
  const { state } = floor;
  /** @type {{channel: Channel, row: ContactRow}|null} */
  let shown = null;
  const name = el('p', { class: 'channel-name', dir: 'auto' });
  const number = el('bdi', { class: 'channel-number' });
  const reply = el('p', { class: 'reply-window', test: 'reply-window' });
  const last = el('p', { class: 'hint' });
  const create = el('button', {
    type: 'button',
    class: 'primary wide',
    test: 'create-interaction',
    onclick: begin,
    text: words.information.create,
  });
  const hint = el('p', { class: 'hint' });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'create-trouble' });
  const way_out = el('a', {
    class: 'button wide',
    test: 'create-way-out',
    hidden: true,
    text: words.information.go_to_open,
  });

  async function begin() {
    if (!shown) return;
    create.disabled = true;
    trouble.textContent = '';
    way_out.hidden = true;
    try {
      go((await directory.createInteraction(shown.row.contact.id, channel_id)).id, true);
    } catch (error) {
      refuse(/** @type {Error} */ (error));
    }
    create.disabled = false;
  }

  /** @param {Error} error */
  function refuse(error) {
    trouble.textContent = error.message;
    if (!(error instanceof Problem) || error.code !== 'interaction_open' || !error.answer?.interaction_id) return;
    const { interaction_id, owner_id = null } = error.answer;
    trouble.textContent = openWords(state, { interaction_id, owner_id, state: null });
    way_out.href = `#/interaction/${interaction_id}`;
    way_out.hidden = false;
  }

  /** Whether the open interaction of the contact is known to run on this channel. @param {ContactRow} row */
  function isOpenHere({ open, conversations }) {
    if (!open) return false;
    const known = state.interactions.get(open.interaction_id)?.channel_id;
    if (known !== undefined) return known === channel_id;
    return state.channels.length === 1 || (conversations?.length === 1 && conversations[0].channel_id === channel_id);
  }

  /** @param {number} left_ms */
  function hintWords(left_ms) {
    if (shown?.channel.asynchronous === false) return words.information.asynchronous_off;
    if (create.hidden) return '';
    return left_ms > 0 ? words.information.create_hint : words.information.create_closed;
  }

  function tick() {
    if (!shown) return;
    const { row } = shown;
    const conversation = row.conversations?.find((one) => one.channel_id === channel_id);
    const left_ms = (conversation?.window_until ?? 0) - serverNow();
    setText(reply, replyWords(row, conversation, left_ms));
    setAttribute(reply, 'data-window', left_ms <= 0 ? 'closed' : left_ms < WINDOW_URGENT_MS ? 'urgent' : 'open');
    setText(hint, hintWords(left_ms));
  }

  return {
    node: el(
      'li',
      { class: 'channel-card', 'data-channel': channel_id },
      el('div', { class: 'channel-line' }, name, number),
      reply,
      last,
      create,
      hint,
      trouble,
      way_out,
    ),
    tick,
    /** @param {{channel: Channel, row: ContactRow}} entry */
    update(entry) {
      shown = entry;
      const { channel, row } = entry;
      const conversation = row.conversations?.find((one) => one.channel_id === channel_id);
      setText(name, channel.name);
      setText(number, channel.display_number);
      const last_at = conversation?.last_at ?? null;
      setText(last, last_at === null ? '' : words.information.last(shortMoment(last_at)));
      last.title = last_at === null ? '' : moment(last_at);
      create.hidden = channel.asynchronous === false || isOpenHere(row);
      if (create.hidden) way_out.hidden = true;
      tick();
    },
  };
}

/**
 * @param {ContactRow} row
 * @param {import('../directory.js').ConversationFacts|undefined} conversation
 * @param {number} left_ms
 */
function replyWords(row, conversation, left_ms) {
  if (!row.conversations) return words.loading;
  if (!conversation) return words.information.no_conversation;
  if (left_ms > 0) return words.information.window_open(running(left_ms));
  return conversation.window_until
    ? words.information.window_closed(moment(conversation.window_until))
    : words.information.window_never;
}
