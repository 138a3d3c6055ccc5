/*
 * First steps: what a new centre still needs, each with the way there.
 *
 * Invariant: what is done is read from the server each time, never remembered here.
 *
 * Hooks: step-NAME (data-done).
 */
import { request } from '../../api.js';
import { el } from '../../dom.js';
import { failed, pageOf, state, waiting } from '../parts.js';
import { sections } from '../sections.js';
import { words } from '../strings.js';

/** @returns {import('../app.js').SectionView} */
export function createFirstSteps() {
  const place = el('div', { class: 'stack' });
  const node = pageOf(words.sections.first_steps, words.first_steps.intro, {}, place);

  async function show() {
    place.replaceChildren(waiting());
    try {
      draw(await request('GET', '/api/administration/first-steps'));
    } catch (error) {
      place.replaceChildren(failed(error, show));
    }
  }

  /** @param {{steps: {name: string, done: boolean}[]}} answer */
  function draw({ steps }) {
    const open = steps.filter(({ done }) => !done).length;
    place.replaceChildren(
      el('p', { test: 'steps-open', text: open > 0 ? words.first_steps.open_steps(open) : words.first_steps.all_done }),
      el('ol', { class: 'steps' }, ...steps.map(drawStep)),
    );
  }

  /** @param {{name: string, done: boolean}} step */
  function drawStep({ name, done }) {
    const { title, text, section } = words.first_steps.steps[/** @type {'number'} */ (name)];
    const there = sections.find((one) => one.name === section);
    return el(
      'li',
      { test: `step-${name}`, 'data-done': String(done) },
      el('h3', { text: title }),
      done ? state('good', words.first_steps.done) : state('open', words.first_steps.open),
      el('p', { text }),
      there && el('p', {}, el('a', { href: `#/${there.path}`, text: words.sections[/** @type {'queues'} */ (there.name)] })),
    );
  }

  return { node, show };
}
