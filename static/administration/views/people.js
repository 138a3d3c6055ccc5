/*
 * People: who works here, what they may do, how they get in.
 *
 * Invariants: what is shown is what the server has said last; a password is typed here and never shown.
 *
 * Hooks: people, people-row, people-add; new-person-FIELD, new-person-submit; person-FIELD, person-submit;
 * person-password-password, person-password-submit; person-disable, person-enable, person-reset-factor, person-sign-ins-row,
 * person-end-all.
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { confirm, createForm } from '../form.js';
import { action, failed, pageOf, state, table, waiting } from '../parts.js';
import { words } from '../strings.js';
import { signInTable } from './own_sign_in.js';

const own = words.people;
const ROLES = /** @type {('agent'|'supervisor'|'administrator')[]} */ (['agent', 'supervisor', 'administrator']);

/**
 * @typedef {{id: number, login: string, name: string, role: 'agent'|'supervisor'|'administrator', capacity: number,
 *   auto_ready: boolean, skills: string[], disabled: boolean, second_factor: boolean,
 *   password_temporary: boolean}} Person
 */

const role_field = { name: 'role', kind: 'choice', label: own.role, choices: ROLES.map((role) => [role, own.roles[role]]) };

/** @returns {import('../form.js').Field[]} */
const common_fields = () => [
  { name: 'name', label: own.name, hint: own.name_hint, required: true, chars_max: 120 },
  /** @type {import('../form.js').Field} */ (role_field),
  { name: 'capacity', kind: 'number', label: own.capacity, hint: own.capacity_hint, required: true, min: 1, max: 100 },
  { name: 'auto_ready', kind: 'check', label: own.auto_ready },
  { name: 'skills', kind: 'lines', label: own.skills, hint: own.skills_hint, rows: 3 },
];

/** @param {import('../app.js').Context} context @returns {import('../app.js').SectionView} */
export function createPeople({ me, announce, go }) {
  const node = el('div', {});

  /** @param {string[]} rest */
  async function show([which]) {
    if (which === 'new') return showNew();
    node.replaceChildren(waiting());
    try {
      /** @type {{people: Person[]}} */
      const { people } = await request('GET', '/api/administration/people');
      const person = people.find(({ id }) => String(id) === which);
      if (person) await showOne(person);
      else showAll(people);
    } catch (error) {
      node.replaceChildren(failed(error, () => show([which])));
    }
  }

  /** @param {Person[]} people */
  function showAll(people) {
    node.replaceChildren(
      pageOf(
        words.sections.people,
        own.intro,
        {},
        el('p', {}, el('a', { class: 'button', href: '#/people/new', test: 'people-add', text: own.add })),
        table({
          test: 'people',
          caption: words.sections.people,
          empty: own.intro,
          items: people,
          columns: [
            { label: own.name, cell: ({ id, name }) => el('a', { href: `#/people/${id}`, dir: 'auto', text: name }) },
            { label: own.login, cell: ({ login }) => login },
            { label: own.role, cell: ({ role }) => own.roles[role] },
            { label: own.state, cell: stateOf },
          ],
        }),
      ),
    );
  }

  function showNew() {
    const form = createForm({
      name: 'new-person',
      fields: [
        { name: 'login', label: own.login, hint: own.login_hint, required: true, chars_max: 120 },
        ...common_fields(),
        { name: 'password', kind: 'secret', label: own.first_password, hint: own.first_password_hint, required: true },
      ],
      submit: own.add,
      async save(values) {
        /** @type {Person} */
        const person = await request('POST', '/api/administration/people', values);
        form.settled();
        announce(own.added(person.name));
        go('people', person.id);
      },
    });
    form.fill({ role: 'agent', capacity: 3 });
    node.replaceChildren(pageOf(own.add, null, { back: 'people' }, form.node));
  }

  /** @param {Person} person */
  async function showOne(person) {
    const at = `/api/administration/people/${person.id}`;
    const again = () => show([String(person.id)]);
    const form = createForm({
      name: 'person',
      fields: common_fields(),
      save: async (values) => form.fill(await request('PUT', at, values)),
    });
    form.fill(person);
    const password = createForm({
      name: 'person-password',
      fields: [{ name: 'password', kind: 'secret', label: own.first_password, hint: own.first_password_hint, required: true }],
      submit: own.set_password,
      async save(values) {
        await request('PUT', `${at}/password`, values);
        return own.password_set;
      },
    });

    /** @param {boolean} disabled */
    async function setDisabled(disabled) {
      if (disabled && !(await confirm('person-disable-dialog', own.disable, own.disable_text(person.name), own.disable)))
        return;
      await request('PUT', `${at}/disabled`, { disabled });
      await again();
    }

    const { sign_ins } = await request('GET', `${at}/sign-ins`);
    node.replaceChildren(
      pageOf(
        person.name,
        null,
        { back: 'people' },
        el('p', {}, person.login, ' ', stateOf(person)),
        form.node,
        el('h3', { text: own.set_password }),
        password.node,
        el('h3', { text: own.access }),
        el(
          'div',
          { class: 'form-buttons' },
          person.disabled
            ? action({ test: 'person-enable', text: own.enable, run: () => setDisabled(false) })
            : person.id !== me.id &&
                action({ test: 'person-disable', text: own.disable, run: () => setDisabled(true) }),
          person.second_factor &&
            action({
              test: 'person-reset-factor',
              text: own.reset_factor,
              run: async () => {
                await request('DELETE', `${at}/second-factor`);
                await again();
              },
            }),
        ),
        el('h3', { text: words.own_sign_in.sign_ins }),
        signInTable({ test: 'person-sign-ins', at: `${at}/sign-ins`, sign_ins, again }),
        sign_ins.length > 0 &&
          action({
            test: 'person-end-all',
            text: own.end_all,
            run: async () => {
              await request('DELETE', `${at}/sign-ins`);
              await again();
            },
          }),
      ),
    );
    /** @type {HTMLElement|null} */ (node.querySelector('[tabindex="-1"]'))?.focus();
  }

  return { node, show };
}

/** @param {Person} person */
function stateOf({ disabled, second_factor, password_temporary }) {
  if (disabled) return state('bad', own.disabled);
  if (password_temporary) return state('open', own.password_temporary);
  return second_factor ? state('good', own.with_factor) : state('quiet', own.without_factor);
}
