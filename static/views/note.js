/*
 * The private note of an interaction: saved by itself, with a version so that two places cannot overwrite each other.
 *
 * Invariants: one save at a time; text that the server has not confirmed is kept as a draft; after a conflict nothing is
 * saved until the agent has chosen.
 */
import { Problem } from '../api.js';
import { el, setAttribute, setText } from '../dom.js';
import { powers } from '../floor.js';
import { words } from '../strings.js';

const QUIET_MS = 800;

/** @param {import('../app.js').Context} context @param {number} id */
export function createNote({ floor, actions, drafts }, id) {
  const { state } = floor;
  const draft_name = `note.${id}`;
  const text = el('textarea', {
    rows: 3,
    dir: 'auto',
    test: 'note-text',
    'aria-label': words.note.heading,
    placeholder: words.note.placeholder,
    'aria-describedby': 'note-status',
    oninput: edited,
    onblur: save,
  });
  const status = el('span', { class: 'note-status', id: 'note-status', role: 'status', test: 'note-status' });
  const conflict = el(
    'div',
    { class: 'note-conflict', role: 'alert', hidden: true },
    el('p', { text: words.note.conflict }),
    el('button', { type: 'button', class: 'small', text: words.note.keep_mine, onclick: () => settle(true) }),
    el('button', { type: 'button', class: 'small', text: words.note.take_other, onclick: () => settle(false) }),
  );
  let base = state.interactions.get(id)?.note_version ?? 0;
  let dirty = false;
  let saving = false;
  let timer = 0;

  const restored = drafts.get(draft_name);
  text.value = restored || (state.interactions.get(id)?.note ?? '');
  dirty = restored !== '' && restored !== state.interactions.get(id)?.note;

  function edited() {
    dirty = true;
    drafts.set(draft_name, text.value);
    setText(status, words.note.unsaved);
    clearTimeout(timer);
    timer = setTimeout(save, QUIET_MS);
  }

  async function save() {
    clearTimeout(timer);
    if (!dirty || saving || !conflict.hidden) return;
    const excess = [...text.value].length - state.settings.note_chars_max;
    if (excess > 0) return setText(status, words.note.over(excess));
    const sent = text.value;
    saving = true;
    setText(status, words.note.saving);
    try {
      base = await actions.saveNote(id, sent, base);
      dirty = text.value !== sent;
      setText(status, dirty ? words.note.unsaved : words.note.saved);
      if (!dirty) drafts.set(draft_name, '');
    } catch (error) {
      await refused(error);
    }
    saving = false;
    if (dirty && state.connection === 'live') timer = setTimeout(save, QUIET_MS);
  }

  /** @param {unknown} error */
  async function refused(error) {
    if (!(error instanceof Problem)) return setText(status, words.note.offline);
    setText(status, error.message);
    if (error.code !== 'note_changed') {
      // Asking again would bring the same answer; the next edit tries anew.
      dirty = error.passing;
      return;
    }
    await actions.refresh(id).catch(() => {});
    conflict.hidden = false;
  }

  /** @param {boolean} mine */
  function settle(mine) {
    const interaction = state.interactions.get(id);
    conflict.hidden = true;
    base = interaction?.note_version ?? base;
    dirty = mine;
    if (mine) return save();
    text.value = interaction?.note ?? '';
    drafts.set(draft_name, '');
    setText(status, words.note.saved);
  }

  let connection = state.connection;
  return {
    node: el(
      'div',
      { class: 'note' },
      text,
      el('div', { class: 'note-foot' }, el('span', { text: words.note.private }), status),
      conflict,
    ),
    /** @param {import('../floor.js').Interaction} interaction */
    update(interaction) {
      setAttribute(text, 'readonly', !powers(state, interaction).annotate);
      if (!dirty && !saving && interaction.note_version > base) {
        base = interaction.note_version;
        text.value = interaction.note;
      }
      if (state.connection === 'live' && connection !== 'live') save();
      connection = state.connection;
    },
    focus: () => text.focus(),
    /** The agent turns away: do not wait for the quiet moment. */
    close: save,
  };
}
