/*
 * My History: the interactions that I handled, the newest first, with filters; the chosen one with all its details.
 *
 * Invariant: a filter takes effect as soon as it is set, and what is shown always belongs to the filters that are shown.
 */
import { el, icon, setAttribute, setText } from '../dom.js';
import { moment, shortMoment } from '../clock.js';
import { queueName } from '../floor.js';
import { handledPath } from '../pages.js';
import { words } from '../strings.js';
import { addressText, avatar } from './contact.js';
import { dispositionName } from './disposition.js';
import { createHandled } from './handled.js';
import { createLongList } from './long_list.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

const ROW_PX = 60;
const TYPING_PAUSE_MS = 200;
const DAY_MS = 86_400_000;

/** @param {import('../app.js').Context} context */
export function createMyHistory(context) {
  const { floor, directory } = context;
  const { state } = floor;
  const filters = createFilters(state, read);
  const rows = createLongList({
    label: words.my_history.heading,
    row_px: ROW_PX,
    id_of: (/** @type {Interaction} */ one) => one.id,
    make: (/** @type {Interaction} */ one) => createHandledRow(context, one.id),
    near_end: () => !state.directory.handled.trouble && directory.read('handled', filters.query(), false),
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const try_again = el('button', { type: 'button', class: 'small', text: words.try_again, onclick: read });
  const failed = el('div', { class: 'list-trouble', hidden: true }, trouble, try_again);
  const empty_title = el('p', { class: 'empty-title' });
  const empty_hint = el('p');
  const empty = el(
    'div',
    { class: 'empty', test: 'my-history-empty', hidden: true },
    icon('clock'),
    empty_title,
    empty_hint,
    filters.reset,
  );
  const nothing = el(
    'section',
    { class: 'handled nothing', 'aria-label': words.my_history.details },
    el(
      'div',
      {},
      icon('clock'),
      el('p', { class: 'empty-title', text: words.my_history.choose }),
      el('p', { text: words.my_history.choose_hint }),
    ),
  );
  const handled = createHandled(context);
  const place = el('div', { class: 'handled-place' });
  const node = el(
    'section',
    { class: 'my-history', test: 'history-page', 'aria-labelledby': 'history-heading' },
    el(
      'nav',
      { class: 'handled-list', 'aria-label': words.my_history.heading },
      el('h2', { id: 'history-heading', text: words.my_history.heading }),
      filters.node,
      failed,
      rows,
      empty,
    ),
    place,
  );

  context.commands.add(() =>
    state.page === 'history' ? [{ id: 'search', label: words.my_history.contact_hint, run: filters.focus }] : [],
  );

  function read() {
    rows.toTop();
    directory.read('handled', filters.query(), true);
  }

  return {
    node,
    update() {
      const { handled: paged } = state.directory;
      filters.update();
      if (paged.stale && !paged.loading && !paged.trouble) directory.read('handled', filters.query(), true);
      rows.show(paged.items);
      setText(trouble, paged.trouble ?? '');
      failed.hidden = paged.trouble === null;
      const none = paged.loaded && !paged.loading && paged.items.length === 0 && !paged.trouble;
      empty.hidden = !none;
      rows.hidden = none;
      const filtered = filters.query() !== '';
      setText(empty_title, filtered ? words.my_history.nothing_found : words.my_history.empty);
      setText(empty_hint, filtered ? words.my_history.nothing_found_hint : words.my_history.empty_hint);
      filters.reset.hidden = !filtered;
      const chosen = paged.items.find((one) => one.id === state.handled_id);
      node.dataset.showing = chosen ? 'handled' : 'list';
      const part = chosen ? handled.node : nothing;
      if (place.firstChild !== part) place.replaceChildren(part);
      if (chosen) handled.update(chosen);
    },
    tick() {},
    /** @param {number} step */
    move: (step) => rows.move(step),
    close() {},
  };
}

/** @param {import('../floor.js').State} state @param {() => void} changed */
function createFilters(state, changed) {
  let timer = 0;
  let known = '';
  const q = el('input', {
    type: 'search',
    id: 'my-history-contact',
    test: 'my-history-contact',
    placeholder: words.my_history.contact_hint,
    autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(changed, TYPING_PAUSE_MS);
    },
  });
  const select = (/** @type {string} */ id) => el('select', { id, test: id, onchange: changed });
  const date = (/** @type {string} */ id) => el('input', { type: 'date', id, test: id, onchange: changed });
  /** @param {HTMLSelectElement} field @param {[number|string, string][]} entries */
  function offer(field, entries) {
    const { value } = field;
    field.replaceChildren(
      el('option', { value: '', text: words.my_history.any }),
      ...entries.map(([id, text]) => el('option', { value: id, text })),
    );
    field.value = value;
  }
  const queue = select('my-history-queue');
  const at = select('my-history-state');
  const disposition = select('my-history-disposition');
  const from = date('my-history-from');
  const until = date('my-history-until');
  offer(at, [
    ['open', words.history.open],
    ['done', words.states.done],
  ]);
  const labelled = (/** @type {string} */ id, /** @type {string} */ text, /** @type {HTMLElement} */ field) =>
    el('div', { class: 'labelled' }, el('label', { for: id, text }), field);

  function reset() {
    for (const field of [q, queue, disposition, at, from, until]) field.value = '';
    changed();
    q.focus();
  }

  const more = el(
    'details',
    { class: 'more-filters', test: 'my-history-filters' },
    el('summary', { text: words.my_history.filters }),
    el(
      'div',
      { class: 'filter-fields' },
      labelled('my-history-queue', words.my_history.queue, queue),
      labelled('my-history-disposition', words.my_history.disposition, disposition),
      labelled('my-history-state', words.my_history.state, at),
      labelled('my-history-from', words.my_history.from, from),
      labelled('my-history-until', words.my_history.until, until),
    ),
  );

  return {
    node: el(
      'search',
      { class: 'filters' },
      el('label', { class: 'heard', for: 'my-history-contact', text: words.my_history.contact }),
      q,
      more,
    ),
    reset: el('button', {
      type: 'button',
      class: 'small',
      test: 'my-history-reset',
      onclick: reset,
      text: words.my_history.reset,
    }),
    focus: () => q.focus(),
    /** Days as the person means them: from midnight to midnight. */
    query() {
      const start = (/** @type {string} */ day) => (day ? String(new Date(`${day}T00:00`).getTime()) : '');
      const end = until.value ? String(new Date(`${until.value}T00:00`).getTime() + DAY_MS - 1) : '';
      const all = {
        q: q.value.trim(),
        queue_id: queue.value,
        disposition_id: disposition.value,
        state: at.value,
        from: start(from.value),
        until: end,
      };
      return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== '')).toString();
    },
    /** Queues and dispositions come with the snapshot. */
    update() {
      const now = JSON.stringify([state.queues.map((one) => [one.id, one.name]), state.dispositions]);
      if (now === known) return;
      known = now;
      offer(
        queue,
        state.queues.map((one) => [one.id, one.name]),
      );
      offer(
        disposition,
        state.dispositions.map((one) => [one.id, dispositionName(state, one.id) || one.label]),
      );
    },
  };
}

/** @param {import('../app.js').Context} context @param {number} id */
function createHandledRow({ floor }, id) {
  const { state } = floor;
  /** @type {Interaction|null} */
  let shown = null;
  const face = el('span', { class: 'face' });
  const name = el('span', { class: 'name', dir: 'auto' });
  const when = el('time');
  const facts = el('span', { class: 'preview', dir: 'auto' });
  const chip = el('span', { class: 'chip' });
  const link = el(
    'a',
    { class: 'item', href: handledPath(id), test: 'my-history-row', 'data-interaction': id },
    face,
    el('span', { class: 'item-top' }, name, when),
    el('span', { class: 'item-bottom' }, facts, chip),
  );
  return {
    node: link,
    /** @param {Interaction} one */
    update(one) {
      setAttribute(link, 'aria-current', state.handled_id === id && 'page');
      if (one === shown) return;
      if (shown?.contact.id !== one.contact.id) face.replaceChildren(avatar(one.contact));
      shown = one;
      setText(name, one.contact.name || addressText(one.contact));
      const at = one.done_at ?? one.ended_at ?? one.last_message?.at ?? one.created_at;
      setText(when, shortMoment(at));
      when.title = moment(at);
      const outcome = dispositionName(state, one.disposition_id) || words.my_history.no_disposition;
      setText(facts, `${queueName(state, one.queue_id)} \u00b7 ${outcome}`);
      setText(chip, words.states[one.state]);
      chip.className = `chip ${one.state}`;
      chip.hidden = one.state === 'done';
    },
  };
}
