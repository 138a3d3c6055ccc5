/*
 * The disposition: the outcome that the agent chooses from the administrator's list, flat or a tree.
 *
 * A tree is shown as its leaves with their way ("Shipping › Lost"), because only a leaf can be chosen and a few letters
 * find it. Invariant: what is shown as chosen is what the server has; a refused choice falls back to it.
 */
import { el, icon, setAttribute, setText } from '../dom.js';
import { powers } from '../floor.js';
import { folded } from '../responses.js';
import { words } from '../strings.js';
import { createOptionList } from './option_list.js';

/** @typedef {{id: number, way: string[], label: string, retired: boolean}} Leaf */

/**
 * What can be chosen, or could be once, in the administrator's order.
 * @param {import('../floor.js').State['dispositions']} dispositions
 * @returns {Leaf[]}
 */
export function leavesOf(dispositions) {
  const by_id = new Map(dispositions.map((one) => [one.id, one]));
  const parents = new Set(dispositions.map((one) => !one.retired && one.parent_id));
  const wayOf = (/** @type {number|null} */ id) => {
    /** @type {string[]} */
    const way = [];
    // A tree is never deeper than it has entries, even if its data were a ring.
    for (let at = id === null ? undefined : by_id.get(id); at && way.length < by_id.size;) {
      way.unshift(at.label);
      at = at.parent_id === null ? undefined : by_id.get(at.parent_id);
    }
    return way;
  };
  return dispositions
    .filter((one) => !parents.has(one.id))
    .map(({ id, label, parent_id, retired }) => ({ id, way: wayOf(parent_id), label, retired }));
}

/** @param {Leaf} leaf */
const wholeName = ({ way, label }) => [...way, label].join(' \u203a ');

/** "Shipping › Lost". @param {import('../floor.js').State} state @param {number|null} id */
export function dispositionName(state, id) {
  const leaf = id === null ? undefined : leavesOf(state.dispositions).find((one) => one.id === id);
  return leaf ? wholeName(leaf) : '';
}

/**
 * The field and the list to choose from.
 * @param {import('../floor.js').State} state
 * @param {{id: string, on_choose: (id: number) => void}} options
 */
export function createDispositionPicker(state, { id, on_choose }) {
  /** @type {number|null} */
  let chosen_id = null;
  const field = el('input', {
    type: 'text',
    id: `${id}-field`,
    test: `${id}-field`,
    role: 'combobox',
    autocomplete: 'off',
    'aria-label': words.disposition.find,
    'aria-expanded': 'true',
    'aria-controls': `${id}-options`,
    'aria-autocomplete': 'list',
    placeholder: words.disposition.find,
    oninput: () => draw(0),
    onkeydown: pressed,
  });
  const options = createOptionList({
    id: `${id}-options`,
    label: words.disposition.heading,
    field,
    test: `${id}-option`,
    chosen: (/** @type {Leaf} */ leaf) => leaf.id === chosen_id,
    draw: (leaf) => [
      el(
        'span',
        { dir: 'auto' },
        leaf.way.length > 0 && el('span', { class: 'way', text: `${leaf.way.join(' \u203a ')} \u203a ` }),
        leaf.label,
      ),
      leaf.id === chosen_id && icon('check'),
    ],
    take(leaf) {
      field.value = '';
      on_choose(leaf.id);
    },
  });
  const nothing = el('p', { class: 'hint', role: 'status' });
  let drawn = '';

  /** @param {number} marked */
  function draw(marked) {
    const wanted = folded(field.value).split(/\s+/u).filter(Boolean);
    const found = leavesOf(state.dispositions).filter(
      (leaf) => !leaf.retired && wanted.every((word) => folded(wholeName(leaf)).includes(word)),
    );
    drawn = JSON.stringify([state.dispositions, chosen_id, field.value]);
    options.show(found, wanted.length ? marked : -1);
    setText(nothing, found.length ? '' : words.disposition.none_found);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing || options.pressed(event)) return;
    if (event.key !== 'Escape' || field.value === '') return;
    // The first Escape empties the field, the next one closes what it stands in.
    event.preventDefault();
    event.stopPropagation();
    field.value = '';
    draw(-1);
  }

  return {
    node: el('div', { class: 'picker' }, field, options.node, nothing),
    /** @param {number|null} now_chosen */
    show(now_chosen) {
      chosen_id = now_chosen;
      if (drawn !== JSON.stringify([state.dispositions, chosen_id, field.value])) draw(-1);
    },
    focus: () => field.focus(),
  };
}

/** @param {import('../app.js').Context} context @param {number} id */
export function createDisposition({ floor, actions }, id) {
  const { state } = floor;
  const chosen = el('output', { class: 'chosen', dir: 'auto', test: 'disposition-chosen' });
  const clear = el(
    'button',
    {
      type: 'button',
      class: 'quiet small',
      test: 'disposition-clear',
      'aria-label': words.disposition.clear,
      title: words.disposition.clear,
      onclick: () => choose(null),
    },
    icon('close'),
  );
  const hint = el('p', { class: 'hint', test: 'disposition-hint' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const picker = createDispositionPicker(state, { id: 'disposition', on_choose: choose });
  const node = el(
    'div',
    { class: 'disposition' },
    el('div', { class: 'chosen-line' }, chosen, clear, hint),
    trouble,
    picker.node,
  );

  /** @param {number|null} disposition_id */
  async function choose(disposition_id) {
    trouble.textContent = '';
    setAttribute(node, 'aria-busy', 'true');
    try {
      await actions.setDisposition(id, disposition_id);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
    setAttribute(node, 'aria-busy', null);
    show();
  }

  function show() {
    const interaction = state.interactions.get(id);
    if (!interaction) return;
    const { disposition_id } = interaction;
    const closed =
      state.settings.disposition_read_only_after_end && interaction.state === 'ended' && disposition_id !== null;
    const may = powers(state, interaction).annotate && !closed;
    const missing = dispositionMissing(state, interaction);
    setText(chosen, dispositionName(state, disposition_id) || words.disposition.none);
    setAttribute(chosen, 'data-missing', disposition_id === null);
    setText(hint, closed ? words.disposition.read_only : missing ? words.disposition.mandatory : '');
    setAttribute(hint, 'data-missing', missing);
    clear.hidden = !may || disposition_id === null;
    picker.node.hidden = !may;
    picker.show(disposition_id);
  }

  return { node, update: show, focus: picker.focus };
}

/** Mark Done waits for it. @param {import('../floor.js').State} state @param {import('../floor.js').Interaction} interaction */
export const dispositionMissing = (state, interaction) =>
  state.settings.disposition_mandatory && interaction.disposition_id === null && powers(state, interaction).annotate;
