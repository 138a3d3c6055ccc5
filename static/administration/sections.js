/*
 * The sections of the administration pages, in the order of the navigation. A new one is a line here, its name under
 * `sections` in each file of `strings/`, and a module in `views/` that makes a `SectionView` (`app.js`).
 *
 * Apart from the frame so that a section is added without touching it. Invariant: the first one is shown when the address
 * means nothing.
 */
import { createAudit } from './views/audit.js';
import { createCaseFields } from './views/case_fields.js';
import { createFirstSteps } from './views/first_steps.js';
import { createNumbers } from './views/numbers.js';
import { createOutcomes } from './views/outcomes.js';
import { createOwnSignIn } from './views/own_sign_in.js';
import { createPeople } from './views/people.js';
import { createQueues } from './views/queues.js';
import { createResponses } from './views/responses.js';
import { createRules } from './views/rules.js';

/** @typedef {'centre'|'people'|'appliance'} Group */
/** @typedef {{name: string, path: string, group: Group,
 *   create: (context: import('./app.js').Context) => import('./app.js').SectionView}} Section */

/** @type {Group[]} */
export const groups = ['centre', 'people', 'appliance'];

/** @type {Section[]} */
export const sections = [
  { name: 'first_steps', path: 'first-steps', group: 'centre', create: createFirstSteps },
  { name: 'numbers', path: 'numbers', group: 'centre', create: createNumbers },
  { name: 'queues', path: 'queues', group: 'centre', create: createQueues },
  { name: 'outcomes', path: 'outcomes', group: 'centre', create: createOutcomes },
  { name: 'case_fields', path: 'case-fields', group: 'centre', create: createCaseFields },
  { name: 'responses', path: 'responses', group: 'centre', create: createResponses },
  { name: 'rules', path: 'rules', group: 'centre', create: createRules },
  { name: 'people', path: 'people', group: 'people', create: createPeople },
  { name: 'own_sign_in', path: 'my-sign-in', group: 'people', create: createOwnSignIn },
  { name: 'audit', path: 'audit', group: 'appliance', create: createAudit },
];
