/*
 * The offer pop-ups at the bottom right: who, where from, how long, the first words, Accept and Reject.
 *
 * Invariants: the countdown follows the server's deadline, not the browser's clock; an order is given once for each
 * click; a sentence of refusal stays until it is read, also when its offer has gone.
 */
import { el, icon, list, rows, setAttribute, setText } from '../dom.js';
import { running, serverNow } from '../clock.js';
import { agentName, isTransferToMe, myOffers, offerDeadline, queueName } from '../floor.js';
import { oneLine } from '../formatting.js';
import { words } from '../strings.js';
import { addressText } from './contact.js';

const REFUSAL_SHOWN_MS = 8_000;

/** @param {import('../app.js').Context} context */
export function createOffers(context) {
  const { floor, announce } = context;
  const { state } = floor;
  /** @type {Map<string, {key: string, sentence: string}>} */
  const refusals = new Map();
  /** @type {Set<number>} */
  const announced = new Set();
  const offers = el('div', { class: 'offer-list' });
  const sentences = el('div', { class: 'offer-refusals', role: 'alert' });

  /** @param {string} sentence */
  function showRefusal(sentence) {
    const key = `${Date.now()} ${sentence}`;
    refusals.set(key, { key, sentence });
    setTimeout(() => closeRefusal(key), REFUSAL_SHOWN_MS);
    update();
  }

  /** @param {string} key */
  function closeRefusal(key) {
    refusals.delete(key);
    update();
  }

  function update() {
    const waiting = myOffers(state);
    list(
      offers,
      waiting,
      (one) => `${one.id} ${offerDeadline(one)}`,
      (one) => createOffer(context, one, showRefusal),
    );
    list(
      sentences,
      refusals.values(),
      (one) => one.key,
      ({ key, sentence }) => ({
        node: el(
          'div',
          { class: 'refusal' },
          el('p', { text: sentence }),
          el(
            'button',
            { class: 'quiet small', type: 'button', 'aria-label': words.close, onclick: () => closeRefusal(key) },
            icon('close'),
          ),
        ),
      }),
    );
    for (const one of waiting)
      if (!announced.has(one.id))
        announce(words.offer.heard(one.contact.name, queueName(state, one.queue_id)), 'assertive');
    announced.clear();
    for (const one of waiting) announced.add(one.id);
  }

  return {
    node: el('section', { class: 'offers', 'aria-label': words.offer.region }, sentences, offers),
    update,
    tick() {
      for (const row of rows(offers)) row.tick?.();
    },
    /** For the keys: the front offer. @param {'accept'|'reject'} order */
    press(order) {
      /** @type {HTMLButtonElement|null} */ (
        offers.querySelector(`[data-test=offer-${order}]:not(:disabled)`)
      )?.click();
    },
  };
}

/**
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} first
 * @param {(sentence: string) => void} showRefusal
 */
function createOffer({ floor, actions, go }, first, showRefusal) {
  const { state } = floor;
  const transfer = isTransferToMe(state, first);
  const deadline = offerDeadline(first);
  const span_ms = Math.max(1, deadline - serverNow());
  const left = el('span', { class: 'left' });
  const bar = el('span', { class: 'bar-left' });
  const waits = el('span');
  const accept = el(
    'button',
    { class: 'primary', type: 'button', test: 'offer-accept', onclick: () => give('accept') },
    words.offer.accept,
  );
  const reject = el(
    'button',
    { type: 'button', test: 'offer-reject', onclick: () => give('reject') },
    words.offer.reject,
  );
  const channel = state.channels.find((one) => one.id === first.channel_id);

  /** @param {'accept'|'reject'} what */
  async function give(what) {
    accept.disabled = reject.disabled = true;
    try {
      if (what === 'reject') await (transfer ? actions.rejectTransfer(first.id) : actions.reject(first.id));
      else {
        await (transfer ? actions.acceptTransfer(first.id) : actions.accept(first.id));
        go(first.id, true);
      }
    } catch (error) {
      showRefusal(/** @type {Error} */ (error).message);
      accept.disabled = reject.disabled = false;
    }
  }

  const words_first = transfer && first.transfer?.note ? first.transfer.note : (first.last_message?.content.text ?? '');
  const node = el(
    'article',
    { class: transfer ? 'offer transfer' : 'offer', test: 'offer', 'data-interaction': first.id },
    el(
      'div',
      { class: 'offer-head' },
      icon(transfer ? 'transfer' : 'bell'),
      el('span', {
        class: 'offer-kind',
        dir: 'auto',
        text: transfer ? words.offer.transfer_from(agentName(state, first.owner_id)) : words.offer.new_work,
      }),
      left,
    ),
    el('h3', { dir: 'auto', text: first.contact.name || addressText(first.contact) }),
    el('p', { class: 'offer-number', dir: 'ltr', text: addressText(first.contact) }),
    el(
      'p',
      { class: 'offer-facts' },
      el('span', { text: queueName(state, first.queue_id) }),
      channel && el('span', { text: channel.name }),
      waits,
      first.priority > 0 && el('span', { text: words.offer.priority(first.priority) }),
    ),
    words_first && el('blockquote', { dir: 'auto', text: oneLine(words_first) }),
    el('div', { class: 'offer-buttons' }, accept, (transfer || state.settings.reject_allowed) && reject),
    el('div', { class: 'bar-place' }, bar),
  );
  node.setAttribute('aria-label', words.offer.heard(first.contact.name, queueName(state, first.queue_id)));

  function tick() {
    const left_ms = deadline - serverNow();
    setText(waits, words.offer.waiting(running(serverNow() - first.queued_at)));
    left.hidden = bar.hidden = deadline === Number.MAX_SAFE_INTEGER;
    setText(left, words.offer.seconds_left(Math.max(0, Math.round(left_ms / 1000))));
    setAttribute(node, 'data-urgent', left_ms < 10_000);
    bar.style.setProperty('--part', String(Math.min(1, Math.max(0, (left_ms - 1000) / span_ms))));
  }

  tick();
  return { node, tick };
}
