/*
 * WhatsApp numbers: connected, changed, tested, disconnected.
 *
 * Invariant: a secret is typed in and never shown again.
 *
 * Hooks: webhook-address, verify-token, test-run, test-step-SUBJECT (data-outcome), test-subscribe, number-remove.
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { createCollection } from '../collection.js';
import { createConnectionTest } from '../connection_test.js';
import { confirm, createForm } from '../form.js';
import { action, copyable, state } from '../parts.js';
import { words } from '../strings.js';

/** @typedef {{id: number, version: string, name: string, display_number: string, phone_number_id: string,
 *   business_account_id: string|null, verify_token: string, messages_per_s_max: number, asynchronous: boolean,
 *   graph_url: string, graph_version: string, trouble: {title: string, detail: string}|null}} Channel */

/** @param {import('../app.js').Context} context */
export function createNumbers(context) {
  const texts = words.numbers;
  let webhook_path = '';
  return createCollection(context, {
    name: 'numbers',
    path: 'numbers',
    texts,
    async load() {
      const answer = await request('GET', '/api/administration/channels');
      ({ webhook_path } = answer);
      return answer.channels;
    },
    title: (/** @type {Channel} */ channel) => channel.name,
    columns: () => [
      { label: texts.fields.name[0], cell: () => null },
      { label: texts.fields.display_number[0], cell: (channel) => el('bdi', { text: channel.display_number }) },
      { label: texts.state, cell: ({ trouble }) => (trouble ? state('bad', trouble.title) : state('good', texts.works)) },
    ],
    edit: (channel, _channels, again) =>
      channel ? pageOfNumber(context, channel, webhook_path, again) : [newNumber(context)],
  });
}

/** @param {Channel} channel @param {string} webhook_path */
const webhookCard = (channel, webhook_path) =>
  el(
    'section',
    { class: 'card', 'aria-labelledby': 'webhook-heading' },
    el('h3', { id: 'webhook-heading', text: words.numbers.webhook }),
    el('p', { class: 'hint', text: words.numbers.webhook_hint }),
    copyable('webhook-address', words.numbers.address, location.origin + webhook_path),
    copyable('verify-token', words.numbers.fields.verify_token[0], channel.verify_token),
    location.protocol !== 'https:' && el('p', { class: 'hint', text: words.numbers.not_https }),
  );

/** @param {import('../app.js').Context} context @param {Channel} channel @param {string} webhook_path @param {() => void} again */
function pageOfNumber(context, channel, webhook_path, again) {
  const { trouble } = channel;
  return [
    trouble && el('div', { class: 'card' }, state('bad', trouble.title), el('p', { text: trouble.detail })),
    createConnectionTest(channel),
    webhookCard(channel, webhook_path),
    changeForm(channel, again),
    action({
      test: 'number-remove',
      text: words.numbers.remove,
      async run() {
        const { remove, remove_text } = words.numbers;
        if (!(await confirm('number-remove-dialog', channel.name, remove_text, remove))) return;
        await request('DELETE', `/api/administration/channels/${channel.id}`);
        context.go('numbers');
        context.announce(words.numbers.removed);
      },
    }),
  ];
}

/** @param {keyof typeof words.numbers.fields} name @param {object} [more] @returns {import('../form.js').Field} */
const one = (name, more) => ({
  name,
  label: words.numbers.fields[name][0],
  hint: words.numbers.fields[name][1],
  ...more,
});

const said = () => [
  one('name', { required: true, chars_max: 120 }),
  one('display_number', { required: true, chars_max: 120 }),
];
const account = () => one('business_account_id', { pattern: '[0-9]*' });
const limits = () => [
  one('messages_per_s_max', { kind: 'number', required: true, min: 1, max: 1000 }),
  one('asynchronous', { kind: 'check' }),
];

/** @param {Channel} channel @param {() => void} again */
function changeForm(channel, again) {
  const { kept, secrets, details, graph } = words.numbers;
  let { version } = channel;
  const secret = (/** @type {'access_token'} */ name) => one(name, { kind: 'secret', placeholder: kept });
  const form = createForm({
    name: 'number',
    again,
    fields: [
      el('h3', { text: details }),
      ...said(),
      account(),
      ...limits(),
      el('h3', { text: secrets }),
      el('p', { class: 'hint', text: words.numbers.secrets_hint }),
      secret('access_token'),
      secret(/** @type {any} */ ('app_secret')),
      secret(/** @type {any} */ ('verify_token')),
      el('h3', { text: graph }),
      el('p', { class: 'hint', text: words.numbers.graph_hint }),
      one('graph_url', { required: true }),
      one('graph_version', { required: true, pattern: 'v[0-9]+\\.[0-9]+' }),
    ],
    async save(values) {
      const renewed = values.verify_token !== '';
      ({ version } = await request('PUT', `/api/administration/channels/${channel.id}`, { ...values, version }));
      // The card shows it.
      if (renewed) again();
    },
  });
  form.fill({ ...channel, verify_token: '' });
  return form.node;
}

/** @param {import('../app.js').Context} context */
function newNumber(context) {
  const { add, where, graph } = words.numbers;
  const form = createForm({
    name: 'number',
    submit: add,
    fields: [
      el('p', { class: 'hint', text: where }),
      ...said(),
      one('phone_number_id', { required: true, pattern: '[0-9]+' }),
      account(),
      one('access_token', { kind: 'secret', required: true }),
      one('app_secret', { kind: 'secret', required: true }),
      ...limits(),
      el('h3', { text: graph }),
      el('p', { class: 'hint', text: words.numbers.graph_hint }),
      one('graph_url', { required: true }),
      one('graph_version', { required: true, pattern: 'v[0-9]+\\.[0-9]+' }),
    ],
    async save(values) {
      const added = await request('POST', '/api/administration/channels', values);
      form.settled();
      context.go('numbers', added.id);
      context.announce(words.numbers.added);
    },
  });
  form.fill({ messages_per_s_max: 80, asynchronous: true, graph_url: 'https://graph.facebook.com', graph_version: 'v27.0' });
  return form.node;
}
