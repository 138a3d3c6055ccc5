/*
 * The offer pop-ups at the bottom right: who, where from, how long, the first words, what the administrator wants to be
 * seen of the case, Accept and Reject; without those buttons the preview of what was answered for the agent.
 *
 * Invariants: the countdown follows the server's deadline, not the browser's clock; an order is given once for each
 * click; a sentence of refusal stays until it is read, also when its offer has gone.
 */
import { el, icon, list, rows, setAttribute, setText } from '../dom.js';
import { running, serverNow } from '../clock.js';
import { agentName, isTransferToMe, myOffers, offerDeadline, queueName } from '../floor.js';
import { oneLine } from '../formatting.js';
import { keyName } from '../shortcuts.js';
import { words } from '../strings.js';
import { addressText } from './contact.js';

const REFUSAL_SHOWN_MS = 8_000;
const PREVIEW_SHOWN_MS = 10_000;
/** Queues are told apart by this many colours. */
const SEGMENTS = 6;

/** @param {import('../app.js').Context} context */
export function createOffers(context) {
  const { floor, announce, attention, commands } = context;
  const { state } = floor;
  /** @type {Map<string, {key: string, sentence: string}>} */
  const refusals = new Map();
  /** @type {Set<number>} */
  const announced = new Set();
  /** @type {Map<number, import('../floor.js').Interaction>} */
  const previews = new Map();
  const offers = el('div', { class: 'offer-list' });
  const answered = el('div', { class: 'offer-list' });
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

  /** @param {number} id */
  function closePreview(id) {
    previews.delete(id);
    update();
  }

  /** The sentence for who cannot see the pop-up. @param {import('../floor.js').Interaction} one */
  function heardOffer(one) {
    const keys = ['accept', 'reject'].map((id) => commands.keyOf(id));
    const how = commands.single_keys.on && keys.every(Boolean);
    const sentence = words.offer.heard(one.contact.name, queueName(state, one.queue_id));
    return how ? `${sentence} ${words.offer.keys(keyName(keys[0]), keyName(keys[1]))}` : sentence;
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
    list(
      answered,
      previews.values(),
      (one) => one.id,
      (one) => createPreview(context, one, () => closePreview(one.id)),
    );
    for (const one of waiting) {
      if (announced.has(one.id)) continue;
      announce(heardOffer(one), 'assertive');
      attention.offered(one);
    }
    announced.clear();
    for (const one of waiting) announced.add(one.id);
  }

  /** Presses a button of the front offer. @param {'accept'|'reject'} order */
  const buttonOf = (order) =>
    /** @type {HTMLButtonElement|null} */ (offers.querySelector(`[data-test=offer-${order}]:not(:disabled)`));
  commands.add(() =>
    /** @type {const} */ (['accept', 'reject']).flatMap((id) => {
      const button = buttonOf(id);
      return button ? [{ id, detail: myOffers(state)[0]?.contact.name, run: () => button.click() }] : [];
    }),
  );

  return {
    node: el('section', { class: 'offers', 'aria-label': words.offer.region }, sentences, answered, offers),
    update,
    refuse: showRefusal,
    /** The server has answered for the agent. @param {import('../floor.js').Interaction} interaction */
    answered(interaction) {
      const { id, contact, queue_id } = interaction;
      previews.set(id, interaction);
      announce(words.offer.heard_answered(contact.name, queueName(state, queue_id)), 'assertive');
      attention.offered(interaction);
      setTimeout(() => closePreview(id), PREVIEW_SHOWN_MS);
      // Who is writing elsewhere is not torn away.
      if (state.selected_id === null && state.page === 'work') context.go(id);
    },
    /** @param {number} id @returns {boolean} whether there is such an offer */
    focus(id) {
      const offer = /** @type {HTMLElement|null} */ (offers.querySelector(`[data-interaction="${id}"]`));
      offer?.focus();
      return offer !== null;
    },
    tick() {
      for (const row of rows(offers)) row.tick?.();
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
  // A transfer is always asked for, whatever its queue does.
  const by_itself = !transfer && state.queues.find(({ id }) => id === first.queue_id)?.auto_answer === 'preview';
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
    {
      class: `offer segment-${first.queue_id % SEGMENTS}`,
      test: 'offer',
      'data-interaction': first.id,
      tabindex: '-1',
    },
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
    ...whoAndWhat(state, first, waits),
    words_first && el('blockquote', { dir: 'auto', text: oneLine(words_first) }),
    el('div', { class: 'offer-buttons' }, accept, (transfer || state.settings.reject_allowed) && reject),
    el('div', { class: 'bar-place' }, bar),
  );
  node.setAttribute('aria-label', words.offer.heard(first.contact.name, queueName(state, first.queue_id)));

  function tick() {
    const left_ms = deadline - serverNow();
    setText(waits, words.offer.waiting(running(serverNow() - first.queued_at)));
    left.hidden = bar.hidden = deadline === Number.MAX_SAFE_INTEGER;
    const left_s = Math.max(0, Math.round(left_ms / 1000));
    setText(left, by_itself ? words.offer.opens_in(left_s) : words.offer.seconds_left(left_s));
    setAttribute(node, 'data-urgent', left_ms < 10_000);
    bar.style.setProperty('--part', String(Math.min(1, Math.max(0, (left_ms - 1000) / span_ms))));
  }

  tick();
  return { node, tick };
}

/**
 * Who it is, from where, and the case data that the administrator has chosen for the pop-up.
 * @param {import('../floor.js').State} state
 * @param {import('../floor.js').Interaction} first
 * @param {Node|false} waits
 * @returns {(Node|false|null|undefined)[]}
 */
function whoAndWhat(state, first, waits) {
  const { contact } = first;
  const channel = state.channels.find((one) => one.id === first.channel_id);
  const case_data = shownCaseData(state, first);
  return [
    el('h3', { dir: 'auto', text: contact.name || addressText(contact) }),
    el('p', { class: 'offer-number', dir: 'ltr', text: addressText(contact) }),
    el(
      'p',
      { class: 'offer-facts' },
      el('span', { class: 'segment', text: queueName(state, first.queue_id) }),
      channel && el('span', { text: channel.name }),
      waits,
      first.priority > 0 && el('span', { text: words.offer.priority(first.priority) }),
    ),
    (contact.tags?.length ?? 0) > 0 &&
      el('p', { class: 'offer-tags' }, ...(contact.tags ?? []).map((tag) => el('span', { dir: 'auto', text: tag }))),
    case_data.length > 0 &&
      el(
        'dl',
        { class: 'offer-case' },
        ...case_data.map(([label, value]) =>
          el('div', {}, el('dt', { dir: 'auto', text: label }), el('dd', { dir: 'auto', text: value })),
        ),
      ),
  ];
}

/**
 * @param {import('../floor.js').State} state
 * @param {import('../floor.js').Interaction} interaction
 * @returns {[string, string][]} label and value
 */
function shownCaseData(state, { case_data = [] }) {
  return state.case_keys.flatMap(({ key, label, on_offer }) => {
    const value = on_offer && case_data.find((one) => one.key === key)?.value;
    return value ? [/** @type {[string, string]} */ ([label, value])] : [];
  });
}

/**
 * What was answered for the agent: nothing is left to decide, so it goes by itself.
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} interaction
 * @param {() => void} close
 */
function createPreview({ floor, go }, interaction, close) {
  const { state } = floor;
  const { id, contact, queue_id, last_message } = interaction;
  return {
    node: el(
      'article',
      {
        class: `offer preview segment-${queue_id % SEGMENTS}`,
        test: 'offer-preview',
        'data-interaction': id,
        'aria-label': words.offer.heard_answered(contact.name, queueName(state, queue_id)),
      },
      el(
        'div',
        { class: 'offer-head' },
        icon('check'),
        el('span', { class: 'offer-kind', text: words.offer.answered }),
        el(
          'button',
          {
            type: 'button',
            class: 'quiet small left',
            test: 'offer-show',
            onclick() {
              close();
              go(id, true);
            },
          },
          words.offer.show,
        ),
      ),
      ...whoAndWhat(state, interaction, false),
      last_message && el('blockquote', { dir: 'auto', text: oneLine(last_message.content.text) }),
    ),
  };
}
