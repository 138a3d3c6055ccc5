/*
 * The colleagues: who is here, in which state and for how long, and how much each has to do.
 *
 * Apart because the bar's panel and the transfer dialog draw the same rows in the same order. Invariant: a state is told
 * by words, its dot only repeats them.
 */
import { el, icon, list, rows, setAttribute, setText } from '../dom.js';
import { running, serverNow } from '../clock.js';
import { words } from '../strings.js';
import { avatar } from './contact.js';

/** @typedef {import('../floor.js').Agent} Agent */

/** A field to search in appears from this many colleagues on. */
const SEARCH_FROM = 8;

/** @type {Agent['presence']['state'][]} */
const ORDER = ['ready', 'after_call_work', 'not_ready', 'do_not_disturb', 'logged_off'];

/** Everybody but me: the helpful first, then by name. @param {import('../floor.js').State} state @returns {Agent[]} */
export const colleaguesOf = (state) =>
  [...state.agents.values()]
    .filter((agent) => agent.id !== state.me?.id)
    .sort(
      (a, b) =>
        ORDER.indexOf(a.presence.state) - ORDER.indexOf(b.presence.state) ||
        a.load / a.capacity - b.load / b.capacity ||
        a.name.localeCompare(b.name),
    );

/** Each word that was typed begins a word of the name; case and accents do not count. @param {string} name @param {string} typed */
export function matches(name, typed) {
  const plain = (/** @type {string} */ text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
  const parts = plain(name).split(/\s+/u);
  return plain(typed)
    .split(/\s+/u)
    .every((word) => parts.some((part) => part.startsWith(word)));
}

/** @param {Agent['presence']} presence */
function stateWords({ state, reason }) {
  const name = words.presence.names[state] ?? state;
  return reason ? `${name}: ${reason}` : name;
}

/** Face, name, state with its time, and load. @param {Agent} first */
export function createColleague(first) {
  let shown = first;
  const name = el('span', { class: 'name', dir: 'auto' });
  const dot = el('span', { class: 'dot' });
  const at = el('span', { class: 'at' });
  const since = el('span', { class: 'since' });
  const load = el('span', { class: 'load' });
  function tick() {
    const { state, since: from } = shown.presence;
    setText(since, state === 'logged_off' ? '' : running(serverNow() - from));
  }
  return {
    parts: [
      avatar(first),
      el('span', { class: 'colleague-words' }, name, el('span', { class: 'colleague-at' }, dot, at, since)),
      load,
    ],
    tick,
    /** @param {Agent} agent */
    update(agent) {
      shown = agent;
      setText(name, agent.name);
      dot.className = `dot ${agent.presence.state}`;
      setText(at, stateWords(agent.presence));
      setText(load, agent.presence.state === 'logged_off' ? '' : words.colleagues.load(agent.load, agent.capacity));
      setAttribute(load, 'data-full', agent.load >= agent.capacity);
      tick();
    },
  };
}

/** The button of the bar and its panel. @param {import('../app.js').Context} context */
export function createColleagues({ floor, commands }) {
  const { state } = floor;
  const count = el('span', { class: 'colleague-count' });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet colleagues-button',
      test: 'colleagues',
      title: words.colleagues.heading,
      popovertarget: 'colleagues',
      'aria-expanded': 'false',
    },
    icon('people'),
    el('span', { class: 'heard', text: words.colleagues.heading }),
    count,
  );
  const search = el('input', {
    type: 'search',
    'aria-label': words.colleagues.search,
    placeholder: words.colleagues.search,
    oninput: update,
  });
  const people = el('ul', { class: 'people' });
  const nobody = el('p', { class: 'hint' });
  const panel = el(
    'div',
    {
      class: 'menu colleagues',
      id: 'colleagues',
      popover: 'auto',
      role: 'dialog',
      test: 'colleagues-panel',
      'aria-label': words.colleagues.heading,
      tabindex: '0',
      ontoggle: (/** @type {ToggleEvent} */ event) => {
        button.setAttribute('aria-expanded', String(event.newState === 'open'));
        update();
      },
    },
    el('h2', { text: words.colleagues.heading }),
    search,
    people,
    nobody,
  );

  commands.add(() => [{ id: 'colleagues', label: words.colleagues.heading, run: () => panel.showPopover() }]);

  function update() {
    const all = colleaguesOf(state);
    const here = all.filter((agent) => agent.presence.state !== 'logged_off');
    setText(count, String(here.length));
    setAttribute(button, 'aria-description', words.colleagues.here(here.length));
    if (!panel.matches(':popover-open')) return;
    search.hidden = all.length < SEARCH_FROM;
    const found = all.filter((agent) => matches(agent.name, search.value));
    list(
      people,
      found,
      (agent) => agent.id,
      (agent) => {
        const { parts, update: draw, tick: tickRow } = createColleague(agent);
        return {
          node: el('li', { class: 'colleague', test: 'colleague', 'data-agent': agent.id }, ...parts),
          update: draw,
          tick: tickRow,
        };
      },
    );
    nobody.hidden = found.length > 0;
    setText(nobody, all.length === 0 ? words.colleagues.nobody : words.colleagues.not_found);
  }

  return {
    node: el('div', { class: 'colleagues-place' }, button, panel),
    update,
    tick() {
      for (const row of rows(people)) row.tick?.();
    },
  };
}
