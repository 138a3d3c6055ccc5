/*
 * Queues: where interactions wait, and every rule of waiting.
 */
import { Problem, request } from '../../api.js';
import { el } from '../../dom.js';
import { locale } from '../../language.js';
import { createCollection } from '../collection.js';
import { createForm } from '../form.js';
import { words } from '../strings.js';

const SECOND_MS = 1_000;
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

const weekday_names = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });

/** @param {number} day 0 is Monday */
const weekdayName = (day) => weekday_names.format(MONDAY + day * DAY_MS);

/** @param {import('../app.js').Context} context */
export function createQueues(context) {
  const texts = words.queues;
  return createCollection(context, {
    name: 'queues',
    path: 'queues',
    texts,
    load: async () => (await request('GET', '/api/administration/queues')).queues,
    title: (queue) => queue.name,
    columns: (queues) => [
      {
        label: texts.fields.name[0],
        cell: (queue) => (queue === queues[0] ? el('small', { text: ` ${texts.first}` }) : null),
      },
      { label: texts.fields.auto_answer[0], cell: (queue) => texts.auto_answers[queue.auto_answer] },
      {
        label: texts.fields.offer_timeout_ms[0],
        cell: (queue) => `${queue.offer_timeout_ms / SECOND_MS} ${words.units.s}`,
      },
      { label: texts.fields.skills[0], cell: (queue) => queue.skills.join(', ') || words.none },
      { label: texts.hours, cell: (queue) => (queue.hours ? hoursInWords(queue.hours) : texts.always) },
    ],
    edit: (queue, _queues, again) => [editor(context, queue, again)],
  });
}

/** @param {{spans: number[][]}} hours */
function hoursInWords({ spans }) {
  return WEEKDAYS.filter((day) => spans.some(([of]) => of === day))
    .map((day) => `${weekdayName(day)} ${spansOf(spans, day)}`)
    .join('; ');
}

/** @param {number} minutes */
const clockTime = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** "09:00-12:00, 13:00-17:30". @param {number[][]} spans @param {number} day */
const spansOf = (spans, day) =>
  spans
    .filter(([of]) => of === day)
    .map(([, from, until]) => `${clockTime(from)}\u2013${clockTime(until)}`)
    .join(', ');

/** @param {string} text @param {number} day @returns {number[][]} */
function spansIn(text, day) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const found = /^(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})$/u.exec(part);
      if (!found) throw new Problem(422, 'field_invalid', words.queues.span_wrong, null, { field: `day_${day}` });
      const [from_hour, from_minute, until_hour, until_minute] = found.slice(1).map(Number);
      return [day, from_hour * 60 + from_minute, until_hour * 60 + until_minute];
    });
}

/** @param {import('../app.js').Context} context @param {any} queue null for a new one @param {() => void} again */
function editor(context, queue, again) {
  const { fields, hours, hours_hint, sections, auto_answers } = words.queues;
  /** @param {keyof typeof fields} name @param {object} [more] */
  const field = (name, more) => ({ name, label: fields[name][0], hint: fields[name][1], ...more });
  const span = (/** @type {keyof typeof fields} */ name) =>
    field(name, { kind: 'number', required: true, min: 1, scale: SECOND_MS, unit: words.units.s });
  const heading = (/** @type {string} */ text) => el('h3', { text });
  let version = queue?.version;

  const form = createForm({
    name: 'queue',
    submit: queue ? words.form.save : words.queues.add,
    again,
    fields: [
      field('name', { required: true, chars_max: 120 }),
      field('priority', { kind: 'number', required: true }),
      field('skills', { kind: 'lines', rows: 3 }),
      heading(sections.offers),
      field('auto_answer', { kind: 'choice', choices: Object.entries(auto_answers) }),
      span('offer_timeout_ms'),
      span('pass_over_ms'),
      span('last_agent_wait_ms'),
      span('transfer_timeout_ms'),
      heading(sections.texts),
      field('greeting', { kind: 'area', chars_max: 4096 }),
      heading(hours),
      field('has_hours', { kind: 'check' }),
      field('time_zone', { required: true }),
      ...WEEKDAYS.map((day) => ({ name: `day_${day}`, label: weekdayName(day), hint: day === 0 ? hours_hint : undefined })),
      field('away_text', { kind: 'area', chars_max: 4096 }),
    ],
    async save(values) {
      const { has_hours, time_zone, ...rest } = values;
      const spans = has_hours ? WEEKDAYS.flatMap((day) => spansIn(values[`day_${day}`], day)) : [];
      for (const day of WEEKDAYS) delete rest[`day_${day}`];
      const body = { ...rest, version, hours: has_hours ? { time_zone, spans } : null };
      if (!queue) {
        await request('POST', '/api/administration/queues', body);
        form.settled();
        context.go('queues');
        return context.announce(words.form.saved);
      }
      ({ version } = await request('PUT', `/api/administration/queues/${queue.id}`, body));
    },
  });

  function showHours() {
    const open = /** @type {HTMLInputElement} */ (form.input('has_hours')).checked;
    for (const name of ['time_zone', 'away_text', ...WEEKDAYS.map((day) => `day_${day}`)]) form.show(name, open);
  }
  form.input('has_hours')?.addEventListener('change', showHours);
  const spans = queue?.hours?.spans ?? WEEKDAYS.slice(0, 5).map((day) => [day, 9 * 60, 17 * 60]);
  form.fill({
    name: '',
    priority: 0,
    skills: [],
    auto_answer: 'off',
    offer_timeout_ms: 30_000,
    pass_over_ms: 60_000,
    last_agent_wait_ms: 60_000,
    transfer_timeout_ms: 60_000,
    ...queue,
    has_hours: Boolean(queue?.hours),
    time_zone: queue?.hours?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...Object.fromEntries(WEEKDAYS.map((day) => [`day_${day}`, spansOf(spans, day)])),
  });
  showHours();
  return form.node;
}
