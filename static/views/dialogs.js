/*
 * The questions that need an answer before an order: "end and mark Done, or park", "transfer to whom".
 *
 * Invariant: nothing is ordered before it was answered.
 */
import { el, openDialog } from '../dom.js';
import { words } from '../strings.js';
import { createDispositionPicker, dispositionMissing } from './disposition.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/**
 * Marks a live interaction Done, or parks it.
 * @param {import('../app.js').Context} context
 * @param {Interaction} interaction
 * @param {(order: () => Promise<unknown>) => Promise<void>} give
 */
export function askDone({ floor, actions, drafts }, interaction, give) {
  const { state } = floor;
  const { id, contact, conversation_id } = interaction;
  const missing = dispositionMissing(state, interaction);
  /** @type {number|null} */
  let disposition_id = null;
  const picker = createDispositionPicker(state, {
    id: 'done-disposition',
    on_choose(chosen) {
      disposition_id = chosen;
      picker.show(chosen);
      end.disabled = false;
      end.focus();
    },
  });
  picker.show(null);
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
    words.done_dialog.heading(contact.name),
    el('p', { text: words.done_dialog.question }),
    missing && el('div', { class: 'labelled' }, el('p', { class: 'hint', text: words.done_dialog.needs }), picker.node),
    drafts.get(`conversation.${conversation_id}`).trim() !== '' &&
      el('p', { class: 'hint', text: words.done_dialog.draft }),
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
  if (!missing) end.focus();

  async function endAndDone() {
    if (disposition_id !== null) await actions.setDisposition(id, disposition_id);
    await actions.end(id);
    await actions.done(id);
  }

  /** @param {() => Promise<unknown>} order */
  function close(order) {
    dialog.close();
    give(order);
  }
}

/**
 * Says what logging out does to open work; without open work there is nothing to ask.
 * @param {import('../app.js').Context} context
 * @returns {Promise<boolean>} whether the person goes on
 */
export function askSignOut({ floor, drafts }) {
  const mine = [...floor.state.interactions.values()].filter((one) => one.owner_id === floor.state.me?.id);
  const live = mine.filter((one) => one.state === 'active' || one.state === 'transferring').length;
  const ended = mine.filter((one) => one.state === 'ended').length;
  const written = mine.filter((one) => drafts.get(`conversation.${one.conversation_id}`).trim() !== '').length;
  if (live + ended + written === 0) return Promise.resolve(true);
  return new Promise((answer) => {
    const dialog = openDialog(
      'sign-out-dialog',
      words.sign_out_dialog.heading,
      live > 0 && el('p', { text: words.sign_out_dialog.parked(live) }),
      ended > 0 && el('p', { text: words.sign_out_dialog.ended(ended) }),
      written > 0 && el('p', { text: words.sign_out_dialog.drafts(written) }),
      el(
        'div',
        { class: 'dialog-buttons' },
        el('button', {
          type: 'button',
          class: 'primary',
          test: 'sign-out-submit',
          onclick() {
            answer(true);
            dialog.close();
          },
          text: words.sign_out_dialog.submit,
        }),
        el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel }),
      ),
    );
    // After the answer above this changes nothing any more.
    dialog.addEventListener('close', () => answer(false));
  });
}
