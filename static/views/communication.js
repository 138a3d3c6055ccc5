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
import { createWatchers } from './watchers.js';

const REFRESH_MS = 10_000;

/** @typedef {import('../directory.js').ConversationFacts} ConversationFacts */

/** @param {import('../app.js').Context} context */
export function createCommunication(context) {
  const { floor } = context;
  const { state } = floor;
  const contacts = createContactList(context);
  context.commands.add(() =>
    state.page === 'communication'
      ? [
          { id: 'search', label: words.communication.search, run: contacts.focusSearch },
          { id: 'new_contact', label: words.communication.add, run: contacts.add },
        ]
      : [],
  );
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
        el('div', { class: 'panes', role: 'group', 'aria-label': words.communication.panes_label }, ...panes),
      ),
      watchers,
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
    close: () => clearInterval(timer),
  };
}

/** The conversations of a contact, one for each channel, read only. @param {import('../app.js').Context} context @param {number} contact_id */
function createTalk({ floor, transcripts }, contact_id) {
  const { state } = floor;
  const tabs = el('div', { class: 'segments', role: 'group', 'aria-label': words.communication.channel_choice });
  const empty = el('p', { class: 'hint talk-empty', text: words.communication.never_talked });
  const place = el('div', { class: 'talk-place' });
  /** @type {number|null} chosen by hand */
  let wanted_id = null;
  /** @type {import('./transcript.js').Transcript|null} */
  let transcript = null;
  /** @type {number|null} */
  let shown_id = null;
  /** @type {number|null} */
  let jumped_to = null;

  /** The one that was used last, unless a person chose. @param {ConversationFacts[]} conversations */
  const chosen = (conversations) =>
    conversations.find((one) => one.id === wanted_id) ??
    conversations.toSorted((a, b) => (b.last_at ?? 0) - (a.last_at ?? 0))[0];

  /** @param {ConversationFacts[]} conversations */
  function show(conversations) {
    const now = chosen(conversations);
    place.hidden = now === undefined;
    for (const tab of tabs.children) setAttribute(tab, 'aria-pressed', String(tab === tabOf.get(now?.id ?? 0)));
    // The view may have stood elsewhere meanwhile.
    if (!now || (shown_id === now.id && transcript?.parentNode === place)) return;
    shown_id = now.id;
    transcript = transcripts.take(now.id, null);
    place.replaceChildren(transcript);
  }

  /** @type {Map<number, HTMLElement>} */
  const tabOf = new Map();

  return {
    node: el('section', { class: 'talk', 'aria-label': words.communication.panes.conversation }, tabs, empty, place),
    conversation_id: () => shown_id,
    /** @param {import('../directory.js').ContactRow} row */
    update({ conversations }) {
      empty.hidden = !conversations || conversations.length > 0;
      tabs.hidden = (conversations?.length ?? 0) < 2;
      list(
        tabs,
        conversations ?? [],
        (one) => one.id,
        (one) => createTab(one),
      );
      if (!conversations) return;
      const jumps = state.message_id !== null && state.message_id !== jumped_to;
      if (jumps) wanted_id = state.conversation_id ?? wanted_id;
      show(conversations);
      if (jumps) {
        jumped_to = state.message_id;
        transcript?.jumpTo(/** @type {number} */ (jumped_to));
      }
    },
    refresh: () => transcript?.refresh(),
  };

  /** @param {ConversationFacts} conversation */
  function createTab({ id, channel_id }) {
    const name = state.channels.find((channel) => channel.id === channel_id)?.name ?? `#${channel_id}`;
    const node = el('button', { type: 'button', onclick: choose, text: name });
    tabOf.set(id, node);
    function choose() {
      wanted_id = id;
      const row = state.directory.opened;
      if (row?.contact.id === contact_id) show(row.conversations ?? []);
    }
    return { node };
  }
}
