/*
 * The live events: one EventSource for each browser, shared by its tabs.
 *
 * Apart because who holds the connection is nobody else's concern. The tab that holds the Web Lock leads: it reads the
 * stream and passes each frame on by BroadcastChannel. Where locks are missing (plain HTTP on a name of the local
 * network is no secure context) each tab reads for itself.
 *
 * Invariant: after `resume`, the changes delivered are all those after the snapshot's seq, in order. A tab listens
 * before it asks for its snapshot, holds back what arrives meanwhile, and asks anew when a new leader starts from a
 * point that this tab has not reached.
 */
import { request } from './api.js';

const RECONNECT_MS_MIN = 300;
const RECONNECT_MS_MAX = 4_000;

/**
 * @typedef {{kind: 'change', change: any} | {kind: 'status', status: 'live'|'lost'} | {kind: 'started', after: number}
 *   | {kind: 'reset'} | {kind: 'signed_out'} | {kind: 'hello'}} Frame
 */

/**
 * @param {{agent_id: number, seq: () => number, silence_ms: () => number, on_change: (change: any) => void,
 *   on_reset: () => void, on_status: (status: 'live'|'lost') => void, on_signed_out: () => void}} options
 */
export function openStream(options) {
  const name = `deskbell-stream-${options.agent_id}`;
  const shared = 'locks' in navigator && 'BroadcastChannel' in window;
  const channel = shared ? new BroadcastChannel(name) : null;
  const ended = new AbortController();
  /** @type {EventSource|null} */
  let source = null;
  let leading = false;
  let paused = true;
  let attempts = 0;
  let heard_at = Date.now();
  let started_after = 0;
  /** @type {'live'|'lost'} */
  let status = 'lost';
  /** @type {any[]} */
  let held_back = [];
  let timer = 0;

  /** @param {Frame} frame */
  function tell(frame) {
    channel?.postMessage(frame);
    receive(frame);
  }

  /** @param {Frame} frame */
  function receive(frame) {
    if (ended.signal.aborted) return;
    switch (frame.kind) {
      case 'change':
        if (paused) held_back.push(frame.change);
        else options.on_change(frame.change);
        return;
      case 'status':
        status = frame.status;
        options.on_status(status);
        return;
      case 'started':
        started_after = frame.after;
        if (!paused && options.seq() < started_after) startAnew();
        return;
      case 'reset':
        startAnew();
        return;
      case 'signed_out':
        options.on_signed_out();
        return;
      case 'hello':
        if (leading) channel?.postMessage({ kind: 'status', status });
    }
  }

  function startAnew() {
    paused = true;
    held_back = [];
    options.on_reset();
  }

  function connect() {
    clearTimeout(timer);
    if (!leading || paused || source || ended.signal.aborted) return;
    const after = options.seq();
    source = new EventSource(`/api/events?after=${after}`);
    heard_at = Date.now();
    source.onopen = () => {
      attempts = 0;
      tell({ kind: 'started', after });
      tell({ kind: 'status', status: 'live' });
    };
    source.onerror = lose;
    source.addEventListener('change', (event) => {
      heard_at = Date.now();
      tell({ kind: 'change', change: JSON.parse(event.data) });
    });
    source.addEventListener('reset', () => {
      disconnect();
      tell({ kind: 'reset' });
    });
    source.addEventListener('bye', (event) => {
      if (JSON.parse(event.data).reason === 'signed_out') {
        disconnect();
        tell({ kind: 'signed_out' });
      } else lose();
    });
  }

  function disconnect() {
    source?.close();
    source = null;
  }

  function lose() {
    disconnect();
    tell({ kind: 'status', status: 'lost' });
    // An EventSource hides the status of a refusal; this call notices that the sign-in has ended.
    if (attempts > 0) request('GET', '/api/me').catch(() => {});
    const wait_ms = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_MIN * 2 ** attempts) * (0.75 + Math.random() / 2);
    attempts += 1;
    clearTimeout(timer);
    timer = setTimeout(connect, wait_ms);
  }

  /** A half-open connection says nothing for ever, and heart-beats are not visible here: ask when it is too quiet. */
  async function listenForSilence() {
    if (!source || Date.now() - heard_at < options.silence_ms()) return;
    heard_at = Date.now();
    const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (!answer && source) lose();
  }

  function lead() {
    leading = true;
    connect();
    const quiet = setInterval(listenForSilence, 5_000);
    addEventListener('online', connect, { signal: ended.signal });
    addEventListener('offline', () => source && lose(), { signal: ended.signal });
    return new Promise((release) => {
      ended.signal.addEventListener('abort', () => {
        clearInterval(quiet);
        clearTimeout(timer);
        disconnect();
        release(undefined);
      });
    });
  }

  if (channel) {
    channel.onmessage = (event) => receive(event.data);
    channel.postMessage({ kind: 'hello' });
    navigator.locks.request(name, { signal: ended.signal }, lead).catch(() => {});
  } else lead();

  return {
    /** The snapshot is in the floor: deliver what was held back, then go on live. */
    resume() {
      if (options.seq() < started_after) return startAnew();
      paused = false;
      for (const change of held_back) options.on_change(change);
      held_back = [];
      connect();
    },
    /** Do not wait for the next attempt. */
    hurry: connect,
    close() {
      ended.abort();
      channel?.close();
    },
  };
}
