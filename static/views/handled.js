/*
 * The details of an interaction of the past: outcome, note, case data, who handled it, and the ways on from there.
 *
 * Apart because it is read, never written: what is still open is changed where it is handled.
 */
import { Problem } from '../api.js';
import { el, icon, setText } from '../dom.js';
import { moment, running } from '../clock.js';
import { agentName, queueName } from '../floor.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';
import { addressText, avatar } from './contact.js';
import { dispositionName } from './disposition.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/** @param {import('../app.js').Context} context */
export function createHandled(context) {
  const { floor, directory, go } = context;
  const { state } = floor;
  /** @type {Interaction|null} */
  let shown = null;
  const face = el('span', { class: 'face' });
  const name = el('h2', { dir: 'auto' });
  const number = el('bdi', { class: 'facts' });
  const chip = el('span', { class: 'chip' });
  const back = el(
    'a',
    { class: 'button quiet square back', href: '#/history', test: 'history-back', 'aria-label': words.back },
    icon('back'),
  );
  const transcript = el('a', { class: 'button', test: 'history-transcript', text: words.handled.transcript });
  const open = el('a', { class: 'button primary', test: 'history-open', text: words.handled.open });
  const create = el('button', {
    type: 'button',
    class: 'primary',
    test: 'history-create',
    onclick: begin,
    text: words.information.create,
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const way_out = el('a', { class: 'button', hidden: true, text: words.information.go_to_open });
  const facts = el('dl');
  const case_data = el('dl');
  const note = el('p', { class: 'note-read', dir: 'auto', test: 'history-note' });
  const last = el('blockquote', { dir: 'auto' });

  async function begin() {
    if (!shown) return;
    create.disabled = true;
    trouble.textContent = '';
    way_out.hidden = true;
    try {
      go((await directory.createInteraction(shown.contact.id, shown.channel_id)).id, true);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      const id = error instanceof Problem ? error.answer?.interaction_id : null;
      way_out.hidden = !id;
      if (id) way_out.href = `#/interaction/${id}`;
    }
    create.disabled = false;
  }

  /** @param {Interaction} one @returns {[string, string|0|null|undefined][]} */
  function factsOf(one) {
    const channel = state.channels.find((each) => each.id === one.channel_id);
    const ended_by = words.contact.ended_by[/** @type {'agent'} */ (one.end_reason)] ?? '';
    const end = one.ended_at ?? one.done_at;
    const by = one.handled_by.length || one.owner_id === null ? one.handled_by : [one.owner_id];
    return [
      [words.disposition.heading, dispositionName(state, one.disposition_id) || words.my_history.no_disposition],
      [words.contact.queue, queueName(state, one.queue_id)],
      [words.contact.channel, channel && `${channel.name} ${channel.display_number.replaceAll(' ', '\u00a0')}`],
      [words.handled.by, by.map((id) => agentName(state, id)).join(' \u2192 ')],
      [words.contact.began, moment(one.created_at)],
      [words.handled.waited, one.accepted_at && running(one.accepted_at - one.queued_at)],
      [words.contact.ended, one.ended_at && `${moment(one.ended_at)} ${ended_by}`],
      [words.handled.duration, end && one.accepted_at && running(end - one.accepted_at)],
      [words.handled.done, one.done_at && doneWords(one)],
      [words.contact.number, `#${one.id}`],
    ];
  }

  /** @param {Interaction} one */
  function doneWords({ done_at, done_by_id }) {
    const when = moment(/** @type {number} */ (done_at));
    return done_by_id ? words.handled.done_by(when, agentName(state, done_by_id)) : when;
  }

  /** @param {[string, string|0|null|undefined][]} pairs */
  const drawn = (pairs) =>
    pairs.flatMap(([label, value]) =>
      value ? [el('div', {}, el('dt', { dir: 'auto', text: label }), el('dd', { dir: 'auto', text: value }))] : [],
    );

  /** @param {Interaction} one */
  const caseOf = (one) =>
    one.case_data.map(
      ({ key, value }) =>
        /** @type {[string, string]} */ ([state.case_keys.find((known) => known.key === key)?.label ?? key, value]),
    );

  const part = (/** @type {string} */ heading, /** @type {HTMLElement} */ content) =>
    el('section', { class: 'handled-part' }, el('h3', { text: heading }), content);
  const case_part = part(words.handled.case_data, case_data);
  const note_part = part(words.note.heading, note);
  const last_part = part(words.handled.last_words, last);

  return {
    node: el(
      'section',
      { class: 'handled', test: 'history-details', 'aria-label': words.my_history.details, tabindex: '0' },
      el(
        'header',
        { class: 'handled-head' },
        back,
        face,
        el('div', { class: 'who' }, el('div', { class: 'who-line' }, name, chip), number),
        el('div', { class: 'actions' }, transcript, open, create),
      ),
      trouble,
      way_out,
      el('div', { class: 'handled-parts' }, part(words.handled.outcome, facts), case_part, note_part, last_part),
    ),
    /** @param {Interaction} one */
    update(one) {
      if (shown === one) return;
      if (shown?.id !== one.id) {
        trouble.textContent = '';
        way_out.hidden = true;
      }
      shown = one;
      face.replaceChildren(avatar(one.contact));
      setText(name, one.contact.name || addressText(one.contact));
      setText(number, one.contact.name ? addressText(one.contact) : '');
      setText(chip, words.states[one.state]);
      chip.className = `chip ${one.state}`;
      transcript.href = contactPath(one.contact.id, one.last_message?.id ?? null);
      const channel = state.channels.find((each) => each.id === one.channel_id);
      open.hidden = one.state === 'done';
      open.href = `#/interaction/${one.id}`;
      create.hidden = one.state !== 'done' || channel?.asynchronous === false;
      facts.replaceChildren(...drawn(factsOf(one)));
      const pairs = caseOf(one);
      case_part.hidden = pairs.length === 0;
      case_data.replaceChildren(...drawn(pairs));
      note_part.hidden = one.note === '';
      setText(note, one.note);
      last_part.hidden = !one.last_message;
      setText(last, one.last_message?.content.text ?? '');
    },
  };
}
