/*
 * The start of the page: the sign-in gate, the workspace and its parts, the routes (`pages.js`).
 *
 * Invariants: one workspace at a time, and it belongs to one agent; leaving it closes the stream and all timers; drafts
 * and messages on their way out outlive it.
 *
 * Hooks for browser tests (`data-test`): sign-in-login, sign-in-password, sign-in-submit, sign-in-trouble, sign-in-reason;
 * presence-button, presence-ready, presence-not_ready, presence-after_call_work, presence-do_not_disturb,
 * presence-reason-REASON, sign-out, presence-hint-ready; offer (data-interaction), offer-accept, offer-reject;
 * work-item (data-interaction, data-pending), work-empty, open-work, open-work-page; transcript, message (data-message,
 * data-delivery), message-retry, message-edit, latest, line-day, line-chapter (data-interaction), line-fresh; composer-text, composer-send, window-closed, window-closing;
 * action-open, action-transfer, action-transfer-cancel, action-park, action-end, action-done, action-trouble, back,
 * pane-chat, pane-case, pane-side, fold; tab-NAME, panel-NAME (case, disposition, note, contact, conversation, history,
 * responses); done-dialog, done-disposition-field, done-disposition-option, done-end, done-park; sign-out-dialog,
 * sign-out-submit; transfer-dialog, transfer-agent, transfer-note, transfer-submit; case-value (data-key), case-status,
 * case-remove, case-add, case-new-name, case-new-value, case-new-save; disposition-chosen, disposition-hint,
 * disposition-clear, disposition-field, disposition-option; note-text, note-status; contact, contact-name, contact-edit,
 * contact-first-name, contact-last-name, contact-tags, contact-attribute, contact-add-attribute, contact-save,
 * contact-trouble, contact-conflict, contact-keep-mine, contact-take-theirs, contact-address, contact-add-number,
 * contact-new-number, contact-save-number, contact-remove-number, address-trouble, contact-channel; find-text,
 * find-hit (data-message), find-more, find-interaction; search-open, search-panel, search-text, search-status,
 * search-trouble, search-read-as, search-indexing, search-filter-NAME (author, when, has, is, queue, disposition),
 * search-typed-filter, search-clear-filters, search-order; history-filters, history-state (and -channel, -queue, -agent,
 * -disposition, -from, -until, -reset), history-item, history-head, history-note, history-jump, history-more;
 * responses-search, response-category, response; composer-preview, composer-codes, composer-next-code, shortcut-option,
 * emoji-open, emoji-panel, emoji-search, emoji, mark-bold (and -italic, -strike, -mono); banner, banner-hurry;
 * action-invite,
 * participants, participant, participant-leave, colleague-dialog, colleague, part-consult, part-conference,
 * colleague-submit, write-contact, write-internal, internal-text, internal-send; mention, mention-open, mention-close;
 * shortcuts-dialog, shortcuts-enabled, shortcuts-reset, shortcut-COMMAND, shortcut-told; palette, palette-text,
 * palette-option (data-command), palette-button; settings-dialog, setting-language, setting-theme, setting-density,
 * setting-sound, setting-sound-try, setting-notices, notices-state, settings; idle-dialog, idle-stay;
 * window-template, window-way-out, composer-template, template-dialog, template (data-name, data-language),
 * template-search, template-refresh, template-value, template-preview, template-trouble, template-send; quote, quoting,
 * quoting-close, message-quote, message-react, reaction (data-author), reaction-dialog, quick-emoji, reaction-remove;
 * composer-attach, composer-file, file-dialog, file-caption, file-progress, file-trouble, file-send, file-cancel;
 * media-image, media-video, media-audio, media-file, media-pending, media-again, location, card;
 * presence-after-work, presence-after-work-REASON, offer-preview (data-interaction), offer-show, updated, load-anew.
 * `<html data-rang>` counts how often the bell has rung.
 */
import { openActions } from './actions.js';
import { openAttention } from './attention.js';
import { Problem, request, whenSignInRequired, whenSlow } from './api.js';
import { everySecond, learnClock } from './clock.js';
import { openCommands } from './commands.js';
import { openDirectoryOrders } from './directory_orders.js';
import { el, list } from './dom.js';
import { openDrafts } from './drafts.js';
import { myWork, openFloor, selectedInteraction } from './floor.js';
import { watchIdle } from './idle.js';
import { installWorker } from './installed.js';
import { openOutgoing } from './outgoing.js';
import { contactPath, placeOf } from './pages.js';
import { openPreferences, read, write } from './preferences.js';
import { shellCommands } from './shell_commands.js';
import { listenForKeys } from './shortcuts.js';
import { openStream } from './stream.js';
import { words } from './strings.js';
import { createBanner, createTroubles, createUpdateBar } from './views/banners.js';
import { createCommunication } from './views/communication.js';
import { askSignOut } from './views/dialogs.js';
import { createHeader } from './views/header.js';
import { createIdleWarning } from './views/idle.js';
import { createInteraction, createNothingChosen } from './views/interaction.js';
import { createMyHistory } from './views/my_history.js';
import { createMentions } from './views/mentions.js';
import { createOffers } from './views/offers.js';
import { showShortcutSheet } from './views/shortcut_sheet.js';
import { createSignIn } from './views/sign_in.js';
import { createOpenWork } from './views/supervisor.js';
import { createTranscripts } from './views/transcript.js';
import { createWorkList } from './views/work_list.js';

/**
 * What every view gets.
 * @typedef {{
 *   floor: import('./floor.js').Floor, actions: ReturnType<typeof openActions>,
 *   directory: import('./directory_orders.js').DirectoryOrders,
 *   drafts: ReturnType<typeof openDrafts>, outgoing: ReturnType<typeof openOutgoing>,
 *   preferences: import('./preferences.js').Preferences, commands: import('./commands.js').Commands,
 *   attention: import('./attention.js').Attention,
 *   positions: Map<number, import('./views/scroll_window.js').Rest>, transcripts: ReturnType<typeof createTranscripts>,
 *   announce: (sentence: string, urgency: 'polite'|'assertive') => void,
 *   go: (interaction_id: number|null, write?: boolean) => void,
 *   showShortcuts: () => void, signOut: () => Promise<void>}} Context
 */

const START_RETRY_MS = 2_000;
/** What an administrator changes, or the provider about a number: the whole picture is asked for anew. */
const SET_UP = new Set([
  'queue_changed',
  'settings_changed',
  'channel_changed',
  'disposition_changed',
  'case_key_changed',
]);
/** Several such changes in a row are one. */
const SET_UP_AFTER_MS = 150;
/** Kept until the server knows that the idle lock has struck. */
const SIGN_OUT_DUE = 'deskbell.sign_out_due';
/** How old a colleague's interaction may be on the screen of who reads along. */
const READ_ALONG_MS = 10_000;

/** @type {(() => void)|null} */
let closeWorkspace = null;
/** Tells the other tabs who is signed in now, so that none acts in another agent's name. */
const sign_ins = 'BroadcastChannel' in window ? new BroadcastChannel('deskbell-sign-in') : null;

/** @param {string|null} reason */
function showSignIn(reason) {
  closeWorkspace?.();
  closeWorkspace = null;
  document.querySelector('dialog[open]')?.remove();
  document.body.replaceChildren(
    createSignIn({
      reason,
      on_signed_in(agent) {
        write(SIGN_OUT_DUE, '');
        sign_ins?.postMessage({ agent_id: agent.id });
        openWorkspace(agent);
      },
    }),
  );
}

/** After the idle lock; a lock without a connection is made good as soon as there is one. */
async function signOutWhenDue() {
  while (read(SIGN_OUT_DUE)) {
    try {
      await request('POST', '/api/sign-out');
      write(SIGN_OUT_DUE, '');
    } catch (error) {
      if (error instanceof Problem) write(SIGN_OUT_DUE, '');
      else await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
    }
  }
}

async function start() {
  whenSignInRequired(() => closeWorkspace && showSignIn(words.sign_in.ended));
  try {
    await signOutWhenDue();
    openWorkspace(await request('GET', '/api/me'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return showSignIn(null);
    document.body.replaceChildren(
      el('main', { class: 'sign-in' }, el('p', { role: 'alert', test: 'banner', text: words.sign_in.no_server })),
    );
    setTimeout(start, START_RETRY_MS);
  }
}

/** @param {import('./floor.js').Agent} me */
function openWorkspace(me) {
  const floor = openFloor();
  const { state, dispatch } = floor;
  const life = new AbortController();
  const preferences = openPreferences(me.id);
  const commands = openCommands(preferences);
  const live_regions = {
    polite: el('div', { class: 'heard', 'aria-live': 'polite' }),
    assertive: el('div', { class: 'heard', 'aria-live': 'assertive' }),
  };

  let set_up_timer = 0;
  const stream = openStream({
    agent_id: me.id,
    seq: () => state.seq,
    beat_ms: () => state.settings.heartbeat_ms,
    // The seq of the snapshot itself may come again: versions make that harmless.
    on_change(change) {
      if (change.seq < state.seq) return;
      dispatch(change);
      if (SET_UP.has(change.event)) {
        clearTimeout(set_up_timer);
        set_up_timer = setTimeout(loadSnapshot, SET_UP_AFTER_MS);
      }
      if (change.event === 'interaction_auto_answered' && change.interaction?.owner_id === me.id)
        offers.answered(change.interaction);
    },
    on_reset: loadSnapshot,
    on_status(connection) {
      dispatch({ event: 'connection_changed', connection });
      if (connection === 'live') context.outgoing.wake();
    },
    on_page: (page) => update_bar.compare(page),
    on_signed_out: () => showSignIn(words.sign_in.signed_out),
  });
  const attention = openAttention({
    floor,
    agent_id: me.id,
    preferences,
    leads: stream.leads,
    open: showWork,
    signal: life.signal,
  });

  /** @type {Context} */
  const context = {
    floor,
    preferences,
    commands,
    attention,
    actions: openActions(floor),
    directory: openDirectoryOrders(floor),
    drafts: openDrafts(floor, me.id),
    outgoing: openOutgoing(floor, me.id),
    positions: new Map(),
    transcripts: createTranscripts(() => context),
    announce: (sentence, urgency) => live_regions[urgency].replaceChildren(el('p', { text: sentence })),
    go,
    showShortcuts: () => showShortcutSheet({ version: state.server_version, commands }),
    signOut,
  };

  commands.add(() => shellCommands(context, move, offers.refuse));
  const header = createHeader(context);
  const banner = createBanner(floor, stream.hurry);
  const troubles = createTroubles(floor);
  const update_bar = createUpdateBar();
  const work = createWorkList(context);
  const offers = createOffers(context);
  const mentions = createMentions(context);
  /** The pages beside My work, by the names of `pages.js`. */
  const pages = {
    communication: createCommunication(context),
    history: createMyHistory(context),
    open_work: createOpenWork(context),
  };
  const nothing = createNothingChosen(commands);
  const desk = el('main', { class: 'desk' });
  /** @type {ReturnType<typeof createInteraction>|null} */
  let interaction = null;
  let write_next = false;
  let visited_at = 0;

  /** @param {number|null} id @param {boolean} [write] put the cursor into the message field */
  function go(id, write = false) {
    write_next = write;
    const hash = id === null ? '#/' : `#/interaction/${id}`;
    if (location.hash === hash) route();
    else location.hash = hash;
  }

  function route() {
    dispatch({ event: 'page_chosen', ...placeOf(location.hash, state) });
    if (state.selected_id !== null && !state.interactions.has(state.selected_id)) visit(state.selected_id);
  }

  /** What is not on the desktop can be read along; what is Done stands in the contact's history. @param {number} id */
  async function visit(id) {
    const found = await context.directory.visit(id).catch(() => null);
    if (found?.state === 'done' && state.selected_id === id)
      location.replace(contactPath(found.contact.id, found.last_message?.id));
  }

  async function loadSnapshot() {
    try {
      const asked_at = Date.now();
      const snapshot = await request('GET', '/api/snapshot');
      if (life.signal.aborted) return;
      learnClock(snapshot.now, asked_at, Date.now());
      dispatch({ event: 'snapshot_loaded', snapshot });
      route();
      stream.resume();
      context.outgoing.wake();
    } catch {
      if (life.signal.aborted) return;
      dispatch({ event: 'connection_changed', connection: 'lost' });
      setTimeout(loadSnapshot, START_RETRY_MS);
    }
  }

  async function signOut() {
    if (!(await askSignOut(context))) return;
    await context.drafts.flush();
    await context.actions.signOut();
    if (!life.signal.aborted) showSignIn(words.sign_in.signed_out);
  }

  /** The server tells an agent the news of the own desktop; what is only read along is asked for. */
  function readAlong() {
    const { visited_id } = state;
    if (visited_id === null || document.visibilityState !== 'visible' || Date.now() - visited_at < READ_ALONG_MS)
      return;
    visited_at = Date.now();
    visit(visited_id);
    interaction?.refresh();
  }

  function showDesk() {
    const chosen = selectedInteraction(state);
    if (interaction && interaction.id !== chosen?.id) {
      // It has left the desktop: its address means nothing here any more.
      if (state.selected_id === interaction.id) history.replaceState(null, '', '#/');
      interaction.close();
      interaction = null;
    }
    if (chosen && !interaction) interaction = createInteraction(context, chosen);
    const middle = interaction
      ? { key: `interaction ${interaction.id}`, node: interaction.node }
      : { key: 'nothing', node: nothing };
    const page = state.page === 'work' ? null : pages[state.page];
    const parts = page ? [{ key: state.page, node: page.node }] : [{ key: 'work', node: work.node }, middle];
    list(
      desk,
      parts,
      (part) => part.key,
      ({ node }) => ({ node }),
    );
    desk.dataset.showing = page ? 'page' : interaction ? 'interaction' : 'list';
    page?.update();
    interaction?.update();
    if (write_next && interaction) {
      write_next = false;
      interaction.focus();
    }
  }

  function update() {
    if (!state.me) return;
    header.update();
    work.update();
    offers.update();
    mentions.update();
    showDesk();
    attention.update();
  }

  /** In the list of the page that is shown. @param {-1|1} step */
  function move(step) {
    if (state.page === 'communication' || state.page === 'history') return pages[state.page].move(step);
    const ids = myWork(state).flatMap((group) => group.interactions.map((one) => one.id));
    if (ids.length === 0) return;
    const at = ids.indexOf(state.selected_id ?? -1);
    const id = ids[at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + step))];
    go(id);
    /** @type {HTMLElement|null} */ (work.node.querySelector(`[data-interaction="${id}"]`))?.focus();
  }

  /** A notification was clicked: its offer, or its interaction. @param {number} id */
  function showWork(id) {
    window.focus();
    if (!offers.focus(id)) go(id, true);
  }

  const idle_warning = createIdleWarning({ announce: context.announce, signOut });
  const idle = watchIdle({
    agent_id: me.id,
    settings: state.settings,
    warn: idle_warning.show,
    lock() {
      write(SIGN_OUT_DUE, 'yes');
      showSignIn(words.idle.locked);
      signOutWhenDue();
    },
    signal: life.signal,
  });

  listenForKeys(commands, life.signal);
  whenSlow(stream.suspect);
  addEventListener('hashchange', route, { signal: life.signal });
  sign_ins?.addEventListener('message', (event) => event.data.agent_id !== me.id && location.reload(), {
    signal: life.signal,
  });
  const forget = floor.listen(() => {
    banner.update();
    troubles.update();
    update();
  });
  const stopClock = everySecond(() => {
    for (const part of [header, work, offers, interaction, idle]) part?.tick();
    if (state.page !== 'work') pages[state.page].tick();
    readAlong();
  });

  closeWorkspace = () => {
    life.abort();
    stream.close();
    preferences.close();
    context.outgoing.close();
    context.drafts.close();
    interaction?.close();
    pages.communication.close();
    forget();
    stopClock();
  };
  document.body.replaceChildren(
    header.node,
    banner.node,
    troubles.node,
    update_bar.node,
    desk,
    offers.node,
    mentions.node,
    live_regions.polite,
    live_regions.assertive,
  );
  loadSnapshot();
}

start();
installWorker();
