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
 *
 * A connection can die without a word. So the server beats; when a beat is overdue, or an answer of the API is slow, one
 * quick question tells whether it still lives.
 */
import { request } from './api.js';

const RECONNECT_MS_MIN = 300;
const RECONNECT_MS_MAX = 4_000;
/** A beat may be late by this much, and a living server answers the quick question within this time. */
const BEAT_LATE_MS = 1_000;
const PROBE_MS_MAX = 800;
/** How often a question is worth asking where no beats are heard. */
const PROBE_EACH_MS = 5_000;
const WATCH_EACH_MS = 500;

/**
 * @typedef {{kind: 'change', change: any} | {kind: 'status', status: 'live'|'lost'} | {kind: 'started', after: number}
 *   | {kind: 'reset'} | {kind: 'signed_out'} | {kind: 'hello'} | {kind: 'page', page: string}
 *   | {kind: 'beat'} | {kind: 'suspect'}} Frame
 */

/**
 * @param {{agent_id: number, seq: () => number, beat_ms: () => number, on_change: (change: any) => void,
 *   on_reset: () => void, on_status: (status: 'live'|'lost') => void, on_page: (page: string) => void,
 *   on_signed_out: () => void}} options
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
  /** Whether the server's beats can be heard: an older one sends them as comments. */
  let beats = false;
  let probing = false;
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
    heard_at = Date.now();
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
      case 'page':
        options.on_page(frame.page);
        return;
      case 'beat':
        beats = true;
        return;
      case 'suspect':
        if (leading) probe();
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
      tell({ kind: 'change', change: JSON.parse(event.data) });
    });
    source.addEventListener('page', (event) => tell({ kind: 'page', page: JSON.parse(event.data).page }));
    source.addEventListener('beat', () => tell({ kind: 'beat' }));
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

  /** Too quiet? Then ask; when two beats are missing, the stream is dead whatever the answer is. */
  function watch() {
    const silence_ms = Date.now() - heard_at;
    const beat_ms = options.beat_ms();
    if (!leading) {
      // A browser may freeze the tab that leads. One that a person looks at takes over.
      if (!beats || silence_ms < 3 * beat_ms || status === 'lost' || document.visibilityState !== 'visible') return;
      receive({ kind: 'status', status: 'lost' });
      return lead(true);
    }
    if (!source) return;
    if (beats && silence_ms > 2 * beat_ms + BEAT_LATE_MS) lose();
    else if (silence_ms > (beats ? beat_ms + BEAT_LATE_MS : PROBE_EACH_MS)) probe();
  }

  async function probe() {
    if (!source || probing) return;
    const asked = source;
    probing = true;
    const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS_MAX) }).catch(
      () => null,
    );
    probing = false;
    if (!beats) heard_at = Date.now();
    if (!answer?.ok && source === asked) lose();
  }

  function suspect() {
    if (leading) probe();
    else channel?.postMessage({ kind: 'suspect' });
  }

  /** Waits for its turn to lead, or takes it. @param {boolean} steal */
  function lead(steal) {
    if (!channel) return take();
    const how = steal ? { steal } : { signal: ended.signal };
    navigator.locks.request(name, how, take).catch(() => {
      // Another tab took over while this one was frozen: it queues up again.
      leading = false;
      disconnect();
      if (!ended.signal.aborted) lead(false);
    });
  }

  function take() {
    leading = true;
    heard_at = Date.now();
    connect();
    return new Promise((release) => {
      ended.signal.addEventListener('abort', () => {
        leading = false;
        clearTimeout(timer);
        disconnect();
        release(undefined);
      });
    });
  }

  if (channel) {
    channel.onmessage = (event) => receive(event.data);
    channel.postMessage({ kind: 'hello' });
  }
  lead(false);
  const watching = setInterval(watch, WATCH_EACH_MS);
  ended.signal.addEventListener('abort', () => clearInterval(watching));
  addEventListener('online', connect, { signal: ended.signal });
  addEventListener('offline', () => leading && source && lose(), { signal: ended.signal });
  document.addEventListener('visibilitychange', watch, { signal: ended.signal });

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
    /** Something makes one wonder whether the connection lives. */
    suspect,
    /** Whether this tab speaks for all tabs of this browser. */
    leads: () => leading,
    close() {
      ended.abort();
      channel?.close();
    },
  };
}
