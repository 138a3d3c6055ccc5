/*
 * Who else looks at a conversation and who is typing there: faces with names, and the telling of my own presence.
 *
 * Apart because it has a pulse of its own. Invariants: my presence is told while the page can be seen and taken back
 * when it is left; screen readers hear who comes and goes, not each pause in somebody's typing.
 */
import { el, list, setText } from '../dom.js';
import { agentName } from '../floor.js';
import { words } from '../strings.js';
import { avatar } from './contact.js';

/** The server forgets a presence after 45 s. */
const PULSE_MS = 20_000;
/** Nobody types any more when nothing was typed for this long. */
const TYPING_PAUSE_MS = 5_000;
/** More faces than this become a number. */
const FACES_MAX = 4;

export class Watchers extends HTMLElement {
  /** @type {import('../app.js').Context|null} */
  #context = null;
  /** @type {number|null} */
  #conversation_id = null;
  #typing = false;
  #typing_timer = 0;
  #life = new AbortController();
  #faces = el('ul', { class: 'faces' });
  #text = el('span', { class: 'watch-words', dir: 'auto', 'aria-hidden': 'true' });
  #heard = el('span', { class: 'heard', 'aria-live': 'polite' });

  /** @param {import('../app.js').Context} context */
  begin(context) {
    this.#context = context;
    this.setAttribute('data-test', 'watchers');
    this.append(this.#faces, this.#text, this.#heard);
  }

  /** The conversation that is on the screen now; also draws. @param {number|null} conversation_id */
  watch(conversation_id) {
    if (conversation_id !== this.#conversation_id) {
      this.#tell(false);
      this.#conversation_id = conversation_id;
      this.#typing = false;
      if (this.isConnected) this.#arrive();
    }
    this.#draw();
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const pulse = setInterval(() => this.#isSeen() && this.#tell(true), PULSE_MS);
    signal.addEventListener('abort', () => {
      clearInterval(pulse);
      clearTimeout(this.#typing_timer);
    });
    document.addEventListener('visibilitychange', () => this.#tell(this.#isSeen()), { signal });
    addEventListener('pagehide', () => this.#tell(false), { signal });
    // The message field of the view around it, whoever made it.
    this.closest('.interaction')?.addEventListener('input', (event) => this.#typed(event), { signal });
    this.#arrive();
  }

  disconnectedCallback() {
    this.#tell(false);
    this.#life.abort();
  }

  #isSeen() {
    return document.visibilityState === 'visible';
  }

  #arrive() {
    if (this.#conversation_id === null) return;
    if (this.#isSeen()) this.#tell(true);
    this.#context?.directory.readWatchers(this.#conversation_id);
  }

  /** @param {boolean} viewing */
  #tell(viewing) {
    if (this.#conversation_id === null) return;
    const typing = viewing && this.#typing;
    this.#context?.directory.tellPresence(this.#conversation_id, { viewing, typing });
  }

  /** @param {Event} event */
  #typed(event) {
    const field = /** @type {HTMLTextAreaElement} */ (event.target);
    if (!field.closest('.composer')) return;
    clearTimeout(this.#typing_timer);
    this.#setTyping(field.value !== '');
    if (this.#typing) this.#typing_timer = setTimeout(() => this.#setTyping(false), TYPING_PAUSE_MS);
  }

  /** @param {boolean} typing */
  #setTyping(typing) {
    if (this.#typing === typing) return;
    this.#typing = typing;
    this.#tell(this.#isSeen());
  }

  #draw() {
    const state = this.#context?.floor.state;
    if (!state) return;
    const told = this.#conversation_id === null ? [] : (state.directory.watchers.get(this.#conversation_id) ?? []);
    const others = told.filter((one) => one.agent_id !== state.me?.id);
    const name = (/** @type {{agent_id: number}} */ one) => agentName(state, one.agent_id);
    list(
      this.#faces,
      others.slice(0, FACES_MAX),
      (one) => one.agent_id,
      (one) => {
        const node = el('li', { title: name(one) }, avatar({ id: one.agent_id, name: name(one) }));
        return { node, update: ({ typing }) => node.toggleAttribute('data-typing', typing) };
      },
    );
    const typing = others.filter((one) => one.typing);
    const all = words.watchers.here(others.map(name));
    setText(this.#text, typing.length ? words.watchers.typing(typing.map(name)) : all);
    setText(this.#heard, all);
    this.#faces.hidden = others.length === 0;
    this.title = all;
  }
}

customElements.define('deskbell-watchers', Watchers);

/** @param {import('../app.js').Context} context */
export function createWatchers(context) {
  const node = /** @type {Watchers} */ (document.createElement('deskbell-watchers'));
  node.begin(context);
  return node;
}
