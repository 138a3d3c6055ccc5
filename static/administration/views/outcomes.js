/*
 * Outcomes: the list from which agents choose how an interaction ended; flat, or a tree.
 *
 * Invariant: an outcome is never removed, because the past is told with it; it is retired and can be taken up again.
 */
import { request } from '../../api.js';
import { createCollection } from '../collection.js';
import { createForm } from '../form.js';
import { state } from '../parts.js';
import { words } from '../strings.js';

/** @typedef {{id: number, version: string, code: string, label: string, parent_id: number|null, retired: boolean}} Outcome */

/** "Shipping › Lost". @param {Outcome[]} outcomes @param {Outcome} outcome */
function wayOf(outcomes, outcome) {
  const way = [outcome.label];
  for (let at = outcome; at.parent_id !== null && way.length <= outcomes.length;) {
    const above = outcomes.find(({ id }) => id === at.parent_id);
    if (!above) break;
    way.unshift(above.label);
    at = above;
  }
  return way.join(' \u203a ');
}

/** Each below its parent. @param {Outcome[]} outcomes @param {number|null} [parent] @returns {Outcome[]} */
const inTree = (outcomes, parent = null) =>
  outcomes
    .filter(({ parent_id }) => parent_id === parent)
    .flatMap((outcome) => [outcome, ...inTree(outcomes, outcome.id)]);

/** @param {import('../app.js').Context} context */
export function createOutcomes(context) {
  const texts = words.outcomes;
  /** @type {Outcome[]} */
  let all = [];
  return createCollection(context, {
    name: 'outcomes',
    path: 'outcomes',
    texts,
    load: async () => (all = inTree((await request('GET', '/api/administration/dispositions')).dispositions)),
    title: (outcome) => wayOf(all, outcome),
    columns: () => [
      { label: texts.fields.label[0], cell: () => null },
      { label: texts.fields.code[0], cell: (outcome) => outcome.code },
      {
        label: texts.state,
        cell: (outcome) => (outcome.retired ? state('quiet', texts.retired) : state('good', texts.in_use)),
      },
    ],
    edit: (outcome, outcomes, again) => [outcome ? changer(outcome, again) : adder(context, outcomes)],
  });
}

/** @param {import('../app.js').Context} context @param {Outcome[]} outcomes */
function adder(context, outcomes) {
  const { fields, no_parent, add } = words.outcomes;
  const parents = outcomes
    .filter(({ retired }) => !retired)
    .map((outcome) => /** @type {[string, string]} */ ([String(outcome.id), wayOf(outcomes, outcome)]));
  const form = createForm({
    name: 'outcome',
    submit: add,
    fields: [
      { name: 'label', label: fields.label[0], hint: fields.label[1], required: true, chars_max: 120 },
      { name: 'parent_id', kind: 'choice', label: fields.parent[0], hint: fields.parent[1], choices: [['', no_parent], ...parents] },
      { name: 'code', label: fields.code[0], hint: fields.code[1], chars_max: 120 },
    ],
    async save({ label, parent_id, code }) {
      const body = { label, code, parent_id: parent_id === null ? null : Number(parent_id) };
      await request('POST', '/api/administration/dispositions', body);
      form.settled();
      context.go('outcomes');
      context.announce(words.form.saved);
    },
  });
  form.settled();
  return form.node;
}

/** @param {Outcome} outcome @param {() => void} again */
function changer(outcome, again) {
  const { fields } = words.outcomes;
  let { version } = outcome;
  const form = createForm({
    name: 'outcome',
    again,
    fields: [
      { name: 'label', label: fields.label[0], hint: fields.label[1], required: true, chars_max: 120 },
      { name: 'retired', kind: 'check', label: fields.retired[0], hint: fields.retired[1] },
    ],
    async save(values) {
      const body = { ...values, version };
      ({ version } = await request('PUT', `/api/administration/dispositions/${outcome.id}`, body));
    },
  });
  form.fill(outcome);
  return form.node;
}
