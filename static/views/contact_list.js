/*
 * The list of Communication: Assigned Contacts or all contacts, a search, and the way to a new contact.
 *
 * Invariants: a search waits until the typing pauses; removing a contact from the list asks nothing because nothing is
 * lost: the contact stays under all contacts.
 */
import { el, heard, icon, setAttribute, setText } from '../dom.js';
import { moment, shortMoment } from '../clock.js';
import { ASSIGNED_QUERY } from '../directory.js';
import { agentName } from '../floor.js';
import { contactPath } from '../pages.js';
import { words } from '../strings.js';
import { addressText, avatar } from './contact.js';
import { createLongList } from './long_list.js';
import { lineOf } from './media.js';
import { askNewContact } from './new_contact.js';

/** @typedef {import('../directory.js').ContactRow} ContactRow */
/** @typedef {'assigned'|'all'} Scope */

const ROW_PX = 56;
const TYPING_PAUSE_MS = 200;

/** @param {import('../app.js').Context} context */
export function createContactList(context) {
  const { floor, directory } = context;
  const { state } = floor;
  /** @type {Scope} */
  let scope = 'assigned';
  let timer = 0;
  let heard_count = '';

  const search = el('input', {
    type: 'search',
    test: 'contact-search',
    'aria-label': words.communication.search,
    placeholder: words.communication.search,
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(read, TYPING_PAUSE_MS);
    },
    onkeydown: leave,
  });
  const scopes = /** @type {const} */ (['assigned', 'all']).map((name) =>
    el('button', {
      type: 'button',
      'data-scope': name,
      test: `contacts-${name}`,
      onclick: () => choose(name),
      text: words.communication.scopes[name],
    }),
  );
  const add = el(
    'button',
    {
      type: 'button',
      class: 'quiet square',
      test: 'contact-new',
      title: words.communication.add,
      'aria-label': words.communication.add,
      onclick: ask,
    },
    icon('plus'),
  );
  const rows = createLongList({
    label: words.communication.heading,
    row_px: ROW_PX,
    id_of: (/** @type {ContactRow} */ row) => row.contact.id,
    make: (/** @type {ContactRow} */ row) => createContactRow(context, row.contact.id, remove),
    near_end: () => !state.directory.contacts.trouble && directory.read('contacts', query(), false),
  });
  const trouble = el('p', { class: 'trouble', role: 'alert' });
  const try_again = el('button', { type: 'button', class: 'small', text: words.try_again, onclick: read });
  const failed = el('div', { class: 'list-trouble', hidden: true }, trouble, try_again);
  const empty_title = el('p', { class: 'empty-title' });
  const empty_hint = el('p');
  const elsewhere = el('button', {
    type: 'button',
    class: 'small',
    test: 'search-all',
    onclick: () => choose('all'),
    text: words.communication.search_all,
  });
  const empty = el(
    'div',
    { class: 'empty', test: 'contacts-empty', hidden: true },
    icon('person'),
    empty_title,
    empty_hint,
    elsewhere,
  );
  const found = el('p', { class: 'heard', role: 'status' });

  function ask() {
    askNewContact(context, search.value);
  }

  const query = () => {
    const q = search.value.trim();
    return `scope=${scope}${q ? `&q=${encodeURIComponent(q)}` : ''}`;
  };

  function read() {
    clearTimeout(timer);
    if (state.directory.contacts.query !== query()) rows.toTop();
    directory.read('contacts', query(), true);
  }

  /** @param {Scope} name */
  function choose(name) {
    scope = name;
    read();
    update();
  }

  /** From the field into the list. @param {KeyboardEvent} event */
  function leave(event) {
    if (event.key !== 'ArrowDown' || event.isComposing) return;
    event.preventDefault();
    rows.move(0);
  }

  /** @param {ContactRow} row */
  async function remove(row) {
    trouble.textContent = '';
    failed.hidden = true;
    try {
      await directory.removeAssigned(row.contact.id);
      context.announce(words.communication.removed(nameOf(row)), 'polite');
      search.focus();
    } catch (error) {
      trouble.textContent = /** @type {Error} */ (error).message;
      failed.hidden = false;
    }
  }

  function update() {
    const { contacts } = state.directory;
    for (const one of scopes) setAttribute(one, 'aria-pressed', String(one.dataset.scope === scope));
    if (contacts.stale && !contacts.loading && !contacts.trouble) directory.read('contacts', query(), true);
    const mine = contacts.query === query() || contacts.loading;
    rows.show(contacts.items);
    setAttribute(rows, 'aria-busy', contacts.loading && 'true');
    if (contacts.trouble) setText(trouble, contacts.trouble);
    failed.hidden = !trouble.textContent;
    if (!contacts.trouble && contacts.loading) trouble.textContent = '';
    const nothing = mine && contacts.loaded && !contacts.loading && contacts.items.length === 0 && !contacts.trouble;
    empty.hidden = !nothing;
    rows.hidden = nothing;
    if (nothing) showEmpty();
    tell(contacts);
  }

  function showEmpty() {
    const searched = search.value.trim() !== '';
    setText(empty_title, searched ? words.communication.nothing_found : words.communication.empty[scope]);
    setText(
      empty_hint,
      searched ? words.communication.nothing_found_hint[scope] : words.communication.empty_hint[scope],
    );
    elsewhere.hidden = scope === 'all';
  }

  /** How many were found, once for each search. @param {import('../paged.js').Paged<ContactRow>} contacts */
  function tell({ loading, loaded, items, cursor, query: asked }) {
    if (loading || !loaded || !asked.includes('&q=') || heard_count === asked) return;
    heard_count = asked;
    setText(found, words.communication.found(items.length, cursor !== null));
  }

  return {
    node: el(
      'nav',
      { class: 'contacts', 'aria-label': words.communication.heading },
      el(
        'div',
        { class: 'contacts-head' },
        el(
          'div',
          { class: 'contacts-line' },
          el('div', { class: 'segments', role: 'group', 'aria-label': words.communication.scope }, ...scopes),
          add,
        ),
        search,
      ),
      failed,
      found,
      rows,
      empty,
    ),
    update,
    /** @param {number} step */
    move: (step) => rows.move(step),
    focusSearch: () => search.focus(),
    add: ask,
  };
}

/** @param {ContactRow} row */
const nameOf = (row) => row.contact.name || addressText(row.contact);

/**
 * @param {import('../app.js').Context} context
 * @param {number} id
 * @param {(row: ContactRow) => void} remove
 */
function createContactRow({ floor }, id, remove) {
  const { state } = floor;
  /** @type {ContactRow|null} */
  let shown = null;
  const face = el('span', { class: 'face' });
  const name = el('span', { class: 'name', dir: 'auto' });
  const when = el('time');
  const preview = el('span', { class: 'preview', dir: 'auto' });
  const chip = el('span', { class: 'chip' });
  const link = el(
    'a',
    { class: 'item', href: contactPath(id), test: 'contact-row', 'data-contact': id },
    face,
    el('span', { class: 'item-top' }, name, when),
    el('span', { class: 'item-bottom' }, preview, chip),
  );
  const drop = el(
    'button',
    { type: 'button', class: 'quiet square drop', test: 'contact-remove', onclick: () => shown && remove(shown) },
    icon('close'),
  );
  return {
    node: el('div', { class: 'contact-row' }, link, drop),
    /** @param {ContactRow} row */
    update(row) {
      setAttribute(link, 'aria-current', state.contact_id === id && 'page');
      drop.hidden = !row.assigned || !state.directory.contacts.query.startsWith(ASSIGNED_QUERY);
      if (row === shown) return;
      if (shown?.contact !== row.contact) face.replaceChildren(avatar(row.contact));
      shown = row;
      setText(name, nameOf(row));
      setText(preview, previewOf(state, row));
      setText(when, row.last_at === null ? '' : shortMoment(row.last_at));
      when.title = row.last_at === null ? '' : moment(row.last_at);
      chip.hidden = row.open === null;
      chip.className = `chip ${row.open?.state ?? ''}`;
      setText(chip, row.open ? words.states[row.open.state] : '');
      const label = words.communication.remove(nameOf(row));
      drop.title = words.communication.remove_short;
      drop.replaceChildren(icon('close'), heard(label));
    },
  };
}

/** The last words, with who said them; the number where nothing was said. @param {import('../floor.js').State} state @param {ContactRow} row */
function previewOf(state, { contact, last_message }) {
  if (!last_message) return addressText(contact);
  const text = lineOf(last_message);
  const { kind, agent_id } = last_message.author;
  if (kind !== 'agent') return text;
  return agent_id === state.me?.id ? `${words.work.you} ${text}` : `${agentName(state, agent_id)}: ${text}`;
}
