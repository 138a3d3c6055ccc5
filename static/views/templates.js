/*
 * Templates: the dialog that chooses one and fills it in, and a template as it stands in a bubble.
 *
 * Apart from the composer because a template is written by somebody else: here is only chosen and filled in. Invariants:
 * the preview is what the contact will see; nothing is sent while a variable is empty; a refusal stays in the dialog,
 * with what was typed.
 */
import { newClientKey, request } from '../api.js';
import { moment } from '../clock.js';
import { el, icon, openDialog, setText } from '../dom.js';
import { formatted } from '../formatting.js';
import { folded } from '../responses.js';
import { words } from '../strings.js';
import { sendUp } from './media.js';

/**
 * @typedef {{place: string, name: string, example: string}} Variable
 * @typedef {{kind: string, text: string, url: string|null}} TemplateButton
 * @typedef {{name: string, language: string, category: string, status: string, quality: string, sendable: boolean,
 *   header: {kind: string, text: string}|null, body: string, footer: string|null, buttons: TemplateButton[],
 *   variables: Variable[]}} Template
 * @typedef {{text: string, header?: {kind: string, text: string}|null, footer?: string|null, buttons?: string[]}} Shown
 */

/** A template as the contact sees it. @param {Shown} shown @returns {Node[]} */
export function templateContent({ text, header, footer, buttons = [] }) {
  const head = header?.text || (header ? words.templates.headers[/** @type {'image'} */ (header.kind)] : '');
  return [
    ...(head ? [el('strong', { class: 'template-head', dir: 'auto', text: head })] : []),
    ...formatted(text),
    ...(footer ? [el('small', { class: 'template-foot', dir: 'auto', text: footer })] : []),
    ...(buttons.length
      ? [
          el(
            'span',
            { class: 'template-buttons' },
            ...buttons.map((button) => el('span', { class: 'template-button', dir: 'auto', text: button })),
          ),
        ]
      : []),
  ];
}

/** @param {string} text @param {(name: string) => string} value_of */
const withValues = (text, value_of) => text.replace(/\{\{\s*(\w+)\s*\}\}/gu, (code, name) => value_of(name) || code);

/**
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} interaction
 * @param {{fill: (text: string) => string, quoted_id: number|null, on_sent: () => void}} options
 */
export function askTemplate(context, interaction, { fill, quoted_id, on_sent }) {
  const { actions } = context;
  const client_key = newClientKey();
  /** @type {Template[]} */
  let templates = [];
  /** @type {Template|null} */
  let chosen = null;
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();

  const search = el('input', {
    type: 'search',
    test: 'template-search',
    'aria-label': words.templates.search,
    placeholder: words.templates.search,
    autocomplete: 'off',
    oninput: drawList,
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
      event.preventDefault();
      const first = /** @type {HTMLElement|null} */ (list.querySelector('button'));
      if (event.key === 'Enter') first?.click();
      else first?.focus();
    },
  });
  const list = el('ul', { class: 'template-list', 'aria-label': words.templates.list, onkeydown: moved });
  const state_line = el('span', { class: 'hint' });
  const refresh = el('button', {
    type: 'button',
    class: 'quiet small',
    test: 'template-refresh',
    onclick: sync,
    text: words.templates.refresh,
  });
  const fields = el('div', { class: 'template-fields' });
  const preview = el('div', { class: 'bubble template-preview', dir: 'auto', test: 'template-preview' });
  const chosen_place = el(
    'div',
    { class: 'template-chosen', hidden: true },
    fields,
    el('p', { class: 'hint', text: words.templates.preview }),
    preview,
  );
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'template-trouble' });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'template-send',
    disabled: true,
    text: words.templates.send,
  });
  const form = el(
    'form',
    { class: 'template-form', onsubmit: send },
    el(
      'div',
      { class: 'template-columns' },
      el('div', { class: 'template-choice' }, search, list, el('div', { class: 'row' }, state_line, refresh)),
      chosen_place,
    ),
    el('p', { class: 'hint', text: words.templates.hint }),
    trouble,
    el(
      'div',
      { class: 'dialog-buttons' },
      submit,
      el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel }),
    ),
  );
  const dialog = openDialog('template-dialog', words.templates.heading(interaction.contact.name), form);
  dialog.classList.add('wide');
  search.focus();
  load('GET', `/api/templates?channel_id=${interaction.channel_id}`);

  /** @param {'GET'|'POST'} method @param {string} path */
  async function load(method, path) {
    setText(state_line, words.loading);
    refresh.disabled = true;
    trouble.textContent = '';
    try {
      const answer = await request(method, path);
      templates = answer.templates;
      setText(
        state_line,
        answer.failed
          ? words.templates.sync_failed
          : answer.synced_at
            ? words.templates.synced(moment(answer.synced_at))
            : words.templates.never_synced,
      );
    } catch (error) {
      setText(state_line, '');
      trouble.textContent = /** @type {Error} */ (error).message;
    }
    refresh.disabled = false;
    drawList();
  }

  function sync() {
    load('POST', `/api/channels/${interaction.channel_id}/templates/sync`);
  }

  function drawList() {
    const wanted = folded(search.value).split(/\s+/u).filter(Boolean);
    const found = templates.filter((template) => {
      const text = folded(`${template.name} ${template.language} ${template.category} ${template.body}`);
      return wanted.every((word) => text.includes(word));
    });
    // What can be sent comes first.
    found.sort((a, b) => Number(b.sendable) - Number(a.sendable));
    list.replaceChildren(
      ...(found.length ? found.map(row) : [el('li', { class: 'hint', text: words.templates.none })]),
    );
  }

  /** @param {Template} template */
  function row(template) {
    const { statuses, categories } = words.templates;
    const status = statuses[/** @type {'approved'} */ (template.status)] ?? template.status;
    return el(
      'li',
      {},
      el(
        'button',
        {
          type: 'button',
          class: 'quiet template-row',
          test: 'template',
          'data-name': template.name,
          'data-language': template.language,
          'aria-pressed': String(template === chosen),
          onclick: () => choose(template),
        },
        el('strong', { dir: 'auto', text: template.name }),
        el(
          'span',
          { class: 'hint' },
          [categories[/** @type {'utility'} */ (template.category)] ?? template.category, template.language].join(
            ' \u00b7 ',
          ),
        ),
        el('span', { class: 'chip', 'data-status': template.status, text: status }),
        el('span', { class: 'template-words', dir: 'auto', text: template.body }),
      ),
    );
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('button')]);
    const next = buttons[buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement)) + step];
    (next ?? search).focus();
  }

  /** @param {Template} template */
  function choose(template) {
    chosen = template;
    inputs.clear();
    trouble.textContent = '';
    fields.replaceChildren(
      el('h3', { dir: 'auto', text: template.name }),
      ...(template.sendable ? [] : [el('p', { class: 'trouble', text: words.templates.not_sendable })]),
      ...template.variables.map(field),
    );
    chosen_place.hidden = false;
    drawList();
    show();
    (inputs.values().next().value ?? submit).focus();
  }

  /** @param {Variable} variable @param {number} index */
  function field(variable, index) {
    const input = el('input', {
      type: 'text',
      id: `template-value-${index}`,
      test: 'template-value',
      dir: 'auto',
      autocomplete: 'off',
      placeholder: variable.example,
      oninput: show,
    });
    inputs.set(`${variable.place} ${variable.name}`, input);
    const upload =
      variable.place === 'header' && ['image', 'video', 'document'].includes(chosen?.header?.kind ?? '')
        ? el('input', {
            type: 'file',
            test: 'template-file',
            'aria-label': labelOf(variable),
            async onchange() {
              const file = upload?.files?.[0];
              try {
                if (file) input.value = `file:${await sendUp(file)}`;
              } catch (error) {
                trouble.textContent = /** @type {Error} */ (error).message;
              }
              show();
            },
          })
        : null;
    return el('div', { class: 'labelled' }, el('label', { for: input.id, text: labelOf(variable) }), input, upload);
  }

  /** @param {Variable} variable */
  function labelOf({ place, name }) {
    const button = /^button (\d+)$/u.exec(place);
    if (button) return words.templates.of_button(chosen?.buttons[Number(button[1])]?.text ?? '');
    if (place === 'header' && chosen?.header?.kind !== 'text')
      return words.templates.of_header(
        words.templates.headers[/** @type {'image'} */ (chosen?.header?.kind)] ?? '',
        name === '1' ? '' : (words.templates.location[/** @type {'name'} */ (name)] ?? name),
      );
    return place === 'header' ? words.templates.of_head(name) : words.templates.of_body(name);
  }

  /** @param {string} place @param {string} name */
  const valueOf = (place, name) => fill(inputs.get(`${place} ${name}`)?.value.trim() ?? '');

  function show() {
    if (!chosen) return;
    const { header, body, footer, buttons, variables, sendable } = chosen;
    preview.replaceChildren(
      ...templateContent({
        text: withValues(body, (name) => valueOf('body', name)),
        header: header && { kind: header.kind, text: withValues(header.text, (name) => valueOf('header', name)) },
        footer,
        buttons: buttons.map((button) => button.text),
      }),
    );
    submit.disabled = !sendable || variables.some(({ place, name }) => valueOf(place, name) === '');
  }

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    if (!chosen || submit.disabled) return;
    submit.disabled = true;
    trouble.textContent = '';
    const { name, language, variables } = chosen;
    const values = variables.map((one) => ({ ...one, value: valueOf(one.place, one.name) }));
    try {
      await actions.sendNow(interaction.id, { client_key, template: { name, language, values }, quoted_id });
      dialog.close();
      on_sent();
    } catch (error) {
      trouble.replaceChildren(icon('late'), /** @type {Error} */ (error).message);
      submit.disabled = false;
    }
  }
}
