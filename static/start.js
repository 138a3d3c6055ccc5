/*
 * What must be settled before anything is drawn: the language, the theme and the density that this person chose in this
 * browser. A classic script in the head, so that the first paint is the right one; it also lets the one language file
 * load beside the modules instead of after them.
 *
 * Invariants: nothing else decides about the language; `<html lang>` says which file of `strings/` is in use; where
 * storage is forbidden the browser's languages and the system's theme hold.
 */
(() => {
  const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];
  const root = document.documentElement;
  /** The first is for everybody whose languages are not here. */
  const languages = (root.dataset.languages ?? root.lang).split(' ');

  /** @param {string} name */
  const chosen = (name) => {
    try {
      return localStorage.getItem(`deskbell.${name}`) ?? '';
    } catch {
      return '';
    }
  };

  const asked = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0]);
  root.dataset.browserLanguage = asked.find((tag) => languages.includes(tag)) ?? languages[0];
  root.lang = languages.includes(chosen('language')) ? chosen('language') : root.dataset.browserLanguage;
  root.dir = RIGHT_TO_LEFT.includes(root.lang) ? 'rtl' : 'ltr';
  for (const name of ['theme', 'density']) if (chosen(name)) root.dataset[name] = chosen(name);

  const here = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  const words = document.createElement('link');
  words.rel = 'modulepreload';
  words.href = new URL(`strings/${root.lang}.js`, here).href;
  document.head.append(words);
})();
