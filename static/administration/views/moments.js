/*
 * Moments in words: day and time in the person's language and time zone.
 */
import { locale } from '../../language.js';
import { el } from '../../dom.js';

const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {number} at milliseconds since 1970 */
export const moment = (at) => el('time', { datetime: new Date(at).toISOString(), text: format.format(at) });
