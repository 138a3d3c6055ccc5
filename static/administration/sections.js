/*
 * The sections of the administration pages, in the order of the navigation. A new one is a line here, its name under
 * `sections` in each file of `strings/`, and a module in `views/` that makes a `SectionView` (`app.js`).
 *
 * Apart from the frame so that a section is added without touching it. Invariant: the first one is shown when the address
 * means nothing.
 */
import { createFirstSteps } from './views/first_steps.js';

/** @typedef {'centre'|'people'|'appliance'} Group */
/** @typedef {{name: string, path: string, group: Group,
 *   create: (context: import('./app.js').Context) => import('./app.js').SectionView}} Section */

/** @type {Group[]} */
export const groups = ['centre', 'people', 'appliance'];

/** @type {Section[]} */
export const sections = [
  { name: 'first_steps', path: 'first-steps', group: 'centre', create: createFirstSteps },
];
