/*
 * What comes before one is in: the first administrator (`/setup#TOKEN`), and the second step of a sign-in (`/sign-in`).
 *
 * A document of its own, so that the agents' page pays nothing for it. Invariants: the token of the link stays in the
 * address's fragment and in one request's body; where the way leads afterwards is one of two pages, whatever the address
 * says.
 *
 * Hooks: set-up-name, set-up-login, set-up-password, set-up-again, set-up-submit, set-up-trouble, set-up-no-link,
 * set-up-later; code-code, code-submit, code-trouble; new-password-password, new-password-again, new-password-submit;
 * entry-begin-again; those of `second_factor.js`.
 */
import { createForm } from '../administration/form.js';
import { Problem, request } from '../api.js';
import { el } from '../dom.js';
import { brand } from '../views/sign_in.js';
import { createSecondFactor } from './second_factor.js';
import { words } from './strings.js';

const COMMAND = 'deskbell setup-link';

/** @param {string} title @param {...(Node|string|null|false)} content */
function show(title, ...content) {
  const heading = el('h1', { tabindex: '-1', text: title });
  document.title = `${title} \u2013 Deskbell`;
  document.body.replaceChildren(el('main', { class: 'sign-in' }, brand(), el('div', { class: 'sign-in-card' }, heading, ...content)));
  (/** @type {HTMLElement|null} */ (document.querySelector('input')) ?? heading).focus();
}

/** Two fields for a new password, which must be the same. */
const password_fields = [
  { name: 'password', kind: 'secret', label: words.password, hint: words.password_hint, required: true },
  { name: 'again', kind: 'secret', label: words.again, required: true },
];

/** @param {Record<string, any>} values */
function checkAgain({ password, again }) {
  if (password !== again) throw new Problem(0, 'differs', words.differs, null, { field: 'again' });
}

function setUp() {
  const token = location.hash.slice(1);
  if (!token) return show(words.set_up.title, el('p', { test: 'set-up-no-link', text: words.set_up.no_link }), el('code', { text: COMMAND }));
  const own = words.set_up;
  const form = createForm({
    name: 'set-up',
    fields: [
      { name: 'name', label: own.name, hint: own.name_hint, required: true, chars_max: 120 },
      { name: 'login', label: own.login, hint: own.login_hint, required: true, chars_max: 120 },
      ...password_fields,
    ],
    submit: own.submit,
    async save(values) {
      checkAgain(values);
      const { name, login, password } = values;
      await request('POST', '/api/setup', { token, name, login, password });
      history.replaceState(null, '', '/setup');
      offerSecondFactor(password);
    },
  });
  const login = /** @type {HTMLElement} */ (form.input('login'));
  login.setAttribute('autocomplete', 'username');
  login.setAttribute('autocapitalize', 'none');
  show(own.title, el('p', { text: own.intro }), form.node);
}

/** @param {string} password */
function offerSecondFactor(password) {
  const leave = () => location.assign('/administration');
  show(
    words.set_up.second_factor,
    el('p', { text: words.set_up.second_factor_intro }),
    createSecondFactor({ password, on_done: leave }),
    el('button', { type: 'button', class: 'quiet', test: 'set-up-later', onclick: leave, text: words.set_up.later }),
  );
}

const target = location.hash === '#/administration' ? '/administration' : '/';

/** Does one step; then the way leads in, or to the next step. @param {() => Promise<unknown>} step */
async function take(step) {
  try {
    await step();
    location.assign(target);
  } catch (error) {
    if (!(error instanceof Problem) || !error.answer?.next) throw error;
    await signIn();
  }
}

async function signIn() {
  /** @type {'code'|'password'} */
  let step;
  try {
    ({ step } = await request('GET', '/api/sign-in/step'));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return show(
      words.code.title,
      el('p', { role: 'alert', text: message }),
      el('a', { href: target, test: 'entry-begin-again', text: words.begin_again }),
    );
  }
  if (step === 'code') {
    const form = createForm({
      name: 'code',
      fields: [{ name: 'code', label: words.code.label, hint: words.code.hint, required: true, chars_max: 40 }],
      submit: words.code.submit,
      save: ({ code }) => take(() => request('POST', '/api/sign-in/code', { code })),
    });
    form.input('code')?.setAttribute('autocomplete', 'one-time-code');
    return show(words.code.title, form.node, el('a', { href: target, text: words.begin_again }));
  }
  const form = createForm({
    name: 'new-password',
    fields: password_fields,
    submit: words.new_password.submit,
    save(values) {
      checkAgain(values);
      return take(() => request('POST', '/api/sign-in/password', { password: values.password }));
    },
  });
  show(words.new_password.title, el('p', { text: words.new_password.intro }), form.node);
}

if (location.pathname === '/setup') setUp();
else signIn();
