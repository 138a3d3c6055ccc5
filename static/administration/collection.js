/*
 * A section that is a list of things, each with a page to change it, and one page to add another: `#/queues`,
 * `#/queues/3`, `#/queues/new`.
 *
 * Apart so that queues, outcomes, fields and responses behave alike. Invariant: what is shown was asked for when the page
 * was opened, so that a save names the state that the person has seen.
 *
 * Hooks: SECTION-new, SECTION-link (data-id) and those of the table and the form.
 */
import { el } from '../dom.js';
import { failed, pageOf, table, waiting } from './parts.js';
import { words } from './strings.js';

/**
 * @template {{id: number}} I
 * @param {import('./app.js').Context} context
 * @param {{
 *   name: string, path: string,
 *   texts: {intro: string, add: string, empty: string, new_heading: string},
 *   load: () => Promise<I[]>, title: (item: I) => string,
 *   columns: (items: I[]) => {label: string, cell: (item: I) => Node|string|null}[],
 *   edit: (item: I|null, items: I[], again: () => void) => (Node|null|false)[]}} options `edit` gives what the page of one of them holds, or of a new one
 * @returns {import('./app.js').SectionView}
 */
export function createCollection(context, { name, path, texts, load, title, columns, edit }) {
  const node = el('div');
  let asked = 0;

  /** @param {I} item */
  const link = (item) =>
    el('a', { href: `#/${path}/${item.id}`, test: `${name}-link`, 'data-id': item.id, text: title(item) });

  /** @param {string[]} rest */
  async function show(rest) {
    const own = ++asked;
    const again = () => show(rest);
    if (!node.firstChild) node.replaceChildren(pageOf(words.sections[/** @type {'queues'} */ (name)], null, {}, waiting()));
    try {
      const items = await load();
      if (own === asked) node.replaceChildren(draw(items, rest[0], again));
    } catch (error) {
      if (own === asked)
        node.replaceChildren(pageOf(words.sections[/** @type {'queues'} */ (name)], null, {}, failed(error, again)));
    }
  }

  /** @param {I[]} items @param {string|undefined} chosen @param {() => void} again */
  function draw(items, chosen, again) {
    const item = items.find(({ id }) => String(id) === chosen);
    if (chosen === 'new') return pageOf(texts.new_heading, null, { back: path }, ...edit(null, items, again));
    if (item) return pageOf(title(item), null, { back: path }, ...edit(item, items, again));
    const [first, ...others] = columns(items);
    return pageOf(
      words.sections[/** @type {'queues'} */ (name)],
      texts.intro,
      {},
      el('a', { class: 'button', href: `#/${path}/new`, test: `${name}-new`, text: texts.add }),
      table({
        test: name,
        caption: words.sections[/** @type {'queues'} */ (name)],
        empty: texts.empty,
        items,
        columns: [{ label: first.label, cell: (one) => el('span', {}, link(one), first.cell(one)) }, ...others],
      }),
    );
  }

  return { node, show };
}
