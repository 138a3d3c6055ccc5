/*
 * What is neither words nor a file: a place, contact cards, questions with answers, a list or a link; how they stand in
 * a bubble, and the dialog that sends one.
 *
 * Apart from the composer because these are forms. Invariants: the server checks Meta's limits and names what is wrong;
 * a refusal keeps what was filled in; an object is sent once for each click.
 */
import { newClientKey } from '../api.js';
import { el, icon, openDialog } from '../dom.js';
import { formatted } from '../formatting.js';
import { words } from '../strings.js';

/** @typedef {'buttons'|'list'|'link'|'location'|'contacts'|'ask_location'|'ask_number'} Kind */
/** @typedef {keyof typeof words.objects.fields} Field */

/** The fields of each kind; those that end in `?` may stay empty. @type {Record<Kind, string[]>} */
const FIELDS = {
  buttons: ['text', 'answers', 'footer?'],
  list: ['text', 'button', 'rows', 'footer?'],
  link: ['text', 'label', 'url', 'footer?'],
  location: ['place', 'name?', 'address?'],
  contacts: ['name', 'phones', 'emails?', 'organisation?'],
  ask_location: ['text'],
  ask_number: ['text'],
};
const LONG = ['text', 'answers', 'rows', 'phones', 'emails'];

const linesOf = (/** @type {string|undefined} */ text) =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** @param {Kind} kind @param {Record<string, string>} values */
function objectOf(kind, { place, answers, rows, name, phones, emails, organisation, ...plain }) {
  if (kind === 'contacts')
    return { kind, cards: [{ name, phones: linesOf(phones), emails: linesOf(emails), organisation }] };
  if (kind === 'location') {
    const [latitude, longitude] = place.split(/[\s,;]+/u).map(Number);
    return { kind, latitude, longitude, name, ...plain };
  }
  if (kind === 'buttons') return { kind, buttons: linesOf(answers), ...plain };
  if (kind !== 'list') return { kind, ...plain };
  const row = (/** @type {string} */ line) => {
    const [title, ...description] = line.split(': ');
    return { title, description: description.join(': ') };
  };
  return { kind, rows: linesOf(rows).map(row), ...plain };
}

/**
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} interaction
 * @param {{quoted_id: number|null, on_sent: () => void}} options
 */
export function askObject({ actions }, interaction, { quoted_id, on_sent }) {
  const client_key = newClientKey();
  const kind = el(
    'select',
    { id: 'object-kind', test: 'object-kind', onchange: draw },
    ...Object.keys(FIELDS).map((one) => el('option', { value: one, text: words.objects.kinds[/** @type {Kind} */ (one)] })),
  );
  const fields = el('div', { class: 'object-fields' });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'object-trouble' });
  const submit = el('button', { type: 'submit', class: 'primary', test: 'object-send', text: words.objects.send });
  const dialog = openDialog(
    'object-dialog',
    words.objects.heading(interaction.contact.name),
    el(
      'form',
      { onsubmit: send },
      el('div', { class: 'labelled' }, el('label', { for: kind.id, text: words.objects.kind }), kind),
      fields,
      trouble,
      el(
        'div',
        { class: 'dialog-buttons' },
        submit,
        el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel }),
      ),
    ),
  );
  draw();

  function draw() {
    trouble.textContent = '';
    fields.replaceChildren(...FIELDS[/** @type {Kind} */ (kind.value)].map(fieldOf));
  }

  /** @param {string} field */
  function fieldOf(field) {
    const name = /** @type {Field} */ (field.replace('?', ''));
    const long = LONG.includes(name);
    const required = !field.endsWith('?');
    const props = { id: `object-${name}`, test: `object-${name}`, name, dir: 'auto', required, autocomplete: 'off' };
    const input = long ? el('textarea', { ...props, rows: 3 }) : el('input', { ...props, type: 'text' });
    const { label, hint } = words.objects.fields[name];
    const hint_id = `${props.id}-hint`;
    if (hint) input.setAttribute('aria-describedby', hint_id);
    // What is no pair of numbers would reach the server as nothing.
    if (name === 'place') input.setAttribute('pattern', String.raw`-?[\d.]+[\s,;]+-?[\d.]+`);
    return el(
      'div',
      { class: 'labelled' },
      el('label', { for: props.id, text: label }),
      input,
      hint ? el('p', { class: 'hint', id: hint_id, text: hint }) : null,
    );
  }

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    trouble.textContent = '';
    const values = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
    const object = objectOf(/** @type {Kind} */ (kind.value), /** @type {Record<string, string>} */ (values));
    try {
      await actions.sendNow(interaction.id, { client_key, object, quoted_id });
      dialog.close();
      on_sent();
    } catch (error) {
      trouble.replaceChildren(icon('late'), /** @type {Error} */ (error).message);
      submit.disabled = false;
    }
  }
}

/** An object in a bubble; nothing where it has no parts that can be drawn. @returns {Node[]|null} */
export function objectContent(/** @type {import('../floor.js').Message['content']} */ { detail, text }) {
  if (detail?.kind === 'location') {
    const { latitude, longitude, name, address } = detail;
    return [
      el('span', { class: 'kind', text: words.transcript.kinds.location }),
      ...[name, address].filter(Boolean).map((line) => el('div', { dir: 'auto', text: line })),
      el('a', {
        href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
        target: '_blank',
        rel: 'noopener noreferrer',
        test: 'location',
        title: words.transcript.new_tab,
        text: `${latitude}, ${longitude}`,
      }),
    ];
  }
  if (detail?.kind === 'contacts') return detail.cards.map(cardNode);
  if (detail?.kind === 'reply')
    return [
      el('span', { class: 'kind', text: words.media.chosen }),
      ...formatted(detail.description ? `${detail.title}\n${detail.description}` : detail.title || text),
    ];
  if (detail?.kind !== 'question') return null;
  const { footer, choices, link: href } = detail;
  const linked = (/** @type {string} */ choice) =>
    href ? el('a', { href, target: '_blank', rel: 'noopener noreferrer', title: href, text: choice }) : choice;
  const items = choices.map((choice) => el('li', { dir: 'auto', test: 'choice' }, linked(choice)));
  return [
    ...formatted(detail.text),
    ...(footer ? [el('div', { class: 'hint', dir: 'auto', text: footer })] : []),
    ...(items.length ? [el('ul', { class: 'choices', 'aria-label': words.objects.choices }, ...items)] : []),
  ];
}

/** @param {{name: string, phones: string[], emails: string[], organisation: string|null}} card */
const cardNode = ({ name, phones, emails, organisation }) =>
  el(
    'div',
    { class: 'card', test: 'card' },
    el('strong', { dir: 'auto', text: name }),
    organisation ? el('span', { class: 'hint', dir: 'auto', text: organisation }) : null,
    ...phones.map((phone) => el('a', { href: `tel:${phone.replace(/[^+\d]/gu, '')}`, dir: 'ltr', text: phone })),
    ...emails.map((email) => el('a', { href: `mailto:${encodeURIComponent(email)}`, dir: 'ltr', text: email })),
  );
