/*
 * The connection test of a number: what Meta says when it is asked, and whether its webhooks arrive; each step with the way
 * to mend it.
 *
 * Apart from the number's form because it lives: after the questions it watches for a message. Invariant: it watches only
 * while it is on the page, and for a bounded time.
 */
import { request } from '../api.js';
import { moment } from '../clock.js';
import { el, setText } from '../dom.js';
import { action, state } from './parts.js';
import { words } from './strings.js';

/** A message from a phone is here within this time, or something is wrong. */
const WATCH_MS = 60_000;
const LOOK_EVERY_MS = 1_500;

/** @typedef {{now: number, heard_at: number|null, greeted_at: number|null, token_refused_at: number|null,
 *   signature_refused_at: number|null}} Arrivals */
/** @typedef {{subject: string, outcome: 'good'|'bad'|'open', found: string, way_out: string}} Step */

/** @param {{id: number}} channel */
export function createConnectionTest(channel) {
  const texts = words.connection;
  const address = `/api/administration/channels/${channel.id}`;
  const list = el('ol', { class: 'checks' });
  const summary = el('p', { role: 'status', test: 'test-summary' });
  let run = 0;

  async function test() {
    const own = ++run;
    list.replaceChildren();
    setText(summary, texts.asking);
    /** @type {{steps: Step[], arrivals: Arrivals}} */
    const { steps, arrivals } = await request('POST', `${address}/test`).catch((error) => {
      setText(summary, '');
      throw error;
    });
    const bad = steps.filter(({ outcome }) => outcome === 'bad').length;
    setText(summary, bad > 0 ? texts.wrong(bad) : texts.right);
    const webhook = el('li', { test: 'test-step-webhook' });
    list.replaceChildren(...steps.map(drawStep), webhook);
    watch(own, webhook, arrivals);
  }

  /** @param {Step} step */
  function drawStep({ subject, outcome, found, way_out }) {
    const subscribe =
      subject === 'subscription' &&
      outcome === 'bad' &&
      action({
        test: 'test-subscribe',
        text: texts.subscribe,
        async run() {
          await request('POST', `${address}/subscription`);
          await test();
        },
      });
    return el('li', { test: `test-step-${subject}`, 'data-outcome': outcome }, ...content(subject, outcome, found, way_out), subscribe);
  }

  /** @param {string} subject @param {'good'|'bad'|'open'} outcome @param {string} found @param {string} way_out */
  const content = (subject, outcome, found, way_out) => [
    state(outcome, `${texts.steps[/** @type {'token'} */ (subject)]}: ${texts.outcomes[outcome]}`),
    found && el('p', { text: found }),
    way_out && el('p', { class: 'way-out', text: way_out }),
  ];

  /** What came before the test says that the way was open; a message that comes now, that it is. @param {number} own @param {HTMLElement} node @param {Arrivals} first */
  async function watch(own, node, first) {
    /** @param {'good'|'bad'|'open'} outcome @param {string} found @param {string} [way_out] */
    const show = (outcome, found, way_out = '') => {
      node.dataset.outcome = outcome;
      node.replaceChildren(.../** @type {Node[]} */ (content('webhook', outcome, found, way_out).filter(Boolean)));
    };
    const begun = Date.now();
    const before = first.heard_at;
    show('open', before === null ? texts.write_now : texts.heard_before(moment(before)), before === null ? texts.write_how : '');
    for (let left = WATCH_MS; left > 0; left = WATCH_MS - (Date.now() - begun)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      if (own !== run || !node.isConnected) return;
      /** @type {Arrivals|null} */
      const arrivals = await request('GET', `${address}/arrivals`).catch(() => null);
      if (own !== run || !arrivals) continue;
      if (arrivals.heard_at !== null && arrivals.heard_at !== before)
        return show('good', texts.heard(moment(arrivals.heard_at)));
      const reason = whyNot(arrivals, first);
      if (reason) show('bad', ...reason);
    }
    if (own !== run) return;
    if (before !== null) show('good', texts.heard(moment(before)));
    else if (node.dataset.outcome === 'open') show('bad', texts.nothing, texts.nothing_way_out);
  }

  /** What was turned away since the test began, or before it when nothing else has come. @param {Arrivals} now @param {Arrivals} first @returns {[string, string]|null} */
  function whyNot(now, first) {
    const fresh = (/** @type {'token_refused_at'|'signature_refused_at'} */ name) =>
      now[name] !== null && (now[name] !== first[name] || first.heard_at === null);
    if (fresh('signature_refused_at')) return [texts.signature_refused, texts.signature_way_out];
    if (fresh('token_refused_at') && (now.greeted_at ?? 0) < (now.token_refused_at ?? 0))
      return [texts.token_refused, texts.token_way_out];
    return null;
  }

  return el(
    'section',
    { class: 'card', 'aria-labelledby': 'test-heading' },
    el('h3', { id: 'test-heading', text: texts.heading }),
    el('p', { class: 'hint', text: texts.hint }),
    action({ test: 'test-run', text: texts.run, run: test }),
    summary,
    list,
  );
}
