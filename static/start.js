/*
 * What must be settled before anything is drawn: the language, the theme and the density that this person chose in this
 * browser. A classic script in the head, so that the first paint is the right one; it also lets the one language file
 * load beside the modules instead of after them.
 *
 * Invariants: nothing else decides about the language; `<html lang>` says which file of `strings/` is in use; where
 * storage is forbidden the browser's languages and the system's theme hold.
 */
(() => {
  /** The first is for everybody whose languages are not here. */
  const LANGUAGES = ['en', 'de'];
  const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

  /** @param {string} name */
  const chosen = (name) => {
    try {
      return localStorage.getItem(`deskbell.${name}`) ?? '';
    } catch {
      return '';
    }
  };

  const asked = [chosen('language'), ...navigator.languages].map((tag) => tag.toLowerCase().split('-')[0]);
  const language = asked.find((tag) => LANGUAGES.includes(tag)) ?? LANGUAGES[0];
  const root = document.documentElement;
  root.lang = language;
  root.dir = RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr';
  root.dataset.languages = LANGUAGES.join(' ');
  if (['light', 'dark'].includes(chosen('theme'))) root.dataset.theme = chosen('theme');
  if (chosen('density') === 'compact') root.dataset.density = 'compact';

  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const words = document.createElement('link');
  words.rel = 'modulepreload';
  words.href = new URL(`strings/${language}.js`, here).href;
  document.head.append(words);
})();
