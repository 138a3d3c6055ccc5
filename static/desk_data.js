/*
 * The reducer's part for what lies around the messages: case keys, contacts, drafts, the version of the responses.
 *
 * Apart from the floor's own file because it changes for other reasons than the routing of work. Invariants: a contact
 * and a draft never go back to an older one; every interaction of a contact shows the same contact.
 */

/**
 * @typedef {{id: number, key: string, label: string, kind: 'text'|'number'|'date'|'boolean'|'choice', choices: string[],
 *   read_only: boolean, on_offer: boolean}} CaseKey `on_offer`: shown when an interaction is offered
 * @typedef {{conversation_id: number, text: string, at: number}} Draft an empty text: none
 * @typedef {import('./floor.js').State} State
 */

export const emptyDeskData = () => ({
  /** @type {CaseKey[]} */ case_keys: [],
  responses_version: 0,
  /** @type {Map<number, Draft>} the server's drafts by conversation */ drafts: new Map(),
});

/** @param {State} state @param {any} snapshot */
export function takeDeskSnapshot(state, snapshot) {
  state.case_keys = snapshot.case_keys ?? [];
  state.responses_version = snapshot.responses_version ?? 0;
  state.drafts = new Map((snapshot.drafts ?? []).map((/** @type {Draft} */ draft) => [draft.conversation_id, draft]));
}

/** @param {State} state @param {import('./floor.js').Change} change */
export function takeDeskChange(state, change) {
  if (change.case_keys) state.case_keys = change.case_keys;
  if (change.responses_version > state.responses_version) state.responses_version = change.responses_version;
  if (change.draft) takeDraft(state, change.draft);
  if (change.contact) takeContact(state, change.contact);
}

/** @param {State} state @param {Draft} draft */
function takeDraft(state, draft) {
  if ((state.drafts.get(draft.conversation_id)?.at ?? 0) <= draft.at) state.drafts.set(draft.conversation_id, draft);
}

/** @param {State} state @param {import('./floor.js').Contact} contact */
function takeContact(state, contact) {
  for (const [id, interaction] of state.interactions) {
    if (interaction.contact.id === contact.id && interaction.contact.version <= contact.version)
      state.interactions.set(id, { ...interaction, contact });
  }
}
