/*
 * Responses: the prepared replies of the whole centre, in categories, with shortcuts and files.
 *
 * Hooks: response-remove, response-file, response-file-remove.
 */
import { Problem, Unreachable, request } from '../../api.js';
import { el, setText } from '../../dom.js';
import { createCollection } from '../collection.js';
import { confirm, createForm } from '../form.js';
import { action } from '../parts.js';
import { words } from '../strings.js';

/** @typedef {{id: string, name: string}} Attached */
/** @typedef {{id: number, version: string, category: string[], title: string, shortcut: string|null, text: string,
 *   attachments: Attached[]}} PreparedResponse */

const SEPARATOR = ' / ';

/** @param {import('../app.js').Context} context */
export function createResponses(context) {
  const texts = words.responses;
  return createCollection(context, {
    name: 'responses',
    path: 'responses',
    texts,
    load: async () => (await request('GET', '/api/responses')).responses,
    title: (/** @type {PreparedResponse} */ response) => response.title,
    columns: () => [
      { label: texts.fields.title[0], cell: () => null },
      { label: texts.fields.category[0], cell: (response) => response.category.join(SEPARATOR) || words.none },
      { label: texts.fields.shortcut[0], cell: (response) => (response.shortcut ? `/${response.shortcut}` : words.none) },
      { label: texts.fields.text[0], cell: (response) => el('span', { class: 'clipped', dir: 'auto', text: response.text }) },
    ],
    edit: (response, _responses, again) => [editor(context, response, again)],
  });
}

/** @param {import('../app.js').Context} context @param {PreparedResponse|null} response @param {() => void} again */
function editor(context, response, again) {
  const { fields, add, files, attach, detach, remove, remove_text } = words.responses;
  /** @param {keyof typeof fields} name @param {object} [more] */
  const one = (name, more) => ({ name, label: fields[name][0], hint: fields[name][1], ...more });
  let version = response?.version;
  let attachments = (response?.attachments ?? []).map(({ id, name }) => ({ id, name }));
  const list = el('ul', { class: 'files' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const chooser = el('input', { type: 'file', class: 'heard', tabindex: '-1', 'aria-hidden': 'true', test: 'response-file', onchange: upload });

  function drawFiles() {
    list.replaceChildren(
      ...attachments.map((file) =>
        el(
          'li',
          {},
          el('span', { dir: 'auto', text: file.name }),
          el('button', {
            type: 'button',
            class: 'small',
            test: 'response-file-remove',
            'aria-label': `${detach}: ${file.name}`,
            text: detach,
            onclick() {
              attachments = attachments.filter((other) => other !== file);
              drawFiles();
              form.node.dispatchEvent(new Event('input'));
            },
          }),
        ),
      ),
    );
  }

  async function upload() {
    const file = chooser.files?.[0];
    if (!file) return;
    setText(trouble, '');
    try {
      const type = file.type || 'application/octet-stream';
      const answer = await fetch('/api/files', { method: 'POST', headers: { 'content-type': type }, body: file }).catch(() => {
        throw new Unreachable();
      });
      const told = await answer.json().catch(() => null);
      if (!answer.ok) throw new Problem(answer.status, told?.code ?? '', told?.detail ?? words.responses.not_taken, null, told);
      attachments = [...attachments, { id: told.id, name: file.name }];
      drawFiles();
      form.node.dispatchEvent(new Event('input'));
    } catch (error) {
      setText(trouble, /** @type {Error} */ (error).message);
    }
    chooser.value = '';
  }

  const form = createForm({
    name: 'response',
    submit: response ? words.form.save : add,
    again,
    fields: [
      one('title', { required: true, chars_max: 120 }),
      one('category'),
      one('shortcut', { chars_max: 32, pattern: '[a-z0-9_\\-]+' }),
      one('text', { kind: 'area', rows: 8, chars_max: 4096 }),
      el(
        'div',
        { class: 'labelled', role: 'group', 'aria-label': files },
        el('b', { text: files }),
        list,
        chooser,
        el('span', {}, el('button', { type: 'button', class: 'small', onclick: () => chooser.click(), text: attach })),
        trouble,
      ),
    ],
    extra: () => attachments,
    async save({ title, category, shortcut, text }) {
      const way = category.split('/').map((/** @type {string} */ part) => part.trim()).filter(Boolean);
      const body = { title, category: way, shortcut: shortcut || null, text, attachments, version };
      if (!response) {
        await request('POST', '/api/responses', body);
        form.settled();
        context.go('responses');
        return context.announce(words.form.saved);
      }
      ({ version } = await request('PUT', `/api/responses/${response.id}`, body));
    },
    more: [
      response &&
        action({
          test: 'response-remove',
          text: remove,
          async run() {
            if (!(await confirm('response-remove-dialog', response.title, remove_text, remove))) return;
            await request('DELETE', `/api/responses/${response.id}`, { version });
            form.settled();
            context.go('responses');
            context.announce(words.responses.removed);
          },
        }),
    ],
  });
  form.fill({ ...response, category: response?.category.join(SEPARATOR) ?? '' });
  drawFiles();
  return form.node;
}
