/*
 * The commands of the shell: where to go, the person's status, how the page looks.
 *
 * Apart from the views because no view owns them; what can be done with an interaction is added by its own view.
 */
import { addressText } from './views/contact.js';
import { myWork } from './floor.js';
import { language, languageName, languages } from './language.js';
import { pageLabel, pagesFor } from './pages.js';
import { words } from './strings.js';
import { showPalette } from './views/palette.js';
import { showSettings } from './views/settings.js';

/** @typedef {import('./commands.js').Command} Command */

/**
 * @param {import('./app.js').Context} context
 * @param {(step: -1|1) => void} move to the next or previous interaction
 * @param {(sentence: string) => void} refused
 * @returns {Command[]}
 */
export function shellCommands(context, move, refused) {
  const { commands, preferences, actions, floor, go } = context;
  const { state } = floor;
  /** @param {Promise<unknown>} order */
  const give = (order) => void order.catch((error) => refused(error.message));
  const work = myWork(state).flatMap((group) =>
    group.interactions.map((one) => ({
      id: `go ${one.id}`,
      label: words.palette.go_to(one.contact.name || addressText(one.contact)),
      detail: words.work.groups[group.name],
      terms: `${addressText(one.contact)} #${one.id}`,
      run: () => go(one.id, true),
    })),
  );
  return [
    { id: 'palette', run: () => showPalette(commands) },
    ...(work.length > 0 || state.page !== 'work'
      ? [
          { id: 'next', run: () => move(1) },
          { id: 'previous', run: () => move(-1) },
        ]
      : []),
    ...work,
    ...pagesFor(state).map(({ name, path }) => ({
      id: name === 'work' ? 'my_work' : name,
      label: pageLabel(name),
      run: () => void (location.href = path),
    })),
    ...presenceCommands(),
    ...lookCommands(),
    {
      id: 'sound',
      label: preferences.get('sound') === 'off' ? words.palette.sound_on : words.palette.sound_off,
      run: () => preferences.set('sound', preferences.get('sound') === 'off' ? '' : 'off'),
    },
    { id: 'settings', run: () => showSettings(context) },
    { id: 'help', run: context.showShortcuts },
    { id: 'sign_out', detail: words.presence.sign_out_hint, run: () => give(context.signOut()) },
  ];

  /** @returns {Command[]} */
  function presenceCommands() {
    const { names } = words.presence;
    /** @type {(id: string, state: string, reason: string|null, presence: string) => Command} */
    const one = (id, to, reason, presence) => ({
      id,
      label: words.palette.presence(presence),
      run: () => give(actions.setPresence(to, reason)),
    });
    const after_work = state.me?.after_work;
    return [
      one('ready', 'ready', null, names.ready),
      one('not_ready', 'not_ready', null, names.not_ready),
      ...state.reasons.map((reason) =>
        one(`not_ready ${reason}`, 'not_ready', reason, `${names.not_ready}: ${reason}`),
      ),
      one('after_call_work', 'after_call_work', null, names.after_call_work),
      one('do_not_disturb', 'do_not_disturb', null, names.do_not_disturb),
      ...(after_work === undefined
        ? []
        : [
            {
              id: 'after_work',
              label: after_work ? words.presence.after_work_cancel : words.presence.after_work,
              run: () => give(actions.setAfterWork(!after_work, null)),
            },
          ]),
    ];
  }

  /** @returns {Command[]} */
  function lookCommands() {
    /** @type {(name: string, value: string, label: string) => Command} */
    const one = (name, value, label) => ({
      id: `${name} ${value}`,
      label,
      run: () => preferences.set(name, value),
    });
    const { settings, palette } = words;
    return [
      ...languages
        .filter((tag) => tag !== language)
        .map((tag) => ({ ...one('language', tag, palette.language(languageName(tag))), terms: 'language' })),
      one('theme', '', palette.theme(settings.as_system)),
      one('theme', 'light', palette.theme(settings.light)),
      one('theme', 'dark', palette.theme(settings.dark)),
      preferences.get('density')
        ? one('density', '', palette.density(settings.comfortable))
        : one('density', 'compact', palette.density(settings.compact)),
    ];
  }
}
