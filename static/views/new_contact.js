/*
 * The question for a new contact: name and number.
 *
 * Invariant: a number that belongs to somebody already leads to that contact instead of making a second one.
 */
import { Problem } from '../api.js';
import { el, openDialog } from '../dom.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';

/** @param {import('../app.js').Context} context @param {string} typed what was searched for: a number or a name */
export function askNewContact({ directory }, typed) {
  const is_number = /^[\d\s()+./-]{3,}$/u.test(typed.trim());
  const name = el('input', {
    id: 'new-contact-name',
    test: 'new-contact-name',
    dir: 'auto',
    autocomplete: 'off',
    value: is_number ? null : typed.trim(),
  });
  const phone = el('input', {
    id: 'new-contact-phone',
    test: 'new-contact-phone',
    type: 'tel',
    autocomplete: 'off',
    required: true,
    placeholder: '+49 30 1234567',
    'aria-describedby': 'new-contact-hint',
    value: is_number ? typed.trim() : null,
  });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'new-contact-trouble' });
  const known = el('a', { class: 'button', test: 'new-contact-known', hidden: true, text: words.new_contact.known });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'new-contact-submit',
    text: words.new_contact.submit,
  });
  const cancel = el('button', { type: 'button', class: 'quiet', text: words.cancel });
  const form = el(
    'form',
    { onsubmit: add },
    el('div', { class: 'labelled' }, el('label', { for: 'new-contact-name', text: words.new_contact.name }), name),
    el(
      'div',
      { class: 'labelled' },
      el('label', { for: 'new-contact-phone', text: words.new_contact.phone }),
      phone,
      el('p', { class: 'hint', id: 'new-contact-hint', text: words.new_contact.phone_hint }),
    ),
    trouble,
    el('div', { class: 'dialog-buttons' }, submit, known, cancel),
  );
  const dialog = openDialog('new-contact-dialog', words.new_contact.heading, form);
  cancel.addEventListener('click', () => dialog.close());
  known.addEventListener('click', () => dialog.close());

  /** @param {SubmitEvent} event */
  async function add(event) {
    event.preventDefault();
    submit.disabled = true;
    known.hidden = true;
    trouble.textContent = '';
    try {
      const id = await directory.addContact(name.value.trim(), phone.value.trim());
      dialog.close();
      location.hash = contactPath(id);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      const contact_id = error instanceof Problem ? error.answer?.contact_id : null;
      if (contact_id) {
        known.href = contactPath(contact_id);
        known.hidden = false;
      }
      phone.focus();
    }
    submit.disabled = false;
  }
}
