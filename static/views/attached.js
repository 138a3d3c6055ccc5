/*
 * The files that go with the next message: those of a response that was put in.
 *
 * Invariants: they are seen before they are sent, each can be taken away; they stay with their conversation through a
 * change of the view and a reload of the tab.
 */
import { el, icon } from '../dom.js';
import { words } from '../strings.js';
import { sizeOf } from './media.js';

/** @typedef {import('../responses.js').Attachment} Attachment */

/**
 * @param {import('../app.js').Context} context
 * @param {{conversation_id: number, changed: () => void, left: () => void}} options `left`: the last one was taken away
 */
export function createAttached({ drafts }, { conversation_id, changed, left }) {
  const name = `attached.${conversation_id}`;
  const node = el('ul', { class: 'attached', test: 'attached', 'aria-label': words.attached.label, hidden: true });
  /** @type {Attachment[]} */
  let files = JSON.parse(drafts.get(name) || '[]');

  /** @param {Attachment[]} next */
  function set(next) {
    files = next;
    drafts.set(name, files.length ? JSON.stringify(files) : '');
    draw();
    changed();
  }

  /** @param {Attachment} file */
  function remove(file) {
    const at = files.indexOf(file);
    set(files.filter((other) => other !== file));
    const next = node.querySelectorAll('button')[Math.min(at, files.length - 1)];
    if (next) next.focus();
    else left();
  }

  function draw() {
    node.hidden = files.length === 0;
    node.replaceChildren(
      ...files.map((file) =>
        el(
          'li',
          { test: 'attached-file' },
          icon('clip'),
          el('span', { class: 'media-name', dir: 'auto', text: file.name }),
          el('span', { class: 'hint', text: sizeOf(file.bytes) }),
          el(
            'button',
            {
              type: 'button',
              class: 'quiet small',
              test: 'attached-remove',
              'aria-label': words.attached.remove(file.name),
              title: words.attached.remove(file.name),
              onclick: () => remove(file),
            },
            icon('close'),
          ),
        ),
      ),
    );
  }

  draw();
  return {
    node,
    /** @param {Attachment[]} more those that are there already stay one */
    add(more) {
      const fresh = more.filter((one) => !files.some((file) => file.id === one.id));
      if (fresh.length) set([...files, ...fresh]);
    },
    /** All of them, which are used up. */
    take() {
      const taken = files;
      if (taken.length) set([]);
      return taken;
    },
    get empty() {
      return files.length === 0;
    },
  };
}
