/*
 * The one form of the administration pages: labelled fields with hints, errors beside the field that they are about, a
 * polite "Saved".
 *
 * Apart so that every section asks, refuses and thanks in the same way. Invariants: what the server refuses is said beside
 * the field that it names (`field` of the problem), else above the button; nothing that was typed is lost by a refusal;
 * a secret is never shown, an empty one stays as it is.
 */
import { Problem } from '../api.js';
import { el, openDialog, setText } from '../dom.js';
import { words } from './strings.js';

/**
 * `kind`: `text`, `secret`, `number`, `area`, `lines` (a list, one a line), `check`, `choice`. A number has a `scale`: what
 * is shown times the scale is what the server has (60000 for minutes of milliseconds).
 * @typedef {{
 *   name: string, kind?: string, label: string, hint?: string, unit?: string, required?: boolean, min?: number,
 *   max?: number, scale?: number, rows?: number, chars_max?: number, choices?: [string, string][],
 *   pattern?: string, disabled?: boolean, placeholder?: string}} Field
 */

/**
 * What `fill` takes and `save` gets: strings, numbers, booleans, lists of strings; null for an empty number or choice.
 * @typedef {Record<string, any>} Values
 */

/** Forms on the page with changes that were not saved. @type {Set<ReturnType<typeof createForm>>} */
const changed_forms = new Set();

addEventListener('beforeunload', (event) => {
  if (open_changes().length > 0) event.preventDefault();
});

const open_changes = () => [...changed_forms].filter((form) => form.node.isConnected);

/** Asks when a form has changes. @returns {Promise<boolean>} */
export async function mayLeave() {
  const forms = open_changes();
  if (forms.length === 0) return true;
  const leaves = await confirm('leave-dialog', words.form.leave, words.form.leave_text, words.form.leave_submit);
  if (leaves) changed_forms.clear();
  return leaves;
}

/**
 * A question with a yes, and a way back.
 * @param {string} test
 * @param {string} heading
 * @param {string} text
 * @param {string} submit
 * @returns {Promise<boolean>}
 */
export function confirm(test, heading, text, submit) {
  return new Promise((answer) => {
    const dialog = openDialog(
      test,
      heading,
      el('p', { text }),
      el(
        'div',
        { class: 'dialog-buttons' },
        el('button', {
          type: 'button',
          class: 'primary',
          test: `${test}-submit`,
          onclick() {
            answer(true);
            dialog.close();
          },
          text: submit,
        }),
        el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.form.cancel }),
      ),
    );
    // After the answer above this changes nothing any more.
    dialog.addEventListener('close', () => answer(false));
  });
}

/**
 * @param {{
 *   name: string, fields: (Field|Node)[], submit?: string, save: (values: Values) => Promise<string|void>,
 *   more?: (Node|false|null)[], again?: () => unknown, extra?: () => any}} options `save` may give the sentence that thanks; `more` stands beside
 *   the button; `again` loads what is there now, when somebody else has changed it in the meantime;
 *   `extra` is what else a save takes along
 */
export function createForm({ name, fields, submit = words.form.save, save, more = [], again, extra }) {
  const inputs = fields
    .filter((/** @returns {field is Field} */ field) => !(field instanceof Node))
    .map((field) => createInput(name, field));
  const by_name = new Map(inputs.map((input) => [input.field.name, input]));
  const trouble = el('p', { class: 'trouble', role: 'alert', test: `${name}-trouble` });
  const reload = el('button', {
    type: 'button',
    test: `${name}-again`,
    hidden: true,
    text: words.form.again,
    onclick() {
      changed_forms.delete(form);
      again?.();
    },
  });
  const saved = el('p', { class: 'saved', role: 'status', test: `${name}-saved` });
  const button = el('button', { type: 'submit', class: 'primary', test: `${name}-submit`, text: submit });
  const node = el(
    'form',
    { class: 'form', test: name, novalidate: true, onsubmit: send, oninput: touched, onchange: touched },
    ...fields.map((field) => (field instanceof Node ? field : by_name.get(field.name)?.node)),
    trouble,
    el('div', { class: 'form-buttons' }, reload, button, ...more.map((one) => one || null), saved),
  );
  let before = '';

  function touched() {
    setText(saved, '');
    if (form.state() === before) changed_forms.delete(form);
    else changed_forms.add(form);
  }

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    if (button.disabled) return;
    setText(trouble, '');
    setText(saved, '');
    reload.hidden = true;
    let wrong = null;
    for (const input of inputs) {
      input.complain(input.complaint());
      if (input.complaint()) wrong ??= input;
    }
    if (wrong) return wrong.focus();
    button.disabled = true;
    try {
      const thanks = await save(form.values());
      form.settled();
      setText(saved, thanks || words.form.saved);
    } catch (error) {
      form.refuse(error);
    } finally {
      button.disabled = false;
    }
  }

  const form = {
    node,
    /** @returns {Values} */
    values: () => Object.fromEntries(inputs.map((input) => [input.field.name, input.read()])),
    state: () => JSON.stringify([form.values(), extra?.()]),
    /** What the server has: afterwards nothing is changed. @param {Values} values */
    fill(values) {
      for (const input of inputs) {
        if (input.field.name in values) input.write(values[input.field.name]);
        input.complain('');
      }
      setText(trouble, '');
      form.settled();
    },
    /** What is shown is what the server has. */
    settled() {
      for (const input of inputs) if (input.field.kind === 'secret') input.write('');
      before = form.state();
      changed_forms.delete(form);
    },
    /** Says what is wrong, where it is wrong. @param {unknown} error */
    refuse(error) {
      const input = error instanceof Problem ? by_name.get(error.answer?.field) : undefined;
      const { message } = /** @type {Error} */ (error);
      reload.hidden = !(again && error instanceof Problem && error.code === 'set_up_changed');
      if (!input) return setText(trouble, message);
      input.complain(message);
      input.focus();
    },
    /** @param {string} field */
    input: (field) => by_name.get(field)?.input,
    /** Shows or hides a field. @param {string} field @param {boolean} shown */
    show(field, shown) {
      const found = by_name.get(field);
      if (found) found.node.hidden = !shown;
    },
  };
  return form;
}

/** @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Control */

/** @param {string} form @param {Field} field */
function createInput(form, field) {
  const { kind = 'text', scale = 1 } = field;
  const id = `${form}-${field.name}`;
  const trouble = el('p', { class: 'trouble', id: `${id}-trouble`, test: `${id}-trouble` });
  const hint = field.hint ? el('p', { class: 'hint', id: `${id}-hint`, text: field.hint }) : null;
  const described = [hint && `${id}-hint`, `${id}-trouble`].filter(Boolean).join(' ');
  const props = {
    id,
    test: id,
    required: field.required,
    disabled: field.disabled,
    'aria-describedby': described,
    maxlength: field.chars_max,
    placeholder: field.placeholder,
  };
  /** @type {Control} */
  const input =
    kind === 'choice'
      ? el('select', props, ...(field.choices ?? []).map(([value, text]) => el('option', { value, text })))
      : kind === 'area' || kind === 'lines'
        ? el('textarea', { ...props, rows: field.rows ?? 4 })
        : el('input', {
            ...props,
            type: { check: 'checkbox', number: 'number', secret: 'password' }[kind] ?? 'text',
            autocomplete: kind === 'secret' ? 'new-password' : 'off',
            spellcheck: 'false',
            min: field.min,
            max: field.max,
            step: kind === 'number' ? 'any' : null,
            pattern: field.pattern,
          });
  const label = el('label', { for: id, text: field.label });
  const control = field.unit
    ? el('div', { class: 'with-unit' }, input, el('span', { class: 'unit', text: field.unit }))
    : input;
  const node =
    kind === 'check'
      ? el('div', { class: 'labelled' }, el('div', { class: 'check' }, input, label), hint, trouble)
      : el('div', { class: `labelled ${kind}` }, label, hint, control, trouble);

  return {
    field,
    node,
    input,
    focus: () => input.focus(),
    /** The browser's own words for what is wrong with the value, in the person's language. */
    complaint: () => (node.hidden || input.checkValidity() ? '' : input.validationMessage),
    /** @param {string} sentence */
    complain(sentence) {
      setText(trouble, sentence);
      if (sentence) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
    read() {
      if (kind === 'check') return /** @type {HTMLInputElement} */ (input).checked;
      if (kind === 'number') return input.value === '' ? null : Math.round(Number(input.value) * scale);
      if (kind === 'lines') return input.value.split('\n').map((line) => line.trim()).filter(Boolean);
      if (kind === 'choice') return input.value === '' ? null : input.value;
      return kind === 'area' || kind === 'secret' ? input.value : input.value.trim();
    },
    /** @param {any} value */
    write(value) {
      if (kind === 'check') /** @type {HTMLInputElement} */ (input).checked = Boolean(value);
      else if (kind === 'number') input.value = value === null ? '' : String(value / scale);
      else if (kind === 'lines') input.value = (value ?? []).join('\n');
      else input.value = value ?? '';
    },
  };
}
