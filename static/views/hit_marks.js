/*
 * Words of a message marked where they stand, with CSS Custom Highlight: no node is added, so nothing moves.
 *
 * Invariant: at most one message is marked in the page; where the browser has no such highlights, nothing is marked.
 */

const NAME = 'deskbell-hit';

/**
 * Marks each place where one of the `texts` stands in `node`, also across the elements of a formatted text.
 * @param {Element} node
 * @param {string[]} texts
 */
export function markWords(node, texts) {
  if (!('highlights' in CSS)) return;
  /** @type {{node: Text, from: number}[]} */
  const pieces = [];
  let whole = '';
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let piece = walker.nextNode(); piece; piece = walker.nextNode()) {
    pieces.push({ node: /** @type {Text} */ (piece), from: whole.length });
    whole += piece.nodeValue;
  }
  const ranges = texts
    .filter(Boolean)
    .flatMap((text) => placesOf(whole, text).map((from) => [from, from + text.length]));
  CSS.highlights.set(
    NAME,
    new Highlight(
      ...ranges.map(([from, until]) => {
        const range = new Range();
        range.setStart(...pointAt(pieces, from));
        range.setEnd(...pointAt(pieces, until));
        return range;
      }),
    ),
  );
}

export function clearMarks() {
  if ('highlights' in CSS) CSS.highlights.delete(NAME);
}

/** @param {string} whole @param {string} text */
function placesOf(whole, text) {
  const places = [];
  for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + text.length)) places.push(at);
  return places;
}

/** @param {{node: Text, from: number}[]} pieces @param {number} at @returns {[Text, number]} */
function pointAt(pieces, at) {
  const piece = /** @type {{node: Text, from: number}} */ (pieces.findLast(({ from }) => from <= at));
  return [piece.node, at - piece.from];
}
