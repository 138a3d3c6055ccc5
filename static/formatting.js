/*
 * From a message's text to nodes: WhatsApp's marks (*bold*, _italic_, ~strike~, ```mono```, `code`) and safe links.
 *
 * Apart because it reads what strangers wrote. Invariants: the result holds text nodes and a fixed set of elements only;
 * a link is http or https, opens apart and tells its target nothing; all characters of the source are shown except the
 * marks that took effect; the time grows with the length of the text, whatever a stranger writes.
 */
import { el, heard } from './dom.js';
import { words } from './strings.js';

/** @type {Record<string, 'strong'|'em'|'s'>} */
const MARKS = { '*': 'strong', _: 'em', '~': 's' };
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+/giu;
const TRAILING = /[.,:;!?)\]}*_~]+$/u;
const WORD = /[\p{L}\p{N}]/u;
const DEPTH_MAX = 3;

/** @param {string} text @returns {Node[]} */
export function formatted(text) {
  return text.split(/(\n?```[^]+?```\n?|`[^`\n]+`)/u).flatMap((part, index) => {
    if (index % 2 === 0) return marked(part, DEPTH_MAX);
    // A block stands on lines of its own, with or without breaks around it.
    const block = part.trim().startsWith('```');
    const source = block ? part.trim() : part;
    return [el('code', { class: block ? 'block' : null, text: block ? source.slice(3, -3) : source.slice(1, -1) })];
  });
}

/** @param {string} text @param {number} depth @returns {Node[]} */
function marked(text, depth) {
  if (!text) return [];
  const links = depth > 0 ? linkPlaces(text) : [];
  const inLink = (/** @type {number} */ at) => links.some(([from, to]) => at >= from && at < to);
  /** @type {Node[]} */
  const nodes = [];
  /** @type {Record<string, number>} mark to the end of a line that has no partner for it from here on */
  const lonely_until = {};
  let plain_from = 0;
  for (let at = 0; depth > 0 && at < text.length; at += 1) {
    const mark = text[at];
    const tag = MARKS[mark];
    if (!tag || at < (lonely_until[mark] ?? 0) || inLink(at) || !opens(text, at)) continue;
    const end = closing(text, at, inLink);
    if (end < 0) {
      lonely_until[mark] = lineEnd(text, at);
      continue;
    }
    nodes.push(...linked(text.slice(plain_from, at)), el(tag, {}, ...marked(text.slice(at + 1, end), depth - 1)));
    plain_from = end + 1;
    at = end;
  }
  nodes.push(...linked(text.slice(plain_from)));
  return nodes;
}

/** @param {string} text @param {number} from */
function lineEnd(text, from) {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** A mark opens after a non-word and before a non-space. @param {string} text @param {number} at */
const opens = (text, at) => !(at > 0 && WORD.test(text[at - 1])) && at + 1 < text.length && !/\s/u.test(text[at + 1]);

/** @param {string} text @param {number} open_at @param {(at: number) => boolean} inLink */
function closing(text, open_at, inLink) {
  const mark = text[open_at];
  for (let at = open_at + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] !== mark || at === open_at + 1 || inLink(at)) continue;
    const word_after = at + 1 < text.length && WORD.test(text[at + 1]);
    if (!/\s/u.test(text[at - 1]) && !word_after) return at;
  }
  return -1;
}

/** @param {string} text @returns {[number, number][]} */
const linkPlaces = (text) =>
  [...text.matchAll(LINK)].map((found) => [found.index, found.index + withoutTail(found[0]).length]);

/** What follows an address in a sentence does not belong to it, except the bracket that it opened. @param {string} link */
function withoutTail(link) {
  const short = link.replace(TRAILING, '');
  return short.includes('(') && link[short.length] === ')' ? `${short})` : short;
}

/** @param {string} text @returns {Node[]} */
function linked(text) {
  /** @type {Node[]} */
  const nodes = [];
  let plain_from = 0;
  for (const [from, to] of linkPlaces(text)) {
    const shown = text.slice(from, to);
    const target = webAddress(/^www\./iu.test(shown) ? `https://${shown}` : shown);
    if (!target) continue;
    if (from > plain_from) nodes.push(document.createTextNode(text.slice(plain_from, from)));
    nodes.push(
      el(
        'a',
        { href: target.href, target: '_blank', rel: 'noopener noreferrer nofollow', title: target.host, text: shown },
        heard(` (${words.transcript.new_tab})`),
      ),
    );
    plain_from = to;
  }
  if (plain_from < text.length) nodes.push(document.createTextNode(text.slice(plain_from)));
  return nodes;
}

/** @param {string} text @returns {URL|null} */
function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

/** The text of a message on one line, without its marks' effect: for lists. @param {string} text */
export const oneLine = (text) => text.replace(/\s+/gu, ' ').trim();
