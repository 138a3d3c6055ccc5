/*
 * The interaction in the middle and on the right: head with actions, transcript, composer, and the details (contact,
 * disposition, note). On a narrow screen chat and details take turns.
 *
 * Invariant: what a button does is decided by `powers` and again by the server; a refusal is shown under the buttons.
 */
import { el, heard, icon, setAttribute, setText } from '../dom.js';
import { agentName, powers, queueName } from '../floor.js';
import { keyName } from '../shortcuts.js';
import { words } from '../strings.js';
import { createComposer } from './composer.js';
import { addressText, createContact } from './contact.js';
import { createTranscript } from './conversation.js';
import { askDone, askTransfer } from './dialogs.js';
import { createDisposition } from './disposition.js';
import { createNote } from './note.js';

/** @typedef {import('../floor.js').Interaction} Interaction */

/** @param {import('../app.js').Context} context @param {Interaction} first */
export function createInteraction(context, first) {
  const { state } = context.floor;
  const { id } = first;
  const composer = createComposer(context, first);
  const transcript = createTranscript(context, first, (message) => {
    context.outgoing.discard(/** @type {string} */ (message.client_key));
    composer.take(message.content.text);
  });
  const contact = createContact(context);
  const disposition = createDisposition(context, id);
  const note = createNote(context, id);
  const head = createHead(context, first, { disposition, showPane });
  const details = el(
    'section',
    { class: 'details', 'aria-label': words.interaction.details, tabindex: '0' },
    contact.node,
    disposition.node,
    note.node,
  );
  const node = el(
    'section',
    { class: 'interaction', 'aria-label': words.interaction.region, 'data-pane': 'chat' },
    el('div', { class: 'chat' }, head.node, transcript.node, composer.node),
    details,
  );

  /** @param {'chat'|'details'} pane */
  function showPane(pane) {
    node.dataset.pane = pane;
    head.showPane(pane);
  }
  head.showPane('chat');

  /** @param {() => void} focus in the details */
  const inDetails = (focus) => {
    showPane('details');
    focus();
  };
  const forgetCommands = context.commands.add(() => {
    const interaction = state.interactions.get(id);
    if (!interaction) return [];
    const power = powers(state, interaction);
    return [
      ...(power.write
        ? [
            {
              id: 'answer',
              run() {
                showPane('chat');
                composer.focus();
              },
            },
          ]
        : []),
      ...(power.annotate
        ? [
            { id: 'note', run: () => inDetails(note.focus) },
            { id: 'disposition', run: () => inDetails(disposition.focus) },
          ]
        : []),
      ...head.commands(power),
    ].map((command) => ({ ...command, detail: interaction.contact.name || addressText(interaction.contact) }));
  });

  return {
    id,
    node,
    update() {
      const interaction = state.interactions.get(id);
      if (!interaction) return;
      head.update(interaction);
      composer.update();
      transcript.update();
      contact.update(interaction);
      disposition.update();
      note.update(interaction);
    },
    tick() {
      composer.tick();
      contact.tick();
    },
    focus: composer.focus,
    close() {
      forgetCommands();
      transcript.close();
      note.close();
    },
  };
}

/**
 * @param {import('../app.js').Context} context
 * @param {Interaction} first
 * @param {{disposition: {focus: () => void}, showPane: (pane: 'chat'|'details') => void}} parts
 */
function createHead(context, first, { disposition, showPane }) {
  const { floor, actions, go } = context;
  const { state } = floor;
  const { id } = first;
  const name = el('h2', { dir: 'auto' });
  const facts = el('p', { class: 'facts' });
  const chip = el('span', { class: 'chip' });
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
    if (state.settings.disposition_mandatory && interaction.disposition_id === null) {
      trouble.textContent = words.interaction.needs_disposition;
      showPane('details');
      disposition.focus();
      return;
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
  const panes = /** @type {const} */ (['chat', 'details']).map((pane) =>
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
      trouble,
    ),
    /** @param {Interaction} interaction */
    update(interaction) {
      setText(name, interaction.contact.name || addressText(interaction.contact));
      setText(chip, words.states[interaction.state]);
      chip.className = `chip ${interaction.state}`;
      const power = powers(state, interaction);
      const parts = [addressText(interaction.contact), queueName(state, interaction.queue_id)];
      if (interaction.owner_id && !power.mine)
        parts.push(words.interaction.handled_by(agentName(state, interaction.owner_id)));
      if (interaction.transfer?.to_agent_id)
        parts.push(words.interaction.transfer_to(agentName(state, interaction.transfer.to_agent_id)));
      setText(facts, parts.join(' \u00b7 '));
      for (const [what, one] of Object.entries(all)) one.hidden = !power[/** @type {keyof typeof all} */ (what)];
      all.done.classList.toggle('primary', interaction.state === 'ended');
    },
    /** What the buttons do. @param {ReturnType<typeof powers>} power */
    commands: (power) =>
      /** @type {(keyof typeof all)[]} */ (Object.keys(all))
        .filter((what) => power[what])
        .map((what) => ({ id: what, run: () => all[what].click() })),
    /** @param {'chat'|'details'} pane */
    showPane(pane) {
      for (const one of panes) setAttribute(one, 'aria-pressed', String(one.dataset.pane === pane));
    },
  };
}

/** Shown while nothing is chosen. @param {import('../commands.js').Commands} commands */
export function createNothingChosen(commands) {
  /** @param {string} id */
  const key = (id) => keyName(commands.keyOf(id)) || words.shortcuts.none;
  return el(
    'section',
    { class: 'interaction nothing', 'aria-label': words.interaction.region },
    el(
      'div',
      {},
      icon('bell'),
      el('p', { class: 'empty-title', text: words.work.choose }),
      el('p', { text: words.work.choose_hint(key('next'), key('previous'), key('palette')) }),
    ),
    heard(''),
  );
}
