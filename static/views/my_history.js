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
import { dispositionSelect } from './disposition.js';
import { createHandled, dispositionPath } from './handled.js';
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
    { class: 'empty', test: 'history-empty', hidden: true },
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
    id: 'history-contact',
    test: 'history-contact',
    placeholder: words.my_history.contact_hint,
    autocomplete: 'off',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(changed, TYPING_PAUSE_MS);
    },
  });
  const select = (/** @type {string} */ id) => el('select', { id, test: id, onchange: changed });
  const date = (/** @type {string} */ id) => el('input', { type: 'date', id, test: id, onchange: changed });
  const option = (/** @type {string|number} */ value, /** @type {string} */ text) => el('option', { value, text });
  const queue = select('history-queue');
  const at = select('history-state');
  const disposition = el('span', { class: 'slot' });
  const from = date('history-from');
  const until = date('history-until');
  at.append(
    option('', words.my_history.any),
    ...Object.entries(words.my_history.states).map(([value, text]) => option(value, text)),
  );
  const outcome = () => /** @type {HTMLSelectElement|null} */ (disposition.firstElementChild)?.value ?? '';
  const labelled = (/** @type {string} */ id, /** @type {string} */ text, /** @type {HTMLElement} */ field) =>
    el('div', { class: 'labelled' }, el('label', { for: id, text }), field);

  function reset() {
    q.value = queue.value = at.value = from.value = until.value = '';
    const select_outcome = /** @type {HTMLSelectElement|null} */ (disposition.firstElementChild);
    if (select_outcome) select_outcome.value = '';
    changed();
    q.focus();
  }

  const more = el(
    'details',
    { class: 'more-filters', test: 'history-filters' },
    el('summary', { text: words.my_history.filters }),
    el(
      'div',
      { class: 'filter-fields' },
      labelled('history-queue', words.my_history.queue, queue),
      labelled('history-disposition', words.my_history.disposition, disposition),
      labelled('history-state', words.my_history.state, at),
      labelled('history-from', words.my_history.from, from),
      labelled('history-until', words.my_history.until, until),
    ),
  );

  return {
    node: el('search', { class: 'filters' }, el('label', { class: 'heard', for: 'history-contact', text: words.my_history.contact }), q, more),
    reset: el('button', { type: 'button', class: 'small', test: 'history-reset', onclick: reset, text: words.my_history.reset }),
    /** Days as the person means them: from midnight to midnight. */
    query() {
      const start = (/** @type {string} */ day) => (day ? String(new Date(`${day}T00:00`).getTime()) : '');
      const end = until.value ? String(new Date(`${until.value}T00:00`).getTime() + DAY_MS - 1) : '';
      const all = {
        q: q.value.trim(),
        queue_id: queue.value,
        disposition_id: outcome(),
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
      const chosen = queue.value;
      queue.replaceChildren(option('', words.my_history.any), ...state.queues.map((one) => option(one.id, one.name)));
      queue.value = chosen;
      const chosen_outcome = outcome();
      const outcomes = dispositionSelect(state, {
        id: 'history-disposition',
        test: 'history-disposition',
        onchange: changed,
      });
      outcomes.options[0].textContent = words.my_history.any;
      outcomes.value = chosen_outcome;
      disposition.replaceChildren(outcomes);
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
    { class: 'item', href: handledPath(id), test: 'history-row', 'data-interaction': id },
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
      const outcome = dispositionPath(state, one.disposition_id) || words.my_history.no_disposition;
      setText(facts, `${queueName(state, one.queue_id)} \u00b7 ${outcome}`);
      setText(chip, words.states[one.state]);
      chip.className = `chip ${one.state}`;
      chip.hidden = one.state === 'done';
    },
  };
}
