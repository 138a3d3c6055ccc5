/*
 * Search everywhere, in the bar: a button, and a panel that opens under it. The question and its hits stay when the panel
 * closes, so that opening it again goes on where one was.
 *
 * Invariant: a hit opens where its conversation can be worked on, if it stands on the desktop, else on the contact's
 * page.
 */
import { el, icon, setText } from '../dom.js';
import { contactPath } from '../pages.js';
import { keyName } from '../shortcuts.js';
import { words } from '../strings.js';
import { Search } from './search.js';

/** @param {import('../app.js').Context} context */
export function createSearchPanel(context) {
  const { commands, floor, transcripts, go } = context;
  const search = new Search(context, { conversation_id: null, open });
  const panel = el(
    'div',
    {
      class: 'search-panel',
      id: 'search-panel',
      popover: 'auto',
      test: 'search-panel',
      role: 'search',
      'aria-label': words.search.everywhere,
      ontoggle(/** @type {ToggleEvent} */ event) {
        button.setAttribute('aria-expanded', String(event.newState === 'open'));
        if (event.newState === 'open') search.focus();
      },
    },
    search,
  );
  const key = el('kbd', { 'aria-hidden': 'true' });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet search-open',
      test: 'search-open',
      popovertarget: 'search-panel',
      'aria-expanded': 'false',
      title: words.search.everywhere,
    },
    icon('search'),
    el('span', { text: words.search.open }),
    key,
  );

  commands.add(() => (panel.isConnected ? [{ id: 'search', run: () => panel.showPopover() }] : []));

  /** @param {import('./search.js').Hit} hit @param {string[]} texts */
  function open({ kind, message_id, interaction_id, conversation_id, contact }, texts) {
    const { interactions } = floor.state;
    panel.hidePopover();
    if (message_id !== null) transcripts.jump(conversation_id, message_id, texts);
    const on_desktop = [...interactions.values()].find((one) =>
      kind === 'note' ? one.id === interaction_id : kind === 'message' && one.conversation_id === conversation_id,
    );
    if (on_desktop) go(on_desktop.id);
    else location.hash = contactPath(contact.id, message_id, message_id === null ? null : conversation_id);
  }

  return {
    node: el('div', { class: 'search-place' }, button, panel),
    update() {
      const name = commands.keyOf('search');
      key.hidden = name === '';
      setText(key, name && keyName(name));
    },
  };
}
