/*
 * The disposition: the outcome that the agent chooses from the administrator's list.
 *
 * Invariant: what is shown as chosen is what the server has; a refused choice falls back to it.
 */
import { el, setAttribute, setText } from '../dom.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';

/**
 * A select with the list, children under their parents.
 * @param {import('../floor.js').State} state
 * @param {Record<string, any>} props
 */
export function dispositionSelect(state, props) {
  const select = el('select', props, el('option', { value: '', text: words.disposition.none }));
  const parents = new Set(state.dispositions.map((one) => one.parent_id));
  const entry = (/** @type {{id: number, label: string}} */ one) => el('option', { value: one.id, text: one.label });
  for (const one of state.dispositions.filter((each) => each.parent_id === null)) {
    if (!parents.has(one.id)) select.append(entry(one));
    else
      select.append(
        el(
          'optgroup',
          { label: one.label },
          ...state.dispositions.filter((each) => each.parent_id === one.id).map(entry),
        ),
      );
  }
  return select;
}

/** @param {import('../app.js').Context} context @param {number} id */
export function createDisposition({ floor, actions }, id) {
  const { state } = floor;
  const select = dispositionSelect(state, {
    id: 'disposition',
    test: 'disposition-select',
    'aria-describedby': 'disposition-hint',
    onchange: choose,
  });
  const hint = el('p', { class: 'hint', id: 'disposition-hint' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  let busy = false;

  async function choose() {
    trouble.textContent = '';
    busy = true;
    try {
      await actions.setDisposition(id, select.value ? Number(select.value) : null);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
    busy = false;
    show();
  }

  function show() {
    const interaction = state.interactions.get(id);
    if (!interaction || busy) return;
    const value = String(interaction.disposition_id ?? '');
    if (select.value !== value) select.value = value;
    select.disabled = !powers(state, interaction).annotate;
    const missing = state.settings.disposition_mandatory && interaction.disposition_id === null && !select.disabled;
    setText(hint, missing ? words.disposition.mandatory : '');
    setAttribute(select, 'data-missing', missing);
  }

  return {
    node: el(
      'section',
      { class: 'disposition' },
      el('h3', {}, el('label', { for: 'disposition', text: words.disposition.heading })),
      select,
      hint,
      trouble,
    ),
    update: show,
    focus: () => select.focus(),
  };
}
