/*
 * The hand-over: to whom (a colleague or a queue), with which note; and how it stands while nobody has taken it.
 *
 * Apart from the other questions because it is the only one with a search in it. Invariants: who cannot take it stands in
 * the list with the reason but cannot be chosen; the list follows the floor while the dialog is open.
 */
import { el, heard, icon, list, openDialog, setAttribute, setText } from '../dom.js';
import { running, serverNow } from '../clock.js';
import { agentName, powers, queueName } from '../floor.js';
import { words } from '../strings.js';
import { colleaguesOf, createColleague, matches } from './colleagues.js';

/** @typedef {import('../floor.js').Interaction} Interaction */
/** @typedef {{key: string, name: string, agent: import('../floor.js').Agent|null, queue: import('../floor.js').State['queues'][number]|null}} Target */

/** @param {import('../app.js').Context} context @param {Interaction} interaction */
export function askTransfer({ floor, actions }, interaction) {
  const { state } = floor;
  /** @type {'agents'|'queues'} */
  let kind = 'agents';
  let chosen = '';
  const kinds = /** @type {const} */ (['agents', 'queues']).map((name) =>
    el('button', {
      type: 'button',
      'data-kind': name,
      test: `transfer-${name}`,
      onclick: () => turn(name),
      text: words.transfer_dialog.kinds[name],
    }),
  );
  const search = el('input', {
    type: 'search',
    test: 'transfer-search',
    'aria-label': words.transfer_dialog.search,
    placeholder: words.transfer_dialog.search,
    autocomplete: 'off',
    oninput: draw,
    onkeydown: searched,
  });
  const targets = el('div', { class: 'targets', role: 'radiogroup', 'aria-label': words.transfer_dialog.targets });
  const nobody = el('p', { class: 'hint targets-empty', role: 'status' });
  const note = el('textarea', { id: 'transfer-note', rows: 3, dir: 'auto', test: 'transfer-note' });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'transfer-submit',
    text: words.transfer_dialog.submit,
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const cancel = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel });
  const form = el(
    'form',
    { onsubmit: send },
    el('div', { class: 'segments', role: 'group', 'aria-label': words.transfer_dialog.kind }, ...kinds),
    search,
    el('div', { class: 'targets-place' }, targets, nobody),
    el('div', { class: 'labelled' }, el('label', { for: 'transfer-note', text: words.transfer_dialog.note }), note),
    el('p', { class: 'hint', text: words.transfer_dialog.hint }),
    trouble,
    el('div', { class: 'dialog-buttons' }, submit, cancel),
  );
  const dialog = openDialog('transfer-dialog', words.transfer_dialog.heading(interaction.contact.name), form);
  dialog.addEventListener('close', floor.listen(draw));
  turn('agents');
  search.focus();

  /** @returns {Target[]} */
  function all() {
    if (kind === 'queues')
      return state.queues.map((queue) => ({ key: `queue ${queue.id}`, name: queue.name, agent: null, queue }));
    return colleaguesOf(state)
      .filter((agent) => agent.presence.state !== 'logged_off')
      .map((agent) => ({ key: `agent ${agent.id}`, name: agent.name, agent, queue: null }));
  }

  /** @param {'agents'|'queues'} name */
  function turn(name) {
    kind = name;
    search.value = '';
    for (const one of kinds) setAttribute(one, 'aria-pressed', String(one.dataset.kind === name));
    draw();
  }

  /** Enter takes the only one that is left. @param {KeyboardEvent} event */
  function searched(event) {
    if (event.isComposing || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return;
    event.preventDefault();
    const first = /** @type {HTMLInputElement|null} */ (targets.querySelector('input:not(:disabled)'));
    first?.focus();
    first?.click();
  }

  function draw() {
    const found = all().filter((target) => matches(target.name, search.value));
    list(
      targets,
      found,
      (target) => target.key,
      (target) => createTarget(target, (key) => ((chosen = key), draw())),
    );
    if (!found.some((target) => target.key === chosen && takes(target))) chosen = '';
    for (const input of targets.querySelectorAll('input')) input.checked = input.value === chosen;
    setText(nobody, found.length ? '' : search.value ? words.transfer_dialog.not_found : words.transfer_dialog.nobody);
    submit.disabled = chosen === '';
  }

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    const target = all().find((one) => one.key === chosen);
    if (!target) return;
    submit.disabled = true;
    trouble.textContent = '';
    try {
      const to = target.agent ? { agent_id: target.agent.id } : { queue_id: target.queue?.id ?? 0 };
      await actions.transfer(interaction.id, to, note.value.trim());
      dialog.close();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      submit.disabled = false;
    }
  }
}

/** A full desk takes nothing. @param {Target} target */
const takes = ({ agent }) => !agent || agent.load < agent.capacity;

/** @param {Target} first @param {(key: string) => void} choose */
function createTarget(first, choose) {
  const radio = el('input', {
    type: 'radio',
    name: 'transfer-target',
    value: first.key,
    onchange: () => choose(first.key),
  });
  const colleague = first.agent && createColleague(first.agent);
  const waiting = el('span', { class: 'load' });
  const parts = colleague
    ? colleague.parts
    : [
        el('span', { class: 'avatar queue-face', 'aria-hidden': 'true' }, icon('queue')),
        el('span', { class: 'colleague-words' }, el('span', { class: 'name', dir: 'auto', text: first.name })),
        waiting,
      ];
  const full = heard('');
  const node = el(
    'label',
    { class: 'colleague target', test: 'transfer-target', 'data-name': first.name },
    radio,
    ...parts,
    full,
  );
  return {
    node,
    /** @param {Target} target */
    update(target) {
      radio.disabled = !takes(target);
      if (target.agent) colleague?.update(target.agent);
      else setText(waiting, words.header.waiting(target.queue?.waiting ?? 0));
      const why = radio.disabled ? words.transfer_dialog.full : '';
      node.title = why;
      setText(full, why);
    },
  };
}

/** Under the head while the transfer is on its way: to whom, and how long it may still take. @param {import('../app.js').Context} context @param {number} id */
export function createTransferState({ floor }, id) {
  const { state } = floor;
  const text = el('p', { dir: 'auto' });
  const left = el('span', { class: 'left' });
  const node = el(
    'div',
    { class: 'transfer-state', test: 'transfer-state', role: 'status', hidden: true },
    icon('transfer'),
    text,
    left,
  );

  function tick() {
    const deadline = state.interactions.get(id)?.transfer?.deadline ?? null;
    setText(left, deadline === null ? '' : words.transfer_state.left(running(deadline - serverNow())));
  }

  return {
    node,
    tick,
    /** @param {Interaction} interaction */
    update(interaction) {
      const { transfer } = interaction;
      node.hidden = transfer === null || !powers(state, interaction).mine;
      if (!transfer) return;
      setText(
        text,
        transfer.to_agent_id
          ? words.transfer_state.to_agent(agentName(state, transfer.to_agent_id))
          : words.transfer_state.to_queue(queueName(state, transfer.to_queue_id ?? 0)),
      );
      tick();
    },
  };
}
