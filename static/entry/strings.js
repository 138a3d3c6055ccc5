/*
 * The words of what comes before one is in, in the language that was chosen: one file of `strings/`, loaded once.
 *
 * Invariants: no view holds a sentence of its own; every file has the same keys and the same functions.
 */
import { language } from '../language.js';

/** @type {typeof import('./strings/en.js').words} */
export const words = (await import(`./strings/${language}.js`)).words;
