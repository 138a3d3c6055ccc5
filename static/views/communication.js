/*
 * Communication: the contacts of the centre; for the chosen one Contact Information and, on the right, all that was ever
 * said with it, whoever handled it. On a narrow screen list, information and conversation take turns.
 *
 * Invariant: what is shown of a contact follows the news of the own desktop at once and everything else within
 * `REFRESH_MS`, for the server tells an agent the news of the own desktop only.
 */
import { el, icon, list, setAttribute, setText } from '../dom.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';
import { addressText } from './contact.js';
import { createContactInformation } from './contact_information.js';
import { createContactList } from './contact_list.js';
import { createTranscript } from './conversation.js';
import { createWatchers } from './watchers.js';

const REFRESH_MS = 10_000;

/** @param {import('../app.js').Context} context */
export function createCommunication(context) {
  const { floor } = context;
  const { state } = floor;
  const contacts = createContactList(context);
  const nothing = el(
    'section',
    { class: 'contact-page nothing', 'aria-label': words.communication.contact_region },
    el(
      'div',
      {},
      icon('person'),
      el('p', { class: 'empty-title', text: words.communication.choose }),
      el('p', { text: words.communication.choose_hint }),
    ),
  );
  const node = el(
    'section',
    { class: 'communication', test: 'communication-page', 'aria-labelledby': 'communication-heading' },
    el('h2', { class: 'heard', id: 'communication-heading', text: words.communication.page }),
  );
  /** @type {ReturnType<typeof createContactPage>|null} */
  let page = null;

  return {
    node,
    update() {
      contacts.update();
      if (page && page.id !== state.contact_id) {
        page.close();
        page = null;
      }
      if (state.contact_id !== null && !page) page = createContactPage(context, state.contact_id);
      list(
        node,
        [
          { key: 'contacts', node: contacts.node },
          page ? { key: `contact ${page.id}`, node: page.node } : { key: 'nothing', node: nothing },
        ],
        (part) => part.key,
        (part) => part,
      );
      node.dataset.showing = page ? 'contact' : 'list';
      page?.update();
    },
    tick: () => page?.tick(),
    /** @param {number} step */
    move: contacts.move,
    close() {
      page?.close();
      page = null;
    },
  };
}

/** @param {import('../app.js').Context} context @param {number} id */
function createContactPage(context, id) {
  const { floor, directory } = context;
  const { state } = floor;
  const name = el('h2', { dir: 'auto' });
  const number = el('bdi');
  const facts = el('p', { class: 'facts' }, number);
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const back = el(
    'a',
    { class: 'button quiet square back', href: '#/communication', test: 'contact-back', 'aria-label': words.back },
    icon('back'),
  );
  const panes = /** @type {const} */ (['information', 'conversation']).map((pane) =>
    el('button', {
      type: 'button',
      'data-pane': pane,
      test: `contact-pane-${pane}`,
      onclick: () => showPane(pane),
      text: words.communication.panes[pane],
    }),
  );
  const watchers = createWatchers(context);
  const information = createContactInformation(context);
  const talk = createTalk(context, id);
  const node = el(
    'section',
    { class: 'contact-page', test: 'contact-page', 'aria-label': words.communication.contact_region },
    el(
      'header',
      { class: 'head' },
      el(
        'div',
        { class: 'head-row' },
        back,
        el('div', { class: 'who' }, name, facts),
        watchers,
        el('div', { class: 'panes', role: 'group', 'aria-label': words.communication.panes_label }, ...panes),
      ),
      trouble,
    ),
    el('div', { class: 'contact-parts' }, information.node, talk.node),
  );

  /** @param {'information'|'conversation'} pane */
  function showPane(pane) {
    node.dataset.pane = pane;
    for (const one of panes) setAttribute(one, 'aria-pressed', String(one.dataset.pane === pane));
  }
  showPane('information');

  function refresh() {
    if (document.visibilityState !== 'visible' || !node.isConnected) return;
    directory.openContact(id);
    talk.refresh();
  }
  directory.openContact(id);
  const timer = setInterval(refresh, REFRESH_MS);

  return {
    id,
    node,
    update() {
      setText(trouble, state.directory.opened_trouble ?? '');
      const row = state.directory.opened;
      if (row?.contact.id !== id) return;
      setText(name, row.contact.name || addressText(row.contact));
      setText(number, row.contact.name ? addressText(row.contact) : '');
      information.update(row);
      talk.update(row);
      watchers.watch(talk.conversation_id());
    },
    tick: information.tick,
    close() {
      clearInterval(timer);
      talk.close();
    },
  };
}

/** The conversations of a contact, one for each channel, read only. @param {import('../app.js').Context} context @param {number} contact_id */
function createTalk(context, contact_id) {
  const { floor, actions } = context;
  const { state } = floor;
  const tabs = el('div', { class: 'segments', role: 'group', 'aria-label': words.communication.channel_choice });
  const empty = el('p', { class: 'hint talk-empty', text: words.communication.never_talked });
  const place = el('div', { class: 'talk-place' });
  /** @type {number|null} chosen by hand */
  let wanted_id = null;
  /** @type {{conversation_id: number, transcript: ReturnType<typeof createTranscript>}|null} */
  let shown = null;

  /** @param {import('../directory.js').ConversationFacts[]} conversations the one that was used last comes first */
  const chosen = (conversations) =>
    conversations.find((one) => one.id === wanted_id) ??
    conversations.toSorted((a, b) => (b.last_at ?? 0) - (a.last_at ?? 0))[0];

  /** @param {number} conversation_id */
  function show(conversation_id) {
    if (shown?.conversation_id === conversation_id) return;
    shown?.transcript.close();
    // A negative id is no interaction: there is nothing to be marked as read and nobody to answer.
    const reading = /** @type {import('../floor.js').Interaction} */ ({ id: -conversation_id, conversation_id });
    shown = { conversation_id, transcript: createTranscript(context, reading, () => {}) };
    place.replaceChildren(shown.transcript.node);
  }

  return {
    node: el('section', { class: 'talk', 'aria-label': words.communication.panes.conversation }, tabs, empty, place),
    conversation_id: () => shown?.conversation_id ?? null,
    /** @param {import('../directory.js').ContactRow} row */
    update(row) {
      const conversations = row.conversations ?? [];
      const now = chosen(conversations);
      empty.hidden = !row.conversations || now !== undefined;
      place.hidden = now === undefined;
      tabs.hidden = conversations.length < 2;
      list(
        tabs,
        conversations,
        (one) => one.id,
        (one) => createTab(one, () => ((wanted_id = one.id), (location.hash = contactPath(contact_id)), this.update(row))),
      );
      for (const tab of tabs.children)
        setAttribute(tab, 'aria-pressed', String(Number(/** @type {HTMLElement} */ (tab).dataset.conversation) === now?.id));
      if (now) show(now.id);
      shown?.transcript.update();
    },
    refresh() {
      if (shown) actions.loadNewest(shown.conversation_id);
    },
    close: () => shown?.transcript.close(),
  };

  /** @param {import('../directory.js').ConversationFacts} conversation @param {() => void} onclick */
  function createTab({ id, channel_id }, onclick) {
    const name = state.channels.find((channel) => channel.id === channel_id)?.name ?? `#${channel_id}`;
    return { node: el('button', { type: 'button', 'data-conversation': id, onclick, text: name }) };
  }
}
