/*
 * The transcript of a conversation, `<deskbell-transcript>`: everything ever said, in one scroll that loads at both
 * edges and holds a window of it. With an interaction its owner's reading is reported and failed messages can be sent
 * again; without one it is read only.
 *
 * Invariants: what the eye rests on does not move (`scroll_window.js`); a message is reported as read only while its
 * owner sees it; a view keeps its place when it leaves the page and has it again when it comes back.
 */
import { dayName } from '../clock.js';
import { el, setText } from '../dom.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';
import { HELD_MESSAGES_MAX } from '../transcript_window.js';
import { clearMarks, markWords } from './hit_marks.js';
import { createMessage } from './message.js';
import { moveBetweenTools } from './reactions.js';
import { createScrollWindow } from './scroll_window.js';
import { asMessage, createLine, entriesOf, keyOf } from './transcript_entries.js';

/** @typedef {import('../floor.js').Message} Message */
/** @typedef {import('./transcript_entries.js').Entry} Entry */

/** More is loaded when less than this is held beyond an edge. */
const AHEAD_PX = 1_600;
/** Where the first unread message stands when a conversation is opened. */
const UNREAD_PX = 72;
const FLASH_MS = 2_000;
const DAY_SHOWN_MS = 1_200;
/** Views that are kept with their rows, so that turning back to them is immediate. */
const KEPT_VIEWS_MAX = 6;

export class Transcript extends HTMLElement {
  /** @type {import('../app.js').Context} */ #context;
  /** @type {number} */ #conversation_id;
  /** @type {number|null} */ #interaction_id = null;
  #scroll;
  #failed = el('div', { class: 'transcript-trouble', hidden: true });
  #trouble = el('p', { class: 'trouble', role: 'alert' });
  #day = el('div', { class: 'floating-day', 'aria-hidden': 'true', hidden: true });
  #latest_words = el('span');
  #latest = el(
    'button',
    { type: 'button', class: 'latest', test: 'latest', hidden: true, onclick: () => this.toLatest() },
    this.#latest_words,
  );
  /** @type {Entry[]} */ #entries = [];
  /** What was drawn, to draw nothing twice. */
  #drawn = '';
  /** @type {Set<string>} own messages that have been shown */ #shown_keys = new Set();
  #seen_count = 0;
  #told_count = 0;
  /** @type {number|null|undefined} undefined: not known before the first page */ #fresh_from_id;
  /** @type {{id: number, texts: string[], asked: boolean}|null} */ #jump = null;
  /** @type {{id: number, texts: string[], node: Element|null}|null} */ #marked = null;
  /** The message that was asked for because the eye rested on it. */
  #sought_id = 0;
  #opening = false;
  #day_timer = 0;
  #life = new AbortController();
  /** @type {() => unknown} */ #forget = () => {};

  /**
   * @param {import('../app.js').Context} context
   * @param {number} conversation_id
   * @param {number|null} [interaction_id]
   */
  constructor(context, conversation_id, interaction_id = null) {
    super();
    this.#context = context;
    this.#conversation_id = conversation_id;
    this.#interaction_id = interaction_id;
    this.#scroll = createScrollWindow({
      attributes: {
        class: 'transcript',
        test: 'transcript',
        role: 'log',
        'aria-live': 'off',
        'aria-label': words.transcript.region,
        tabindex: '0',
        onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event),
      },
      create: (/** @type {Entry} */ entry) => this.#createRow(entry),
      moved: () => this.#moved(),
    });
    this.#failed.append(
      this.#trouble,
      el('button', { type: 'button', class: 'small', text: words.try_again, onclick: () => this.#load(true) }),
    );
    this.classList.add('transcript-place');
    this.append(this.#scroll.node, this.#failed, this.#day, this.#latest);
    this.#scroll.restAt(context.positions.get(conversation_id) ?? { end: true });
  }

  connectedCallback() {
    this.#life = new AbortController();
    this.#forget = this.#context.floor.listen(() => this.#update());
    document.addEventListener('visibilitychange', () => this.#markRead(), { signal: this.#life.signal });
    this.#scroll.connect();
    this.#fresh_from_id = undefined;
    this.#seen_count = this.#told_count = this.#held?.inbound.count ?? 0;
    this.#drawn = '';
    const { state } = this.#context.floor;
    // Nobody tells this page what happens in a conversation that is not on the desktop.
    const live = [...state.interactions.values()].some((one) => one.conversation_id === this.#conversation_id);
    if (!live && this.#held?.loaded) this.#open();
    this.#update();
  }

  disconnectedCallback() {
    this.#context.positions.set(this.#conversation_id, this.#scroll.rest());
    this.#life.abort();
    this.#forget();
    this.#scroll.disconnect();
    clearTimeout(this.#day_timer);
    if (this.#marked) this.#unmark();
    if (this.#jump) this.#jump.asked = false;
  }

  /** Whose work is done here from now on; null: read only. @param {number|null} interaction_id */
  serve(interaction_id) {
    this.#interaction_id = interaction_id;
    this.#drawn = '';
  }

  /**
   * Brings a message to the middle, marks words in it and lights it up.
   * @param {number} message_id
   * @param {string[]} [texts] as they stand in the message; without any, those of a jump to the same message that has
   *   been ordered already
   */
  jumpTo(message_id, texts) {
    const known = [this.#jump, this.#marked].find((one) => one?.id === message_id)?.texts ?? [];
    this.#unmark();
    this.#jump = { id: message_id, texts: texts ?? known, asked: false };
    this.#drawn = '';
    // Elsewhere in the page, or nowhere yet: as soon as it is to be seen.
    if (this.isConnected) this.#update();
  }

  /** Asks what was said meanwhile: nobody tells the news of a conversation that is not on the desktop. */
  refresh() {
    if (this.#held?.loaded && !this.#held.asked) this.#open();
  }

  /** Back to the end, wherever the window stands. */
  toLatest() {
    this.#unmark();
    this.#jump = null;
    this.#scroll.restAt({ end: true });
    if (this.#held?.after) this.#open();
    this.#drawn = '';
    this.#update();
  }

  get #held() {
    return this.#context.floor.state.transcripts.get(this.#conversation_id);
  }

  get #interaction() {
    const { interactions } = this.#context.floor.state;
    return this.#interaction_id === null ? undefined : interactions.get(this.#interaction_id);
  }

  get #contact_name() {
    return (this.#interaction?.contact ?? this.#held?.contact)?.name ?? '';
  }

  /** The message on which the eye rests; null: the end. */
  get #rest_id() {
    const rest = this.#scroll.rest();
    if (rest.end) return null;
    const entry = this.#entries.find((one) => one.key === rest.key);
    return entry && 'message' in entry ? entry.message.id : Number(/^message (\d+)$/u.exec(rest.key)?.[1]) || null;
  }

  /** Begins anew where the eye rests. */
  #open() {
    this.#context.actions.openTranscript(this.#conversation_id, this.#rest_id);
  }

  /** @param {boolean} asked a person asks again after trouble */
  #load(asked) {
    const { actions } = this.#context;
    const held = this.#held;
    if (held?.asked || (held?.trouble && !asked)) return;
    if (this.#jump && !this.#jump.asked) {
      this.#jump.asked = true;
      actions.openTranscript(this.#conversation_id, this.#jump.id);
    } else if (!held?.loaded || held.stale) this.#open();
    else {
      const { older_px, newer_px } = this.#scroll.beyond();
      if (held.before && (older_px < AHEAD_PX || asked)) actions.loadMore(this.#conversation_id, 'older');
      else if (held.after && (newer_px < AHEAD_PX || asked)) actions.loadMore(this.#conversation_id, 'newer');
    }
  }

  #update() {
    const { floor } = this.#context;
    const { state } = floor;
    let held = this.#held;
    if (held && held.messages.length > HELD_MESSAGES_MAX) {
      const rest_id = this.#rest_id;
      floor.dispatch({ event: 'transcript_trimmed', conversation_id: this.#conversation_id, rest_id });
    }
    const waiting = [...state.outgoing.values()].filter((one) => one.conversation_id === this.#conversation_id);
    const drawing = [
      held?.version,
      waiting.map((one) => `${one.client_key} ${one.refusal}`),
      state.resent.size,
      state.revised.size,
      this.#contact_name,
      this.#interaction?.version,
    ].join();
    if (held && drawing !== this.#drawn) {
      this.#drawn = drawing;
      this.#draw(
        held,
        waiting.map((one) => asMessage(one, state.me?.id ?? null)),
      );
    }
    held = this.#held;
    this.#failed.hidden = !held?.trouble;
    setText(this.#trouble, held?.trouble ?? '');
    this.#load(false);
    this.#markRead();
  }

  /** @param {import('../transcript_window.js').Transcript} held @param {Message[]} waiting */
  #draw(held, waiting) {
    const opening = held.loaded && this.#fresh_from_id === undefined && this.#scroll.rest().end;
    if (held.loaded) this.#noticeNews(held);
    const own_new = waiting.some((message) => !this.#shown_keys.has(keyOf(message)));
    this.#shown_keys = new Set(waiting.map(keyOf));
    if (own_new) this.#scroll.restAt({ end: true });
    this.#entries = entriesOf(this.#context.floor.state, held, waiting, this.#fresh_from_id ?? null).map((entry) =>
      Object.assign(entry, { anchor: 'message' in entry }),
    );
    if (held.loaded) this.#findRest(held, own_new);
    // What has not been seen yet is not reported as read.
    this.#opening = opening;
    this.#scroll.show(this.#entries, held.after === null);
    if (opening) this.#lookAtUnread();
    this.#opening = false;
    this.#mark();
  }

  /** Where the eye goes when what it rested on is not held. @param {import('../transcript_window.js').Transcript} held @param {boolean} own_new */
  #findRest(held, own_new) {
    const rest = this.#scroll.rest();
    const has = (/** @type {string} */ key) => this.#entries.some((entry) => entry.key === key);
    const target = this.#jump && held.messages.find((message) => message.id === this.#jump?.id);
    if (!rest.end && has(rest.key)) this.#sought_id = 0;
    if (target && this.#jump) {
      const key = keyOf(target);
      this.#scroll.restAt({ end: false, key, offset: this.#scroll.middle(key) });
      this.#marked = { id: this.#jump.id, texts: this.#jump.texts, node: null };
      this.#jump = null;
    } else if (this.#jump) {
      // It is on its way; the server gave the end instead when it is gone.
      if (this.#jump.asked && !held.asked) this.#jump = null;
    } else if (rest.end && held.after !== null) {
      if (own_new || !held.asked) this.#open();
    } else if (!rest.end && !has(rest.key)) {
      const id = this.#rest_id;
      if (id !== null && id !== this.#sought_id) {
        this.#sought_id = id;
        this.#open();
      } else this.#scroll.restAt({ end: true });
    }
  }

  /** @param {import('../transcript_window.js').Transcript} held */
  #noticeNews({ inbound, messages, after }) {
    const at_end = this.#scroll.rest().end;
    if (this.#fresh_from_id === undefined) {
      const unread = this.#interaction?.unread ?? 0;
      const from_contact = messages.filter((message) => message.author.kind === 'contact');
      this.#fresh_from_id = unread > 0 && after === null ? (from_contact.at(-unread)?.id ?? null) : null;
    }
    if (inbound.count === this.#told_count || !inbound.last) return;
    if (!at_end && this.#seen_count === this.#told_count) this.#fresh_from_id = inbound.last.id;
    this.#told_count = inbound.count;
    this.#context.announce(`${this.#contact_name}: ${inbound.last.content.text}`, 'polite');
  }

  /** Whoever opens a conversation reads on where they stopped, when that is not in view at the end. */
  #lookAtUnread() {
    const line = this.#scroll.nodeOf('fresh');
    const top = this.#scroll.node.getBoundingClientRect().top;
    const first = this.#held?.messages.find((message) => message.id === this.#fresh_from_id);
    if (!first || (line && line.getBoundingClientRect().top >= top)) return;
    this.#scroll.restAt({ end: false, key: keyOf(first), offset: UNREAD_PX });
    this.#scroll.show(this.#entries, true);
  }

  /** After each scroll and each redrawing. */
  #moved() {
    const held = this.#held;
    const at_end = this.#scroll.rest().end && held?.after === null;
    if (at_end) this.#seen_count = held.inbound.count;
    const missed = (held?.inbound.count ?? 0) - this.#seen_count;
    this.#latest.hidden = at_end || !held?.loaded;
    setText(this.#latest_words, missed > 0 ? words.transcript.fresh(missed) : words.transcript.latest);
    if (at_end) this.#markRead();
    this.#showDay();
    this.#mark();
    if (held?.loaded) queueMicrotask(() => this.isConnected && this.#load(false));
  }

  /** While the past is looked through, the day stands above it. */
  #showDay() {
    const rest = this.#scroll.rest();
    const entry = rest.end ? undefined : this.#entries.find((one) => one.key === rest.key);
    this.#day.hidden = !entry || !('message' in entry);
    if (!entry || !('message' in entry)) return;
    setText(this.#day, dayName(entry.message.at));
    delete this.#day.dataset.still;
    clearTimeout(this.#day_timer);
    this.#day_timer = setTimeout(() => (this.#day.dataset.still = ''), DAY_SHOWN_MS);
  }

  #markRead() {
    const interaction = this.#interaction;
    const held = this.#held;
    const seen =
      !this.#opening && this.#scroll.rest().end && held?.after === null && document.visibilityState === 'visible';
    if (!seen || !interaction?.unread || !powers(this.#context.floor.state, interaction).mine) return;
    // Of any kind: a greeting, or what a colleague wrote, may stand after the contact's words.
    const newest_id = Math.max(0, ...held.messages.map((message) => message.id ?? 0));
    if (newest_id > 0) this.#context.actions.read(interaction, newest_id);
  }

  /** Rows come and go: the marked message gets its marks whenever it is drawn. */
  #mark() {
    const marked = this.#marked;
    const message = marked && this.#held?.messages.find((one) => one.id === marked.id);
    const node = message ? this.#scroll.nodeOf(keyOf(message)) : null;
    if (!marked || !node || node === marked.node) return;
    const first = marked.node === null;
    marked.node = node;
    markWords(node.querySelector('.body') ?? node, marked.texts);
    if (!first) return;
    node.toggleAttribute('data-flash', true);
    setTimeout(() => node.removeAttribute('data-flash'), FLASH_MS);
    this.#context.announce(node.textContent ?? '', 'polite');
  }

  #unmark() {
    this.#marked = null;
    clearMarks();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (moveBetweenTools(event, this)) return;
    if (event.key !== 'End' || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.toLatest();
  }

  /** @param {Entry} entry @returns {import('../dom.js').Row<any>} */
  #createRow(entry) {
    if ('line' in entry) return createLine(entry);
    return createMessage(this.#context, entry, {
      contact_name: () => this.#contact_name,
      may_act: () => Boolean(this.#interaction && powers(this.#context.floor.state, this.#interaction).mine),
    });
  }
}

customElements.define('deskbell-transcript', Transcript);

/**
 * Gives the views of the conversations: the last few are kept with their rows and their place.
 * @param {() => import('../app.js').Context} context
 */
export function createTranscripts(context) {
  /** @type {Map<number, Transcript>} */
  const kept = new Map();

  /** @param {number} conversation_id */
  function viewOf(conversation_id) {
    const view = kept.get(conversation_id) ?? new Transcript(context(), conversation_id);
    kept.delete(conversation_id);
    kept.set(conversation_id, view);
    for (const [id, one] of kept) if (kept.size > KEPT_VIEWS_MAX && !one.isConnected) kept.delete(id);
    return view;
  }

  return {
    /** A view stands in one place at a time. @param {number} conversation_id @param {number|null} interaction_id null: read only */
    take(conversation_id, interaction_id) {
      const view = viewOf(conversation_id);
      view.serve(interaction_id);
      return view;
    },
    /** Jumps to a message, now or when the view is to be seen. @param {number} conversation_id @param {number} message_id @param {string[]} texts */
    jump: (conversation_id, message_id, texts) => viewOf(conversation_id).jumpTo(message_id, texts),
  };
}
