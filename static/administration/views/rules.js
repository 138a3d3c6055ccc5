/*
 * The rules of the whole centre.
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { languageName } from '../../language.js';
import { createForm } from '../form.js';
import { failed, pageOf, waiting } from '../parts.js';
import { words } from '../strings.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** @returns {import('../app.js').SectionView} */
export function createRules() {
  const place = el('div', { class: 'stack' });
  const node = pageOf(words.sections.rules, words.rules.intro, {}, place);

  async function show() {
    place.replaceChildren(waiting());
    try {
      place.replaceChildren(editor(await request('GET', '/api/administration/settings'), show));
    } catch (error) {
      place.replaceChildren(failed(error, show));
    }
  }
  return { node, show };
}

/** @param {any} settings @param {() => void} again */
function editor(settings, again) {
  const { fields, sections, read_marks, no_language } = words.rules;
  const { s, min, h } = words.units;
  /** @param {keyof typeof fields} name @param {object} [more] */
  const one = (name, more) => ({ name, label: fields[name][0], hint: fields[name][1], ...more });
  const span = (/** @type {keyof typeof fields} */ name, /** @type {number} */ scale, least = 1) =>
    one(name, { kind: 'number', required: true, min: least, scale, unit: { [SECOND_MS]: s, [MINUTE_MS]: min, [HOUR_MS]: h }[scale] });
  const heading = (/** @type {string} */ text) => el('h3', { text });
  const languages = settings.languages.map((/** @type {string} */ code) => [code, languageName(code)]);
  let { version } = settings;
  const form = createForm({
    name: 'rules',
    again,
    fields: [
      heading(sections.work),
      one('disposition_mandatory', { kind: 'check' }),
      one('disposition_read_only_after_end', { kind: 'check' }),
      one('reject_allowed', { kind: 'check' }),
      one('read_marks', { kind: 'choice', choices: Object.entries(read_marks) }),
      one('main_language', { kind: 'choice', choices: [['', no_language], ...languages] }),
      heading(sections.presence),
      one('reasons', { kind: 'lines', rows: 5 }),
      span('disconnect_grace_ms', SECOND_MS),
      span('owner_grace_ms', MINUTE_MS),
      span('idle_lock_ms', MINUTE_MS, 0),
      span('idle_warning_ms', SECOND_MS, 0),
      heading(sections.idle),
      span('idle_alert_ms', HOUR_MS),
      span('idle_close_ms', MINUTE_MS),
      one('idle_alert_text', { kind: 'area', chars_max: 4096 }),
    ],
    async save(values) {
      ({ version } = await request('PUT', '/api/administration/settings', { ...values, version }));
    },
  });
  form.fill(settings);
  return form.node;
}
