/*
 * Colleagues who take part in an interaction: who they are, asking one in, and leaving.
 *
 * Invariants: the contact learns of none of this; whoever takes part is named, so nobody reads along unseen.
 */
import { el, icon, list, openDialog, setText } from '../dom.js';
import { agentName, powers } from '../floor.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Interaction} Interaction */
/** @typedef {import('../floor.js').Participant} Participant */

/** @param {import('../app.js').Context} context @param {number} id */
export function createParticipants({ floor, actions }, id) {
  const { state } = floor;
  const names = el('ul', { class: 'chips' });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const node = el(
    'div',
    {
      class: 'participants',
      test: 'participants',
      role: 'group',
      'aria-label': words.participants.region,
      hidden: true,
    },
    names,
    trouble,
  );

  /** @param {number} agent_id */
  async function leave(agent_id) {
    trouble.textContent = '';
    try {
      await actions.leave(id, agent_id);
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** @param {Participant} participant */
  function createChip({ agent_id }) {
    const name = el('span', { dir: 'auto' });
    const part = el('span', { class: 'part' });
    const button = el('button', {
      type: 'button',
      class: 'quiet small',
      test: 'participant-leave',
      onclick: () => leave(agent_id),
    });
    return {
      node: el('li', { class: 'participant', test: 'participant' }, icon('people'), name, part, button),
      /** @param {Participant} participant */
      update(participant) {
        const me = agent_id === state.me?.id;
        const mine = state.interactions.get(id)?.owner_id === state.me?.id;
        setText(name, me ? words.participants.you : agentName(state, agent_id));
        setText(part, words.participants.parts[participant.part]);
        button.hidden = !me && !mine;
        setText(button, me ? words.participants.leave : words.participants.remove);
      },
    };
  }

  return {
    node,
    /** @param {Interaction} interaction */
    update({ participants }) {
      node.hidden = participants.length === 0;
      list(names, participants, (participant) => participant.agent_id, createChip);
    },
  };
}

/** Asks a colleague in. @param {import('../app.js').Context} context @param {Interaction} interaction */
export function askColleague({ floor, actions }, interaction) {
  const { state } = floor;
  const colleagues = [...state.agents.values()]
    .filter((agent) => agent.connected && agent.presence.state !== 'logged_off' && agent.id !== interaction.owner_id)
    .filter((agent) => agent.id !== state.me?.id || !powers(state, interaction).mine)
    .sort((a, b) => a.name.localeCompare(b.name));
  const select = el(
    'select',
    { id: 'colleague', test: 'colleague' },
    ...colleagues.map((agent) =>
      el('option', {
        value: agent.id,
        text: words.transfer_dialog.entry(agent.name, words.presence.names[agent.presence.state]),
      }),
    ),
  );
  /** @param {Participant['part']} part */
  const choice = (part) =>
    el(
      'label',
      { class: 'choice' },
      el('input', { type: 'radio', name: 'part', value: part, test: `part-${part}`, checked: part === 'consult' }),
      el('span', {}, el('strong', { text: words.participants.parts[part] }), ` ${words.participants.hints[part]}`),
    );
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'colleague-submit',
    text: words.participants.ask,
  });
  const cancel = el('button', { type: 'button', class: 'quiet', onclick: () => dialog.close(), text: words.cancel });
  const form = el(
    'form',
    { onsubmit: send },
    el('div', { class: 'labelled' }, el('label', { for: 'colleague', text: words.participants.colleague }), select),
    el(
      'fieldset',
      { class: 'choices' },
      el('legend', { text: words.participants.may }),
      choice('consult'),
      choice('conference'),
    ),
    trouble,
    el('div', { class: 'dialog-buttons' }, submit, cancel),
  );
  const nobody = el(
    'div',
    {},
    el('p', { text: words.transfer_dialog.nobody }),
    el(
      'div',
      { class: 'dialog-buttons' },
      el('button', { type: 'button', onclick: () => dialog.close(), text: words.close }),
    ),
  );
  const dialog = openDialog('colleague-dialog', words.participants.heading, colleagues.length ? form : nobody);

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    trouble.textContent = '';
    const part = new FormData(form).get('part') === 'conference' ? 'conference' : 'consult';
    try {
      await actions.invite(interaction.id, Number(select.value), part);
      dialog.close();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      submit.disabled = false;
    }
  }
}
