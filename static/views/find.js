/*
 * The Conversation tab: find words in everything ever said with this contact, and an outline of the interactions to jump
 * to. The conversation itself is the transcript in the middle; it is not shown a second time.
 *
 * Invariants: an answer to an older question is dropped; a hit is marked by the places that the server names.
 */
import { request } from '../api.js';
import { openContactOrders } from '../contact_orders.js';
import { el, list, setAttribute, setText } from '../dom.js';
import { moment, shortMoment } from '../clock.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';
import { dispositionName } from './disposition.js';

const QUIET_MS = 200;
const CHARS_MIN = 2;
const OUTLINE_MAX = 50;

/**
 * @typedef {import('../floor.js').Interaction} Interaction
 * @typedef {{message_id: number|null, kind: string, interaction_id: number|null, author: string, agent_id: number|null,
 *   at: number, snippet: string, marks: [number, number][]}} Hit
 */

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{jump: (interaction: Interaction) => void, jumpTo: (message_id: number) => void}} options
 */
export function createFind(context, first, { jump, jumpTo }) {
  const { state } = context.floor;
  const search = el('input', {
    type: 'text',
    test: 'find-text',
    'aria-label': words.find.label,
    placeholder: words.find.label,
    autocomplete: 'off',
    oninput: asked,
    onkeydown: pressed,
  });
  const status = el('p', { class: 'hint', role: 'status', test: 'find-status' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const hits = el('ol', { class: 'hits', onkeydown: moved });
  const more = el('button', {
    type: 'button',
    class: 'small',
    test: 'find-more',
    hidden: true,
    onclick: () => ask(cursor),
    text: words.find.more,
  });
  const outline = createOutline(context, first, jump);
  const node = el('div', { class: 'find' }, search, status, trouble, hits, more, outline.node);
  let timer = 0;
  let question = 0;
  /** @type {string|null} */
  let cursor = null;

  function asked() {
    clearTimeout(timer);
    question += 1;
    const query = search.value.trim();
    outline.node.hidden = query !== '';
    trouble.textContent = '';
    if ([...query].length >= CHARS_MIN) {
      timer = setTimeout(() => ask(null), QUIET_MS);
      return;
    }
    hits.replaceChildren();
    more.hidden = true;
    setText(status, query ? words.find.more_letters : '');
  }

  /** @param {string|null} after */
  async function ask(after) {
    const mine = (question += 1);
    const query = new URLSearchParams({ q: search.value.trim(), limit: '30' });
    if (after) query.set('cursor', after);
    try {
      const answer = await request('GET', `/api/conversations/${first.conversation_id}/search?${query}`);
      if (mine !== question) return;
      cursor = answer.cursor;
      more.hidden = cursor === null;
      const rows = answer.hits.map((/** @type {Hit} */ hit) => createHit(hit));
      if (after) hits.append(...rows);
      else hits.replaceChildren(...rows);
      setText(status, summaryOf(answer));
    } catch (error) {
      if (mine !== question) return;
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Hit} hit */
  function createHit({ message_id, kind, author, agent_id, at, snippet, marks }) {
    const who =
      kind === 'note'
        ? words.note.heading
        : author === 'contact'
          ? (state.interactions.get(first.id)?.contact.name ?? '')
          : agent_id
            ? agentName(state, agent_id)
            : words.product;
    return el(
      'li',
      {},
      el(
        'button',
        {
          type: 'button',
          class: 'hit',
          test: 'find-hit',
          disabled: message_id === null,
          onclick: () => message_id !== null && jumpTo(message_id),
        },
        el(
          'span',
          { class: 'hit-head' },
          el('span', { dir: 'auto', text: who }),
          el('time', { title: moment(at), text: shortMoment(at) }),
        ),
        el('span', { class: 'snippet', dir: 'auto' }, ...marked(snippet, marks)),
      ),
    );
  }

  const first_hit = () => /** @type {HTMLElement|null} */ (hits.querySelector('button:not(:disabled)'));

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') first_hit()?.focus();
    else if (event.key === 'Enter') first_hit()?.click();
    else if (event.key === 'Escape' && search.value) {
      event.stopPropagation();
      search.value = '';
      asked();
    } else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = /** @type {HTMLElement[]} */ ([...hits.querySelectorAll('button')]);
    const to = all.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step;
    event.preventDefault();
    event.stopPropagation();
    if (to < 0) search.focus();
    else all[Math.min(to, all.length - 1)].focus();
  }

  return {
    node,
    update: outline.update,
    focus() {
      search.focus();
      search.select();
    },
    close: () => clearTimeout(timer),
  };
}

/** @param {{total: number, total_is_exact: boolean, read_as: null|{query: string}, indexing: null|{done: number, of: number}}} answer */
function summaryOf({ total, total_is_exact, read_as, indexing }) {
  return [
    words.find.total(total, total_is_exact),
    read_as && words.find.read_as(read_as.query),
    indexing && words.find.indexing(indexing.done, indexing.of),
  ]
    .filter(Boolean)
    .join(' ');
}

/** @param {string} snippet @param {[number, number][]} marks UTF-16 places @returns {(Node|string)[]} */
function marked(snippet, marks) {
  let at = 0;
  /** @type {(Node|string)[]} */
  const parts = [];
  for (const [from, until] of marks) {
    parts.push(snippet.slice(at, from), el('mark', { text: snippet.slice(from, until) }));
    at = until;
  }
  return [...parts, snippet.slice(at)];
}

/**
 * The interactions of this conversation, one line each.
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {(interaction: Interaction) => void} jump
 */
function createOutline({ floor }, first, jump) {
  const { state } = floor;
  const orders = openContactOrders(floor);
  const lines = el('ol', { class: 'outline' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const node = el('section', {}, el('h3', { text: words.find.outline }), trouble, lines);
  /** @type {Interaction[]} */
  let interactions = [];
  let state_asked = '';

  async function load() {
    trouble.textContent = '';
    try {
      const filters = { channel_id: first.channel_id, limit: OUTLINE_MAX };
      interactions = (await orders.history(first.contact.id, filters)).interactions;
      draw();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  function draw() {
    list(
      lines,
      interactions,
      (one) => one.id,
      () => {
        const when = el('time');
        const who = el('span', { class: 'outline-who', dir: 'auto' });
        /** @type {Interaction|null} */
        let shown = null;
        const line = el(
          'button',
          { type: 'button', class: 'outline-line', test: 'find-interaction', onclick: () => shown && jump(shown) },
          when,
          who,
        );
        return {
          node: el('li', {}, line),
          update(one) {
            shown = one;
            const current = one.id === first.id;
            const agents = one.handled_by.map((id) => agentName(state, id)).join(', ');
            setText(when, shortMoment(one.created_at));
            when.title = moment(one.created_at);
            setText(
              who,
              [current ? words.find.now : '', agents, dispositionName(state, one.disposition_id)]
                .filter(Boolean)
                .join(' \u00b7 ') || words.states[one.state],
            );
            setAttribute(line, 'data-current', current);
          },
        };
      },
    );
  }

  return {
    node,
    /** @param {Interaction} interaction */
    update(interaction) {
      if (!node.checkVisibility()) return;
      const now = `${interaction.state} ${interaction.owner_id} ${state.connection === 'live'}`;
      if (now === state_asked) return;
      state_asked = now;
      load();
    },
  };
}
