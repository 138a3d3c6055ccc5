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
import { words } from '../strings.js';

/** @returns {import('../app.js').SectionView} */
export function createFirstSteps() {
  const place = el('div', { class: 'stack' });
  const node = pageOf(words.sections.first_steps, words.first_steps.intro, {}, place);

  async function show() {
    place.replaceChildren(waiting());
    try {
      draw(await request('GET', '/api/snapshot'));
    } catch (error) {
      place.replaceChildren(failed(error, show));
    }
  }

  /** @param {{channels: object[], agents: object[], dispositions: object[]}} snapshot */
  function draw({ channels, agents, dispositions }) {
    const steps = [
      { name: 'number', done: channels.length > 0 },
      { name: 'agents', done: agents.length > 1 },
      { name: 'outcomes', done: dispositions.length > 0 },
    ];
    place.replaceChildren(
      el(
        'ol',
        { class: 'steps' },
        ...steps.map(({ name, done }) => {
          const { title, text } = words.first_steps.steps[/** @type {'number'} */ (name)];
          return el(
            'li',
            { test: `step-${name}`, 'data-done': String(done) },
            el('h3', { text: title }),
            done ? state('good', words.first_steps.done) : state('open', words.first_steps.open),
            el('p', { text }),
          );
        }),
      ),
    );
  }

  return { node, show };
}
