/*
 * The bar at the top: brand, pages, contacts waiting, and the presence menu.
 *
 * Invariant: the status shown is the server's; a click asks, the answer changes it.
 */
import { el, heard, icon, list, setAttribute, setText } from '../dom.js';
import { running, serverNow } from '../clock.js';
import { keyName } from '../shortcuts.js';
import { pageLabel, pagesFor } from '../pages.js';
import { words } from '../strings.js';
import { createColleagues } from './colleagues.js';
import { createSearchPanel } from './search_panel.js';
import { showSettings } from './settings.js';
import { brand } from './sign_in.js';

/** @typedef {import('../app.js').Context} Context */

/** The words for a presence, with its reason. @param {import('../floor.js').Presence} presence */
export function presenceWords(presence) {
  const name = words.presence.names[presence.state] ?? presence.state;
  return presence.reason ? `${name}: ${presence.reason}` : name;
}

/** @param {Context} context */
export function createHeader(context) {
  const { floor } = context;
  const { state } = floor;
  const waiting = el('span', { class: 'waiting' });
  const pages = el('nav', { class: 'pages', 'aria-label': words.header.pages });
  const palette_key = el('kbd');
  const palette = el(
    'button',
    { class: 'quiet palette-open', type: 'button', test: 'palette-button', onclick: () => context.commands.run('palette') },
    icon('command'),
    el('span', { text: words.header.palette }),
    palette_key,
  );
  const help = el('button', {
    class: 'quiet help',
    type: 'button',
    'aria-label': words.header.shortcuts,
    title: words.header.shortcuts,
    onclick: context.showShortcuts,
    text: '?',
  });
  const colleagues = createColleagues(context);
  const search = createSearchPanel(context);
  const presence = createPresence(context);
  return {
    node: el(
      'header',
      { class: 'bar' },
      el('h1', {}, brand()),
      pages,
      search.node,
      el('span', { class: 'space' }),
      waiting,
      colleagues.node,
      palette,
      help,
      presence.node,
    ),
    update() {
      list(
        pages,
        pagesFor(state),
        (page) => page.name,
        (page) => createPageLink(state, page),
      );
      const count = state.queues.reduce((sum, queue) => sum + queue.waiting, 0);
      waiting.hidden = count === 0;
      setText(waiting, words.header.waiting(count));
      colleagues.update();
      const key = context.commands.keyOf('palette');
      palette_key.hidden = key === '';
      setText(palette_key, key && keyName(key));
      search.update();
      presence.update();
    },
    tick() {
      colleagues.tick();
      presence.tick();
    },
  };
}

/** @param {import('../floor.js').State} state @param {ReturnType<typeof pagesFor>[number]} page */
function createPageLink(state, { name, path, test }) {
  const node = el('a', { href: path, test, text: pageLabel(name) });
  return { node, update: () => setAttribute(node, 'aria-current', state.page === name && 'page') };
}

/** @param {Context} context */
function createPresence(context) {
  const { floor, actions, signOut } = context;
  const { state } = floor;
  const dot = el('span', { class: 'dot' });
  const name = el('span', { class: 'agent-name', dir: 'auto' });
  const label = el('span', { class: 'presence-label' });
  const since = el('span', { class: 'since' });
  const then = el('span', { class: 'then' });
  const choices = el('div', { class: 'choices' });
  const load = el('p', { class: 'hint' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const menu = el('div', {
    class: 'menu',
    id: 'presence-menu',
    popover: 'auto',
    role: 'menu',
    'aria-label': words.presence.menu,
    onkeydown: moveInMenu,
    ontoggle: (/** @type {ToggleEvent} */ event) => {
      button.setAttribute('aria-expanded', String(event.newState === 'open'));
      if (event.newState === 'open')
        items()
          .find((item) => item.getAttribute('aria-checked') === 'true')
          ?.focus();
    },
  });
  const button = el(
    'button',
    {
      class: 'presence',
      type: 'button',
      test: 'presence-button',
      popovertarget: 'presence-menu',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
    },
    dot,
    el(
      'span',
      { class: 'presence-words' },
      name,
      el('span', { class: 'presence-line' }, heard(`${words.presence.button}: `), label, since, then),
    ),
    icon('chevron'),
  );
  menu.append(el('div', { class: 'menu-head', role: 'none' }, load, trouble), choices);

  const items = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll('[role^=menuitem]')]);

  /** @param {KeyboardEvent} event */
  function moveInMenu(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    all[(at + step + all.length) % all.length].focus();
  }

  /** The menu stays open with the sentence of a refusal. @param {() => Promise<void>} order */
  async function choose(order) {
    trouble.textContent = '';
    try {
      await order();
      if (menu.isConnected) menu.hidePopover();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {string} to @param {string|null} reason */
  function choice(to, reason) {
    const current = state.me?.presence;
    const checked = current?.state === to && (current.reason ?? null) === reason;
    const text = reason ?? words.presence.names[/** @type {'ready'} */ (to)];
    return el(
      'button',
      {
        type: 'button',
        role: 'menuitemradio',
        'aria-checked': String(checked),
        class: reason ? 'reason' : null,
        test: reason ? `presence-reason-${reason}` : `presence-${to}`,
        onclick: () => choose(() => actions.setPresence(to, reason)),
      },
      el('span', { class: `dot ${to}` }),
      el('span', { text }),
      reason && heard(` (${words.presence.names.not_ready})`),
      checked && icon('check'),
    );
  }

  /** Asked for ahead: a click asks or takes it back. @returns {HTMLElement[]} */
  function afterWorkChoices() {
    const pending = state.me?.after_work;
    if (pending === undefined) return [];
    /** @type {(reason: string|null) => HTMLElement} */
    const one = (reason) => {
      const checked = pending !== null && (pending.reason ?? null) === reason;
      return el(
        'button',
        {
          type: 'button',
          role: 'menuitemcheckbox',
          'aria-checked': String(checked),
          class: 'reason',
          test: reason ? `presence-after-work-${reason}` : 'presence-after-work',
          onclick: () => choose(() => actions.setAfterWork(!checked, checked ? null : reason)),
        },
        el('span', { text: reason ?? words.presence.after_work_plain }),
        heard(` (${words.presence.after_work})`),
        checked && icon('check'),
      );
    };
    return [
      el('hr', { role: 'separator' }),
      el('p', { class: 'menu-title', role: 'none' }, icon('clock'), el('span', { text: words.presence.after_work })),
      one(null),
      ...state.reasons.map(one),
    ];
  }

  let drawn = '';
  return {
    node: el('div', { class: 'presence-place' }, button, menu),
    update() {
      const me = state.me;
      if (!me) return;
      dot.className = `dot ${me.presence.state}`;
      setText(name, me.name);
      setText(label, presenceWords(me.presence));
      setText(load, words.presence.load(me.load, me.capacity));
      setText(
        then,
        me.after_work
          ? words.presence.then(presenceWords({ ...me.presence, state: 'not_ready', reason: me.after_work.reason }))
          : '',
      );
      this.tick();
      const drawing = JSON.stringify([me.presence.state, me.presence.reason, me.after_work, state.reasons]);
      if (drawing === drawn) return;
      drawn = drawing;
      choices.replaceChildren(
        choice('ready', null),
        choice('not_ready', null),
        ...state.reasons.map((reason) => choice('not_ready', reason)),
        choice('after_call_work', null),
        choice('do_not_disturb', null),
        ...afterWorkChoices(),
        el('hr', { role: 'separator' }),
        el(
          'button',
          {
            type: 'button',
            role: 'menuitem',
            test: 'settings',
            onclick() {
              menu.hidePopover();
              showSettings(context);
            },
          },
          icon('gear'),
          el('span', { text: words.commands.settings }),
        ),
        el(
          'button',
          { type: 'button', role: 'menuitem', test: 'sign-out', onclick: () => choose(signOut) },
          el('span', { class: 'dot logged_off' }),
          el('span', { text: words.presence.sign_out }),
          el('small', { text: words.presence.sign_out_hint }),
        ),
      );
    },
    tick() {
      if (state.me) setText(since, running(serverNow() - state.me.presence.since));
    },
  };
}
