/*
 * Files in the conversation: how they stand in a bubble, and how one is chosen, checked, sent up and captioned.
 *
 * Apart from the message and from the composer because files have a life of their own: they come later, they are large,
 * they can be given up. Invariants: what WhatsApp refuses is told before anything is sent up; leaving takes an upload
 * back; the browser shows only what the server calls showable.
 */
import { newClientKey, request } from '../api.js';
import { el, icon, openDialog, setText } from '../dom.js';
import { formatted, oneLine } from '../formatting.js';
import { words } from '../strings.js';

/** @typedef {import('../floor.js').Message} Message */

const MB = 1_048_576;
/** Meta's kinds: types and the most bytes. What is in none of them goes as a document. */
const KINDS = [
  { kind: 'image', types: ['image/jpeg', 'image/png'], bytes_max: 5 * MB },
  { kind: 'sticker', types: ['image/webp'], bytes_max: MB / 2 - 12_288 },
  { kind: 'video', types: ['video/mp4', 'video/3gpp'], bytes_max: 16 * MB },
  { kind: 'audio', types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/webm'], bytes_max: 16 * MB },
];
const DOCUMENT = { kind: 'document', types: [], bytes_max: 100 * MB };
const CAPTIONED = ['image', 'video', 'document'];

/** @param {string} type */
const kindOf = (type) => KINDS.find((one) => one.types.includes(type.split(';')[0])) ?? DOCUMENT;

/** @param {number} bytes */
export function sizeOf(bytes) {
  const [unit, value] = bytes >= MB ? ['megabyte', bytes / MB] : ['kilobyte', Math.max(1, bytes / 1024)];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/**
 * A file in a bubble, with its words.
 * @param {import('../app.js').Context} context @param {Message} message @returns {Node[]}
 */
export function mediaContent(context, { id, content }) {
  const { type, name, text, state, inline, bytes, voice } = content;
  const src = `/api/messages/${id}/media`;
  const kind = voice ? words.media.voice : words.transcript.kinds[/** @type {'image'} */ (type)];
  const caption = text ? [el('div', { class: 'media-caption', dir: 'auto' }, ...formatted(text))] : [];
  if (state === 'failed') return [failed(context, id, kind), ...caption];
  if (state !== 'ready')
    return [
      el('span', { class: 'media-state', test: 'media-pending' }, icon('clock'), `${kind}: ${words.media.pending}`),
      ...caption,
    ];
  if (inline && (type === 'image' || type === 'sticker')) {
    const picture = el('img', {
      class: `media-${type}`,
      src: `${src}?small`,
      alt: name || text || kind,
      loading: 'lazy',
      decoding: 'async',
      test: 'media-image',
    });
    return [
      el(
        'a',
        { class: 'media-open', href: src, target: '_blank', rel: 'noopener', 'aria-label': words.media.open(kind) },
        picture,
      ),
      ...caption,
    ];
  }
  if (inline && type === 'video')
    return [
      el('video', {
        class: 'media-video',
        src,
        controls: true,
        preload: 'metadata',
        'aria-label': kind,
        test: 'media-video',
      }),
      ...caption,
    ];
  if (inline && type === 'audio')
    return [
      el('audio', {
        class: 'media-audio',
        src,
        controls: true,
        preload: 'metadata',
        'aria-label': kind,
        test: 'media-audio',
      }),
    ];
  return [
    el(
      'a',
      { class: 'media-file', href: src, download: name || '', test: 'media-file' },
      icon('note'),
      el('span', { class: 'media-name', dir: 'auto', text: name || kind }),
      el('span', { class: 'hint', text: bytes ? sizeOf(bytes) : '' }),
    ),
    ...caption,
  ];
}

/** A message on one line, for lists. @param {Message} message */
export function lineOf({ content: { kind, type, name, text, voice } }) {
  const words_in = oneLine(text);
  if (kind !== 'media' && (kind !== 'other' || words_in)) return words_in;
  const what = voice ? words.media.voice : words.transcript.kinds[/** @type {'image'} */ (type)];
  return [what, words_in || name].filter(Boolean).join(': ');
}

/** @param {import('../app.js').Context} context @param {number|null} id @param {string} kind */
function failed({ floor }, id, kind) {
  const again = el('button', {
    type: 'button',
    class: 'small',
    test: 'media-again',
    text: words.try_again,
    async onclick() {
      again.disabled = true;
      try {
        const message = await request('POST', `/api/messages/${id}/media/fetch`);
        floor.dispatch({ event: 'media_changed', message });
      } catch (error) {
        setText(sentence, /** @type {Error} */ (error).message);
      }
      again.disabled = false;
    },
  });
  const sentence = el('span', { text: `${kind}: ${words.media.failed}` });
  return el('span', { class: 'media-state' }, icon('failed'), sentence, again);
}

/**
 * A file to the server; `fetch` tells no progress of what goes up.
 * @param {File} file @param {(part: number) => void} [told] @param {(upload: XMLHttpRequest) => void} [begun]
 * @returns {Promise<string>} the file's id
 */
export const sendUp = (file, told, begun) =>
  new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    begun?.(upload);
    upload.upload.onprogress = ({ loaded, total }) => told?.(total ? loaded / total : 0);
    upload.onerror = () => reject(new Error(words.unreachable));
    upload.onload = () => {
      const answer = parsed(upload.responseText);
      if (upload.status === 201) resolve(answer.id);
      else reject(new Error(answer?.detail ?? words.refused(upload.status)));
    };
    upload.open('POST', '/api/files');
    upload.setRequestHeader('content-type', file.type || 'application/octet-stream');
    upload.send(file);
  });

/**
 * The dialog for one file: what it is, a caption, and the upload with its progress.
 * @param {import('../app.js').Context} context
 * @param {import('../floor.js').Interaction} interaction
 * @param {File} file
 * @param {{quoted_id: number|null, on_sent: () => void, voice?: boolean}} options `voice`: recorded here
 */
export function askFile({ actions }, interaction, file, { quoted_id, on_sent, voice }) {
  const client_key = newClientKey();
  const { kind, bytes_max } = kindOf(file.type);
  const too_large = file.size > bytes_max;
  const caption = el('textarea', { id: 'file-caption', rows: 2, dir: 'auto', maxlength: 1024, test: 'file-caption' });
  const progress = el('progress', {
    max: 1,
    value: 0,
    hidden: true,
    'aria-label': words.media.uploading,
    test: 'file-progress',
  });
  const trouble = el('p', { class: 'trouble', role: 'alert', test: 'file-trouble' });
  const submit = el('button', {
    type: 'submit',
    class: 'primary',
    test: 'file-send',
    disabled: too_large || file.size === 0,
    text: words.media.send,
  });
  const picture_url = kind === 'image' || kind === 'sticker' || voice ? URL.createObjectURL(file) : null;
  /** @type {XMLHttpRequest|null} */
  let upload = null;
  let file_id = '';
  const form = el(
    'form',
    { onsubmit: send },
    picture_url &&
      (voice
        ? el('audio', { src: picture_url, controls: true })
        : el('img', { class: 'file-picture', src: picture_url, alt: '' })),
    el(
      'p',
      {},
      !voice && el('strong', { class: 'media-name', dir: 'auto', text: file.name }),
      ` \u00b7 ${words.transcript.kinds[/** @type {'image'} */ (kind)]} \u00b7 ${sizeOf(file.size)}`,
    ),
    CAPTIONED.includes(kind) &&
      el('div', { class: 'labelled' }, el('label', { for: 'file-caption', text: words.media.caption }), caption),
    progress,
    trouble,
    el(
      'div',
      { class: 'dialog-buttons' },
      submit,
      el('button', {
        type: 'button',
        class: 'quiet',
        test: 'file-cancel',
        onclick: () => dialog.close(),
        text: words.cancel,
      }),
    ),
  );
  const dialog = openDialog('file-dialog', words.media.heading(interaction.contact.name), form);
  dialog.addEventListener('close', () => {
    upload?.abort();
    if (picture_url) URL.revokeObjectURL(picture_url);
  });
  if (too_large)
    trouble.textContent = words.media.too_large(
      words.transcript.kinds[/** @type {'image'} */ (kind)],
      sizeOf(bytes_max),
    );
  (CAPTIONED.includes(kind) ? caption : submit).focus();

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    trouble.textContent = '';
    try {
      progress.hidden = false;
      file_id ||= await sendUp(
        file,
        (part) => (progress.value = part),
        (one) => (upload = one),
      );
      const words_along = CAPTIONED.includes(kind) ? caption.value.trim() : '';
      const sent = { id: file_id, name: file.name, caption: words_along, voice };
      await actions.sendNow(interaction.id, { client_key, file: sent, quoted_id });
      dialog.close();
      on_sent();
    } catch (error) {
      progress.hidden = true;
      trouble.textContent = /** @type {Error} */ (error).message;
      submit.disabled = false;
    }
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The button that records a voice note: pressed once it listens, pressed again it asks whether to send.
 * @param {{take: (file: File, voice: boolean) => void}} options
 */
export function createVoiceTool({ take }) {
  /** @type {MediaRecorder|null} */
  let recorder = null;
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet tool',
      // Browsers give the microphone to secure pages only.
      hidden: !navigator.mediaDevices || !('MediaRecorder' in window),
      test: 'composer-voice',
      'aria-label': words.media.record,
      'aria-pressed': 'false',
      title: words.media.record,
      onclick: record,
    },
    icon('voice'),
  );

  async function record() {
    if (recorder) return recorder.stop();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } }).catch(() => null);
    button.ariaPressed = String(stream !== null);
    if (!stream) return void (button.title = words.media.no_microphone);
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = ({ data }) => {
      for (const track of stream.getTracks()) track.stop();
      recorder = null;
      button.ariaPressed = 'false';
      // Without a pause between asking and hearing there may be nothing in it.
      if (data.size) take(new File([data], words.media.voice, { type: data.type }), true);
    };
    recorder.start();
  }

  return { button };
}

/**
 * The button that chooses a file, and the ears for files that are pasted or dropped.
 * @param {{take: (file: File) => void}} options
 */
export function createFileTool({ take }) {
  const input = el('input', {
    type: 'file',
    class: 'heard',
    tabindex: '-1',
    'aria-hidden': 'true',
    test: 'composer-file',
    onchange() {
      const file = input.files?.[0];
      input.value = '';
      if (file) take(file);
    },
  });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'quiet tool',
      test: 'composer-attach',
      'aria-label': words.media.attach,
      title: words.media.attach,
      onclick: () => input.click(),
    },
    icon('clip'),
  );
  return {
    button,
    input,
    /** @param {HTMLElement} node where files may be pasted or dropped */
    listen(node) {
      node.addEventListener('paste', (event) => {
        const file = event.clipboardData?.files[0];
        if (!file) return;
        event.preventDefault();
        take(file);
      });
      node.addEventListener('dragover', (event) => {
        if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
      });
      node.addEventListener('drop', (event) => {
        const file = event.dataTransfer?.files[0];
        if (!file) return;
        event.preventDefault();
        take(file);
      });
    },
  };
}
