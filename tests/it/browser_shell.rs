//! The shell of the workspace in a real browser: languages, presence, offers, keys, the connection, the budgets.

use serde_json::json;

use crate::harness::centre::Centre;
use crate::harness::chromium::scenario;

#[test]
fn every_language_has_the_same_words_and_only_the_chosen_one_is_loaded() {
    scenario(async {
        let centre = Centre::open().await;
        let page = centre.page().await;
        page.see("sign-in-submit").await;
        assert_eq!(page.evaluate(LOADED_WORDS).await, json!(["en"]));
        let shapes = page.evaluate_later(WORDS_BY_LANGUAGE).await;
        let shapes = shapes.as_object().expect("languages");
        assert!(shapes.len() > 1);
        for (language, shape) in shapes {
            assert!(shape.as_array().expect("a list").len() > 100);
            assert_eq!(shape, &shapes["en"], "{language} and en have the same keys and functions");
        }

        page.evaluate("localStorage.setItem('deskbell.language', 'de')").await;
        page.reload().await;
        page.read("sign-in-submit", "Anmelden").await;
        assert_eq!(page.evaluate("return document.documentElement.lang").await, "de");
        assert_eq!(page.evaluate(LOADED_WORDS).await, json!(["de"]));
        page.close().await;
        centre.close().await;
    });
}

/// The files of words that this page has loaded.
const LOADED_WORDS: &str = "
    const names = performance.getEntriesByType('resource').map(({ name }) => /strings\\/(\\w+)\\.js/.exec(name)?.[1]);
    return [...new Set(names)].filter(Boolean);";

/// Key and kind of each word, for each language.
const WORDS_BY_LANGUAGE: &str = "
    const done = arguments[arguments.length - 1];
    const folder = new URL('strings/', document.querySelector('script[type=module]').src);
    const languages = document.documentElement.dataset.languages.split(' ');
    const shape = (value, path) =>
      typeof value === 'object'
        ? Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}.${key}`))
        : [`${path} ${typeof value}${typeof value === 'function' ? ` ${value.length}` : ''}`];
    Promise.all(languages.map(async (language) =>
      [language, shape((await import(`${folder}${language}.js`)).words, '').sort()],
    )).then((all) => done(Object.fromEntries(all)), (error) => done(String(error)));";
