/*
 * The sign-in view: login, password, the server's sentence when it says no.
 *
 * Apart because it lives before any state exists. Invariant: the password leaves the field only in the one request.
 */
import { request } from '../api.js';
import { el, icon } from '../dom.js';
import { words } from '../strings.js';

export const brand = () => el('div', { class: 'brand' }, icon('bell'), el('span', { text: words.product }));

/**
 * @param {{reason: string|null, on_signed_in: (agent: import('../floor.js').Agent) => void}} options
 * @returns {HTMLElement}
 */
export function createSignIn({ reason, on_signed_in }) {
  const login = el('input', {
    id: 'login',
    name: 'username',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    required: true,
    test: 'sign-in-login',
  });
  const password = el('input', {
    id: 'password',
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    test: 'sign-in-password',
  });
  const submit = el('button', {
    class: 'primary wide',
    type: 'submit',
    test: 'sign-in-submit',
    text: words.sign_in.submit,
  });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'sign-in-trouble' });
  const form = el(
    'form',
    { class: 'sign-in-card', onsubmit: send },
    el('h1', { text: words.sign_in.heading }),
    reason && el('p', { class: 'hint', role: 'status', test: 'sign-in-reason', text: reason }),
    el('label', { for: 'login', text: words.sign_in.login }),
    login,
    el('label', { for: 'password', text: words.sign_in.password }),
    password,
    trouble,
    submit,
  );

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    trouble.textContent = '';
    submit.disabled = true;
    submit.textContent = words.sign_in.busy;
    try {
      const { agent } = await request('POST', '/api/sign-in', { login: login.value.trim(), password: password.value });
      on_signed_in(agent);
    } catch (error) {
      const next = /** @type {any} */ (error).answer?.next;
      if (next) return location.assign(next + '#' + location.pathname);
      trouble.textContent = /** @type {Error} */ (error).message;
      password.select();
      password.focus();
    } finally {
      submit.disabled = false;
      submit.textContent = words.sign_in.submit;
    }
  }

  queueMicrotask(() => login.focus());
  return el('main', { class: 'sign-in' }, brand(), form);
}
