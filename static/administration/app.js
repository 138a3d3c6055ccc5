/*
 * The start of the administration pages: the gate, the frame, the sections (`sections.js`) and their addresses.
 *
 * A document of its own, so that what an administrator needs now and then costs an agent's page nothing. Invariants: only
 * administrators get in, and the server says who is one; a section is made when it is first visited and then kept; leaving
 * a form with changes asks first.
 *
 * Hooks for browser tests (`data-test`): sign-in-login, sign-in-password, sign-in-submit; not-administrator, to-work,
 * sections-open, section-NAME, section-heading; FORM-FIELD, FORM-FIELD-trouble, FORM-submit, FORM-trouble, FORM-saved for
 * the forms; those of a section stand at its top.
 */
import { Problem, request, whenSignInRequired } from '../api.js';
import { everySecond } from '../clock.js';
import { el, icon, setAttribute } from '../dom.js';
import { watchIdle } from '../idle.js';
import { openPreferences } from '../preferences.js';
import { words as shared_words } from '../strings.js';
import { createIdleWarning } from '../views/idle.js';
import { brand, createSignIn } from '../views/sign_in.js';
import { mayLeave } from './form.js';
import { groups, sections } from './sections.js';
import { words } from './strings.js';

/**
 * What every section gets.
 * @typedef {{
 *   me: {id: number, login: string, name: string, role: string},
 *   announce: (sentence: string) => void,
 *   go: (...parts: (string|number)[]) => void}} Context
 */

/**
 * What a section gives: its node, and what it does when it is shown. `rest` is what the address says after the section.
 * @typedef {{node: HTMLElement, show: (rest: string[]) => void|Promise<void>}} SectionView
 */

const START_RETRY_MS = 2_000;

const sign_ins = 'BroadcastChannel' in window ? new BroadcastChannel('deskbell-sign-in') : null;
/** Ends what runs while the frame is shown. @type {AbortController|null} */
let life = null;

/** @param {string|null} reason */
function showSignIn(reason) {
  life?.abort();
  life = null;
  document.querySelector('dialog[open]')?.remove();
  document.body.replaceChildren(
    createSignIn({
      reason,
      on_signed_in(agent) {
        sign_ins?.postMessage({ agent_id: agent.id });
        enter(agent);
      },
    }),
  );
}

async function start() {
  whenSignInRequired(() => life && showSignIn(words.sign_in_ended));
  try {
    enter(await request('GET', '/api/me'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return showSignIn(null);
    document.body.replaceChildren(
      el('main', { class: 'sign-in' }, el('p', { role: 'alert', text: /** @type {Error} */ (error).message })),
    );
    setTimeout(start, START_RETRY_MS);
  }
}

/** @param {Context['me']} me */
function enter(me) {
  sign_ins?.addEventListener('message', (event) => event.data.agent_id !== me.id && location.reload());
  openPreferences(me.id);
  if (me.role === 'administrator') showFrame(me);
  else
    document.body.replaceChildren(
      el(
        'main',
        { class: 'sign-in' },
        brand(),
        el(
          'div',
          { class: 'sign-in-card', test: 'not-administrator' },
          el('h1', { text: words.title }),
          el('p', { text: words.not_administrator }),
          el('a', { href: '/', test: 'to-work', text: words.to_work }),
        ),
      ),
    );
}

/** The idle lock of the centre holds here too. @param {Context} context @param {AbortSignal} signal */
async function lockWhenIdle({ me, announce }, signal) {
  const settings = await request('GET', '/api/administration/settings').catch(() => null);
  if (!settings || signal.aborted) return;
  async function lock() {
    showSignIn(shared_words.idle.locked);
    // Without a connection it is made good as soon as there is one.
    for (let signed_out = false; !signed_out;) {
      signed_out = await request('POST', '/api/sign-out').then(
        () => true,
        (error) => error instanceof Problem,
      );
      if (!signed_out) await new Promise((resolve) => setTimeout(resolve, START_RETRY_MS));
    }
  }
  const warning = createIdleWarning({ announce, signOut: lock });
  const idle = watchIdle({ agent_id: me.id, settings, warn: warning.show, lock, signal });
  const stop = everySecond(idle.tick);
  signal.addEventListener('abort', stop);
}

/** @param {Context['me']} me */
function showFrame(me) {
  life = new AbortController();
  const { signal } = life;
  const live = el('div', { class: 'heard', 'aria-live': 'polite' });
  /** @type {Context} */
  const context = {
    me,
    announce: (sentence) => live.replaceChildren(el('p', { text: sentence })),
    go: (...parts) => void (location.hash = `#/${parts.join('/')}`),
  };
  /** @type {Map<string, SectionView>} */
  const views = new Map();
  const links = new Map(
    sections.map(({ name, path }) => [
      name,
      el('a', { href: `#/${path}`, test: `section-${name}`, text: words.sections[/** @type {'queues'} */ (name)] }),
    ]),
  );
  const nav = el(
    'nav',
    { id: 'sections', popover: 'auto', 'aria-label': words.sections_label, onclick: () => nav.hidePopover?.() },
    ...groups.map((group) => {
      const own = sections.filter((section) => section.group === group);
      return (
        own.length > 0 &&
        el(
          'div',
          { class: 'section-group', role: 'group', 'aria-labelledby': `group-${group}` },
          el('h2', { id: `group-${group}`, text: words.groups[group] }),
          ...own.map(({ name }) => /** @type {Node} */ (links.get(name))),
        )
      );
    }),
  );
  const main = el('main', { class: 'section', id: 'section' });
  let address = location.hash;

  async function route() {
    const left = location.hash;
    if (left !== address && !(await mayLeave())) {
      history.replaceState(null, '', address || '#/');
      return;
    }
    address = location.hash;
    const [first, ...rest] = address.replace(/^#\//u, '').split('/');
    const section = sections.find(({ path }) => path === first) ?? sections[0];
    let view = views.get(section.name);
    if (!view) views.set(section.name, (view = section.create(context)));
    for (const [name, link] of links) setAttribute(link, 'aria-current', name === section.name && 'page');
    const changed = main.firstChild !== view.node;
    if (changed) main.replaceChildren(view.node);
    document.title = `${words.sections[/** @type {'queues'} */ (section.name)]} \u2013 ${words.title}`;
    await view.show(rest.map(decodeURIComponent));
    main.scrollTop = 0;
    // A keyboard and a screen reader go on where the news is.
    if (document.activeElement === document.body || changed || rest.length > 0)
      /** @type {HTMLElement|null} */ (main.querySelector('[tabindex="-1"]'))?.focus();
  }

  document.body.replaceChildren(
    el('a', { class: 'skip', href: '#section', onclick: skip, text: words.skip }),
    el(
      'header',
      { class: 'bar' },
      el(
        'button',
        {
          class: 'quiet sections-open',
          type: 'button',
          popovertarget: 'sections',
          test: 'sections-open',
          'aria-label': words.sections_label,
        },
        icon('queue'),
      ),
      el('h1', {}, brand(), el('span', { class: 'heard', text: ` ${words.title}` })),
      el('span', { class: 'where', 'aria-hidden': 'true', text: words.title }),
      el('span', { class: 'space' }),
      el('span', { class: 'me', dir: 'auto', text: me.name }),
      el('a', { href: '/', test: 'to-work' }, icon('back'), el('span', { text: words.to_work })),
    ),
    el('div', { class: 'frame' }, nav, main),
    live,
  );
  /** @param {Event} event */
  function skip(event) {
    event.preventDefault();
    /** @type {HTMLElement|null} */ (main.querySelector('[tabindex="-1"]'))?.focus();
  }
  addEventListener('hashchange', route, { signal });
  lockWhenIdle(context, signal);
  route();
}

start();
