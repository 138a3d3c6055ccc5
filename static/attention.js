/*
 * How the page calls for a person who looks elsewhere: the bell, desktop notifications, and the number of things that
 * wait, which stands in the title, on the icon of the tab and on the icon of the installed app.
 */
import { openChime } from './chime.js';
import { myOffers } from './floor.js';
import { openNotices } from './notices.js';
import { words } from './strings.js';

/** There is an icon for each number up to here, and one for more. */
const NUMBERED_MAX = 9;

/**
 * @param {{floor: import('./floor.js').Floor, agent_id: number, preferences: import('./preferences.js').Preferences,
 *   leads: () => boolean, open: (interaction_id: number) => void, signal: AbortSignal}} options
 */
export function openAttention(options) {
  const { floor, agent_id, preferences, signal } = options;
  const { state } = floor;
  const chime = openChime(preferences, signal);
  const notices = openNotices(options);
  signal.addEventListener('abort', () => showNews(0));
  return {
    /** Rings once, to be heard. */
    tryBell: chime.sound,
    /** @param {import('./floor.js').Interaction} offer */
    offered(offer) {
      chime.ring(`offer ${offer.id}`);
      notices.offered(offer);
    },
    update() {
      const mine = [...state.interactions.values()].filter((one) => one.owner_id === agent_id);
      showNews(mine.reduce((sum, one) => sum + one.unread, 0) + myOffers(state).length);
      notices.update();
    },
  };
}

/** @typedef {ReturnType<typeof openAttention>} Attention */

/** @param {number} news */
function showNews(news) {
  document.title = words.title(news);
  const name = news === 0 ? 'favicon' : `favicon-${news > NUMBERED_MAX ? 'more' : news}`;
  const href = new URL(`${name}.svg`, import.meta.url).href;
  const icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=icon]'));
  if (icon.href === href) return;
  icon.href = href;
  if ('setAppBadge' in navigator) navigator.setAppBadge(news).catch(() => {});
}
