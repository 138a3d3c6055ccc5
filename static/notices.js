/*
 * Desktop notifications: an offer while nobody looks at Deskbell, a contact's message while no tab of it is visible.
 *
 * Apart because they live outside the page. They are shown by the service worker's registration, the one way that works
 * on desks and phones alike. Invariants: asked for by a click only; of all tabs of this browser the one that leads the
 * stream shows them; what is over is taken away.
 */
import { isTransferToMe, agentName, myOffers, queueName } from './floor.js';
import { oneLine } from './formatting.js';
import { words } from './strings.js';

/** How long the other tabs have to say that a person is looking at one of them. */
const LOOKING_MS = 150;
const WORDS_CHARS_MAX = 140;

/** They need a secure context. */
export const noticesPossible = () => 'Notification' in window && 'serviceWorker' in navigator;

/** @param {import('./preferences.js').Preferences} preferences */
export const noticesOn = (preferences) =>
  noticesPossible() && Notification.permission === 'granted' && preferences.get('notifications') === 'on';

/**
 * Switches them on, which asks the person, or off.
 * @param {import('./preferences.js').Preferences} preferences
 * @param {boolean} on
 * @returns {Promise<boolean>} whether they are on now
 */
export async function switchNotices(preferences, on) {
  if (on && noticesPossible()) await Notification.requestPermission();
  preferences.set('notifications', on ? 'on' : '');
  return noticesOn(preferences);
}

/**
 * @param {{floor: import('./floor.js').Floor, agent_id: number, preferences: import('./preferences.js').Preferences,
 *   leads: () => boolean, open: (interaction_id: number) => void, signal: AbortSignal}} options
 */
export function openNotices({ floor, agent_id, preferences, leads, open, signal }) {
  const { state } = floor;
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(`deskbell-looking-${agent_id}`) : null;
  /** Notices that are shown or about to be, by tag. @type {Set<string>} */
  const shown = new Set();
  /** @type {Map<number, number>|null} interaction to its newest message; null before the first look */
  let newest_before = null;
  let looked_at = { focused: 0, visible: 0 };

  if (channel) {
    channel.onmessage = ({ data }) => {
      if (data !== 'who') looked_at = { ...looked_at, [data]: Date.now() };
      else {
        if (document.hasFocus()) channel.postMessage('focused');
        if (document.visibilityState === 'visible') channel.postMessage('visible');
      }
    };
  }
  signal.addEventListener('abort', () => {
    channel?.close();
    for (const tag of shown) takeAway(tag);
  });
  if (noticesPossible()) {
    navigator.serviceWorker.addEventListener(
      'message',
      ({ data }) => data?.kind === 'notice_clicked' && open(data.interaction_id),
      { signal },
    );
  }

  /** Whether a person looks at this or another tab. @param {'focused'|'visible'} how */
  async function somebodyLooks(how) {
    if (how === 'focused' ? document.hasFocus() : document.visibilityState === 'visible') return true;
    const asked_at = Date.now();
    channel?.postMessage('who');
    await new Promise((resolve) => setTimeout(resolve, LOOKING_MS));
    return looked_at[how] >= asked_at;
  }

  /**
   * @param {string} tag
   * @param {'focused'|'visible'} unless
   * @param {{title: string, body: string, interaction_id: number, stays: boolean}} notice
   */
  async function show(tag, unless, { title, body, interaction_id, stays }) {
    if (!noticesOn(preferences) || !leads()) return;
    shown.add(tag);
    if (await somebodyLooks(unless)) return shown.delete(tag);
    const registration = await navigator.serviceWorker.getRegistration();
    // It may have gone while we asked.
    if (!shown.has(tag) || !registration) return;
    await registration.showNotification(title, {
      tag,
      body: body.length > WORDS_CHARS_MAX ? `${body.slice(0, WORDS_CHARS_MAX)}\u2026` : body,
      icon: new URL('icon-192.png', import.meta.url).href,
      lang: document.documentElement.lang,
      requireInteraction: stays,
      data: { interaction_id },
    });
    if (!shown.has(tag)) takeAway(tag);
  }

  /** @param {string} tag */
  async function takeAway(tag) {
    shown.delete(tag);
    const registration = await navigator.serviceWorker.getRegistration();
    for (const notice of (await registration?.getNotifications({ tag })) ?? []) notice.close();
  }

  const tagOf = {
    offer: (/** @type {number} */ id) => `offer-${id}`,
    news: (/** @type {number} */ id) => `news-${id}`,
  };

  return {
    /** @param {import('./floor.js').Interaction} offer */
    offered(offer) {
      const from = isTransferToMe(state, offer)
        ? words.offer.transfer_from(agentName(state, offer.owner_id))
        : words.offer.new_work;
      show(tagOf.offer(offer.id), 'focused', {
        title: `${from}: ${offer.contact.name || queueName(state, offer.queue_id)}`,
        body: oneLine(offer.transfer?.note || (offer.last_message?.content.text ?? '')),
        interaction_id: offer.id,
        stays: true,
      });
    },
    /** Looks for new messages, and for what is over. */
    update() {
      const mine = [...state.interactions.values()].filter((one) => one.owner_id === agent_id);
      const newest = new Map(mine.map((one) => [one.id, one.last_message?.id ?? 0]));
      const wanted = new Set(myOffers(state).map((one) => tagOf.offer(one.id)));
      for (const one of mine) {
        if (one.unread > 0) wanted.add(tagOf.news(one.id));
        const before = newest_before?.get(one.id);
        const message = one.last_message;
        if (before === undefined || !message || (message.id ?? 0) <= before || message.author.kind !== 'contact')
          continue;
        show(tagOf.news(one.id), 'visible', {
          title: one.contact.name || queueName(state, one.queue_id),
          body: oneLine(message.content.text),
          interaction_id: one.id,
          stays: false,
        });
      }
      newest_before = newest;
      for (const tag of shown) if (!wanted.has(tag)) takeAway(tag);
    },
  };
}
