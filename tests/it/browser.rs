//! The pages in a real browser, against a whole centre: what an agent and a customer see and do.

mod search;
mod transcript;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deskbell::limits::REPLY_WINDOW_MS;
use deskbell::simulator::{Customer, Faults, Occurrence};
use serde_json::json;

use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::PASSWORD;

/// A cut connection has to be told within this time.
const BANNER_AFTER_MAX: Duration = Duration::from_secs(3);

#[test]
fn a_customer_writes_and_an_agent_answers() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;

        phone.customer_writes("Hello, where is my order AB-1?").await;
        agent.read("offer h3", "Amina Diallo").await;
        agent.read("offer blockquote", "Hello, where is my order AB-1?").await;
        agent.click("offer-accept").await;
        agent.see_no("offer").await;
        agent.read("transcript", "Hello, where is my order AB-1?").await;
        // She sees it, so the customer gets blue ticks.
        phone.see("phone-message[data-from=customer][data-state=read]").await;

        agent.write("composer-text", "It left us").await;
        phone.see("phone-typing").await;
        agent.agent_writes(" this morning.").await;
        phone.read("phone-message[data-from=business]", "It left us this morning.").await;
        phone.see_no("phone-typing").await;
        agent.see("message[data-delivery=read]").await;

        // One tick while the phone is off, two when it is on again, blue ones when the chat is opened.
        phone.click("phone-offline").await;
        phone.see("customer[data-offline=true]").await;
        phone.click("customer header button").await;
        phone.see_no("customer").await;
        agent.agent_writes("Anything else?").await;
        agent.see("message[data-delivery=sent]").await;
        phone.evaluate(PHONE_ON).await;
        agent.see("message[data-delivery=delivered]").await;
        phone.click("customer-tab").await;
        agent.see_no("message[data-delivery=delivered]").await;
        assert_eq!(agent.count("message[data-delivery=read]").await, 2);

        phone.customer_writes("No, thank you!").await;
        agent.read("message.from-contact", "No, thank you!").await;
        phone.see_no("phone-message[data-from=customer]:not([data-state=read])").await;

        agent.note("Asks for the parcel on the day after.").await;
        agent.reload().await;
        agent.read_field("note-text", "Asks for the parcel on the day after.").await;
        agent.read("transcript", "No, thank you!").await;
        assert_eq!(agent.count("message").await, 4, "nothing twice, nothing missing");

        agent.choose_disposition("Solved").await;
        agent.click("action-end").await;
        agent.see_no("action-end").await;
        agent.click("action-done").await;
        agent.see_no("work-item").await;
        agent.see("work-empty").await;
        agent.see_no("transcript").await;

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

/// Switches the phone on while its chat is away.
const PHONE_ON: &str = r#"
    return fetch('/simulator/customers/16505551234', {
      method: 'PUT', headers: {'content-type': 'application/json'}, body: '{"offline": false}',
    });"#;

#[test]
fn a_wrong_password_is_answered_with_the_servers_sentence() {
    scenario(async {
        let centre = Centre::open().await;
        let page = centre.page().await;
        page.sign_in("ana", "wrong password").await;
        page.read("sign-in-trouble", " ").await;
        let sentence = page.evaluate(WRONG_SIGN_IN).await;
        assert_eq!(page.words("sign-in-trouble").await, sentence.as_str().expect("a sentence"));
        // The wrong password is marked, so that typing replaces it.
        page.write("sign-in-password", &format!("{PASSWORD}\u{E007}")).await;
        page.see("presence-button").await;
        page.close().await;
        centre.close().await;
    });
}

/// What the server says to a wrong password.
const WRONG_SIGN_IN: &str = r#"
    return fetch('/api/sign-in', {
      method: 'POST', headers: {'content-type': 'application/json'}, body: '{"login": "ana", "password": "wrong password"}',
    }).then((answer) => answer.json()).then(({ detail }) => detail);"#;

#[test]
fn a_message_that_failed_says_why_and_is_sent_again_where_that_helps() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;

        let fails = |code| Faults { status_failed: Occurrence::next(1), status_failed_code: code, ..Faults::default() };
        centre.simulator.set_faults(fails(131_026));
        agent.agent_writes("Into the void").await;
        agent.read("message[data-delivery=failed]", "the contact may not use WhatsApp").await;
        agent.read("message[data-delivery=failed]", "reach them in another way").await;
        agent.see_no("message-retry").await;

        centre.simulator.set_faults(fails(131_000));
        agent.agent_writes("Good morning!").await;
        agent.read("message[data-delivery=failed]", "WhatsApp could not send the message").await;
        agent.click("message-retry").await;
        phone.read("phone-message[data-from=business]", "Good morning!").await;
        agent.read("message[data-delivery=read]", "Good morning!").await;
        agent.see_no("message-retry").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 1);

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn a_closed_reply_window_blocks_the_composer() {
    scenario(async {
        let centre = Centre::open().await;
        let agent = centre.agent("ana").await;
        agent.become_ready().await;
        let status = centre.simulator.post_signed(late_webhook(&centre)).await.expect("the server answers");
        assert_eq!(status, 200);
        agent.click("offer-accept").await;
        agent.read("transcript", "Is anybody there?").await;
        agent.read("window-closed", "The reply window is closed").await;
        agent.see_no("composer-text").await;
        agent.close().await;
        centre.close().await;
    });
}

/// A message that Meta delivers an hour after the reply window has closed.
pub(crate) fn late_webhook(centre: &Centre) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the machine's clock is set").as_secs();
    let window_s = u64::try_from(REPLY_WINDOW_MS / 1_000).expect("a positive time");
    json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550100", "phone_number_id": centre.config.phone_number_id },
            "contacts": [{ "wa_id": "16505551234", "profile": { "name": "Amina Diallo" } }],
            "messages": [{
                "from": "16505551234", "id": "wamid.late", "timestamp": (now - window_s - 3_600).to_string(),
                "type": "text", "text": { "body": "Is anybody there?" },
            }],
        } }] }],
    })
    .to_string()
    .into_bytes()
}

#[test]
fn the_page_lives_through_a_restart_and_sends_once_what_was_written_meanwhile() {
    scenario(async {
        let mut centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone).await;
        agent.evaluate("window.never_left = true").await;

        let cut = Instant::now();
        centre.stop().await;
        agent.read("banner", "Connection lost").await;
        assert!(cut.elapsed() < BANNER_AFTER_MAX, "told after {:?}", cut.elapsed());
        agent.agent_writes("Written while the line was cut").await;
        agent.read("message[data-delivery=queued]", "Written while the line was cut").await;
        phone.customer_writes("Me too").await;

        centre.start_again().await;
        agent.see_no("banner").await;
        phone.read("phone-message[data-from=business]", "Written while the line was cut").await;
        agent.see("message[data-delivery=read]").await;
        agent.read("message.from-contact", "Me too").await;
        assert_eq!(agent.count("message").await, 3);
        assert_eq!(phone.count("phone-message[data-from=business]").await, 1);
        assert_eq!(centre.simulator.counts().accepted, 1, "it was sent once");
        assert_eq!(agent.evaluate("return window.never_left").await, true, "nobody had to reload");

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn who_is_not_ready_gets_no_offer_and_who_does_not_answer_is_not_ready() {
    scenario(async {
        let centre = Centre::with_queue(|queue| (queue.offer_timeout_ms, queue.pass_over_ms) = (1_500, 1_500)).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        phone.customer_writes("Anybody?").await;
        phone.see("phone-message[data-from=customer][data-state=sent]").await;
        let offered =
            "return fetch('/api/snapshot').then((answer) => answer.json()).then((all) => all.interactions.length)";
        assert_eq!(agent.evaluate(offered).await, 0, "nothing is offered");
        assert_eq!(agent.count("offer").await, 0);

        agent.become_ready().await;
        agent.read("offer blockquote", "Anybody?").await;
        agent.read("presence-button", "Not Ready: No answer").await;
        agent.see_no("offer").await;

        agent.click("presence-hint-ready").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "Anybody?").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn a_colleague_takes_over_and_sees_what_was_said() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone).await;
        ben.become_ready().await;
        ana.click("action-transfer").await;
        ana.read("transfer-target[data-name='Ben Okafor']", "Ready").await;
        ana.click("transfer-target[data-name='Ben Okafor']").await;
        ana.write("transfer-note", "Her mill is noisy").await;
        ana.click("transfer-submit").await;
        ana.see("action-transfer-cancel").await;

        ben.read("offer", "Transfer from Ana Souza").await;
        ben.read("offer blockquote", "Her mill is noisy").await;
        ben.click("offer-accept").await;
        ana.see_no("work-item").await;
        ben.read("message.from-contact", "Hello").await;
        ben.read("message[data-notice]", "Ben Okafor").await;
        ben.agent_writes("Ben here!").await;
        phone.read("phone-message[data-from=business]", "Ben here!").await;
        assert_eq!(phone.count("phone-message").await, 2, "the customer does not see who handed over to whom");

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn the_pages_keep_nobody_out() {
    let Some(axe) = Axe::installed() else { return };
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.page(), centre.phone());
        agent.see("sign-in-submit").await;
        axe.finds_nothing(&agent, "sign-in").await;
        agent.sign_in("ana", PASSWORD).await;
        talk(&agent, &phone).await;
        let fails = Faults { status_failed: Occurrence::next(1), ..Faults::default() };
        centre.simulator.set_faults(fails);
        agent.agent_writes("Into the void").await;
        agent.see("message[data-delivery=failed]").await;
        agent.agent_writes("Good morning!").await;
        agent.see("message[data-delivery=read]").await;
        let jonas = Customer { wa_id: "4915755501234".to_owned(), name: "Jonas Keller".to_owned() };
        centre.simulator.customer_writes(jonas, "Guten Tag").await;
        agent.see("offer").await;
        axe.finds_nothing(&agent, "workspace").await;
        axe.finds_nothing(&phone, "phone").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

/// Ana becomes Ready, Amina writes, Ana accepts.
async fn talk(agent: &Page, phone: &Page) {
    agent.become_ready().await;
    phone.customer_writes("Hello").await;
    agent.click("offer-accept").await;
    agent.read("transcript", "Hello").await;
}
