/*
 * The supervisor's plain list of all open work.
 */
import { el, list, rows, setAttribute, setText } from '../dom.js';
import { running, serverNow, shortMoment } from '../clock.js';
import { agentName, pendingLevel, queueName } from '../floor.js';
import { words } from '../strings.js';
import { addressText } from './contact.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/** @param {import('../app.js').Context} context */
export function createOpenWork({ floor }) {
  const { state } = floor;
  const body = el('tbody');
  const empty = el('p', { class: 'hint', text: words.open_work.empty });
  const columns = Object.entries(words.open_work.columns).map(([name, text]) =>
    el('th', { scope: 'col', class: name, text }),
  );
  const table = el(
    'div',
    { class: 'table-place', tabindex: '0', role: 'region', 'aria-label': words.open_work.heading },
    el('table', {}, el('thead', {}, el('tr', {}, ...columns)), body),
  );

  return {
    node: el(
      'section',
      { class: 'open-work', test: 'open-work-page' },
      el('h2', { text: words.open_work.heading }),
      el('p', { class: 'hint', text: words.open_work.hint }),
      table,
      empty,
    ),
    update() {
      const open = [...state.interactions.values()].sort((a, b) => waitsSince(a) - waitsSince(b) || a.id - b.id);
      list(body, open, (one) => one.id, createRow);
      table.hidden = open.length === 0;
      empty.hidden = open.length > 0;
    },
    tick() {
      for (const row of rows(body)) row.tick?.();
    },
  };

  /** @param {Interaction} first */
  function createRow(first) {
    let shown = first;
    const link = el('a', { href: `#/interaction/${first.id}`, dir: 'auto' });
    const chip = el('span');
    const cells = {
      queue: el('td'),
      agent: el('td', { dir: 'auto' }),
      waits: el('td', { class: 'waits' }),
      unread: el('td', { class: 'number' }),
      began: el('td', { class: 'number' }),
    };

    function tick() {
      const { pending_since } = shown;
      const waited_ms = pending_since === null ? 0 : serverNow() - pending_since;
      setText(
        cells.waits,
        pending_since === null ? '' : `${running(waited_ms)} ${words.work.levels[pendingLevel(state, waited_ms)]}`,
      );
      setAttribute(cells.waits, 'data-pending', pending_since !== null && pendingLevel(state, waited_ms));
    }

    return {
      node: /** @type {HTMLElement} */ (
        el('tr', {}, el('th', { scope: 'row' }, link), el('td', {}, chip), ...Object.values(cells))
      ),
      tick,
      /** @param {Interaction} interaction */
      update(interaction) {
        shown = interaction;
        setText(link, interaction.contact.name || addressText(interaction.contact));
        setText(chip, words.states[interaction.state]);
        chip.className = `chip ${interaction.state}`;
        setText(cells.queue, queueName(state, interaction.queue_id));
        setText(
          cells.agent,
          agentName(state, interaction.owner_id ?? interaction.offered_to_id) || words.open_work.none,
        );
        setText(cells.unread, interaction.unread ? String(interaction.unread) : '');
        setText(cells.began, shortMoment(interaction.created_at));
        tick();
      },
    };
  }
}

/** @param {Interaction} interaction */
const waitsSince = (interaction) => interaction.pending_since ?? Number.MAX_SAFE_INTEGER;
