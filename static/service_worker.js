/*
 * The service worker: the page's own files without a network, and the click on a notification.
 *
 * It is served from `/` with the hash of the tree in this text, so that each release is another worker. Invariants:
 * `index.html` comes from the network whenever there is one, so no release can be trapped by an older one; only files
 * under the hash are kept, never an answer of the API; what an older release kept is thrown away.
 */
const ASSETS = '/assets/';
const CACHE = `deskbell ${ASSETS}`;
/** A server that does not answer the page within this time is as good as gone. */
const PAGE_MS_MAX = 4_000;

const worker = /** @type {any} */ (self);

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(keepAll());
  worker.skipWaiting();
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(throwAwayOld());
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && pathname === '/') event.respondWith(page(request));
  else if (pathname.startsWith(ASSETS)) event.respondWith(file(request));
});

worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.interaction_id));
});

/** The page, the files that it names, and the words in each of its languages. */
async function keepAll() {
  const answer = await fetch('/', { cache: 'no-store' });
  const text = await answer.clone().text();
  const named = [...text.matchAll(/"(\/assets\/[^"]+)"/gu)].map((found) => found[1]);
  const languages = /data-languages="([^"]+)"/u.exec(text)?.[1].split(' ') ?? [];
  const cache = await caches.open(CACHE);
  await cache.put('/', answer);
  await cache.addAll([...new Set(named), ...languages.map((language) => `${ASSETS}strings/${language}.js`)]);
}

async function throwAwayOld() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await worker.clients.claim();
}

/** @param {Request} request */
async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PAGE_MS_MAX) });
  } catch {
    return (await caches.match('/')) ?? Response.error();
  }
}

/** Under a hash nothing ever changes. @param {Request} request */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** To the tab that is open, or a new one. @param {number} interaction_id */
async function show(interaction_id) {
  const tabs = await worker.clients.matchAll({ type: 'window' });
  const tab = tabs.find((/** @type {any} */ one) => one.visibilityState === 'visible') ?? tabs[0];
  if (!tab) return worker.clients.openWindow(`/#/interaction/${interaction_id}`);
  await tab.focus();
  tab.postMessage({ kind: 'notice_clicked', interaction_id });
}
