/*
 * Setting up a second factor: password, picture and key, the first code, the recovery codes.
 *
 * Apart because it is offered after the set-up and again in the administration pages. Invariants: nothing counts before a
 * code was confirmed; key and recovery codes are in the page only while they are shown.
 *
 * Hooks: factor-password, factor-begin-submit, factor-key, factor-code, factor-confirm-submit, factor-recovery, factor-done.
 */
import { createForm } from '../administration/form.js';
import { copyable } from '../administration/parts.js';
import { request } from '../api.js';
import { el } from '../dom.js';
import { words } from './strings.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {{password?: string, on_done: () => void}} options `password` where it was typed just now
 * @returns {HTMLElement}
 */
export function createSecondFactor({ password, on_done }) {
  const node = el('div', { class: 'factor' });
  const own = words.factor;

  const asking = createForm({
    name: 'factor',
    fields:
      password === undefined
        ? [{ name: 'password', kind: 'secret', label: own.password, hint: own.password_hint, required: true }]
        : [],
    submit: own.begin,
    save: async (values) => show(await request('POST', '/api/me/second-factor', { password: password ?? values.password })),
  });
  asking.input('password')?.setAttribute('autocomplete', 'current-password');
  node.append(asking.node);

  /** @param {{secret: string, uri: string, qr: {side: number, path: string}|null}} enrolment */
  function show({ secret, uri, qr }) {
    const confirming = createForm({
      name: 'factor-confirm',
      fields: [{ name: 'code', label: own.code, required: true, chars_max: 12 }],
      submit: own.confirm,
      save: async ({ code }) => showCodes(await request('PUT', '/api/me/second-factor', { code })),
    });
    const code = /** @type {HTMLElement} */ (confirming.input('code'));
    code.setAttribute('inputmode', 'numeric');
    code.setAttribute('autocomplete', 'one-time-code');
    node.replaceChildren(
      el('p', { text: own.scan }),
      qr ? picture(qr) : '',
      copyable('factor-key', own.key, secret),
      el('p', {}, el('a', { href: uri, text: own.open })),
      confirming.node,
    );
    code.focus();
  }

  /** @param {{recovery_codes: string[]}} answer */
  function showCodes({ recovery_codes }) {
    const heading = el('p', { tabindex: '-1' }, el('b', { text: own.codes }));
    node.replaceChildren(
      heading,
      el('p', { text: own.codes_intro }),
      el('ol', { class: 'codes', test: 'factor-recovery' }, ...recovery_codes.map((text) => el('li', { text }))),
      navigator.clipboard ? copyable('factor-all', own.all_codes, recovery_codes.join('\n')) : '',
      el('button', { type: 'button', class: 'primary', test: 'factor-done', onclick: on_done, text: own.done }),
    );
    heading.focus();
  }

  return node;
}

/** @param {{side: number, path: string}} qr */
function picture({ side, path }) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${side} ${side}`);
  svg.setAttribute('class', 'qr');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', words.factor.picture);
  const dark = document.createElementNS(SVG, 'path');
  dark.setAttribute('d', path);
  svg.append(dark);
  return svg;
}
