/*
 * Where agents write to each other within an interaction, and the switch between that and the field for the contact.
 *
 * Apart from the composer, and unlike it in look, because words of the one must never end in the other. Invariants: what
 * is written here is never sent to the contact; the two fields have two texts; who may write only one of the two sees no
 * switch.
 */
import { newClientKey } from '../api.js';
import { el, icon, setAttribute } from '../dom.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';
import { createMessageField } from './message_field.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{node: HTMLElement, focus: () => void}} composer the field for the contact
 */
export function createWriting({ floor, actions, drafts }, first, composer) {
  const { state } = floor;
  const { id } = first;
  const draft_name = `internal.${id}`;
  const field = createMessageField({
    test: 'internal-text',
    'aria-label': words.internal.label,
    placeholder: words.internal.placeholder,
    'aria-describedby': 'internal-hint',
    oninput: edited,
    onkeydown: pressed,
  });
  const { text } = field;
  const send = el(
    'button',
    { type: 'button', class: 'send', test: 'internal-send', 'aria-label': words.internal.send, onclick: write },
    icon('send'),
    el('span', { text: words.internal.send }),
  );
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const internal = el(
    'div',
    { class: 'internal-field', hidden: true },
    el('div', { class: 'field-box' }, field.node, send),
    el('p', { class: 'field-hint', id: 'internal-hint', text: words.internal.hint }),
    trouble,
  );
  const choices = /** @type {const} */ (['contact', 'internal']).map((name) =>
    el('button', {
      type: 'button',
      class: 'small',
      test: `write-${name}`,
      'data-to': name,
      onclick: () => choose(name, true),
      text: words.internal.to[name],
    }),
  );
  const switcher = el('div', { class: 'write-to', role: 'group', 'aria-label': words.internal.switcher }, ...choices);
  /** @type {'contact'|'internal'} */
  let chosen = 'contact';
  /** @type {string|null} the key of what is under way, the same for every attempt */
  let client_key = null;

  text.value = drafts.get(draft_name);
  edited();

  function edited() {
    drafts.set(draft_name, text.value);
    client_key = null;
    field.show();
    send.disabled = text.value.trim() === '';
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // 229 is what some browsers give for the Enter that confirms a composition.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape') text.blur();
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    event.preventDefault();
    write();
  }

  async function write() {
    const said = text.value.trim();
    if (said === '' || send.disabled) return;
    const key = (client_key ??= newClientKey());
    send.disabled = true;
    trouble.textContent = '';
    try {
      await actions.sendInternal(id, key, said);
      if (text.value.trim() === said) text.value = '';
      edited();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      send.disabled = false;
    }
    text.focus();
  }

  /** @param {'contact'|'internal'} name @param {boolean} [go] put the cursor there */
  function choose(name, go = false) {
    chosen = name;
    show();
    if (!go) return;
    if (name === 'internal') text.focus();
    else composer.focus();
  }

  function show() {
    const interaction = state.interactions.get(id);
    if (!interaction) return;
    const power = powers(state, interaction);
    // Alone there is nobody to talk to; a supervisor may always coach.
    const both = power.internal && power.write;
    const to = power.internal && !power.write ? 'internal' : power.internal ? chosen : 'contact';
    switcher.hidden = !both;
    internal.hidden = to !== 'internal';
    composer.node.hidden = to === 'internal';
    for (const choice of choices) setAttribute(choice, 'aria-pressed', String(choice.dataset.to === to));
  }

  return {
    node: el('div', { class: 'writing' }, switcher, composer.node, internal),
    update: show,
    focus: () => (internal.hidden ? composer.focus() : text.focus()),
  };
}
