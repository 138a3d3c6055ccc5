/*
 * The questions that need an answer before an order: "end and mark Done, or park", "transfer to whom".
 *
 * Invariant: a dialog is modal, closes with Esc, gives the focus back where it was, and is removed when closed.
 */
import { el } from '../dom.js';
import { words } from '../strings.js';
import { dispositionSelect } from './disposition.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/** @param {string} test @param {string} heading @param {...(Node|string|null|false)} content */
export function openDialog(test, heading, ...content) {
  const dialog = el(
    'dialog',
    { test, 'aria-labelledby': 'dialog-heading', onclose: () => dialog.remove() },
    el('h2', { id: 'dialog-heading', text: heading }),
    ...content,
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Marks a live interaction Done, or parks it.
 * @param {import('../app.js').Context} context
 * @param {Interaction} interaction
 * @param {(order: () => Promise<unknown>) => Promise<void>} give
 */
export function askDone({ floor, actions }, interaction, give) {
  const { state } = floor;
  const { id } = interaction;
  const missing = state.settings.disposition_mandatory && interaction.disposition_id === null;
  const select = dispositionSelect(state, {
    id: 'done-disposition',
    test: 'done-disposition',
    onchange: () => (end.disabled = select.value === ''),
  });
  const end = el('button', {
    type: 'button',
    class: 'primary',
    test: 'done-end',
    disabled: missing,
    onclick: () => close(endAndDone),
    text: words.done_dialog.end_and_done,
  });
  const dialog = openDialog(
    'done-dialog',
    words.done_dialog.heading,
    el('p', { text: words.done_dialog.question }),
    missing &&
      el(
        'div',
        { class: 'labelled' },
        el('label', { for: 'done-disposition', text: words.done_dialog.disposition }),
        select,
      ),
    el(
      'div',
      { class: 'dialog-buttons' },
      end,
      el('button', {
        type: 'button',
        test: 'done-park',
        onclick: () => close(() => actions.park(id)),
        text: words.done_dialog.park,
      }),
      el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel }),
    ),
  );

  async function endAndDone() {
    if (missing) await actions.setDisposition(id, Number(select.value));
    await actions.end(id);
    await actions.done(id);
  }

  /** @param {() => Promise<unknown>} order */
  function close(order) {
    dialog.close();
    give(order);
  }
}

/** @param {import('../app.js').Context} context @param {Interaction} interaction */
export function askTransfer({ floor, actions }, interaction) {
  const { state } = floor;
  const colleagues = [...state.agents.values()]
    .filter((agent) => agent.id !== state.me?.id && agent.presence.state !== 'logged_off')
    .sort(
      (a, b) =>
        Number(b.presence.state === 'ready') - Number(a.presence.state === 'ready') || a.name.localeCompare(b.name),
    );
  const select = el(
    'select',
    { id: 'transfer-agent', test: 'transfer-agent' },
    ...colleagues.map((agent) =>
      el('option', {
        value: agent.id,
        text: words.transfer_dialog.entry(agent.name, words.presence.names[agent.presence.state]),
      }),
    ),
  );
  const note = el('textarea', { id: 'transfer-note', rows: 3, dir: 'auto', test: 'transfer-note' });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'transfer-submit',
    text: words.transfer_dialog.submit,
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const cancel = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel });
  const form = el(
    'form',
    { onsubmit: send },
    el('div', { class: 'labelled' }, el('label', { for: 'transfer-agent', text: words.transfer_dialog.agent }), select),
    el('div', { class: 'labelled' }, el('label', { for: 'transfer-note', text: words.transfer_dialog.note }), note),
    el('p', { class: 'hint', text: words.transfer_dialog.hint }),
    trouble,
    el('div', { class: 'dialog-buttons' }, submit, cancel),
  );
  const nobody = el(
    'div',
    {},
    el('p', { text: words.transfer_dialog.nobody }),
    el(
      'div',
      { class: 'dialog-buttons' },
      el('button', { type: 'button', onclick: () => dialog.close(), text: words.close }),
    ),
  );
  const dialog = openDialog(
    'transfer-dialog',
    words.transfer_dialog.heading(interaction.contact.name),
    colleagues.length ? form : nobody,
  );

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    trouble.textContent = '';
    try {
      await actions.transfer(interaction.id, Number(select.value), note.value.trim());
      dialog.close();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      submit.disabled = false;
    }
  }
}
