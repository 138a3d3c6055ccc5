/*
 * The sections of the administration pages, in the order of the navigation. A new one is a line here, its name under
 * `sections` in each file of `strings/`, and a module in `views/` that makes a `SectionView` (`app.js`).
 *
 * Apart from the frame so that a section is added without touching it. Invariant: the first one is shown when the address
 * means nothing.
 */
import { createAudit } from './views/audit.js';
import { createFirstSteps } from './views/first_steps.js';
import { createOwnSignIn } from './views/own_sign_in.js';
import { createPeople } from './views/people.js';

/** @typedef {'centre'|'people'|'appliance'} Group */
/** @typedef {{name: string, path: string, group: Group,
 *   create: (context: import('./app.js').Context) => import('./app.js').SectionView}} Section */

/** @type {Group[]} */
export const groups = ['centre', 'people', 'appliance'];

/** @type {Section[]} */
export const sections = [
  { name: 'first_steps', path: 'first-steps', group: 'centre', create: createFirstSteps },
  { name: 'people', path: 'people', group: 'people', create: createPeople },
  { name: 'own_sign_in', path: 'my-sign-in', group: 'people', create: createOwnSignIn },
  { name: 'audit', path: 'audit', group: 'appliance', create: createAudit },
];
