/*
 * My work: what is offered, active, ended but not Done, and parked, with unread counts and how long a contact waits.
 *
 * Invariants: rows keep their node and their place while they change; urgency is told by a shape and words as well as by
 * a colour.
 */
import { el, heard, icon, list, rows, setAttribute, setText } from '../dom.js';
import { moment, running, serverNow, shortMoment } from '../clock.js';
import { agentName, myWork, pendingLevel } from '../floor.js';
import { oneLine } from '../formatting.js';
import { words } from '../strings.js';
import { addressText, avatar } from './contact.js';
import { presenceWords } from './header.js';
import { lineOf } from './media.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

const LEVEL_ICONS = /** @type {const} */ ({ green: 'clock', yellow: 'late', red: 'failed' });

/** @param {import('../app.js').Context} context */
export function createWorkList(context) {
  const { floor, actions } = context;
  const { state } = floor;
  const groups = el('div', { class: 'groups' });
  const empty_hint = el('p');
  const empty = el(
    'div',
    { class: 'empty', test: 'work-empty' },
    icon('bell'),
    el('p', { class: 'empty-title', text: words.work.empty }),
    empty_hint,
  );
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const presence = el('span');
  const ready = el('button', {
    type: 'button',
    class: 'small',
    test: 'presence-hint-ready',
    onclick: setReady,
    text: words.presence.go_ready,
  });
  const not_ready = el('div', { class: 'not-ready' }, el('p', {}, presence), ready, trouble);

  async function setReady() {
    trouble.textContent = '';
    try {
      await actions.setPresence('ready', null);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  return {
    node: el(
      'nav',
      { class: 'work', 'aria-label': words.work.heading },
      el('h2', { class: 'heard', text: words.work.heading }),
      not_ready,
      groups,
      empty,
    ),
    update() {
      const work = myWork(state);
      list(
        groups,
        work,
        (group) => group.name,
        (group) => createGroup(context, group.name),
      );
      empty.hidden = work.length > 0;
      const at = state.me?.presence;
      const offerable = at?.state === 'ready';
      not_ready.hidden = offerable;
      setText(empty_hint, offerable ? words.work.empty_ready : words.work.empty_other);
      if (at && !offerable) setText(presence, `${presenceWords(at)}. ${words.presence.no_work}`);
    },
    tick() {
      for (const group of rows(groups)) group.tick?.();
    },
  };
}

/** @param {import('../app.js').Context} context @param {keyof typeof words.work.groups} name */
function createGroup(context, name) {
  const count = el('span', { class: 'count' });
  const items = el('ul');
  return {
    node: el('section', { class: `group ${name}` }, el('h3', {}, words.work.groups[name], count), items),
    /** @param {{interactions: Interaction[]}} group */
    update({ interactions }) {
      setText(count, String(interactions.length));
      list(
        items,
        interactions,
        (one) => one.id,
        (one) => createItem(context, one.id),
      );
    },
    tick() {
      for (const item of rows(items)) item.tick?.();
    },
  };
}

/** @param {import('../app.js').Context} context @param {number} id */
function createItem({ floor, drafts, go }, id) {
  const { state } = floor;
  /** @type {Interaction|null} */
  let shown = null;
  const name = el('span', { class: 'name', dir: 'auto' });
  const when = el('time');
  const preview = el('span', { class: 'preview', dir: 'auto' });
  const unread = el('span', { class: 'unread' });
  const pending_icon = el('span', { class: 'pending-icon' });
  const pending_time = el('span', { 'aria-hidden': 'true' });
  const pending_words = heard('');
  const pending = el('span', { class: 'pending' }, pending_icon, pending_time, pending_words);
  const face = el('span', { class: 'face' });
  const link = el(
    'a',
    { class: 'item', href: `#/interaction/${id}`, test: 'work-item', 'data-interaction': id, onkeydown: write },
    face,
    el('span', { class: 'item-top' }, name, when),
    el('span', { class: 'item-bottom' }, preview, pending, unread),
  );

  /** Enter opens and goes to the message field; a click only opens. @param {KeyboardEvent} event */
  function write(event) {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    go(id, true);
  }

  function tick() {
    if (!shown) return;
    pending.hidden = shown.pending_since === null || shown.state === 'ended';
    if (pending.hidden) return setAttribute(link, 'data-pending', null);
    const waited_ms = serverNow() - /** @type {number} */ (shown.pending_since);
    const level = pendingLevel(state, waited_ms);
    if (link.getAttribute('data-pending') !== level) pending_icon.replaceChildren(icon(LEVEL_ICONS[level]));
    setAttribute(link, 'data-pending', level);
    setText(pending_time, running(waited_ms));
    setText(pending_words, `${words.work.pending(running(waited_ms))} ${words.work.levels[level]}`);
  }

  return {
    node: el('li', {}, link),
    tick,
    /** @param {Interaction} interaction */
    update(interaction) {
      const selected = state.selected_id === id && state.page === 'work';
      setAttribute(link, 'aria-current', selected && 'true');
      const draft = selected ? '' : oneLine(drafts.get(`conversation.${interaction.conversation_id}`));
      const text = draft ? `${words.work.draft} ${draft}` : previewOf(state, interaction);
      setText(preview, text);
      setAttribute(preview, 'data-draft', draft !== '');
      if (interaction === shown) return;
      if (shown?.contact.name !== interaction.contact.name) face.replaceChildren(avatar(interaction.contact));
      shown = interaction;
      setText(name, interaction.contact.name || addressText(interaction.contact));
      const at = interaction.last_message?.at ?? interaction.created_at;
      setText(when, shortMoment(at));
      when.title = moment(at);
      unread.hidden = interaction.unread === 0;
      unread.replaceChildren(
        String(interaction.unread),
        heard(` ${words.work.unread(interaction.unread).replace(/^\S+ /u, '')}`),
      );
      setAttribute(link, 'data-failed', ['failed', 'unconfirmed'].includes(interaction.last_message?.delivery ?? ''));
      tick();
    },
  };
}

/** @param {import('../floor.js').State} state @param {Interaction} interaction */
function previewOf(state, interaction) {
  if (interaction.state === 'transferring' && interaction.owner_id === state.me?.id) {
    return `${words.work.transferring}: ${agentName(state, interaction.transfer?.to_agent_id)}`;
  }
  if (interaction.state === 'queued' || (interaction.state === 'offered' && interaction.owner_id === state.me?.id))
    return words.work.requeued;
  const message = interaction.last_message;
  if (!message) return words.work.no_message;
  const text = lineOf(message);
  if (message.delivery === 'failed' || message.delivery === 'unconfirmed')
    return `${words.delivery[message.delivery]}: ${text}`;
  return message.author.kind === 'agent' && message.author.agent_id === state.me?.id
    ? `${words.work.you} ${text}`
    : text;
}
