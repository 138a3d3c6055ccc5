/*
 * What a person may set for this browser: language, theme, density, sound, notifications.
 *
 * Invariant: a choice takes effect at once and is kept; the browser is asked about notifications by a click only.
 */
import { el, openDialog, setText } from '../dom.js';
import { language, languageName, languages } from '../language.js';
import { noticesOn, noticesPossible, switchNotices } from '../notices.js';
import { words } from '../strings.js';

/** @param {{preferences: import('../preferences.js').Preferences, attention: import('../attention.js').Attention}} context */
export function showSettings({ preferences, attention }) {
  /** @param {string} name @param {[string, string][]} choices value and words */
  function choice(name, choices) {
    const id = `setting-${name}`;
    const select = el(
      'select',
      { id, test: id, onchange: () => preferences.set(name, select.value) },
      ...choices.map(([value, text]) => el('option', { value, text, lang: name === 'language' && value })),
    );
    select.value = preferences.get(name);
    const label = words.settings[/** @type {'theme'} */ (name)];
    return el('div', { class: 'labelled' }, el('label', { for: id, text: label }), select);
  }

  const sound = el('input', {
    type: 'checkbox',
    test: 'setting-sound',
    checked: preferences.get('sound') !== 'off',
    onchange: () => preferences.set('sound', sound.checked ? '' : 'off'),
  });
  const notices_state = el('p', { class: 'hint', role: 'status', test: 'notices-state' });
  const notices = el('button', {
    type: 'button',
    test: 'setting-notices',
    onclick: async () => {
      await switchNotices(preferences, !noticesOn(preferences));
      showNotices();
    },
  });

  function showNotices() {
    const on = noticesOn(preferences);
    setText(notices, on ? words.settings.notices_off : words.settings.notices_on);
    notices.disabled = !noticesPossible();
    const refused = noticesPossible() && Notification.permission === 'denied';
    setText(
      notices_state,
      !noticesPossible()
        ? words.settings.notices_impossible
        : refused
          ? words.settings.notices_refused
          : on
            ? words.settings.notices_are_on
            : words.settings.notices_hint,
    );
  }

  const dialog = openDialog(
    'settings-dialog',
    words.settings.heading,
    choice('language', [
      ['', words.settings.as_browser(languageName(document.documentElement.dataset.browserLanguage ?? language))],
      ...languages.map((tag) => /** @type {[string, string]} */ ([tag, languageName(tag)])),
    ]),
    choice('theme', [
      ['', words.settings.as_system],
      ['light', words.settings.light],
      ['dark', words.settings.dark],
    ]),
    choice('density', [
      ['', words.settings.comfortable],
      ['compact', words.settings.compact],
    ]),
    el(
      'div',
      { class: 'settings-row' },
      el('label', { class: 'check' }, sound, words.settings.sound),
      el('button', {
        type: 'button',
        class: 'quiet small',
        test: 'setting-sound-try',
        onclick: attention.tryBell,
        text: words.settings.sound_try,
      }),
    ),
    el('div', { class: 'labelled' }, notices, notices_state),
    el(
      'div',
      { class: 'dialog-buttons' },
      el('button', { type: 'button', class: 'primary', onclick: () => dialog.close(), text: words.close }),
    ),
  );
  showNotices();
}
