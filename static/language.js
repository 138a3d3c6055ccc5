/*
 * The language of the page, for words, dates and numbers.
 *
 * Apart from the words because their files need it too. Invariant: `<html lang>` is the truth; the person's region comes
 * from the browser where it belongs to that language (`en-GB` for `en`).
 */

/** As in the name of the file of words. */
export const language = document.documentElement.lang;

/** For `Intl`. */
export const locale = navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language;

/** All that there are, for the menu. */
export const languages = (document.documentElement.dataset.languages ?? language).split(' ');

/** A language by its own name. @param {string} tag */
export const languageName = (tag) => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;

const plain_number = new Intl.NumberFormat(locale);
const plural_rules = new Intl.PluralRules(language);

/** @param {number} value */
export const number = (value) => plain_number.format(value);

/** @param {number} count @param {string} one @param {string} other */
export const counted = (count, one, other) => `${number(count)} ${plural_rules.select(count) === 'one' ? one : other}`;
