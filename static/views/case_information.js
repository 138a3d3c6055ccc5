/*
 * Case Information: the facts of this case, typed by the administrator's keys or added by the agent, edited in place.
 *
 * Invariants: leaving a field or Enter saves it, Escape brings back what the server has; a value that the server refuses
 * stays in the field with the server's sentence; news from elsewhere never change a field that is being edited.
 */
import { Problem } from '../api.js';
import { el, icon, list, setAttribute, setText } from '../dom.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';

/**
 * @typedef {import('../desk_data.js').CaseKey} CaseKey
 * @typedef {{key: string, known: CaseKey|null, value: string, may_edit: boolean}} Field
 */

/** Longest name of an added field, characters (the server's rule). */
const KEY_CHARS_MAX = 64;

/**
 * The administrator's keys in their order, then what was added.
 * @param {import('../floor.js').State} state
 * @param {import('../floor.js').Interaction} interaction
 * @returns {Field[]}
 */
function fieldsOf(state, interaction) {
  const may_edit = powers(state, interaction).annotate;
  const values = new Map(interaction.case_data.map(({ key, value }) => [key, value]));
  const known = state.case_keys.map((one) => ({
    key: one.key,
    known: one,
    value: values.get(one.key) ?? '',
    may_edit: may_edit && !one.read_only,
  }));
  const added = interaction.case_data
    .filter(({ key }) => !state.case_keys.some((one) => one.key === key))
    .map(({ key, value }) => ({ key, known: null, value, may_edit }));
  return [...known, ...added];
}

/** @param {import('../app.js').Context} context @param {number} id */
export function createCaseInformation(context, id) {
  const { state } = context.floor;
  const fields = el('div', { class: 'case-fields' });
  const empty = el('p', { class: 'hint', text: words.case_information.empty });
  const adding = createAdding(context, id);
  return {
    node: el('div', { class: 'case-information' }, fields, empty, adding.node),
    /** @param {import('../floor.js').Interaction} interaction */
    update(interaction) {
      const drawn = fieldsOf(state, interaction);
      list(
        fields,
        drawn,
        (field) => `${field.known?.kind ?? 'added'} ${field.key}`,
        (field) => createField(context, id, field),
      );
      adding.node.hidden = !powers(state, interaction).annotate;
      empty.hidden = drawn.length > 0;
    },
  };
}

/** @param {CaseKey|null} known @param {Record<string, any>} props */
function createControl(known, props) {
  if (known?.kind === 'boolean' || known?.kind === 'choice') {
    /** @type {[string, string][]} */
    const choices =
      known.kind === 'choice'
        ? known.choices.map((choice) => [choice, choice])
        : [
            ['true', words.case_information.yes],
            ['false', words.case_information.no],
          ];
    return el(
      'select',
      props,
      el('option', { value: '', text: words.case_information.no_value }),
      ...choices.map(([value, text]) => el('option', { value, text })),
    );
  }
  return el('input', {
    type: known?.kind === 'date' ? 'date' : 'text',
    inputmode: known?.kind === 'number' ? 'decimal' : null,
    autocomplete: 'off',
    dir: known?.kind === 'date' ? null : 'auto',
    ...props,
  });
}

/** A value that is not on the list any more can still be seen. @param {HTMLSelectElement|HTMLInputElement} control @param {string} value */
function setValue(control, value) {
  if (control instanceof HTMLSelectElement && ![...control.options].some((option) => option.value === value))
    control.append(el('option', { value, text: value }));
  control.value = value;
}

/** @param {import('../app.js').Context} context @param {number} interaction_id @param {Field} first */
function createField({ floor, actions }, interaction_id, first) {
  const { state } = floor;
  const { key, known } = first;
  // Keys may hold anything, ids may not.
  const id = `case-${[...key].map((letter) => letter.codePointAt(0)?.toString(36)).join('-')}`;
  const control = createControl(known, {
    id,
    test: 'case-value',
    'data-key': key,
    'aria-describedby': `${id}-status`,
    onchange: save,
    onblur: save,
    onkeydown: pressed,
    oninput: () => setStatus('', 'plain'),
  });
  const status = el('span', { class: 'case-status', id: `${id}-status`, role: 'status', test: 'case-status' });
  const remove = el(
    'button',
    {
      type: 'button',
      class: 'quiet small',
      test: 'case-remove',
      'aria-label': words.case_information.remove(key),
      title: words.case_information.remove(key),
      onclick: empty,
    },
    icon('close'),
  );
  const lock = el('span', { class: 'lock', title: words.case_information.read_only }, icon('lock'));
  let base = first.value;
  let saving = false;
  let may_edit = first.may_edit;
  /** What the server did not take: asking again would bring the same answer. @type {string|null} */
  let refused = null;
  setValue(control, base);

  const dirty = () => control.value.trim() !== base;

  /** @param {string} text @param {'plain'|'good'|'bad'} tone */
  function setStatus(text, tone) {
    setText(status, text);
    setAttribute(status, 'data-tone', tone);
    setAttribute(control, 'aria-invalid', tone === 'bad' && 'true');
  }

  function save() {
    if (may_edit && !saving && dirty() && control.value !== refused) store(control.value.trim() || null);
  }

  /** @param {string|null} value */
  async function store(value) {
    saving = true;
    refused = null;
    setStatus(words.case_information.saving, 'plain');
    try {
      await actions.setCaseValue(interaction_id, key, value);
      base = value ?? '';
      setStatus(words.case_information.saved, 'good');
    } catch (error) {
      if (error instanceof Problem && !error.passing) refused = control.value;
      setStatus(/** @type {Error} */ (error).message, 'bad');
    }
    saving = false;
    // Somebody who typed on and left while the server was asked.
    if (status.dataset.tone === 'good' && document.activeElement !== control) save();
  }

  /** An added field goes by saving it empty; were its old words left standing, leaving it would save them again. */
  function empty() {
    setValue(control, '');
    save();
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter') save();
    else if (event.key === 'Escape' && (dirty() || status.textContent)) {
      event.stopPropagation();
      setValue(control, base);
      setStatus('', 'plain');
    }
  }

  let connection = state.connection;
  return {
    node: el(
      'div',
      { class: 'case-field', 'data-kind': known?.kind ?? 'added' },
      el(
        'div',
        { class: 'case-label' },
        el('label', { for: id, dir: 'auto', text: (known?.label || key) + (known?.required ? ' *' : '') }),
        lock,
        !known && remove,
      ),
      control,
      status,
    ),
    /** @param {Field} field */
    update(field) {
      may_edit = field.may_edit;
      lock.hidden = !known?.read_only;
      remove.hidden = !may_edit;
      if (control instanceof HTMLSelectElement) control.disabled = !may_edit;
      else control.readOnly = !may_edit;
      if (!saving && field.value !== base) {
        const untouched = !dirty();
        base = field.value;
        if (untouched) setValue(control, base);
      }
      if (state.connection === 'live' && connection !== 'live' && document.activeElement !== control) save();
      connection = state.connection;
    },
  };
}

/** "Add field": a name and a value. @param {import('../app.js').Context} context @param {number} id */
function createAdding({ actions }, id) {
  const name = el('input', {
    type: 'text',
    id: 'case-new-name',
    test: 'case-new-name',
    maxlength: KEY_CHARS_MAX,
    required: true,
    dir: 'auto',
    autocomplete: 'off',
  });
  const value = el('input', {
    type: 'text',
    id: 'case-new-value',
    test: 'case-new-value',
    required: true,
    dir: 'auto',
    autocomplete: 'off',
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const begin = el(
    'button',
    { type: 'button', class: 'quiet small add', test: 'case-add', onclick: () => show(true) },
    icon('plus'),
    el('span', { text: words.case_information.add }),
  );
  const form = el(
    'form',
    {
      class: 'case-adding',
      hidden: true,
      onsubmit: add,
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && show(false),
    },
    el(
      'div',
      { class: 'labelled' },
      el('label', { for: 'case-new-name', text: words.case_information.new_name }),
      name,
    ),
    el(
      'div',
      { class: 'labelled' },
      el('label', { for: 'case-new-value', text: words.case_information.new_value }),
      value,
    ),
    el('button', { type: 'submit', class: 'primary', test: 'case-new-save', text: words.case_information.add_short }),
    el('button', { type: 'button', class: 'quiet', onclick: () => show(false), text: words.cancel }),
    trouble,
  );

  /** @param {boolean} open */
  function show(open) {
    form.hidden = !open;
    begin.hidden = open;
    trouble.textContent = '';
    if (open) return name.focus();
    form.reset();
    begin.focus();
  }

  /** @param {SubmitEvent} event */
  async function add(event) {
    event.preventDefault();
    trouble.textContent = '';
    try {
      await actions.setCaseValue(id, name.value.trim(), value.value.trim());
      show(false);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  return { node: el('div', { class: 'case-add-place' }, begin, form) };
}
