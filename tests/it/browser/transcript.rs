//! The transcript in a real browser, with a conversation of 100,000 messages: bounded, steady, and quick.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deskbell::appliance::Appliance;
use deskbell::clock::Clock;
use deskbell::simulator::{Faults, Occurrence};
use serde_json::Value;

use super::talk;
use crate::harness::browser::Browser;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::PASSWORD;
use crate::harness::long_past::{self, CONTACTS};
use crate::harness::provider::{envelope, text};

/// Rows in the document, with some room for what is being replaced.
const ROWS_MAX: u64 = 125;
/// A window of 600 messages of these texts is lower than this, pixels.
const WINDOW_PX_MAX: f64 = 60_000.0;
/// What a row may be off its place after a scroll, pixels: positions are whole ones.
const OFF_PX_MAX: f64 = 1.0;
/// Longer than any scroll here takes, also on a busy machine.
const SCROLL_MAX: Duration = Duration::from_secs(120);
/// What turning to another conversation may cost the page's thread, milliseconds of a processor that others use too: half
/// of it on a quiet one.
const SWITCH_MS_MAX: f64 = 100.0;
/// What a keystroke may cost with all layout that it causes, milliseconds.
const KEY_MS_MAX: f64 = 16.0;
/// How often each is done.
const TURNS: u32 = 20;

/// The interactions that wait, of the contacts in their order.
const INTERACTIONS: [u64; CONTACTS.len()] = [203, 204, 205];

/// A centre with the long past, without Meta.
pub(super) struct LongCentre {
    appliance: Appliance,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl LongCentre {
    pub(super) async fn open() -> Self {
        let folder = long_past::copy();
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let appliance = Appliance::start(folder.path(), free, Clock::system()).await.expect("the appliance starts");
        Self { address: appliance.local_addr(), appliance, _folder: folder }
    }

    /// Ana with all three interactions on her desktop.
    pub(super) async fn ana(&self) -> Page {
        let page = Page::open(&format!("http://{}/", self.address)).await;
        page.sign_in("ana", PASSWORD).await;
        page.see("presence-button").await;
        page.become_ready().await;
        for interaction in INTERACTIONS {
            let offer = format!("offer[data-interaction='{interaction}']");
            page.click(&format!("{offer} [data-test=offer-accept]")).await;
            page.see_no(&offer).await;
        }
        page.evaluate(STEADY).await;
        page
    }

    pub(super) async fn close(self) {
        self.appliance.stop().await;
    }

    /// A contact writes now.
    fn writes(&self, contact: usize, words: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the machine's clock is set");
        let wamid = format!("wamid.now.{}", now.as_nanos());
        let sent_at_s = i64::try_from(now.as_secs()).expect("an ordinary year");
        let body = envelope(&[text(CONTACTS[contact].0, &wamid, words, sent_at_s)]);
        assert_eq!(Browser::new(self.address).bring(&body).status, 200);
    }
}

/// Functions for the scripts below.
///
/// `numbers()` are those of the drawn messages of the contact; `place(n)` is where message n stands in the view;
/// `scroll(step, until)` scrolls like a hand until a message with that number is to be seen, and gives what went wrong:
/// numbers that were left out, rows beyond the bound, rows that moved by something else than the step.
const STEADY: &str = r#"
    window.view = () => document.querySelector('deskbell-transcript .transcript');
    window.frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    window.bubbles = () => [...view().querySelectorAll('.message')].flatMap((node) => {
        const number = /^No (\d+):/.exec(node.querySelector('.body').textContent)?.[1];
        return number ? [{ number: Number(number), node }] : [];
    });
    window.place = (number) => {
        const bubble = bubbles().find((one) => one.number === number)?.node.querySelector('.bubble');
        return bubble ? bubble.getBoundingClientRect().top - view().getBoundingClientRect().top : null;
    };
    window.middle = () => bubbles().find((one) => place(one.number) > 150)?.number;
    window.scroll_until = async (step, until) => {
        const report = { gaps: [], moved: [], rows_max: 0, height_max: 0, steps: 0 };
        // No hand scrolls before a conversation that was just opened is drawn.
        for (let drawn = 0; drawn < 3; drawn += 1) await frame();
        for (const end = performance.now() + 8_000; performance.now() < end; ) {
            const numbers = bubbles().map((one) => one.number);
            for (let at = 1; at < numbers.length; at += 1)
                if (numbers[at] !== numbers[at - 1] + 1) report.gaps.push([numbers[at - 1], numbers[at]]);
            report.rows_max = Math.max(report.rows_max, view().querySelectorAll('li').length);
            report.height_max = Math.max(report.height_max, view().scrollHeight);
            const seen = place(until);
            if (seen !== null && seen > 0 && seen < view().clientHeight) break;
            const room = step < 0 ? view().scrollTop : view().scrollHeight - view().clientHeight - view().scrollTop;
            if (room < Math.abs(step)) { await frame(); continue; }
            const eye = middle(), before = place(eye);
            view().scrollTop += step;
            await frame();
            const after = place(eye);
            if (after !== null && Math.abs(before - step - after) > 1) report.moved.push([eye, before - step - after]);
            report.steps += 1;
        }
        return report;
    };"#;

/// A script that ends with a promise, as one that calls back.
pub(super) fn awaited(script: &str) -> String {
    format!(
        "const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, (error) => done(String(error)));"
    )
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Scrolls in spans that a driver waits for; gives how many steps it took.
async fn scroll(page: &Page, step: i64, until: u64) -> u64 {
    let mut steps = 0;
    let begun = Instant::now();
    loop {
        let report = page.evaluate_later(&awaited(&format!("return scroll_until({step}, {until})"))).await;
        let report_words = format!("scrolling by {step} to {until}: {report}");
        assert_eq!(report["gaps"], Value::Array(Vec::new()), "{report_words}");
        assert_eq!(report["moved"], Value::Array(Vec::new()), "{report_words}");
        assert!(report["rows_max"].as_u64().is_some_and(|rows| rows <= ROWS_MAX), "{report_words}");
        assert!(number(&report["height_max"]) < WINDOW_PX_MAX, "{report_words}");
        steps += report["steps"].as_u64().expect("a number");
        if page.evaluate(&format!("return place({until})")).await.is_number() {
            return steps;
        }
        assert!(begun.elapsed() < SCROLL_MAX, "{report_words}");
    }
}

#[test]
fn a_conversation_of_100_000_messages_scrolls_both_ways_and_stands_still_while_others_write() {
    scenario(async {
        let centre = LongCentre::open().await;
        let ana = centre.ana().await;
        let begun = Instant::now();
        ana.click("work-item[data-interaction='203']").await;
        ana.read("transcript", "No 99990:").await;
        println!("opened and read after {:?}", begun.elapsed());
        // Twenty are unread: the first of them is where she begins.
        ana.see("line-fresh").await;
        ana.read("line-chapter", "Interaction #203").await;

        println!("steps up: {}", scroll(&ana, -250, 98_500).await);
        ana.see("line-chapter").await;
        let eye = ana.evaluate("return middle()").await;
        let before = ana.evaluate(&format!("return place({eye})")).await;
        for n in 0..5 {
            centre.writes(0, &format!("Are you there? {n}"));
        }
        ana.read("latest", "5 new messages").await;
        let after = ana.evaluate(&format!("return place({eye})")).await;
        assert!((number(&before) - number(&after)).abs() <= OFF_PX_MAX, "{eye} moved from {before} to {after}");

        // The window has been cut below meanwhile; the way down loads it again.
        println!("steps down: {}", scroll(&ana, 250, 99_400).await);
        ana.click("latest").await;
        ana.read("transcript", "Are you there? 4").await;
        ana.see_no("latest").await;

        // Right to left is each message's own matter.
        centre.writes(0, "مرحبا، رقم الطلب AB-12");
        ana.read("message.from-contact:last-child .bubble", "مرحبا").await;
        let directions = "return [...view().querySelectorAll('.from-contact .bubble')].slice(-2)
            .map((bubble) => getComputedStyle(bubble).direction).join()";
        assert_eq!(ana.evaluate(directions).await, "ltr,rtl");

        ana.close().await;
        centre.close().await;
    });
}

#[test]
fn a_jump_shows_a_message_in_its_place_and_the_end_is_one_key_away() {
    scenario(async {
        let centre = LongCentre::open().await;
        let ana = centre.ana().await;
        ana.click("work-item[data-interaction='203']").await;
        ana.read("transcript", "No 99990:").await;
        // Message 50,002 of the store: the answers count too.
        let jump = "return fetch('/api/conversations/1/messages?around=50002&limit=1').then((answer) => answer.json())
            .then(({ messages: [message] }) => {
                document.querySelector('deskbell-transcript').jumpTo(message.id, ['order', 'ok', 'Thank you!', 'line']);
                return Number(/^No (\\d+):/.exec(message.content.text)[1]);
            })";
        let target = ana.evaluate_later(&awaited(jump)).await;
        ana.read("message[data-flash]", &format!("No {target}:")).await;
        let middle = "return view().clientHeight / 2";
        let (place, middle) = (ana.evaluate(&format!("return place({target})")).await, ana.evaluate(middle).await);
        assert!((number(&place) - number(&middle)).abs() < 60.0, "{place} is not near {middle}");
        let marked = "return [...CSS.highlights.get('deskbell-hit')].map((range) => range.toString()).join()";
        assert_ne!(ana.evaluate(marked).await, "", "words are marked");
        // The past goes on from there, in both directions.
        let target = target.as_u64().expect("a number");
        scroll(&ana, -250, target - 300).await;
        scroll(&ana, 250, target + 300).await;
        ana.write("transcript", "\u{E010}").await;
        ana.read("transcript", "No 99999:").await;
        ana.see_no("latest").await;
        assert_eq!(ana.evaluate("return CSS.highlights.has('deskbell-hit')").await, false);
        ana.close().await;
        centre.close().await;
    });
}

#[test]
fn turning_to_another_conversation_and_typing_wait_for_nothing() {
    scenario(async {
        let centre = LongCentre::open().await;
        let ana = centre.ana().await;
        for (interaction, some, last) in
            [(203, "No 999", "No 99999:"), (204, "No 28", "No 299:"), (205, "No 28", "No 299:")]
        {
            ana.click(&format!("work-item[data-interaction='{interaction}']")).await;
            ana.read("transcript", some).await;
            ana.write("transcript", "\u{E010}").await;
            ana.read("transcript", last).await;
            ana.see_no("line-edge").await;
        }
        // More than 200 messages are held of both.
        for interaction in [204, 205] {
            ana.click(&format!("work-item[data-interaction='{interaction}']")).await;
            scroll(&ana, -250, 60).await;
        }
        let eye = ana.evaluate("return middle()").await;
        let before = ana.evaluate(&format!("return place({eye})")).await;

        let switching = "
            const times = [];
            for (let turn = 0; turn < 20; turn += 1) {
                const id = turn % 2 ? 205 : 204;
                const begun = performance.now();
                document.querySelector(`[data-test=work-item][data-interaction='${id}']`).click();
                while (!document.querySelector(`[data-test=work-item][data-interaction='${id}'][aria-current]`)
                    || !document.querySelector('.interaction .message')) await new Promise((done) => setTimeout(done));
                await frame();
                times.push(performance.now() - begun);
                await new Promise((done) => setTimeout(done, 50));
            }
            return times.sort((a, b) => a - b);";
        let worked = ana.worked_ms().await;
        let times = ana.evaluate_later(&awaited(switching)).await;
        let worked = (ana.worked_ms().await - worked) / f64::from(TURNS);
        println!("switching: {worked} ms of work, until painted median {} ms, fastest {}", times[10], times[0]);
        assert!(worked < SWITCH_MS_MAX, "{worked} ms, {times}");

        // Each conversation is where it was left.
        ana.click("work-item[data-interaction='204']").await;
        ana.click("work-item[data-interaction='205']").await;
        ana.read("contact", CONTACTS[2].1).await;
        let after = ana.evaluate(&format!("return place({eye})")).await;
        assert!((number(&before) - number(&after)).abs() <= OFF_PX_MAX, "{eye} moved from {before} to {after}");

        ana.click("work-item[data-interaction='203']").await;
        ana.read("transcript", "No 99999:").await;
        let typing = "
            const field = document.querySelector('[data-test=composer-text]');
            const times = [];
            for (let key = 0; key < 20; key += 1) {
                field.value += key % 12 ? 'x' : '\\n';
                const begun = performance.now();
                field.dispatchEvent(new InputEvent('input', { bubbles: true }));
                void view().scrollHeight;
                times.push(performance.now() - begun);
                await frame();
            }
            return times.sort((a, b) => a - b);";
        let worked = ana.worked_ms().await;
        let times = ana.evaluate_later(&awaited(typing)).await;
        let worked = (ana.worked_ms().await - worked) / f64::from(TURNS);
        println!("a keystroke: {worked} ms of work, on the wall median {} ms, fastest {}", times[10], times[0]);
        assert!(worked < KEY_MS_MAX, "{worked} ms, {times}");
        ana.close().await;
        centre.close().await;
    });
}

#[test]
fn what_was_sent_again_says_so_in_every_tab() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        let fails = Faults { status_failed: Occurrence::next(1), status_failed_code: 131_000, ..Faults::default() };
        centre.simulator.set_faults(fails);
        agent.agent_writes("Good morning!").await;
        agent.see("message-retry").await;
        let other = centre.agent("ana").await;
        other.click("work-item").await;
        other.see("message-retry").await;
        agent.click("message-retry").await;
        for tab in [&agent, &other] {
            tab.read("message[data-delivery=failed]", "Sent again below.").await;
            tab.see_no("message-retry").await;
            tab.reload().await;
            tab.read("message[data-delivery=failed]", "Sent again below.").await;
        }
        tokio::join!(agent.close(), other.close(), phone.close());
        centre.close().await;
    });
}
