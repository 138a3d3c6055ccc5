/*
 * The contact's interactions, the newest first: filters, and for each the facts, note, case data and disposition.
 *
 * Invariants: it asks the server only while somebody looks at it; an answer to an older question is dropped; the current
 * interaction is marked and follows the floor.
 */
import { openContactOrders } from '../contact_orders.js';
import { el, icon, list, setAttribute, setText } from '../dom.js';
import { moment } from '../clock.js';
import { agentName, queueName } from '../floor.js';
import { oneLine } from '../formatting.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';
import { dispositionName } from './disposition.js';

const PAGE = 30;
const DAY_MS = 86_400_000;

/** @typedef {import('../floor.js').Interaction} Interaction */

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{jump: (interaction: Interaction) => void}} options
 */
export function createHistory(context, first, { jump }) {
  const { state } = context.floor;
  const orders = openContactOrders(context.floor);
  const filters = createFilters(state, () => load(true));
  const items = el('ol', { class: 'history-items' });
  const status = el('p', { class: 'hint', role: 'status' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const more = el('button', {
    type: 'button',
    class: 'small',
    test: 'history-more',
    hidden: true,
    onclick: () => load(false),
    text: words.history.more,
  });
  const node = el('div', { class: 'history' }, filters.node, status, trouble, items, more);
  /** @type {Interaction[]} */
  let interactions = [];
  /** @type {string|null} */
  let before = null;
  let question = 0;
  let state_asked = '';

  /** @param {boolean} anew */
  async function load(anew) {
    const mine = (question += 1);
    trouble.textContent = '';
    if (anew) setText(status, words.loading);
    try {
      const answer = await orders.history(first.contact.id, {
        ...filters.values(),
        limit: PAGE,
        before: anew ? '' : (before ?? ''),
      });
      if (mine !== question) return;
      interactions = anew ? answer.interactions : [...interactions, ...answer.interactions];
      before = answer.before;
      setText(status, interactions.length ? '' : filters.set() ? words.history.none_found : words.history.none);
      draw();
    } catch (error) {
      if (mine !== question) return;
      setText(status, '');
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  function draw() {
    list(
      items,
      interactions.map((one) => newest(state, one)),
      (one) => one.id,
      () => createItem(state, { current_id: first.id, conversation_id: first.conversation_id, jump }),
    );
    more.hidden = before === null;
  }

  return {
    node,
    /** @param {Interaction} interaction */
    update(interaction) {
      if (!node.checkVisibility()) return;
      // A new state or owner may have made a new entry; everything else the floor knows by itself.
      const now = `${interaction.state} ${interaction.owner_id} ${state.connection === 'live'}`;
      if (now === state_asked) return interactions.length ? draw() : undefined;
      state_asked = now;
      filters.draw();
      load(true);
    },
  };
}

/** The floor's, when it knows a newer one. @param {import('../floor.js').State} state @param {Interaction} one */
function newest(state, one) {
  const known = state.interactions.get(one.id);
  return known && known.version >= one.version ? { ...one, ...known } : one;
}

/** @param {import('../floor.js').State} state @param {() => void} changed */
function createFilters(state, changed) {
  /** @param {string} name @param {string} label */
  const select = (name, label) =>
    el('select', { id: `history-${name}`, test: `history-${name}`, 'aria-label': label, onchange: apply });
  const selects = {
    state: select('state', words.history.filters.state),
    channel_id: select('channel', words.history.filters.channel),
    queue_id: select('queue', words.history.filters.queue),
    agent_id: select('agent', words.history.filters.agent),
    disposition_id: select('disposition', words.history.filters.disposition),
  };
  /** @param {string} name */
  const date = (name) => el('input', { type: 'date', id: `history-${name}`, test: `history-${name}`, onchange: apply });
  const from = date('from');
  const until = date('until');
  const reset = el('button', {
    type: 'button',
    class: 'quiet small',
    test: 'history-reset',
    onclick() {
      for (const control of [...Object.values(selects), from, until]) control.value = '';
      apply();
    },
    text: words.history.reset,
  });
  const summary = el('summary', { test: 'history-filters' });

  function apply() {
    showCount();
    changed();
  }

  const values = () => ({
    ...Object.fromEntries(Object.entries(selects).map(([name, one]) => [name, one.value])),
    from: from.value ? new Date(`${from.value}T00:00`).getTime() : '',
    until: until.value ? new Date(`${until.value}T00:00`).getTime() + DAY_MS - 1 : '',
  });
  const set = () => Object.values(values()).filter((value) => value !== '').length;

  function showCount() {
    setText(summary, words.history.filter(set()));
    reset.hidden = set() === 0;
  }

  /** @param {HTMLSelectElement} control @param {[number|string, string][]} entries */
  function offer(control, entries) {
    const { value } = control;
    control.replaceChildren(
      el('option', { value: '', text: control.getAttribute('aria-label') ?? '' }),
      ...entries.map(([id, text]) => el('option', { value: id, text })),
    );
    control.value = value;
  }

  showCount();
  return {
    node: el(
      'details',
      { class: 'filters' },
      summary,
      el(
        'div',
        { class: 'filter-fields' },
        ...Object.values(selects),
        el('label', { for: 'history-from' }, words.history.filters.from, from),
        el('label', { for: 'history-until' }, words.history.filters.until, until),
        reset,
      ),
    ),
    values,
    set,
    /** What there is to choose from. */
    draw() {
      offer(selects.state, [
        ['open', words.history.open],
        ['done', words.states.done],
      ]);
      offer(
        selects.channel_id,
        state.channels.map((one) => [one.id, one.name]),
      );
      offer(
        selects.queue_id,
        state.queues.map((one) => [one.id, one.name]),
      );
      offer(
        selects.agent_id,
        [...state.agents.values()].map((one) => [one.id, one.name]),
      );
      offer(
        selects.disposition_id,
        state.dispositions.map((one) => [one.id, dispositionName(state, one.id) || one.label]),
      );
    },
  };
}

/**
 * @param {import('../floor.js').State} state
 * @param {{current_id: number, conversation_id: number, jump: (interaction: Interaction) => void}} options
 * @returns {import('../dom.js').Row<Interaction>}
 */
function createItem(state, { current_id, conversation_id, jump }) {
  /** @type {Interaction|null} */
  let shown = null;
  const when = el('time');
  const chip = el('span', { class: 'chip' });
  const who = el('span', { class: 'history-who', dir: 'auto' });
  const outcome = el('span', { class: 'history-outcome', dir: 'auto' });
  const more = el('div', { class: 'history-more', hidden: true });
  const head = el(
    'button',
    { type: 'button', class: 'history-head', test: 'history-head', 'aria-expanded': 'false', onclick: toggle },
    icon('chevron'),
    el('span', { class: 'history-top' }, when, chip),
    who,
    outcome,
  );

  function toggle() {
    more.hidden = !more.hidden;
    head.setAttribute('aria-expanded', String(!more.hidden));
    if (shown && !more.hidden) drawMore(shown);
  }

  /** @param {Interaction} one */
  function drawMore(one) {
    const channel = state.channels.find((each) => each.id === one.channel_id);
    const here = one.conversation_id === conversation_id;
    /** @type {[string, string][]} */
    const pairs = [
      [words.contact.began, moment(one.created_at)],
      [words.contact.ended, one.ended_at ? moment(one.ended_at) : ''],
      [words.contact.channel, channel?.name ?? ''],
      [words.contact.queue, queueName(state, one.queue_id)],
      [words.history.handled_by, one.handled_by.map((id) => agentName(state, id)).join(', ')],
      [words.history.done_by, agentName(state, one.done_by_id)],
      [words.disposition.heading, dispositionName(state, one.disposition_id)],
      ...one.case_data.map(
        ({ key, value }) =>
          /** @type {[string, string]} */ ([state.case_keys.find((each) => each.key === key)?.label ?? key, value]),
      ),
      [words.contact.number, `#${one.id}`],
    ];
    more.replaceChildren(
      el(
        'dl',
        {},
        ...pairs
          .filter(([, value]) => value)
          .map(([label, value]) =>
            el('div', {}, el('dt', { dir: 'auto', text: label }), el('dd', { dir: 'auto', text: value })),
          ),
      ),
      one.note ? el('blockquote', { class: 'history-note', dir: 'auto', test: 'history-note', text: one.note }) : '',
      here
        ? el('button', {
            type: 'button',
            class: 'small',
            test: 'history-jump',
            onclick: () => jump(one),
            text: words.history.show,
          })
        : el(
            'p',
            { class: 'hint' },
            `${words.history.elsewhere(channel?.name ?? '')} `,
            el('a', {
              href: contactPath(one.contact.id, one.last_message?.id),
              text: words.history.open_contact,
            }),
          ),
    );
  }

  return {
    node: el('li', { test: 'history-item' }, head, more),
    update(one) {
      if (shown === one) return;
      const changed = shown?.version !== one.version;
      shown = one;
      setText(when, moment(one.created_at));
      setText(chip, one.id === current_id ? words.history.this_one(words.states[one.state]) : words.states[one.state]);
      chip.className = `chip ${one.state}`;
      const agents = one.handled_by.length ? one.handled_by : one.owner_id ? [one.owner_id] : [];
      const names = agents.map((id) => agentName(state, id)).join(', ');
      setText(who, [names || words.history.nobody, queueName(state, one.queue_id)].join(' \u00b7 '));
      setText(outcome, dispositionName(state, one.disposition_id) || (one.note ? oneLine(one.note) : ''));
      setAttribute(head, 'data-current', one.id === current_id);
      if (changed && !more.hidden) drawMore(one);
    },
  };
}
