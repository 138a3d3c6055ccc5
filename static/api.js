/*
 * The HTTP contract seen from the page: one function to call the server, two kinds of failure, the client key.
 *
 * Apart so that no view builds a request. Invariant: a failure is either a `Problem` (the server answered, its sentence
 * is meant for the person) or `Unreachable` (nobody knows whether the request arrived).
 */
import { words } from './strings.js';

const TIMEOUT_MS = 20_000;
/** An answer that takes longer than this makes one wonder about the connection. */
const SLOW_MS = 500;

/** The server refused; `message` is its sentence for the person. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} sentence
   * @param {number|null} retry_after_ms
   * @param {any} answer the whole problem: some codes carry ids that lead on
   */
  constructor(status, code, sentence, retry_after_ms, answer = null) {
    super(sentence);
    this.answer = answer;
    this.status = status;
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }

  /** Asking again later with the same client key may succeed. */
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer: the network, the server or the time ran out. */
export class Unreachable extends Error {
  constructor() {
    super(words.unreachable);
  }
}

/** Called when the server no longer knows this browser; set once by the start. */
let on_sign_in_required = () => {};

/** @param {() => void} listener */
export function whenSignInRequired(listener) {
  on_sign_in_required = listener;
}

/** Called when an answer is slow or does not come. */
let on_slow = () => {};

/** @param {() => void} listener */
export function whenSlow(listener) {
  on_slow = listener;
}

/**
 * @param {'GET'|'POST'|'PUT'|'DELETE'} method
 * @param {string} path
 * @param {object} [body] sent as JSON; unsafe methods always send one
 * @returns {Promise<any>} the decoded answer, null when it is empty
 */
export async function request(method, path, body) {
  const headers = new Headers({ accept: 'application/json' });
  if (method !== 'GET') headers.set('content-type', 'application/json');
  const slow = setTimeout(on_slow, SLOW_MS);
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch {
    on_slow();
    throw new Unreachable();
  } finally {
    clearTimeout(slow);
  }
  const answer = decode(text);
  if (response.ok) return answer;
  const code = answer?.code ?? 'unknown';
  const seconds = Number(response.headers.get('retry-after'));
  if (code === 'sign_in_required') on_sign_in_required();
  throw new Problem(
    response.status,
    code,
    answer?.detail ?? answer?.title ?? words.refused(response.status),
    seconds > 0 ? seconds * 1000 : null,
    answer,
  );
}

/** @param {string} text */
function decode(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * A key that names one act of sending; the server sends once for each key. `crypto.randomUUID` is absent on plain HTTP
 * in a local network, `getRandomValues` is not.
 */
export function newClientKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
