/*
 * The browser's copy of the floor: one state, one reducer, the same event names as the server's domain events.
 *
 * Apart so that every view draws from the same truth and a change has one way in. Invariants: nothing writes the state
 * but `reduce`; an interaction or message never goes back to an older version; a transcript is ordered by (at, id)
 * without duplicates; a message that the server knows has no entry left in `outgoing`.
 */

import { emptyDeskData, takeDeskChange, takeDeskSnapshot } from './desk_data.js';
import { emptyDirectory, reduceDirectory } from './directory.js';

/**
 * @typedef {{state: 'logged_off'|'ready'|'not_ready'|'do_not_disturb'|'after_call_work', reason: string|null, since: number}} Presence
 * @typedef {{id: number, login: string, name: string, role: 'agent'|'supervisor'|'administrator', presence: Presence,
 *   connected: boolean, load: number, capacity: number}} Agent
 * @typedef {{id: number, name: string, profile_name: string|null, first_name: string|null, last_name: string|null,
 *   addresses: {kind: string, value: string}[], attributes: {key: string, value: string}[], tags: string[],
 *   version: number}} Contact
 * @typedef {{code: number|null, title: string, detail: string, retry: boolean}} Failure
 * @typedef {{id: number|null, conversation_id: number, interaction_id: number|null,
 *   author: {kind: 'contact'|'agent'|'system'|'business_app', agent_id: number|null}, at: number,
 *   content: {kind: 'text'|'other'|'notice', text: string, type?: string, code?: string, agent_id?: number},
 *   delivery: null|'queued'|'sent'|'delivered'|'read'|'played'|'failed'|'unconfirmed', failure: Failure|null,
 *   client_key: string|null, version: number}} Message
 * @typedef {{id: number, conversation_id: number, contact: Contact, channel_id: number, queue_id: number,
 *   state: 'queued'|'offered'|'active'|'transferring'|'parked'|'ended'|'done', owner_id: number|null,
 *   offered_to_id: number|null, offer_deadline: number|null,
 *   transfer: null|{to_agent_id?: number, to_queue_id?: number, note: string, deadline: number|null},
 *   created_at: number, queued_at: number, accepted_at: number|null, ended_at: number|null, end_reason: string|null,
 *   done_at: number|null, priority: number, pending_since: number|null, window_until: number|null, unread: number, last_message: Message|null,
 *   note: string, note_version: number, disposition_id: number|null, case_data: {key: string, value: string}[],
 *   handled_by: number[], done_by_id: number|null, version: number}} Interaction
 * @typedef {{messages: Message[], before: string|null, loaded: boolean, loading: boolean, trouble: string|null,
 *   stale: boolean}} Transcript
 * @typedef {{client_key: string, conversation_id: number, interaction_id: number, text: string, at: number,
 *   refusal: string|null}} Outgoing a message that the server has not taken yet
 * @typedef {ReturnType<typeof emptyState>} State
 * @typedef {{event: string, [field: string]: any}} Change
 * @typedef {ReturnType<typeof openFloor>} Floor
 */

/** A transcript longer than this is dropped when the agent turns to another interaction; it loads again on return. */
const KEPT_MESSAGES_MAX = 400;

function emptyState() {
  return {
    seq: 0,
    server_version: '',
    /** @type {Agent|null} */ me: null,
    /** @type {Map<number, Agent>} */ agents: new Map(),
    /** @type {Map<number, Interaction>} */ interactions: new Map(),
    /** @type {{id: number, name: string, waiting: number}[]} */ queues: [],
    /** @type {{id: number, name: string, display_number: string, asynchronous?: boolean}[]} */ channels: [],
    /** @type {{id: number, code: string, label: string, parent_id: number|null}[]} */ dispositions: [],
    /** @type {string[]} */ reasons: [],
    settings: {
      disposition_mandatory: true,
      pending_yellow_ms: 30_000,
      pending_red_ms: 50_000,
      message_chars_max: 4096,
      note_chars_max: 8000,
      disposition_read_only_after_end: false,
      reject_allowed: true,
      heartbeat_ms: 15_000,
    },
    ...emptyDeskData(),
    /** @type {Map<number, Transcript>} */ transcripts: new Map(),
    /** @type {Map<string, Outgoing>} */ outgoing: new Map(),
    /** @type {Set<number>} messages that were sent anew after a failure */ resent: new Set(),
    /** @type {import('./pages.js').PageName} */ page: 'work',
    /** @type {number|null} */ selected_id: null,
    /** @type {number|null} the contact that Communication shows */ contact_id: null,
    /** @type {number|null} the message that is to be seen there */ message_id: null,
    /** @type {number|null} the interaction that My History shows */ handled_id: null,
    /** @type {number|null} an interaction that is read along, not worked on */ visited_id: null,
    directory: emptyDirectory(),
    /** @type {'connecting'|'live'|'lost'} */ connection: 'connecting',
  };
}

/** Makes the store: a state, `dispatch`, and listeners called once for all changes of a turn. */
export function openFloor() {
  const state = emptyState();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let told = false;
  return {
    state,
    /** @param {Change} change */
    dispatch(change) {
      reduce(state, change);
      if (told) return;
      told = true;
      queueMicrotask(() => {
        told = false;
        for (const listener of listeners) listener();
      });
    },
    /** @param {() => void} listener */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * The only writer of the state. Events of the server carry whole entities, so most need no case of their own.
 * @param {State} state
 * @param {Change} change
 */
export function reduce(state, change) {
  reduceDirectory(state, change);
  switch (change.event) {
    case 'snapshot_loaded':
      return takeSnapshot(state, change.snapshot);
    case 'connection_changed':
      state.connection = change.connection;
      if (state.connection === 'live') for (const transcript of state.transcripts.values()) transcript.trouble = null;
      return;
    case 'page_chosen':
      return choose(state, /** @type {any} */ (change));
    case 'transcript_asked':
      transcriptOf(state, change.conversation_id).loading = true;
      return;
    case 'transcript_failed':
      Object.assign(transcriptOf(state, change.conversation_id), { loading: false, trouble: change.sentence });
      return;
    case 'transcript_loaded':
      return takePage(state, change);
    case 'interaction_visited':
      state.visited_id = change.interaction.id;
      break;
    case 'message_written':
      state.outgoing.set(change.outgoing.client_key, change.outgoing);
      return;
    case 'message_refused':
      amendOutgoing(state, change.client_key, { refusal: change.sentence });
      return;
    case 'message_tried_again':
      amendOutgoing(state, change.client_key, { refusal: null });
      return;
    case 'message_discarded':
      state.outgoing.delete(change.client_key);
      return;
    case 'message_resent':
      state.resent.add(change.message_id);
      break;
  }
  takeEntities(state, change);
}

/** @param {State} state @param {Change} change */
function takeEntities(state, change) {
  if (change.seq > state.seq) state.seq = change.seq;
  if (change.agent) takeAgent(state, change.agent);
  if (change.queues) state.queues = change.queues;
  if (change.queue) state.queues = state.queues.map((queue) => (queue.id === change.queue.id ? change.queue : queue));
  if (change.interaction) takeInteraction(state, change.interaction);
  if (change.message) takeMessage(state, change.message);
  if (change.interaction_gone && change.interaction_gone !== state.visited_id)
    dropInteraction(state, change.interaction_gone);
  takeDeskChange(state, change);
}

/** @param {State} state @param {any} snapshot */
function takeSnapshot(state, snapshot) {
  for (const name of /** @type {const} */ ([
    'seq',
    'server_version',
    'queues',
    'channels',
    'dispositions',
    'reasons',
    'me',
  ])) {
    /** @type {any} */ (state)[name] = snapshot[name];
  }
  Object.assign(state.settings, snapshot.settings);
  state.agents = new Map(snapshot.agents.map((/** @type {Agent} */ agent) => [agent.id, agent]));
  state.agents.set(snapshot.me.id, snapshot.me);
  const visited = state.visited_id === null ? undefined : state.interactions.get(state.visited_id);
  state.interactions = new Map(snapshot.interactions.map((/** @type {Interaction} */ one) => [one.id, one]));
  if (visited && !state.interactions.has(visited.id)) state.interactions.set(visited.id, visited);
  takeDeskSnapshot(state, snapshot);
  const selected = selectedInteraction(state);
  for (const [id, transcript] of state.transcripts) {
    if (id === selected?.conversation_id) transcript.stale = true;
    else state.transcripts.delete(id);
  }
}

/** @param {State} state @param {Agent} agent */
function takeAgent(state, agent) {
  state.agents.set(agent.id, agent);
  if (agent.id === state.me?.id) state.me = agent;
}

/** @param {State} state @param {Interaction} interaction */
function takeInteraction(state, interaction) {
  const known = state.interactions.get(interaction.id);
  if (known && known.version > interaction.version) return;
  if (interaction.id === state.visited_id && interaction.owner_id === state.me?.id) state.visited_id = null;
  if (interaction.state === 'done') dropInteraction(state, interaction.id);
  else state.interactions.set(interaction.id, interaction);
}

/** @param {State} state @param {number} id */
function dropInteraction(state, id) {
  const known = state.interactions.get(id);
  state.interactions.delete(id);
  if (known) state.transcripts.delete(known.conversation_id);
}

/** @param {State} state @param {Message} message */
function takeMessage(state, message) {
  if (message.client_key) state.outgoing.delete(message.client_key);
  const transcript = state.transcripts.get(message.conversation_id);
  if (transcript) insert(transcript.messages, message);
}

/**
 * Puts a message where (at, id) says; newest first is the usual case, so it looks from the end.
 * @param {Message[]} messages
 * @param {Message} message
 */
function insert(messages, message) {
  const known = messages.findIndex((other) => other.id === message.id);
  if (known >= 0) {
    if (messages[known].version > message.version) return;
    messages.splice(known, 1);
  }
  let place = messages.length;
  while (place > 0 && compare(messages[place - 1], message) > 0) place -= 1;
  messages.splice(place, 0, message);
}

/** @param {Message} a @param {Message} b */
const compare = (a, b) => a.at - b.at || (a.id ?? 0) - (b.id ?? 0);

/** @param {State} state @param {number} conversation_id */
function transcriptOf(state, conversation_id) {
  let transcript = state.transcripts.get(conversation_id);
  if (!transcript) {
    transcript = { messages: [], before: null, loaded: false, loading: false, trouble: null, stale: false };
    state.transcripts.set(conversation_id, transcript);
  }
  return transcript;
}

/**
 * `anew`: the newest page, at first or after the stream was cut for too long. If it does not reach what is held already,
 * the older part is given up, for there may be a hole between.
 * @param {State} state
 * @param {Change} change
 */
function takePage(state, { conversation_id, messages, before, anew }) {
  const transcript = transcriptOf(state, conversation_id);
  if (anew && transcript.loaded) {
    const held = new Set(transcript.messages.map((message) => message.id));
    const newest = messages.at(-1);
    if (messages.some((/** @type {Message} */ message) => held.has(message.id))) before = transcript.before;
    else transcript.messages = transcript.messages.filter((message) => newest && compare(message, newest) > 0);
  }
  for (const message of messages) {
    if (message.client_key) state.outgoing.delete(message.client_key);
    insert(transcript.messages, message);
  }
  Object.assign(transcript, { before, loaded: true, loading: false, trouble: null, stale: transcript.stale && !anew });
}

/** @param {State} state @param {string} client_key @param {Partial<Outgoing>} news */
function amendOutgoing(state, client_key, news) {
  const outgoing = state.outgoing.get(client_key);
  if (outgoing) state.outgoing.set(client_key, { ...outgoing, ...news });
}

/** @param {State} state @param {import('./pages.js').Place} place */
function choose(state, { page, interaction_id, contact_id, message_id, handled_id }) {
  const left = selectedInteraction(state);
  if (left && left.id !== interaction_id) {
    const transcript = state.transcripts.get(left.conversation_id);
    if (transcript && transcript.messages.length > KEPT_MESSAGES_MAX) state.transcripts.delete(left.conversation_id);
  }
  if (state.visited_id !== interaction_id) leaveVisited(state);
  Object.assign(state, { page, selected_id: interaction_id, contact_id, message_id, handled_id });
}

/** What was only read along does not stay, for nobody would tell its news. @param {State} state */
function leaveVisited(state) {
  const visited = state.visited_id === null ? undefined : state.interactions.get(state.visited_id);
  if (visited && visited.owner_id !== state.me?.id && !isOfferToMe(state, visited) && !supervises(state))
    dropInteraction(state, visited.id);
  state.visited_id = null;
}

/** @param {State} state @returns {Interaction|null} */
export function selectedInteraction(state) {
  return state.selected_id === null ? null : (state.interactions.get(state.selected_id) ?? null);
}

/** @param {State} state @param {Interaction} interaction */
const isOfferToMe = (state, interaction) =>
  (interaction.state === 'offered' && interaction.offered_to_id === state.me?.id) || isTransferToMe(state, interaction);

/** @param {State} state @param {Interaction} interaction */
export const isTransferToMe = (state, interaction) =>
  interaction.state === 'transferring' && interaction.transfer?.to_agent_id === state.me?.id;

/** Offers and transfers that wait for my answer, the most urgent first. @param {State} state */
export function myOffers(state) {
  return [...state.interactions.values()]
    .filter((one) => isOfferToMe(state, one))
    .sort((a, b) => offerDeadline(a) - offerDeadline(b) || a.id - b.id);
}

/** Server time; far away when there is none. @param {Interaction} interaction */
export const offerDeadline = (interaction) =>
  interaction.offer_deadline ?? interaction.transfer?.deadline ?? Number.MAX_SAFE_INTEGER;

/**
 * My desktop in the order of the list. Inside a group the order is by age, so that a row never jumps under the hand.
 * @param {State} state
 * @returns {{name: 'offered'|'active'|'ended'|'parked', interactions: Interaction[]}[]}
 */
export function myWork(state) {
  const mine = [...state.interactions.values()]
    .filter((one) => one.owner_id === state.me?.id && !isOfferToMe(state, one))
    .sort((a, b) => a.created_at - b.created_at || a.id - b.id);
  const inStates = (/** @type {string[]} */ ...states) => mine.filter((one) => states.includes(one.state));
  /** @type {{name: 'offered'|'active'|'ended'|'parked', interactions: Interaction[]}[]} */
  const groups = [
    { name: 'offered', interactions: myOffers(state) },
    { name: 'active', interactions: inStates('active', 'transferring') },
    { name: 'ended', interactions: inStates('ended') },
    { name: 'parked', interactions: inStates('parked', 'queued', 'offered') },
  ];
  return groups.filter((group) => group.interactions.length > 0);
}

/**
 * What the state of an interaction lets me do; the server decides again.
 * @param {State} state
 * @param {Interaction} interaction
 */
export function powers(state, interaction) {
  const mine = interaction.owner_id === state.me?.id;
  const { state: at } = interaction;
  return {
    mine,
    write: mine && (at === 'active' || at === 'transferring' || at === 'ended'),
    annotate: mine && (at === 'active' || at === 'transferring' || at === 'ended' || at === 'parked'),
    transfer: mine && at === 'active',
    cancel_transfer: mine && at === 'transferring',
    park: mine && at === 'active',
    end: mine && at === 'active',
    open: mine && at === 'parked',
    done: mine && (at === 'active' || at === 'ended'),
  };
}

/** @param {State} state */
export const supervises = (state) => state.me?.role === 'supervisor' || state.me?.role === 'administrator';

/** @param {State} state @param {number|null|undefined} id */
export const agentName = (state, id) => (id ? (state.agents.get(id)?.name ?? `#${id}`) : '');

/** @param {State} state @param {number} id */
export const queueName = (state, id) => state.queues.find((queue) => queue.id === id)?.name ?? `#${id}`;

/** How urgently the contact waits for an answer. @param {State} state @param {number} waited_ms */
export function pendingLevel(state, waited_ms) {
  if (waited_ms >= state.settings.pending_red_ms) return 'red';
  return waited_ms >= state.settings.pending_yellow_ms ? 'yellow' : 'green';
}
