/*
 * The interaction: head, transcript and composer in the middle, under them the tabs about the case, on the right the
 * tabs about the contact. On a narrow screen chat, case and contact take turns.
 *
 * Invariants: the transcript is the conversation, shown once; the Conversation tab finds and jumps in it; which tabs are
 * in front is the person's choice and stays.
 */
import { el, heard, icon, setAttribute } from '../dom.js';
import { powers } from '../floor.js';
import { keyName } from '../shortcuts.js';
import { words } from '../strings.js';
import { createCaseInformation } from './case_information.js';
import { createComposer } from './composer.js';
import { addressText, createContact } from './contact.js';
import { createDisposition, dispositionMissing } from './disposition.js';
import { createFind } from './find.js';
import { createHistory } from './history.js';
import { createHead } from './interaction_head.js';
import { createWriting } from './internal.js';
import { createNote } from './note.js';
import { createParticipants } from './participants.js';
import { canRefer } from './quote.js';
import { askReaction } from './reactions.js';
import { createResponses } from './responses.js';
import { createTabs } from './tabs.js';

/** @typedef {import('../floor.js').Interaction} Interaction */
/** @typedef {import('./interaction_head.js').Pane} Pane */

/** @param {import('../app.js').Context} context @param {Interaction} first */
export function createInteraction(context, first) {
  const { state } = context.floor;
  const { id } = first;
  const { preferences } = context;
  const composer = createComposer(context, first);
  const transcript = context.transcripts.take(first.conversation_id, id);
  const participants = createParticipants(context, id);
  const writing = createWriting(context, first, composer);
  const parts = {
    case: createCaseInformation(context, id),
    disposition: createDisposition(context, id),
    note: createNote(context, id),
    contact: createContact(context, first),
    conversation: createFind(context, first, { jump, jumpTo }),
    history: createHistory(context, first, { jump }),
    responses: createResponses(context, {
      ...composer,
      insert(text) {
        showPane('chat');
        composer.insert(text);
      },
    }),
  };
  const case_tabs = tabsOf('case', words.interaction.case_tabs, ['case', 'disposition', 'note']);
  const side_tabs = tabsOf('side', words.interaction.side_tabs, ['contact', 'conversation', 'history', 'responses']);
  const fold = el(
    'button',
    {
      type: 'button',
      class: 'quiet small fold',
      test: 'fold',
      onclick: () => keepFolded(!case_place.hasAttribute('data-folded')),
    },
    icon('chevron'),
  );
  const head = createHead(context, first, { showTab, showPane });
  const case_place = el(
    'section',
    { class: 'tab-place case-place', 'aria-label': words.interaction.case_tabs },
    el('div', { class: 'strip-row' }, case_tabs.strip, fold),
    ...case_tabs.panels,
  );
  const side_place = el(
    'aside',
    { class: 'tab-place side-place', 'aria-label': words.interaction.side_tabs },
    el('div', { class: 'strip-row' }, side_tabs.strip),
    ...side_tabs.panels,
  );
  const node = el(
    'section',
    { class: 'interaction', 'aria-label': words.interaction.region, 'data-pane': 'chat' },
    el(
      'div',
      { class: 'chat', 'onedit-message': edit, 'onquote-message': quote },
      head.node,
      participants.node,
      transcript,
      writing.node,
      case_place,
    ),
    side_place,
  );
  setFolded(preferences.get('case_folded') === 'yes');
  head.showPane('chat');

  /** @param {'case'|'side'} place @param {string} label @param {(keyof typeof parts)[]} names */
  function tabsOf(place, label, names) {
    return createTabs({
      label,
      chosen: preferences.get(`${place}_tab`),
      tabs: names.map((name) => ({ id: name, label: words.interaction.tabs[name], node: parts[name].node })),
      on_choose(name) {
        preferences.set(`${place}_tab`, name);
        if (place === 'case') keepFolded(false);
        update();
      },
    });
  }

  /** A refused message comes back into the field. @param {CustomEvent<import('../floor.js').Message>} event */
  function edit({ detail: { client_key, content } }) {
    context.outgoing.discard(/** @type {string} */ (client_key));
    composer.take(content);
  }

  /** @param {CustomEvent<import('../floor.js').Message>} event */
  function quote({ detail }) {
    composer.quote(detail);
  }

  /** What the contact wrote last and can be referred to. */
  function lastInbound() {
    const held = state.transcripts.get(first.conversation_id)?.messages ?? [];
    return held.findLast((message) => message.author.kind === 'contact' && canRefer(message));
  }

  /** @param {boolean} folded */
  function setFolded(folded) {
    setAttribute(case_place, 'data-folded', folded);
    setAttribute(fold, 'aria-expanded', String(!folded));
    setAttribute(fold, 'aria-label', folded ? words.interaction.unfold : words.interaction.fold);
  }

  /** @param {boolean} folded */
  function keepFolded(folded) {
    setFolded(folded);
    preferences.set('case_folded', folded ? 'yes' : '');
  }

  /** @param {Pane} pane */
  function showPane(pane) {
    node.dataset.pane = pane;
    head.showPane(pane);
    update();
  }

  /** Brings a tab to the front and goes into it. @param {string} name */
  function showTab(name) {
    const is_case = ['case', 'disposition', 'note'].includes(name);
    (is_case ? case_tabs : side_tabs).choose(name);
    showPane(is_case ? 'case' : 'side');
    const part = /** @type {{focus?: () => void}} */ (parts[/** @type {keyof typeof parts} */ (name)]);
    if (part.focus) part.focus();
    else /** @type {HTMLElement} */ (node.querySelector(`#tab-${name}`)).focus();
  }

  /** @param {number} message_id @param {string[]} [texts] to be marked */
  function jumpTo(message_id, texts) {
    showPane('chat');
    transcript.jumpTo(message_id, texts);
  }

  /** @param {Interaction} interaction */
  function jump(interaction) {
    if (interaction.last_message?.id) jumpTo(interaction.last_message.id);
    else context.announce(words.history.no_jump, 'polite');
  }

  function update() {
    const interaction = state.interactions.get(id);
    if (!interaction) return;
    head.update(interaction);
    participants.update(interaction);
    composer.update();
    writing.update();
    for (const part of Object.values(parts)) part.update(interaction);
    const missing = dispositionMissing(state, interaction);
    case_tabs.mark('disposition', missing ? '!' : '', missing ? words.interaction.marks.missing : '');
    case_tabs.mark('note', interaction.note ? '\u2022' : '', interaction.note ? words.interaction.marks.note : '');
  }

  /** What can be done here by the palette and the keys. @returns {import('../commands.js').Command[]} */
  function commands() {
    const interaction = state.interactions.get(id);
    if (!interaction) return [];
    const power = powers(state, interaction);
    const tabs = /** @type {(keyof typeof parts)[]} */ (Object.keys(parts)).map((name) => ({
      id: { conversation: 'find', history: 'contact_history' }[/** @type {string} */ (name)] ?? name,
      run: () => showTab(name),
    }));
    /** @type {import('../commands.js').Command} */
    const answer = { id: 'answer', run: write };
    const quoted = power.write ? lastInbound() : null;
    const all = [
      ...(power.write || power.internal ? [answer] : []),
      ...(power.write ? [{ id: 'template', run: composer.chooseTemplate }, { id: 'object', run: composer.chooseObject }] : []),
      ...(quoted
        ? [
            { id: 'quote', run: () => composer.quote(quoted) },
            { id: 'react', run: () => askReaction(context, quoted) },
          ]
        : []),
      ...head.commands(power),
      ...tabs,
    ];
    return all.map((command) => ({ detail: interaction.contact.name || addressText(interaction.contact), ...command }));
  }

  function write() {
    showPane('chat');
    writing.focus();
  }
  const forgetCommands = context.commands.add(commands);

  return {
    id,
    node,
    update,
    tick() {
      composer.tick();
      head.tick();
      parts.contact.tick();
    },
    focus: writing.focus,
    /** Asks for the news that nobody tells. */
    refresh: () => transcript.refresh(),
    showTab,
    close() {
      forgetCommands();
      parts.note.close();
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
