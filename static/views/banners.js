/*
 * The lines above the desk: that the connection is lost, that a number cannot send, that Deskbell has been updated.
 *
 * Apart because they speak of the page itself. Invariant: the page is never loaded anew by itself; whoever writes
 * decides when.
 */
import { el, icon, list, setText } from '../dom.js';
import { words } from '../strings.js';

/** A cut shorter than this is not worth a banner; longer than it shows well within two seconds. */
const BANNER_AFTER_MS = 300;

/** @param {import('../floor.js').Floor} floor @param {() => void} hurry */
export function createBanner({ state }, hurry) {
  const text = el('span');
  const node = el(
    'div',
    { class: 'banner', test: 'banner', role: 'status', hidden: true },
    text,
    el('button', { type: 'button', class: 'small', test: 'banner-hurry', onclick: hurry, text: words.banner.hurry }),
  );
  let timer = 0;
  return {
    node,
    update() {
      if (state.connection !== 'lost') {
        clearTimeout(timer);
        timer = 0;
        node.hidden = true;
      } else if (!timer) {
        timer = setTimeout(() => {
          node.hidden = false;
          setText(text, words.banner.lost);
        }, BANNER_AFTER_MS);
      }
    },
  };
}

/** What the provider does not take, and who can mend it. @param {import('../floor.js').Floor} floor */
export function createTroubles({ state }) {
  const node = el('div', { role: 'alert' });
  return {
    node,
    update() {
      list(
        node,
        state.channels.filter((channel) => channel.trouble),
        // Another reason is another line.
        ({ id, trouble }) => `${id} ${trouble?.code}`,
        ({ name, trouble }) => ({
          node: el(
            'div',
            { class: 'banner bad', test: 'channel-trouble' },
            icon('failed'),
            el('span', { text: [`${name}:`, trouble?.title, trouble?.detail, words.banner.waits].join(' ') }),
          ),
        }),
      );
    },
  };
}

/** The tree of files that this page is of: what stands after `/assets/`. */
const OWN_PAGE = new URL(import.meta.url).pathname.split('/')[2];

/** Offers to load the page anew when the server has another one. */
export function createUpdateBar() {
  const node = el(
    'div',
    { class: 'banner', test: 'updated', role: 'status', hidden: true },
    el('span', { text: words.header.updated }),
    el('button', {
      type: 'button',
      class: 'small',
      test: 'load-anew',
      onclick: () => location.reload(),
      text: words.header.load_anew,
    }),
  );
  return {
    node,
    /** @param {string} page the tree that the server has */
    compare(page) {
      node.hidden = page === OWN_PAGE;
    },
  };
}
