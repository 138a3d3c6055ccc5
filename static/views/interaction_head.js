/*
 * The head of an interaction: who, what state, and the buttons for what can be done with it.
 *
 * Invariant: what a button does is decided by `powers` and again by the server; a refusal is shown under the buttons.
 */
import { el, icon, setAttribute, setText } from '../dom.js';
import { agentName, powers, queueName, standingOf } from '../floor.js';
import { words } from '../strings.js';
import { addressText } from './contact.js';
import { askDone } from './dialogs.js';
import { dispositionMissing } from './disposition.js';
import { askColleague } from './participants.js';
import { askTransfer, createTransferState } from './transfer.js';
import { createWatchers } from './watchers.js';

/** @typedef {import('../floor.js').Interaction} Interaction */
/** @typedef {'chat'|'case'|'side'} Pane a narrow screen shows one at a time */

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{showTab: (name: string) => void, showPane: (pane: Pane) => void}} parts
 */
export function createHead(context, first, { showTab, showPane }) {
  const { floor, actions, go } = context;
  const { state } = floor;
  const { id } = first;
  const name = el('h2', { dir: 'auto' });
  const facts = el('p', { class: 'facts' });
  const chip = el('span', { class: 'chip', test: 'interaction-state' });
  const transfer = createTransferState(context, id);
  const watchers = createWatchers(context);
  const trouble = el('p', { class: 'trouble action-trouble', role: 'alert', test: 'action-trouble' });

  /** @param {() => Promise<unknown>} order */
  async function give(order) {
    trouble.textContent = '';
    setAttribute(buttons, 'aria-busy', 'true');
    try {
      await order();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
    setAttribute(buttons, 'aria-busy', null);
  }

  async function done() {
    const interaction = /** @type {Interaction} */ (state.interactions.get(id));
    if (interaction.state === 'active') return askDone(context, interaction, give);
    if (dispositionMissing(state, interaction)) {
      trouble.textContent = words.interaction.needs_disposition;
      return showTab('disposition');
    }
    await give(() => actions.done(id));
  }

  /** @type {(test: string, icon_name: Parameters<typeof icon>[0], text: string, onclick: () => void, style?: string) => HTMLButtonElement} */
  const button = (test, icon_name, text, onclick, style) =>
    el('button', { type: 'button', class: style, test, onclick, title: text }, icon(icon_name), el('span', { text }));
  const all = {
    open: button('action-open', 'open', words.interaction.open, () => give(() => actions.open(id)), 'primary'),
    cancel_transfer: button('action-transfer-cancel', 'transfer', words.interaction.cancel_transfer, () =>
      give(() => actions.cancelTransfer(id)),
    ),
    transfer: button('action-transfer', 'transfer', words.interaction.transfer, () =>
      askTransfer(context, /** @type {Interaction} */ (state.interactions.get(id))),
    ),
    invite: button('action-invite', 'people', words.interaction.invite, () =>
      askColleague(context, /** @type {Interaction} */ (state.interactions.get(id))),
    ),
    park: button('action-park', 'park', words.interaction.park, () => give(() => actions.park(id))),
    end: button('action-end', 'stop', words.interaction.end, () => give(() => actions.end(id))),
    done: button('action-done', 'check', words.interaction.done, done),
  };
  const buttons = el(
    'div',
    { class: 'actions', role: 'group', 'aria-label': words.interaction.actions },
    ...Object.values(all),
  );
  const back = el(
    'button',
    { type: 'button', class: 'quiet back', test: 'back', 'aria-label': words.back, onclick: () => go(null) },
    icon('back'),
  );
  const panes = /** @type {const} */ (['chat', 'case', 'side']).map((pane) =>
    el('button', {
      type: 'button',
      'data-pane': pane,
      test: `pane-${pane}`,
      onclick: () => showPane(pane),
      text: words.interaction[pane],
    }),
  );

  return {
    node: el(
      'header',
      { class: 'head' },
      el(
        'div',
        { class: 'head-row' },
        back,
        el('div', { class: 'who' }, el('div', { class: 'who-line' }, name, chip), facts),
        el('div', { class: 'panes', role: 'group', 'aria-label': words.interaction.panes }, ...panes),
        buttons,
      ),
      watchers,
      transfer.node,
      trouble,
    ),
    tick: transfer.tick,
    /** @param {Interaction} interaction */
    update(interaction) {
      setText(name, interaction.contact.name || addressText(interaction.contact));
      const standing = standingOf(interaction);
      setText(chip, words.states[standing]);
      chip.className = `chip ${standing}`;
      const power = powers(state, interaction);
      const parts = [addressText(interaction.contact), queueName(state, interaction.queue_id)];
      if (interaction.owner_id && !power.mine)
        parts.push(words.interaction.handled_by(agentName(state, interaction.owner_id)));
      transfer.update(interaction);
      watchers.watch(interaction.conversation_id);
      setText(facts, parts.join(' \u00b7 '));
      for (const [what, one] of Object.entries(all)) one.hidden = !power[/** @type {keyof typeof all} */ (what)];
      all.done.classList.toggle('primary', interaction.state === 'ended');
    },
    /** What the buttons do. @param {ReturnType<typeof powers>} power */
    commands: (power) =>
      /** @type {(keyof typeof all)[]} */ (Object.keys(all))
        .filter((what) => power[what])
        .map((what) => ({ id: what, run: () => all[what].click() })),
    /** @param {Pane} pane */
    showPane(pane) {
      for (const one of panes) setAttribute(one, 'aria-pressed', String(one.dataset.pane === pane));
    },
  };
}
