//! Colleagues in real browsers: who is asked in, what they say to each other, and ten of them through a restart.

use deskbell::control::{self, Request, RoleName};
use deskbell::password;
use deskbell::simulator::Customer;
use deskbell::store::Store;

use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::PASSWORD;

const ENTER: char = '\u{E007}';

#[test]
fn colleagues_confer_and_the_contact_learns_nothing() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        ana.become_ready().await;
        phone.customer_writes("Can I return it without the box?").await;
        ana.click("offer-accept").await;
        ben.become_ready().await;

        ana.click("action-invite").await;
        ana.read("colleague", "Ben Okafor").await;
        ana.click("colleague-submit").await;
        ana.read("participant", "Ben Okafor").await;
        // It stands on his desktop, with everything that was said; he writes to her alone.
        ben.click("work-item").await;
        ben.read("transcript", "Can I return it without the box?").await;
        ben.see_no("composer-text").await;
        ben.write("internal-text", &format!("Yes, @ana, within 14 days{ENTER}")).await;
        ana.read("mention", "Ben Okafor").await;
        ana.read("transcript", "Yes, @ana, within 14 days").await;
        ana.click("mention-close").await;
        ana.see_no("mention").await;
        ana.click("write-internal").await;
        ana.write("internal-text", &format!("Thank you{ENTER}")).await;
        ben.read("transcript", "Thank you").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&ben, "an interaction that he was asked into").await;
        }

        ana.click("write-contact").await;
        ana.agent_writes("Yes, within 14 days.").await;
        phone.read("phone-message[data-from=business]", "Yes, within 14 days.").await;
        ben.read("transcript", "Yes, within 14 days.").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 1, "nothing of the rest");

        ben.click("participant-leave").await;
        ben.see_no("work-item").await;
        ana.see_no("participant").await;
        ana.see_no("write-internal").await;
        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

const AGENTS: usize = 10;

fn login(number: usize) -> String {
    format!("agent{number}")
}

fn customer(number: usize) -> Customer {
    Customer { wa_id: format!("4915755500{number:02}"), name: format!("Customer {number}") }
}

/// Ten more people, each for one interaction at a time.
async fn hire(store: &Store) {
    let password_hash = password::hash(PASSWORD).expect("a good password");
    for number in 0..AGENTS {
        let request = Request::UserAdd {
            login: login(number),
            name: format!("Agent {number}"),
            role: RoleName::Agent,
            password_hash: password_hash.clone(),
            capacity: 1,
            auto_ready: true,
        };
        let answer = control::execute(store, None, request).await;
        assert!(answer.done, "{}", answer.sentence);
    }
}

#[test]
fn ten_agents_work_through_a_restart_and_nobody_reloads() {
    scenario(async {
        let mut centre = Centre::prepared(hire).await;
        let mut pages: Vec<Page> = Vec::new();
        for number in 0..AGENTS {
            let page = centre.agent(&login(number)).await;
            centre.simulator.customer_writes(customer(number), &format!("Hello, {number} here")).await;
            page.click("offer-accept").await;
            page.read("transcript", &format!("Hello, {number} here")).await;
            page.evaluate("window.never_left = true").await;
            pages.push(page);
        }

        centre.stop().await;
        for (number, page) in pages.iter().enumerate() {
            page.read("banner", "Connection lost").await;
            page.agent_writes(&format!("Answer {number}")).await;
            centre.simulator.customer_writes(customer(number), &format!("Still there, {number}?")).await;
        }
        centre.start_again().await;

        for (number, page) in pages.iter().enumerate() {
            page.see_no("banner").await;
            page.read("message[data-delivery=delivered]", &format!("Answer {number}")).await;
            page.read("message.from-contact", &format!("Still there, {number}?")).await;
            page.read("presence-button", "Ready").await;
            assert_eq!(page.count("message").await, 3);
            assert_eq!(page.evaluate("return window.never_left").await, true, "nobody had to reload");
        }
        assert_eq!(centre.simulator.counts().accepted, AGENTS as u64, "each answer was sent once");
        for page in pages {
            page.close().await;
        }
        centre.close().await;
    });
}
