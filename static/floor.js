/*
 * The browser's copy of the floor: one state, one reducer, the same event names as the server's domain events.
 *
 * Apart so that every view draws from the same truth and a change has one way in. Invariants: nothing writes the state
 * but `reduce`; an interaction or message never goes back to an older version; a message that the server knows has no
 * entry left in `outgoing`; few transcripts are held, each a window (`transcript_window.js`).
 */
import { emptyDeskData, takeDeskChange, takeDeskSnapshot } from './desk_data.js';
import { emptyDirectory, reduceDirectory } from './directory.js';
import { emptyTranscript, takeMessage, takePage, trim } from './transcript_window.js';

/**
 * @typedef {{state: 'logged_off'|'ready'|'not_ready'|'do_not_disturb'|'after_call_work', reason: string|null, since: number}} Presence
 * @typedef {{id: number, login: string, name: string, role: 'agent'|'supervisor'|'administrator', presence: Presence,
 *   connected: boolean, load: number, capacity: number, after_work: null|{reason: string|null}}} Agent
 * @typedef {{id: number, name: string, profile_name: string|null, first_name: string|null, last_name: string|null,
 *   addresses: {kind: string, value: string}[], attributes: {key: string, value: string}[], tags: string[],
 *   blocked: boolean, marketing_stopped: boolean, version: number}} Contact
 * @typedef {{code: number|null, title: string, detail: string, retry: boolean}} Failure
 * @typedef {{id: number|null, conversation_id: number, interaction_id: number|null,
 *   author: {kind: 'contact'|'agent'|'system'|'business_app', agent_id: number|null}, at: number,
 *   content: {kind: 'text'|'other'|'notice'|'internal'|'template'|'media', text: string, type?: string, code?: string,
 *     agent_id?: number, header?: {kind: string, text: string}|null, footer?: string|null, buttons?: string[],
 *     name?: string|null, mime_type?: string, bytes?: number|null, state?: 'pending'|'ready'|'failed', inline?: boolean,
 *     voice?: boolean, detail?: Detail, file?: import('./responses.js').Attachment|null},
 *   delivery: null|'queued'|'sent'|'delivered'|'read'|'played'|'failed'|'unconfirmed', failure: Failure|null,
 *   client_key: string|null, retry_of_id?: number|null, resent_as_id?: number|null,
 *   reactions?: {author: Message['author'], emoji: string, delivery: Message['delivery']}[],
 *   quoted?: import('./views/quote.js').Quoted|null, origin?: Origin, revised?: 'edit'|'revoke', version: number}} Message
 * @typedef {{forwarded: 'once'|'often'|null, product: string|null,
 *   referral: {headline: string|null, body: string|null, url: string|null}|null}} Origin
 * @typedef {{id: number, conversation_id: number, contact: Contact, channel_id: number, queue_id: number,
 *   state: 'queued'|'offered'|'active'|'transferring'|'parked'|'ended'|'done', owner_id: number|null,
 *   offered_to_id: number|null, offer_deadline: number|null,
 *   transfer: null|{to_agent_id?: number, to_queue_id?: number, note: string, deadline: number|null},
 *   created_at: number, queued_at: number, accepted_at: number|null, ended_at: number|null, end_reason: string|null,
 *   done_at: number|null, priority: number, pending_since: number|null, window_until: number|null, unread: number, last_message: Message|null,
 *   note: string, note_version: number, disposition_id: number|null, case_data: {key: string, value: string}[],
 *   handled_by: number[], done_by_id: number|null, participants: Participant[], version: number}} Interaction
 * @typedef {{agent_id: number, part: 'consult'|'conference'}} Participant
 * @typedef {{id: number, name: string, display_number: string, asynchronous: boolean, trouble: Trouble|null}} Channel
 * @typedef {{code: number, since: number, title: string, detail: string}} Trouble why messages of a number wait
 * @typedef {{seq: number, interaction_id: number, conversation_id: number, contact: Contact, by_id: number}} Mention
 * @typedef {import('./transcript_window.js').Transcript} Transcript
 * @typedef {{client_key: string, conversation_id: number, interaction_id: number, text: string,
 *   file: import('./responses.js').Attachment|null, quoted: import('./views/quote.js').Quoted|null, preview?: boolean, at: number,
 *   refusal: string|null}} Outgoing a message that the server has not taken yet
 * @typedef {{kind: 'location', latitude: number, longitude: number, name: string|null, address: string|null}
 *   | {kind: 'contacts', cards: {name: string, phones: string[], emails: string[], organisation: string|null}[]}
 *   | {kind: 'reply', title: string, description: string|null}
 *   | {kind: 'question', text: string, footer: string|null, choices: string[], link: string|null}} Detail
 * @typedef {ReturnType<typeof emptyState>} State
 * @typedef {{event: string, [field: string]: any}} Change
 * @typedef {ReturnType<typeof openFloor>} Floor
 */

/** Mentions that wait to be put away; the oldest go first. */
const MENTIONS_MAX = 5;
/** Conversations whose transcripts are held at once, the most recently opened ones. */
const TRANSCRIPTS_HELD_MAX = 12;

function emptyState() {
  return {
    seq: 0,
    server_version: '',
    /** @type {Agent|null} */ me: null,
    /** @type {Map<number, Agent>} */ agents: new Map(),
    /** @type {Map<number, Interaction>} */ interactions: new Map(),
    /** @type {{id: number, name: string, waiting: number, auto_answer: 'off'|'on'|'preview'}[]} */ queues: [],
    /** @type {Channel[]} */ channels: [],
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
      idle_warning_ms: 0,
      idle_lock_ms: 0,
    },
    ...emptyDeskData(),
    /** @type {Map<number, Transcript>} */ transcripts: new Map(),
    /** @type {Map<string, Outgoing>} */ outgoing: new Map(),
    /** @type {Mention[]} not yet put away, the oldest first */ mentions: [],
    /** @type {Set<number>} messages that were sent anew after a failure */ resent: new Set(),
    /** @type {Map<number, 'edit'|'revoke'>} messages that were changed or taken back since they were loaded */ revised: new Map(),
    /** @type {import('./pages.js').PageName} */ page: 'work',
    /** @type {number|null} */ selected_id: null,
    /** @type {number|null} the contact that Communication shows */ contact_id: null,
    /** @type {number|null} the message that is to be seen there */ message_id: null,
    /** @type {number|null} the conversation with that message */ conversation_id: null,
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
      transcriptOf(state, change.conversation_id).asked = change.number;
      return;
    case 'transcript_failed':
    case 'transcript_loaded':
      return takeAnswer(state, change);
    case 'transcript_trimmed':
      return trim(transcriptOf(state, change.conversation_id), change.rest_id);
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
    case 'agent_mentioned':
      state.mentions.push({ seq: change.seq, ...change.mention });
      state.mentions.splice(0, state.mentions.length - MENTIONS_MAX);
      break;
    case 'mention_put_away':
      state.mentions = state.mentions.filter((mention) => mention.seq !== change.seq);
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
  if (change.message) takeNews(state, change.message, change.event === 'message_received');
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
  for (const transcript of state.transcripts.values()) transcript.stale = true;
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
  if (interaction.id === state.visited_id && isOnMyDesktop(state, interaction)) state.visited_id = null;
  if (interaction.state === 'done') dropInteraction(state, interaction.id);
  else state.interactions.set(interaction.id, interaction);
}

/** Its conversation sends no changes any more. @param {State} state @param {number} id */
function dropInteraction(state, id) {
  const known = state.interactions.get(id);
  state.interactions.delete(id);
  const transcript = known && state.transcripts.get(known.conversation_id);
  if (transcript) transcript.stale = true;
}

/** @param {State} state @param {Message} message @param {boolean} arrived */
function takeNews(state, message, arrived) {
  if (message.client_key) state.outgoing.delete(message.client_key);
  if (message.retry_of_id) state.resent.add(message.retry_of_id);
  const { quoted, author, content } = message;
  if (quoted?.author.kind === author.kind && (content.type === 'edit' || content.type === 'revoke'))
    state.revised.set(quoted.id, content.type);
  const transcript = state.transcripts.get(message.conversation_id);
  if (transcript) takeMessage(transcript, message, arrived);
}

/** The transcript, made when there is none; the one that was opened longest ago makes room. @param {State} state @param {number} conversation_id */
function transcriptOf(state, conversation_id) {
  const transcript = state.transcripts.get(conversation_id) ?? emptyTranscript();
  state.transcripts.delete(conversation_id);
  state.transcripts.set(conversation_id, transcript);
  for (const [id] of state.transcripts) if (state.transcripts.size > TRANSCRIPTS_HELD_MAX) state.transcripts.delete(id);
  return transcript;
}

/** The answer to the last request for a part of a transcript; others come too late. @param {State} state @param {Change} change */
function takeAnswer(state, { event, conversation_id, number, sentence, part, cursor, page }) {
  const transcript = state.transcripts.get(conversation_id);
  if (!transcript || transcript.asked !== number) return;
  if (event === 'transcript_failed') {
    Object.assign(transcript, { asked: 0, trouble: sentence, version: transcript.version + 1 });
    return;
  }
  for (const message of page.messages) if (message.client_key) state.outgoing.delete(message.client_key);
  takePage(transcript, part, cursor, page);
}

/** @param {State} state @param {string} client_key @param {Partial<Outgoing>} news */
function amendOutgoing(state, client_key, news) {
  const outgoing = state.outgoing.get(client_key);
  if (outgoing) state.outgoing.set(client_key, { ...outgoing, ...news });
}

/** @param {State} state @param {import('./pages.js').Place} place */
function choose(state, { page, interaction_id, contact_id, message_id, conversation_id, handled_id }) {
  if (state.visited_id !== interaction_id) leaveVisited(state);
  Object.assign(state, { page, selected_id: interaction_id, contact_id, message_id, conversation_id, handled_id });
}

/** What was only read along does not stay, for nobody would tell its news. @param {State} state */
function leaveVisited(state) {
  const visited = state.visited_id === null ? undefined : state.interactions.get(state.visited_id);
  if (visited && !isOnMyDesktop(state, visited) && !supervises(state)) dropInteraction(state, visited.id);
  state.visited_id = null;
}

/** @param {State} state @param {Interaction} interaction */
const isOnMyDesktop = (state, interaction) =>
  interaction.owner_id === state.me?.id || isOfferToMe(state, interaction) || takesPart(state, interaction);

/** @param {State} state @returns {Interaction|null} */
export function selectedInteraction(state) {
  return state.selected_id === null ? null : (state.interactions.get(state.selected_id) ?? null);
}

/** @param {State} state @param {Interaction} interaction */
const isOfferToMe = (state, interaction) =>
  (interaction.state === 'offered' && interaction.offered_to_id === state.me?.id) || isTransferToMe(state, interaction);

/** @param {State} state @param {Interaction} interaction */
export const isTransferToMe = (state, interaction) =>
  interaction.state === 'transferring' && interaction.offered_to_id === state.me?.id;

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
 * @returns {{name: 'offered'|'active'|'ended'|'joined'|'parked', interactions: Interaction[]}[]}
 */
export function myWork(state) {
  const mine = [...state.interactions.values()]
    .filter((one) => one.owner_id === state.me?.id && !isOfferToMe(state, one))
    .sort((a, b) => a.created_at - b.created_at || a.id - b.id);
  const inStates = (/** @type {string[]} */ ...states) => mine.filter((one) => states.includes(one.state));
  const joined = [...state.interactions.values()]
    .filter((one) => takesPart(state, one) && !isOfferToMe(state, one))
    .sort((a, b) => a.created_at - b.created_at || a.id - b.id);
  /** @type {{name: 'offered'|'active'|'ended'|'joined'|'parked', interactions: Interaction[]}[]} */
  const groups = [
    { name: 'offered', interactions: myOffers(state) },
    { name: 'active', interactions: inStates('active', 'transferring') },
    { name: 'ended', interactions: inStates('ended') },
    { name: 'joined', interactions: joined },
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
  const worked_on = at === 'active' || at === 'transferring' || at === 'ended';
  const part = interaction.participants.find((one) => one.agent_id === state.me?.id)?.part;
  return {
    mine,
    write: (mine && worked_on) || (part === 'conference' && (at === 'active' || at === 'transferring')),
    internal:
      worked_on &&
      (part !== undefined || (mine && interaction.participants.length > 0) || (!mine && supervises(state))),
    invite: worked_on && (mine || (supervises(state) && part === undefined)),
    annotate: mine && (at === 'active' || at === 'transferring' || at === 'ended' || at === 'parked'),
    transfer: mine && at === 'active',
    cancel_transfer: mine && at === 'transferring',
    park: mine && at === 'active',
    end: mine && at === 'active',
    open: mine && at === 'parked',
    done: mine && (at === 'active' || at === 'ended'),
  };
}

/** Whether a colleague asked me in. @param {State} state @param {Interaction} interaction */
const takesPart = (state, interaction) => interaction.participants.some((one) => one.agent_id === state.me?.id);

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

/**
 * The name of an interaction's state for people: one that an agent has created is active from the first message on.
 * @param {Interaction} interaction
 */
export function standingOf({ id, state, last_message }) {
  return state === 'active' && last_message?.interaction_id !== id ? 'created' : state;
}
