/*
 * One's own sign-in: password, second factor, the browsers in which one is signed in.
 *
 * Invariant: each change of how one gets in needs the password again.
 *
 * Hooks: own-password-old, own-password-new, own-password-submit, own-password-saved; own-factor-state,
 * own-factor-remove-password, own-factor-remove-submit; own-sign-ins, own-sign-ins-row, own-sign-ins-end, own-end-others;
 * those of `entry/second_factor.js`.
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { createSecondFactor } from '../../entry/second_factor.js';
import { createForm } from '../form.js';
import { action, failed, pageOf, state, table, waiting } from '../parts.js';
import { words } from '../strings.js';
import { moment } from './moments.js';

const own = words.own_sign_in;

/**
 * @typedef {{id: string, started_at: number, seen_at: number, browser: string|null, address: string|null,
 *   current: boolean}} SignIn
 */

/**
 * Browsers in which somebody is signed in, each with a button that ends it.
 * @param {{test: string, at: string, sign_ins: SignIn[], again: () => unknown}} options
 */
export function signInTable({ test, at, sign_ins, again }) {
  return table({
    test,
    caption: own.sign_ins,
    empty: own.no_sign_ins,
    items: sign_ins,
    columns: [
      { label: own.browser, cell: ({ browser }) => browser ?? own.unknown },
      { label: own.address, cell: ({ address }) => address ?? own.unknown },
      { label: own.started, cell: ({ started_at }) => moment(started_at) },
      { label: own.seen, cell: ({ seen_at }) => moment(seen_at) },
      {
        label: own.end,
        cell: ({ id, browser, current }) =>
          current
            ? state('good', own.here)
            : action({
                test: `${test}-end`,
                text: own.end,
                name: `${own.end}: ${browser ?? own.unknown}`,
                run: async () => {
                  await request('DELETE', `${at}/${id}`);
                  await again();
                },
              }),
      },
    ],
  });
}

/** @returns {import('../app.js').SectionView} */
export function createOwnSignIn() {
  const node = el('div', {});

  async function show() {
    node.replaceChildren(waiting());
    try {
      const [factor, { sign_ins }] = await Promise.all([
        request('GET', '/api/me/second-factor'),
        request('GET', '/api/me/sign-ins'),
      ]);
      draw(factor, sign_ins);
    } catch (error) {
      node.replaceChildren(failed(error, show));
    }
  }

  /** @param {{enabled: boolean, recovery_codes_left: number}} factor @param {SignIn[]} sign_ins */
  function draw(factor, sign_ins) {
    const password = createForm({
      name: 'own-password',
      fields: [
        { name: 'old', kind: 'secret', label: own.old_password, required: true },
        { name: 'password', kind: 'secret', label: own.new_password, hint: own.new_password_hint, required: true },
      ],
      submit: own.set_password,
      async save({ old, password }) {
        await request('PUT', '/api/me/password', { old, new: password });
        return own.password_set;
      },
    });
    password.input('old')?.setAttribute('autocomplete', 'current-password');
    const removal = createForm({
      name: 'own-factor-remove',
      fields: [{ name: 'password', kind: 'secret', label: own.old_password, required: true }],
      submit: own.remove_factor,
      async save(values) {
        await request('DELETE', '/api/me/second-factor', values);
        await show();
      },
    });
    node.replaceChildren(
      pageOf(
        words.sections.own_sign_in,
        own.intro,
        {},
        el('h3', { text: own.password }),
        password.node,
        el('h3', { text: own.factor }),
        el(
          'p',
          { test: 'own-factor-state' },
          factor.enabled
            ? state('good', own.factor_on(factor.recovery_codes_left))
            : state('open', own.factor_off),
        ),
        factor.enabled ? removal.node : createSecondFactor({ on_done: show }),
        el('h3', { text: own.sign_ins }),
        signInTable({ test: 'own-sign-ins', at: '/api/me/sign-ins', sign_ins, again: show }),
        sign_ins.length > 1 &&
          action({
            test: 'own-end-others',
            text: own.end_others,
            run: async () => {
              await request('DELETE', '/api/me/sign-ins');
              await show();
            },
          }),
      ),
    );
  }

  return { node, show };
}
