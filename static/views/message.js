/*
 * One entry of the transcript: a bubble with its words, time, ticks and, when sending went wrong, the reason and the way
 * on.
 *
 * Apart from the transcript, which decides about order and scroll. Invariant: a delivery state is told by a shape and by
 * words for screen readers, never by colour alone.
 */
import { el, heard, icon, setAttribute, setText } from '../dom.js';
import { moment, timeOfDay } from '../clock.js';
import { agentName } from '../floor.js';
import { formatted } from '../formatting.js';
import { words } from '../strings.js';
import { mediaContent } from './media.js';
import { objectContent } from './objects.js';
import { quotedExcerpt } from './quote.js';
import { createMessageTools } from './reactions.js';
import { templateContent } from './templates.js';

/** @typedef {import('../floor.js').Message} Message */
/** @typedef {{key: string, message: Message, first: boolean, waiting: boolean}} Entry `waiting`: the server has not taken it yet */

const TICKS = /** @type {const} */ ({
  queued: 'clock',
  sent: 'tick',
  delivered: 'ticks',
  read: 'ticks',
  played: 'ticks',
  failed: 'failed',
  unconfirmed: 'unconfirmed',
});

/**
 * @param {import('../app.js').Context} context
 * @param {Entry} entry
 * @param {{contact_name: () => string, may_act: () => boolean}} options what is read only offers nothing to do
 */
export function createMessage(context, entry, options) {
  const { state } = context.floor;
  const { author } = entry.message;
  const body = el('div', { class: 'body' });
  const sender = el('span', { class: 'sender', dir: 'auto' });
  const time = el('time');
  const tick = el('span', { class: 'tick' });
  // Outside the bubble, where it would decide about the direction of the words.
  const said = heard('');
  const revised = el('em', { test: 'message-revised' });
  const trouble = el('div', { class: 'send-trouble', hidden: true });
  const quoted = el('div', { class: 'quoted', hidden: true });
  const { reactions, tools, update: showTools } = createMessageTools(context, options);
  const bubble = el(
    'div',
    { class: 'bubble', dir: 'auto' },
    quoted,
    body,
    el('span', { class: 'meta', dir: 'ltr' }, revised, time, tick),
  );
  const node = el(
    'li',
    {
      class: `message from-${author.kind}`,
      test: 'message',
      // What happened to the interaction, seen by the team alone.
      'data-notice': entry.message.content.kind === 'notice',
      'data-internal': entry.message.content.kind === 'internal',
    },
    sender,
    said,
    bubble,
    reactions,
    tools,
    trouble,
  );
  /** @type {Message|null} */
  let shown = null;

  function senderName() {
    if (author.kind === 'contact') return options.contact_name();
    if (author.kind === 'business_app') return words.transcript.phone_app;
    if (author.kind === 'agent' && author.agent_id === state.me?.id) return words.transcript.you;
    return author.kind === 'agent' ? agentName(state, author.agent_id) : words.product;
  }

  /** @param {Message} message */
  function draw(message) {
    setAttribute(node, 'data-message', message.id ?? message.client_key);
    setAttribute(node, 'data-delivery', message.delivery);
    if (
      shown?.content.text !== message.content.text ||
      shown.content.kind !== message.content.kind ||
      shown.content.state !== message.content.state
    )
      body.replaceChildren(...originOf(message), ...contentOf(message, context));
    if (shown?.quoted?.id !== message.quoted?.id) {
      quoted.hidden = !message.quoted;
      quoted.replaceChildren(
        ...(message.quoted ? [quotedExcerpt(context.floor.state, message.quoted, options.contact_name())] : []),
      );
    }
    if (shown?.at !== message.at) {
      setText(time, timeOfDay(message.at));
      time.title = moment(message.at);
      time.dateTime = new Date(message.at).toISOString();
    }
    if (shown?.delivery !== message.delivery)
      tick.replaceChildren(
        ...(message.delivery ? [icon(TICKS[message.delivery]), heard(words.delivery[message.delivery])] : []),
      );
    shown = message;
  }

  return {
    node,
    /** @param {Entry} news */
    update({ message, first, waiting }) {
      if (message !== shown) draw(message);
      setAttribute(node, 'data-first', first);
      const name = senderName();
      sender.hidden = !first || author.kind === 'system';
      setText(sender, name);
      setText(said, words.transcript.said(name, timeOfDay(message.at)));
      const how = state.revised.get(message.id ?? 0) ?? message.revised;
      setText(revised, how ? words.transcript.revised[how] : '');
      showTools(message);
      showTrouble(context, trouble, message, waiting, options.may_act());
    },
  };
}

/** Where it comes from, where it was not simply written. @param {Message} message @returns {Node[]} */
function originOf({ origin }) {
  if (!origin) return [];
  const { forwarded, referral, product } = origin;
  const { headline, body, url } = referral ?? {};
  const lines = [
    forwarded && words.transcript.forwarded[forwarded],
    referral && [words.transcript.from_ad, headline, body].filter(Boolean).join(' \u00b7 '),
    product && words.transcript.about_product(product),
  ];
  return [
    ...lines.filter(Boolean).map((line) => el('div', { class: 'hint origin', dir: 'auto', text: line })),
    ...(url ? [el('a', { class: 'hint', href: url, target: '_blank', rel: 'noopener noreferrer', text: url })] : []),
  ];
}

/** @param {Message} message @param {import('../app.js').Context} context @returns {Node[]} */
function contentOf(message, context) {
  const { author, content } = message;
  const { state } = context.floor;
  if (content.kind === 'notice')
    return [el('span', { text: words.transcript.notice(content.text, agentName(state, content.agent_id)) })];
  if (content.kind === 'internal')
    return [
      el('span', { class: 'kind' }, icon('lock'), el('span', { text: words.transcript.internal })),
      ...formatted(content.text),
    ];
  if (content.kind === 'media') return mediaContent(context, message);
  if (content.kind === 'template') return templateContent(content);
  if (content.kind === 'text' || author.kind === 'system') return formatted(content.text);
  const detail = objectContent(content);
  if (detail) return detail;
  const kind = words.transcript.kinds[/** @type {'image'} */ (content.type)] ?? words.transcript.other_kind;
  return [el('span', { class: 'kind', text: kind }), ...formatted(content.text)];
}

/**
 * @param {import('../app.js').Context} context
 * @param {HTMLElement} place
 * @param {Message} message
 * @param {boolean} waiting
 * @param {boolean} may_act
 */
function showTrouble(context, place, message, waiting, may_act) {
  const { delivery, id } = message;
  const resent = id !== null && (Boolean(message.resent_as_id) || context.floor.state.resent.has(id));
  const drawing =
    delivery === 'failed' || delivery === 'unconfirmed'
      ? `${delivery} ${resent} ${may_act} ${message.failure?.detail}`
      : '';
  if (place.dataset.drawing === drawing) return;
  place.dataset.drawing = drawing;
  place.hidden = drawing === '';
  if (delivery !== 'failed' && delivery !== 'unconfirmed') return place.replaceChildren();
  const refusal = el('p', { class: 'trouble', role: 'alert' });
  const { title = '', detail = '' } = message.failure ?? {};
  const sentence =
    delivery === 'failed' ? [words.failure.failed, title, detail].filter(Boolean).join(' ') : words.failure.unconfirmed;
  const retry = el('button', {
    type: 'button',
    class: 'small',
    test: 'message-retry',
    onclick: again,
    text: delivery === 'failed' ? words.failure.retry : words.failure.send_again,
  });
  const may_retry = may_act && !resent && (delivery === 'unconfirmed' || message.failure?.retry !== false);
  place.replaceChildren(
    el(
      'p',
      {},
      icon(delivery === 'failed' ? 'failed' : 'unconfirmed'),
      el('span', { dir: 'auto', text: resent ? `${sentence} ${words.failure.resent}` : sentence }),
    ),
    el(
      'div',
      { class: 'row' },
      may_retry && retry,
      may_act &&
        waiting &&
        el('button', {
          type: 'button',
          class: 'small',
          test: 'message-edit',
          text: words.failure.to_composer,
          onclick: () => place.dispatchEvent(new CustomEvent('edit-message', { bubbles: true, detail: message })),
        }),
    ),
    refusal,
  );

  async function again() {
    if (waiting) return context.outgoing.tryAgain(/** @type {string} */ (message.client_key), message.conversation_id);
    retry.disabled = true;
    refusal.textContent = '';
    try {
      await context.actions.resend(/** @type {number} */ (id));
    } catch (error) {
      refusal.textContent = /** @type {Error} */ (error).message;
      retry.disabled = false;
    }
  }
}
