/*
 * The form in which an agent changes a contact: names, attributes, tags.
 *
 * Invariants: nothing is stored before Save; when somebody else has changed the contact meanwhile, the agent sees it and
 * chooses, and neither text is lost before.
 */
import { Problem } from '../api.js';
import { el, icon, setText } from '../dom.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Contact} Contact */

/**
 * @param {ReturnType<typeof import('../contact_orders.js').openContactOrders>} orders
 * @param {{opened: () => void, closed: () => void}} listeners
 */
export function createContactForm(orders, { opened, closed }) {
  /** @type {Contact|null} the newest known */
  let contact = null;
  let base_version = 0;
  const first_name = el('input', {
    type: 'text',
    id: 'contact-first-name',
    test: 'contact-first-name',
    dir: 'auto',
    autocomplete: 'off',
  });
  const last_name = el('input', {
    type: 'text',
    id: 'contact-last-name',
    test: 'contact-last-name',
    dir: 'auto',
    autocomplete: 'off',
  });
  const tags = el('input', {
    type: 'text',
    id: 'contact-tags',
    test: 'contact-tags',
    dir: 'auto',
    autocomplete: 'off',
    'aria-describedby': 'contact-tags-hint',
  });
  const attributes = el('div', { class: 'attribute-rows' });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'contact-trouble' });
  const theirs = el('p', { dir: 'auto' });
  const conflict = el(
    'div',
    { class: 'conflict', role: 'alert', hidden: true, test: 'contact-conflict' },
    el('p', { text: words.contact.conflict }),
    theirs,
    el('button', {
      type: 'button',
      class: 'small',
      test: 'contact-keep-mine',
      text: words.contact.keep_mine,
      onclick: keepMine,
    }),
    el('button', {
      type: 'button',
      class: 'small',
      test: 'contact-take-theirs',
      text: words.contact.take_theirs,
      onclick: fillIn,
    }),
  );
  const save = el('button', { type: 'submit', class: 'primary', test: 'contact-save', text: words.contact.save });
  const node = el(
    'form',
    {
      class: 'contact-form',
      hidden: true,
      'aria-label': words.contact.form,
      onsubmit: submit,
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && !event.isComposing && close(),
    },
    labelled('contact-first-name', words.contact.first_name, first_name),
    labelled('contact-last-name', words.contact.last_name, last_name),
    labelled('contact-tags', words.contact.tags, tags),
    el('p', { class: 'hint', id: 'contact-tags-hint', text: words.contact.tags_hint }),
    el(
      'fieldset',
      {},
      el('legend', { text: words.contact.attributes }),
      attributes,
      el(
        'button',
        {
          type: 'button',
          class: 'quiet small add',
          test: 'contact-add-attribute',
          onclick: () => addRow('', '').querySelector('input')?.focus(),
        },
        icon('plus'),
        el('span', { text: words.contact.add_attribute }),
      ),
    ),
    conflict,
    trouble,
    el(
      'div',
      { class: 'dialog-buttons' },
      save,
      el('button', { type: 'button', class: 'quiet', onclick: close, text: words.cancel }),
    ),
  );

  /** @param {string} id @param {string} text @param {HTMLElement} control */
  function labelled(id, text, control) {
    return el('div', { class: 'labelled' }, el('label', { for: id, text }), control);
  }

  /** @param {string} key @param {string} value */
  function addRow(key, value) {
    const row = el(
      'div',
      { class: 'attribute-row', test: 'contact-attribute' },
      el('input', {
        type: 'text',
        value: key,
        'aria-label': words.contact.attribute_name,
        placeholder: words.contact.attribute_name,
        dir: 'auto',
      }),
      el('input', {
        type: 'text',
        value,
        'aria-label': words.contact.attribute_value,
        placeholder: words.contact.attribute_value,
        dir: 'auto',
      }),
      el(
        'button',
        {
          type: 'button',
          class: 'quiet small',
          'aria-label': words.contact.remove_attribute(key),
          title: words.contact.remove_attribute(key),
          onclick() {
            row.remove();
            first_name.focus();
          },
        },
        icon('close'),
      ),
    );
    attributes.append(row);
    return row;
  }

  /** From what the server has. */
  function fillIn() {
    if (!contact) return;
    base_version = contact.version;
    first_name.value = contact.first_name ?? '';
    last_name.value = contact.last_name ?? '';
    tags.value = contact.tags.join(', ');
    attributes.replaceChildren();
    for (const { key, value } of contact.attributes) addRow(key, value);
    conflict.hidden = true;
    trouble.textContent = '';
  }

  function keepMine() {
    base_version = contact?.version ?? base_version;
    node.requestSubmit();
  }

  function close() {
    node.hidden = true;
    closed();
  }

  const written = () => ({
    first_name: first_name.value.trim() || null,
    last_name: last_name.value.trim() || null,
    tags: [...new Set(tags.value.split(',').map((tag) => tag.trim()))].filter(Boolean),
    attributes: [...attributes.children].flatMap((row) => {
      const [key, value] = [...row.querySelectorAll('input')].map((input) => input.value.trim());
      return key && value ? [{ key, value }] : [];
    }),
  });

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (!contact) return;
    const { id } = contact;
    save.disabled = true;
    trouble.textContent = '';
    conflict.hidden = true;
    try {
      await orders.edit(id, { ...written(), version: base_version });
      close();
    } catch (error) {
      if (error instanceof Problem && error.code === 'contact_changed') await showConflict(id);
      else trouble.textContent = /** @type {Error} */ (error).message;
    }
    save.disabled = false;
  }

  /** @param {number} id */
  async function showConflict(id) {
    const row = await orders.read(id).catch(() => null);
    if (row) contact = row.contact;
    if (!contact) return;
    const known = contact.attributes.map(({ key, value }) => `${key}: ${value}`);
    setText(theirs, [contact.name, ...contact.tags, ...known].join(' \u00b7 '));
    conflict.hidden = false;
  }

  return {
    node,
    open() {
      fillIn();
      node.hidden = false;
      opened();
      first_name.focus();
    },
    /** @param {Contact} now */
    update(now) {
      contact = now;
    },
  };
}
