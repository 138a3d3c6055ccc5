/*
 * The service worker, where the context is secure: it makes the page installable, start without a network, and show
 * notifications.
 */

export function installWorker() {
  // On plain HTTP in a local network there is none; everything else works without it.
  navigator.serviceWorker?.register('/service-worker.js', { updateViaCache: 'none' }).catch(() => {});
}
