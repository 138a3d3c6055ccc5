/*
 * Case information: the fields that the centre asks of each interaction, their kind and their order.
 *
 * Hooks: case_fields-up, case_fields-down (data-id).
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { createCollection } from '../collection.js';
import { createForm } from '../form.js';
import { action } from '../parts.js';
import { words } from '../strings.js';

/** @typedef {{id: number, version: string, key: string, label: string, kind: string, choices: string[],
 *   read_only: boolean, on_offer: boolean, required: boolean}} CaseField */

/** @param {import('../app.js').Context} context */
export function createCaseFields(context) {
  const texts = words.case_fields;
  const view = createCollection(context, {
    name: 'case_fields',
    path: 'case-fields',
    texts,
    load: async () => (await request('GET', '/api/administration/case-keys')).case_keys,
    title: (/** @type {CaseField} */ field) => field.label,
    columns: (fields) => [
      { label: texts.fields.label[0], cell: (field) => el('small', { text: ` ${field.key}` }) },
      {
        label: texts.fields.kind[0],
        cell: (field) =>
          field.kind === 'choice' ? `${texts.kinds.choice}: ${field.choices.join(', ')}` : texts.kinds[/** @type {'text'} */ (field.kind)],
      },
      {
        label: texts.rules,
        cell: ({ required, read_only, on_offer }) =>
          [required && texts.fields.required[0], read_only && texts.fields.read_only[0], on_offer && texts.fields.on_offer[0]]
            .filter(Boolean)
            .join(', ') || words.none,
      },
      {
        label: texts.order,
        cell: (field) => el('span', { class: 'actions' }, mover(fields, field, -1), mover(fields, field, 1)),
      },
    ],
    edit: (field, _fields, again) => [editor(context, field, again)],
  });

  /** @param {CaseField[]} fields @param {CaseField} field @param {-1|1} step */
  function mover(fields, field, step) {
    const at = fields.indexOf(field);
    if (!fields[at + step]) return null;
    const [test, text] = step < 0 ? ['case_fields-up', texts.up] : ['case_fields-down', texts.down];
    return action({
      test,
      class: 'small',
      text,
      name: `${text}: ${field.label}`,
      async run() {
        const ids = fields.map(({ id }) => id);
        [ids[at], ids[at + step]] = [ids[at + step], ids[at]];
        await request('PUT', '/api/administration/case-keys/order', { ids });
        await view.show([]);
        context.announce(texts.moved(field.label, at + step + 1));
        const again = view.node.querySelectorAll(`[data-test=case_fields-row]`)[at + step];
        /** @type {HTMLElement|null} */ (again?.querySelector(`[data-test=${test}]`) ?? again?.querySelector('button'))?.focus();
      },
    });
  }
  return view;
}

/** @param {import('../app.js').Context} context @param {CaseField|null} field @param {() => void} again */
function editor(context, field, again) {
  const { fields, kinds, add } = words.case_fields;
  let version = field?.version;
  /** @param {keyof typeof fields} name @param {object} [more] */
  const one = (name, more) => ({ name, label: fields[name][0], hint: fields[name][1], ...more });
  const form = createForm({
    name: 'case_field',
    submit: field ? words.form.save : add,
    again,
    fields: [
      one('label', { required: true, chars_max: 120 }),
      one('key', { required: true, chars_max: 64, disabled: Boolean(field), pattern: '[a-z0-9_]+' }),
      one('kind', { kind: 'choice', choices: Object.entries(kinds) }),
      one('choices', { kind: 'lines', required: true }),
      one('required', { kind: 'check' }),
      one('on_offer', { kind: 'check' }),
      one('read_only', { kind: 'check' }),
    ],
    async save(values) {
      const choices = values.kind === 'choice' ? values.choices : [];
      if (!field) {
        await request('POST', '/api/administration/case-keys', { ...values, choices });
        form.settled();
        context.go('case-fields');
        return context.announce(words.form.saved);
      }
      ({ version } = await request('PUT', `/api/administration/case-keys/${field.id}`, { ...values, choices, version }));
    },
  });
  const kind = form.input('kind');
  const showChoices = () => form.show('choices', kind?.value === 'choice');
  kind?.addEventListener('change', showChoices);
  if (!field) {
    // The name in the API follows the label until somebody writes one.
    let own = false;
    form.input('key')?.addEventListener('input', () => (own = true));
    form.input('label')?.addEventListener('input', () => {
      const key = form.input('key');
      if (!own && key) key.value = keyOf(form.input('label')?.value ?? '');
    });
  }
  form.fill(field ?? { kind: 'text' });
  showChoices();
  return form.node;
}

/** "Order number" becomes `order_number`. @param {string} label */
const keyOf = (label) =>
  label
    .normalize('NFD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .split(/[^a-z0-9]+/u)
    .filter(Boolean)
    .join('_')
    .slice(0, 64);
