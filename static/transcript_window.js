/*
 * The part of a conversation that the page holds: a window on the transcript that moves and never grows long.
 *
 * Apart from the floor, whose reducer is the only caller. Invariants: messages are in the order of (at, id), without
 * holes and without duplicates; a message never goes back to an older version; `before` and `after` are null exactly
 * where the conversation has nothing beyond the window's edge; what is let go can be loaded again.
 */

/** @typedef {import('./floor.js').Message} Message */
/**
 * @typedef {{id: number, queue_id: number, agent_id: number|null, created_at: number, ended_at: number|null,
 *   done_at: number|null, disposition_id: number|null}} Chapter what a separator says about an interaction
 * @typedef {{contact: import('./floor.js').Contact, messages: Message[], interactions: Chapter[], before: string|null,
 *   after: string|null}} Page
 * @typedef {ReturnType<typeof emptyTranscript>} Transcript
 */

/** Messages held for one conversation; a view lets go of what is farthest from its eye. */
export const HELD_MESSAGES_MAX = 600;
/** A transcript that nobody looks at is cut when it has grown to this. */
const UNSEEN_MESSAGES_MAX = 2 * HELD_MESSAGES_MAX;

export function emptyTranscript() {
  return {
    /** @type {import('./floor.js').Contact|null} */ contact: null,
    /** @type {Message[]} */ messages: [],
    /** @type {Map<number, Chapter>} */ chapters: new Map(),
    /** @type {string|null} */ before: null,
    /** @type {string|null} */ after: null,
    loaded: false,
    /** The number of the request under way; 0 when there is none. */
    asked: 0,
    /** @type {string|null} */ trouble: null,
    /** What is held may have missed changes. */
    stale: false,
    /** @type {Message[]} what came while the end was being loaded */ meanwhile: [],
    /** The contact's messages that came live: how many, and the last one. */
    inbound: { count: 0, /** @type {Message|null} */ last: /** @type {Message|null} */ (null) },
    /** Rises with every change. */
    version: 0,
  };
}

/**
 * Takes over a new message, or news of one. `arrived`: the contact wrote it just now.
 * @param {Transcript} transcript
 * @param {Message} message
 * @param {boolean} arrived
 */
export function takeMessage(transcript, message, arrived) {
  transcript.version += 1;
  if (arrived && (message.id ?? 0) > (transcript.inbound.last?.id ?? 0))
    transcript.inbound = { count: transcript.inbound.count + 1, last: message };
  if (transcript.loaded && (transcript.after === null || isHeld(transcript, message))) insert(transcript, message);
  else if (transcript.asked) transcript.meanwhile.push(message);
  if (transcript.messages.length > UNSEEN_MESSAGES_MAX) trim(transcript, null);
}

/**
 * Takes over a page: `open` begins anew, `older` and `newer` go on at the edge that `cursor` names.
 * @param {Transcript} transcript
 * @param {'open'|'older'|'newer'} part
 * @param {string|null} cursor
 * @param {Page} page
 */
export function takePage(transcript, part, cursor, page) {
  transcript.asked = 0;
  // Something was let go meanwhile: the page would leave a hole.
  if (part !== 'open' && cursor !== (part === 'older' ? transcript.before : transcript.after)) return;
  const held = transcript.messages;
  if (part === 'open') {
    const known = new Map(held.map((message) => [message.id, message]));
    transcript.messages = page.messages.map((message) => newest(known.get(message.id), message));
    transcript.chapters.clear();
  } else transcript.messages = part === 'older' ? [...page.messages, ...held] : [...held, ...page.messages];
  if (part !== 'newer') transcript.before = page.before;
  if (part !== 'older') transcript.after = page.after;
  transcript.contact = page.contact;
  for (const chapter of page.interactions) transcript.chapters.set(chapter.id, chapter);
  Object.assign(transcript, { loaded: true, trouble: null, version: transcript.version + 1 });
  if (part === 'open') transcript.stale = false;
  for (const message of transcript.meanwhile.splice(0)) {
    if (transcript.after === null || isHeld(transcript, message)) insert(transcript, message);
  }
}

/**
 * Lets go of what is too much, on the side that is farther from the message with the id `rest_id` (null: the end).
 * @param {Transcript} transcript
 * @param {number|null} rest_id
 */
export function trim(transcript, rest_id) {
  const { messages } = transcript;
  const surplus = messages.length - HELD_MESSAGES_MAX;
  if (surplus <= 0) return;
  const rest = rest_id === null ? -1 : messages.findIndex((message) => message.id === rest_id);
  if (rest >= 0 && rest < messages.length / 2) {
    messages.length = HELD_MESSAGES_MAX;
    transcript.after = String(messages.at(-1)?.id);
  } else {
    messages.splice(0, surplus);
    transcript.before = String(messages[0].id);
  }
  const used = new Set(messages.map((message) => message.interaction_id));
  for (const id of transcript.chapters.keys()) if (!used.has(id)) transcript.chapters.delete(id);
  transcript.version += 1;
}

/** @param {Transcript} transcript @param {Message} message */
const isHeld = ({ messages }, message) => messages.some((other) => other.id === message.id);

/** @param {Message|undefined} a @param {Message} b */
const newest = (a, b) => (a && a.version > b.version ? a : b);

/**
 * Puts a message where (at, id) says; the end is the usual place, so it looks from there. What belongs before the
 * window comes with its page.
 * @param {Transcript} transcript
 * @param {Message} message
 */
function insert({ messages, before }, message) {
  const known = messages.findIndex((other) => other.id === message.id);
  if (known >= 0) {
    messages[known] = newest(messages[known], message);
    return;
  }
  let place = messages.length;
  while (place > 0 && compare(messages[place - 1], message) > 0) place -= 1;
  if (place > 0 || before === null) messages.splice(place, 0, message);
}

/** @param {Message} a @param {Message} b */
const compare = (a, b) => a.at - b.at || (a.id ?? 0) - (b.id ?? 0);
