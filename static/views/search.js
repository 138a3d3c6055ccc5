/*
 * Search, `<deskbell-search>`: a field, filters, and hits grouped by day, as you type; in one conversation or everywhere.
 *
 * The focus stays in the field: the arrow keys go through the hits, Enter opens the one that is pointed at, so that
 * looking at one hit after the other is two keys. Invariants: an answer to an older question is dropped; what is shown
 * stays until there is something newer; hits are marked by the places that the server names; the way a query was read is
 * told.
 */
import { request } from '../api.js';
import { dayKey, dayName, moment, timeOfDay } from '../clock.js';
import { el, icon, setAttribute, setText } from '../dom.js';
import { agentName } from '../floor.js';
import { oneLine } from '../formatting.js';
import { words } from '../strings.js';
import { createFilters } from './search_filters.js';

/** A fast writer's next key comes sooner than this. */
const QUIET_MS = 60;
/** Longer than this without an answer is told. */
const SLOW_MS = 600;
const PAGE_HITS = 30;
/** More are not looked through; another word is quicker. */
const HITS_MAX = 300;
/** Between two looks at an index that is being built. */
const INDEXING_MS = 3_000;

/**
 * @typedef {{message_id: number|null, kind: 'message'|'note'|'contact', interaction_id: number|null,
 *   conversation_id: number, contact: {id: number, name: string}, agent_id: number|null,
 *   author: 'contact'|'agent'|'system'|'business_app', at: number, snippet: string, marks: [number, number][]}} Hit
 * @typedef {{hits: Hit[], total: number, total_is_exact: boolean, cursor: string|null,
 *   read_as: null|{query: string, because: 'corrected'|'plain_words'}, indexing: null|{done: number, of: number}}} Answer
 */

let instances = 0;

export class Search extends HTMLElement {
  #context;
  #options;
  #name = `search-${(instances += 1)}`;
  #field;
  #filters;
  #order = el('select', { class: 'chip-select', test: 'search-order', 'aria-label': words.search.order });
  #status = el('p', { class: 'search-status', role: 'status', test: 'search-status' });
  #trouble = el('p', { class: 'trouble', role: 'alert', test: 'search-trouble' });
  #hits = el('div', { class: 'search-hits', role: 'listbox', 'aria-label': words.search.hits, hidden: true });
  #more;
  #tips;
  #timer = 0;
  #question = 0;
  /** @type {Answer|null} */ #answer = null;
  /** @type {{hit: Hit, node: HTMLElement}[]} */ #shown = [];
  #at = -1;
  #last_day = '';

  /**
   * @param {import('../app.js').Context} context
   * @param {{conversation_id: number|null, open: (hit: Hit, texts: string[]) => void, asking?: (asking: boolean) => void}} options
   *   `conversation_id` null: everywhere; `asking` is told whether there is a question
   */
  constructor(context, options) {
    super();
    this.#context = context;
    this.#options = options;
    const everywhere = options.conversation_id === null;
    this.#field = el('input', {
      type: 'search',
      role: 'combobox',
      test: everywhere ? 'search-text' : 'find-text',
      dir: 'auto',
      autocomplete: 'off',
      spellcheck: 'false',
      enterkeyhint: 'search',
      'aria-label': everywhere ? words.search.everywhere : words.find.label,
      'aria-autocomplete': 'list',
      'aria-expanded': 'false',
      'aria-controls': this.#name,
      placeholder: everywhere ? words.search.everywhere : words.find.label,
      oninput: () => this.#asked(QUIET_MS),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event),
    });
    this.#hits.id = this.#name;
    this.#filters = createFilters(context.floor.state, {
      everywhere,
      query: () => this.#field.value,
      change: (query) => {
        this.#field.value = query;
        this.#asked(0);
      },
    });
    for (const order of /** @type {const} */ (['newest', 'best']))
      this.#order.append(el('option', { value: order, text: words.search.orders[order] }));
    this.#order.addEventListener('change', () => this.#asked(0));
    this.#more = el('button', {
      type: 'button',
      class: 'small',
      test: 'find-more',
      hidden: true,
      onclick: () => this.#ask(this.#answer?.cursor ?? null),
      text: words.find.more,
    });
    this.#tips = this.#createTips();
    if (everywhere) this.#filters.node.append(this.#order);
    this.append(
      el('div', { class: 'search-field' }, icon('search'), this.#field),
      this.#filters.node,
      this.#status,
      this.#trouble,
      this.#hits,
      this.#more,
      this.#tips,
    );
    this.#filters.update();
  }

  connectedCallback() {
    this.classList.add('search');
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  focus() {
    this.#field.focus();
    this.#field.select();
  }

  get #query() {
    return this.#field.value.trimStart();
  }

  /** Examples, to be tried by a click. */
  #createTips() {
    return el(
      'div',
      { class: 'search-tips' },
      el('p', { class: 'hint', text: words.search.tips_heading }),
      el(
        'ul',
        {},
        ...words.search.tips.map(([example, what]) =>
          el(
            'li',
            {},
            el('button', {
              type: 'button',
              class: 'typed-filter',
              onclick: () => {
                this.#field.value = example;
                this.#asked(0);
                this.#field.focus();
              },
              text: example,
            }),
            el('span', { class: 'hint', text: what }),
          ),
        ),
      ),
    );
  }

  /** @param {number} quiet_ms */
  #asked(quiet_ms) {
    clearTimeout(this.#timer);
    this.#question += 1;
    this.#filters.update();
    const asking = this.#query.trim() !== '';
    this.#tips.hidden = asking;
    this.#options.asking?.(asking);
    if (asking) this.#timer = setTimeout(() => this.#ask(null), quiet_ms);
    else this.#show(null, false);
  }

  /** @param {string|null} cursor where to go on */
  async #ask(cursor) {
    clearTimeout(this.#timer);
    const mine = (this.#question += 1);
    // The last word counts by its beginning until a space ends it.
    const query = new URLSearchParams({ q: this.#query, typing: '1', limit: String(PAGE_HITS) });
    // "on:" and "before:" mean the days of whoever asks.
    query.set('time_zone', Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (cursor) query.set('cursor', cursor);
    const { conversation_id } = this.#options;
    if (conversation_id === null) query.set('order', this.#order.value);
    const path = conversation_id === null ? '/api/search' : `/api/conversations/${conversation_id}/search`;
    this.#timer = setTimeout(() => setText(this.#status, words.search.busy), SLOW_MS);
    try {
      const answer = await request('GET', `${path}?${query}`);
      if (mine === this.#question) this.#show(answer, cursor !== null);
    } catch (error) {
      if (mine !== this.#question) return;
      this.#show(null, false);
      setText(this.#trouble, /** @type {Error} */ (error).message);
    }
  }

  /** @param {Answer|null} answer @param {boolean} goes_on it is the next page */
  #show(answer, goes_on) {
    clearTimeout(this.#timer);
    setText(this.#trouble, '');
    this.#answer = answer;
    if (!goes_on) {
      this.#hits.replaceChildren();
      this.#shown = [];
      this.#last_day = '';
    }
    for (const hit of answer?.hits ?? []) this.#add(hit);
    this.#more.hidden = !answer?.cursor || this.#shown.length >= HITS_MAX;
    this.#hits.hidden = this.#shown.length === 0;
    setAttribute(this.#field, 'aria-expanded', String(this.#shown.length > 0));
    this.#status.replaceChildren(...(answer ? summaryOf(answer) : []));
    if (!goes_on) this.#point(-1);
    // Looked at again while the index grows, unless somebody is in the middle of the hits.
    if (answer?.indexing)
      this.#timer = setTimeout(() => this.isConnected && this.#at < 0 && this.#ask(null), INDEXING_MS);
  }

  /** @param {Hit} hit */
  #add(hit) {
    const by_day = this.#options.conversation_id !== null || this.#order.value === 'newest';
    const day = by_day ? dayKey(hit.at) : 'best';
    if (day !== this.#last_day) {
      this.#last_day = day;
      const name = by_day ? dayName(hit.at) : words.search.orders.best;
      this.#hits.append(
        el(
          'div',
          { role: 'group', 'aria-label': name },
          by_day && el('p', { class: 'hit-day', 'aria-hidden': 'true', text: name }),
        ),
      );
    }
    const index = this.#shown.length;
    const who = this.#whoOf(hit);
    const node = el(
      'div',
      {
        role: 'option',
        id: `${this.#name}-${index}`,
        class: `hit hit-${hit.kind}`,
        test: 'find-hit',
        'data-message': hit.message_id,
        'aria-selected': 'false',
        onclick: () => this.#choose(index),
      },
      el(
        'span',
        { class: 'hit-head' },
        el('span', { class: 'hit-who', dir: 'auto', text: who }),
        el('time', { title: moment(hit.at), text: by_day ? timeOfDay(hit.at) : moment(hit.at) }),
      ),
      el('span', { class: 'snippet', dir: 'auto' }, ...marked(hit.snippet, hit.marks)),
    );
    this.#hits.lastElementChild?.append(node);
    this.#shown.push({ hit, node });
  }

  /** With whom, where that is the question, and who said it. @param {Hit} hit */
  #whoOf({ kind, author, agent_id, contact }) {
    const { state } = this.#context.floor;
    const within = this.#options.conversation_id !== null;
    if (kind === 'contact') return words.search.contact;
    if (kind === 'note') return within ? words.note.heading : words.search.note_on(contact.name);
    const said_by =
      author === 'contact'
        ? contact.name
        : author === 'business_app'
          ? words.transcript.phone_app
          : agent_id === null
            ? words.product
            : agent_id === state.me?.id
              ? words.transcript.you
              : agentName(state, agent_id);
    if (within || author === 'contact') return said_by;
    return words.search.said_to(said_by, contact.name);
  }

  /** @param {number} index -1: none */
  #point(index) {
    this.#at = Math.max(-1, Math.min(index, this.#shown.length - 1));
    for (const [place, { node }] of this.#shown.entries())
      setAttribute(node, 'aria-selected', String(place === this.#at));
    const node = this.#shown[this.#at]?.node;
    setAttribute(this.#field, 'aria-activedescendant', node?.id);
    node?.scrollIntoView({ block: 'nearest' });
    if (this.#at >= this.#shown.length - 3 && !this.#more.hidden && this.#at > 0) this.#more.click();
  }

  /** @param {number} index */
  #choose(index) {
    const found = this.#shown[index];
    if (!found) return;
    this.#point(index);
    const { hit } = found;
    this.#options.open(
      hit,
      hit.marks.map(([from, until]) => hit.snippet.slice(from, until)),
    );
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = {
      ArrowDown: this.#at + 1,
      ArrowUp: this.#at - 1,
      PageDown: this.#at + 6,
      PageUp: Math.max(0, this.#at - 6),
    }[event.key];
    if (to !== undefined && this.#shown.length > 0) this.#point(to);
    else if (event.key === 'Enter') this.#choose(Math.max(0, this.#at));
    else if (event.key === 'Escape' && this.#field.value && this.#options.conversation_id !== null) {
      event.stopPropagation();
      this.#field.value = '';
      this.#asked(0);
    } else return;
    event.preventDefault();
  }
}

customElements.define('deskbell-search', Search);

/** @param {Answer} answer @returns {Node[]} */
function summaryOf({ total, total_is_exact, read_as, indexing }) {
  const parts = [el('span', { text: words.search.total(total, total_is_exact) })];
  if (read_as)
    parts.push(
      el('span', {
        class: 'read-as',
        test: 'search-read-as',
        dir: 'auto',
        text: words.search.read_as[read_as.because](read_as.query),
      }),
    );
  if (indexing)
    parts.push(
      el('span', {
        class: 'indexing',
        test: 'search-indexing',
        text: words.search.indexing(Math.floor((100 * indexing.done) / Math.max(1, indexing.of))),
      }),
    );
  return parts;
}

/** @param {string} snippet @param {[number, number][]} marks UTF-16 places @returns {(Node|string)[]} */
function marked(snippet, marks) {
  let at = 0;
  /** @type {(Node|string)[]} */
  const parts = [];
  for (const [from, until] of marks) {
    parts.push(
      snippet.slice(at, from).replace(/\s+/gu, ' '),
      el('mark', { text: oneLine(snippet.slice(from, until)) }),
    );
    at = until;
  }
  return [...parts, snippet.slice(at).replace(/\s+/gu, ' ')];
}
