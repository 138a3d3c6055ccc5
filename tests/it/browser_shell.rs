//! The shell of the workspace in a real browser: languages, keys and palette, presence, attention, the connection, the
//! budgets.

use std::time::{Duration, Instant};

use deskbell::domain::command::Command;
use deskbell::domain::settings::Settings;
use deskbell::store::Store;
use serde_json::json;

use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::PASSWORD;
use crate::harness::line::Line;

const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const DOWN: char = '\u{E015}';
const BACKSPACE: char = '\u{E003}';
/// Ctrl and K, and all keys let go.
const PALETTE: &str = "\u{E009}k\u{E000}";

/// A lost connection is told within this time.
const BANNER_AFTER_MAX: Duration = Duration::from_secs(2);
/// First load until there is something to see, with a processor made four times slower.
const FIRST_LOAD_MS_MAX: f64 = 1_000.0;
/// What `SOME_WORK` takes on such a processor that nobody else uses, milliseconds.
const SOME_WORK_MS: f64 = 130.0;

/// Ana becomes Ready, Amina writes, Ana accepts.
async fn talk(agent: &Page, phone: &Page) {
    agent.become_ready().await;
    phone.customer_writes("Hello").await;
    agent.click("offer-accept").await;
    agent.read("transcript", "Hello").await;
}

/// Waits until a function body in the page gives this.
async fn until(page: &Page, script: &str, wanted: serde_json::Value) {
    let begun = Instant::now();
    loop {
        let found = page.evaluate(script).await;
        if found == wanted {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{script} gives {found}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

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

        page.sign_in("ana", PASSWORD).await;
        page.click("presence-button").await;
        page.click("settings").await;
        page.choose("setting-language", "Deutsch").await;
        page.read("presence-button", "Nicht bereit").await;
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
pub(crate) const WORDS_BY_LANGUAGE: &str = "
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

#[test]
fn the_palette_finds_and_does_everything_that_can_be_done_now() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        // Also while writing, and by the letters of a word alone.
        talk(&agent, &phone).await;
        agent.write("composer-text", PALETTE).await;
        agent.see("palette-option[data-command=park]").await;
        agent.write("palette-text", "drk").await;
        agent.see("palette-option[data-command='theme dark'][aria-selected=true]").await;
        agent.write("palette-text", &ENTER.to_string()).await;
        agent.see_no("palette").await;
        assert_eq!(agent.evaluate("return getComputedStyle(document.documentElement).colorScheme").await, "dark");

        // The focus tells a screen reader what Enter does.
        agent.write("transcript", PALETTE).await;
        agent.write("palette-text", &format!("status{DOWN}")).await;
        let pointed = "const field = document.querySelector('[data-test=palette-text]');
            return document.getElementById(field.getAttribute('aria-activedescendant')).dataset.command;";
        assert_eq!(agent.evaluate(pointed).await, "not_ready");
        agent.write("palette-text", &ENTER.to_string()).await;
        agent.read("presence-button", "Not Ready").await;

        // What is not possible is not there.
        agent.write("transcript", PALETTE).await;
        agent.write("palette-text", "park").await;
        agent.write("palette-text", &ENTER.to_string()).await;
        agent.see("action-open").await;
        agent.write("transcript", PALETTE).await;
        agent.see("palette-option[data-command=open]").await;
        assert_eq!(agent.count("palette-option[data-command=park]").await, 0);
        agent.write("palette-text", "amina").await;
        agent.write("palette-text", &ESCAPE.to_string()).await;
        agent.see_no("palette").await;

        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn keys_are_a_persons_own_and_never_in_the_way_of_writing() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        agent.write("transcript", "?").await;
        agent.click("shortcut-park").await;
        agent.write("shortcut-park", "x").await;
        agent.read("shortcut-park", "X").await;
        // Another command takes the key over, and it is said so.
        agent.click("shortcut-end").await;
        agent.write("shortcut-end", "x").await;
        agent.read("shortcut-told", "X was the key of").await;
        agent.read("shortcut-park", "no key").await;
        agent.click("shortcut-end").await;
        agent.write("shortcut-end", &BACKSPACE.to_string()).await;
        agent.read("shortcut-end", "no key").await;
        agent.click("shortcut-park").await;
        agent.write("shortcut-park", "x").await;
        agent.write("shortcuts-enabled", &ESCAPE.to_string()).await;
        agent.see_no("shortcuts-dialog").await;

        // A letter in a field is a letter, and so is one of an input method anywhere.
        agent.write("composer-text", "x").await;
        agent.read_field("composer-text", "x").await;
        let composing = "document.querySelector('[data-test=transcript]').dispatchEvent(
            new KeyboardEvent('keydown', { key: 'x', bubbles: true, isComposing: true }))";
        agent.evaluate(composing).await;
        agent.see("action-park").await;

        // They are kept, and can be switched off.
        agent.reload().await;
        agent.read("transcript", "Hello").await;
        agent.write("transcript", "?").await;
        agent.click("shortcuts-enabled").await;
        agent.write("shortcuts-enabled", &ESCAPE.to_string()).await;
        agent.write("transcript", "x").await;
        agent.see("action-park").await;
        agent.write("transcript", PALETTE).await;
        agent.write("palette-text", &format!("shortcuts{ENTER}")).await;
        agent.click("shortcuts-enabled").await;
        agent.write("shortcuts-enabled", &ESCAPE.to_string()).await;
        agent.write("transcript", "x").await;
        agent.see("action-open").await;

        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn not_ready_after_current_work_is_asked_for_ahead() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        agent.click("presence-button").await;
        agent.click("presence-after-work-Lunch").await;
        agent.read("presence-button", "then Not Ready: Lunch").await;
        // Taken back, and asked for again.
        agent.click("presence-button").await;
        agent.click("presence-after-work-Lunch").await;
        agent.see_no("presence-after-work").await;
        until(&agent, THEN, json!("")).await;
        agent.click("presence-button").await;
        agent.click("presence-after-work").await;
        until(&agent, THEN, json!("then Not Ready")).await;
        agent.choose_disposition("Solved").await;
        agent.write("transcript", PALETTE).await;
        agent.write("palette-text", &format!("end the{ENTER}")).await;
        agent.see_no("action-end").await;
        agent.click("action-done").await;
        until(&agent, THEN, json!("")).await;
        agent.read("presence-button", "Not Ready").await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

/// What is to come, in the button of the presence menu.
const THEN: &str = "return document.querySelector('.presence .then').textContent";

#[test]
fn who_is_away_is_warned_then_signed_out_and_open_work_is_parked() {
    scenario(async {
        let centre = Centre::prepared(async |store: &Store| {
            let settings = Settings { idle_lock_ms: 600_000, idle_warning_ms: 60_000, ..Settings::default() };
            let answers = store.submit(vec![Command::SetSettings(settings)]).await.expect("the store takes it");
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        })
        .await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        agent.evaluate(&later(560)).await;
        agent.read("idle-dialog", "Signing out in").await;
        agent.click("idle-stay").await;
        agent.see_no("idle-dialog").await;
        agent.see("presence-button").await;

        agent.evaluate(&later(560)).await;
        agent.see("idle-dialog").await;
        agent.evaluate(&later(60)).await;
        agent.see("sign-in-submit").await;
        agent.read("sign-in-reason", "Open work is parked").await;
        until(&agent, "return fetch('/api/me').then(({ status }) => status)", json!(401)).await;
        agent.sign_in("ana", PASSWORD).await;
        agent.see("work-item").await;
        until(&agent, "return document.querySelector('.group h3')?.textContent", json!("Parked1")).await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

/// Lets seconds go by on the browser's clock.
fn later(seconds: u32) -> String {
    format!("const now = Date.now; Date.now = () => now() + {seconds} * 1000;")
}

#[test]
fn an_offer_rings_stands_in_title_and_icon_and_on_the_desktop_until_it_is_over() {
    scenario(async {
        // It is looked at more closely than an agent would take time for.
        let centre = Centre::with_queue(|queue| queue.offer_timeout_ms = 300_000).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.devtools("Browser.grantPermissions", json!({ "permissions": ["notifications"] })).await;
        agent.evaluate_later("navigator.serviceWorker.ready.then(() => arguments[arguments.length - 1]())").await;
        agent.click("presence-button").await;
        agent.click("settings").await;
        agent.click("setting-notices").await;
        agent.read("notices-state", "are shown on your desktop").await;
        agent.write("setting-notices", &ESCAPE.to_string()).await;
        agent.become_ready().await;
        // As if the person looked at another window.
        agent.evaluate("document.hasFocus = () => false").await;

        phone.customer_writes("Where is my order?").await;
        agent.read("offer", "Amina Diallo").await;
        until(&agent, "return document.title", json!("(1) Deskbell")).await;
        until(&agent, ICON, json!("favicon-1.svg")).await;
        until(&agent, "return document.documentElement.dataset.rang", json!("1")).await;
        until(&agent, NOTICES, json!(["New contact: Amina Diallo | Where is my order?"])).await;
        agent.click("offer-accept").await;
        until(&agent, NOTICES, json!([])).await;
        agent.read("transcript", "Where is my order?").await;
        until(&agent, "return document.title", json!("Deskbell")).await;
        until(&agent, ICON, json!("favicon.svg")).await;

        // A message is told only where no tab can be seen.
        phone.customer_writes("Hello?").await;
        agent.read("transcript", "Hello?").await;
        assert_eq!(agent.evaluate(NOTICES).await, json!([]));
        let hidden = "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })";
        agent.evaluate(hidden).await;
        phone.customer_writes("Anybody?").await;
        until(&agent, NOTICES, json!(["Amina Diallo | Anybody?"])).await;
        agent.evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))").await;
        until(&agent, NOTICES, json!([])).await;

        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

/// The file of the tab's icon.
const ICON: &str = "return document.querySelector('link[rel=icon]').href.split('/').at(-1)";

/// What stands on the desktop.
const NOTICES: &str = "
    return navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((all) => all.map(({ title, body }) => `${title} | ${body}`));";

#[test]
fn a_lost_connection_is_told_in_time_and_what_was_sent_arrives_once() {
    scenario(async {
        let centre = Centre::open().await;
        let line = Line::to(centre.address).await;
        let address = format!("http://{}/", line.address);
        let (agent, phone) = tokio::join!(Page::open(&address), centre.phone());
        agent.sign_in("ana", PASSWORD).await;
        talk(&agent, &phone).await;
        agent.evaluate("window.never_left = true").await;

        // The browser knows that there is no network.
        let network =
            |offline| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        agent.devtools("Network.enable", json!({})).await;
        let cut = Instant::now();
        agent.devtools("Network.emulateNetworkConditions", network(true)).await;
        agent.see("banner").await;
        assert!(cut.elapsed() < BANNER_AFTER_MAX, "told after {:?}", cut.elapsed());
        agent.devtools("Network.emulateNetworkConditions", network(false)).await;
        agent.see_no("banner").await;

        // Nobody knows, but a message gets no answer.
        line.fall_silent();
        agent.agent_writes("Is this line dead?").await;
        let sent = Instant::now();
        agent.see("banner").await;
        assert!(sent.elapsed() < BANNER_AFTER_MAX, "told after {:?}", sent.elapsed());
        agent.read("message[data-delivery=queued]", "Is this line dead?").await;
        phone.customer_writes("Are you there?").await;
        line.speak();
        agent.see_no("banner").await;
        phone.read("phone-message[data-from=business]", "Is this line dead?").await;
        agent.read("message.from-contact", "Are you there?").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 1);
        assert_eq!(agent.evaluate("return window.never_left").await, true, "nobody had to reload");

        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn the_page_opens_without_a_server_and_goes_on_by_itself() {
    scenario(async {
        let mut centre = Centre::open().await;
        let page = centre.page().await;
        page.see("sign-in-submit").await;
        page.evaluate_later("navigator.serviceWorker.ready.then(() => arguments[arguments.length - 1]())").await;
        until(&page, "return Boolean(navigator.serviceWorker.controller)", json!(true)).await;
        centre.stop().await;
        page.reload().await;
        page.read("banner", "does not answer").await;
        let kept = "return caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name))))
            .then((all) => Promise.all(all.map((one) => one.keys()))).then((keys) => keys.flat()
            .filter(({ url }) => !/\\/(assets\\/.+)?$/.test(new URL(url).pathname)).length)";
        assert_eq!(page.evaluate(kept).await, 0, "nothing but the page itself is kept");
        centre.start_again().await;
        page.see("sign-in-submit").await;
        page.close().await;
        centre.close().await;
    });
}

#[test]
fn the_first_load_is_quick_on_a_slow_machine() {
    scenario(async {
        let centre = Centre::open().await;
        let page = centre.page().await;
        page.see("sign-in-submit").await;
        page.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
        page.devtools("Network.enable", json!({})).await;
        page.devtools("Network.setBypassServiceWorker", json!({ "bypass": true })).await;
        page.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
        let mut best_ms = f64::MAX;
        // Other tests share this machine: the best of several loads counts, and by what the machine does meanwhile.
        for _ in 0..8 {
            page.reload().await;
            page.see("sign-in-submit").await;
            until(&page, &format!("return {FIRST_PAINT}.length > 0"), json!(true)).await;
            let painted = page.evaluate(&format!("return {FIRST_PAINT}[0].startTime")).await;
            let work_ms = page.evaluate(SOME_WORK).await.as_f64().expect("a time");
            best_ms = best_ms.min(painted.as_f64().expect("a time") / (work_ms / SOME_WORK_MS).max(1.0));
            if best_ms < FIRST_LOAD_MS_MAX {
                break;
            }
        }
        println!("first load: {best_ms} ms");
        assert!(best_ms < FIRST_LOAD_MS_MAX, "the first load takes {best_ms} ms");
        page.close().await;
        centre.close().await;
    });
}

/// How long a fixed piece of work takes.
const SOME_WORK: &str = "
    const begun = performance.now();
    let sum = 0;
    for (let step = 0; step < 2e7; step += 1) sum = (sum * 31 + step) | 0;
    return performance.now() - begun + (sum & 0);";

/// The page draws nothing before it is ready, so its first paint is the sign-in view.
const FIRST_PAINT: &str = "performance.getEntriesByName('first-contentful-paint')";

#[test]
fn an_update_of_the_server_is_offered_and_never_forced() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        agent.see_no("updated").await;
        agent.write("composer-text", "half a sentence").await;
        // What the tab with the stream tells the others when a newer server has greeted it.
        agent.evaluate("window.loaded_at = 1").await;
        let tell = "for (let id = 1; id < 10; id++)
            new BroadcastChannel(`deskbell-stream-${id}`).postMessage({ kind: 'page', page: 'another' });";
        agent.evaluate(tell).await;
        agent.read("updated", "Deskbell has been updated.").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "an update").await;
        }
        agent.read_field("composer-text", "half a sentence").await;
        agent.click("load-anew").await;
        agent.see_no("updated").await;
        agent.see("composer-text").await;
        agent.read_field("composer-text", "half a sentence").await;
        assert_eq!(
            agent.evaluate("return window.loaded_at ?? null").await,
            serde_json::Value::Null,
            "it was loaded anew"
        );
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn what_opens_over_the_desk_keeps_nobody_out() {
    let Some(axe) = Axe::installed() else { return };
    scenario(async {
        let centre = Centre::open().await;
        let agent = centre.agent("ana").await;
        for (command, dialog) in [("", "palette"), ("shortcuts", "shortcuts-dialog"), ("settings", "settings-dialog")] {
            agent.write("presence-button", PALETTE).await;
            agent.see("palette-text").await;
            if !command.is_empty() {
                agent.write("palette-text", &format!("{command}{ENTER}")).await;
            }
            agent.see(dialog).await;
            axe.finds_nothing(&agent, dialog).await;
            agent.evaluate("document.querySelector('dialog').close()").await;
        }
        agent.click("presence-button").await;
        agent.see("presence-after-work").await;
        axe.finds_nothing(&agent, "presence menu").await;
        agent.close().await;
        centre.close().await;
    });
}
