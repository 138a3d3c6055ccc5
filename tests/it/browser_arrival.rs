//! How work reaches an agent in a real browser: at sign-in, by itself, and after a look at what is coming.

use deskbell::control::{self, Request, RoleName};
use deskbell::domain::queue::{AutoAnswer, Queue};
use deskbell::password;
use deskbell::simulator::Customer;
use deskbell::store::Store;

use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::scenario;
use crate::harness::desk::PASSWORD;

/// Waiting work arrives within this time of the workspace.
const ARRIVES_MS_MAX: f64 = 1_000.0;
/// Other tests share the processor: one arrival of these is in time.
const ARRIVALS: usize = 5;

/// Cleo, who is Ready as soon as she signs in.
async fn hire_cleo(store: &Store) {
    let cleo = Request::UserAdd {
        login: "cleo".to_owned(),
        name: "Cleo Martin".to_owned(),
        role: RoleName::Agent,
        password_hash: password::hash(PASSWORD).expect("a good password"),
        capacity: 3,
        auto_ready: true,
    };
    let answer = control::execute(store, None, cleo).await;
    assert!(answer.done, "{}", answer.sentence);
}

#[test]
fn step_1_who_signs_in_ready_has_the_waiting_work_within_a_second() {
    scenario(async {
        let centre = Centre::prepared(hire_cleo).await;
        let (agent, phone) = tokio::join!(centre.page(), centre.phone());
        phone.customer_writes("Is anybody there?").await;
        phone.see("phone-message[data-from=customer][data-state=sent]").await;
        let mut took_ms = Vec::new();
        while took_ms.len() < ARRIVALS {
            agent.see("sign-in-submit").await;
            agent.evaluate(WATCH_ARRIVAL).await;
            agent.sign_in("cleo", PASSWORD).await;
            agent.read("offer blockquote", "Is anybody there?").await;
            agent.read("presence-button", "Ready").await;
            took_ms.push(agent.evaluate(ARRIVAL).await.as_f64().expect("both were seen"));
            if took_ms.last().is_some_and(|took_ms| *took_ms < ARRIVES_MS_MAX) {
                break;
            }
            agent.click("presence-button").await;
            agent.click("sign-out").await;
        }
        assert!(took_ms.iter().any(|took_ms| *took_ms < ARRIVES_MS_MAX), "{took_ms:?} ms");
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

/// Notes when the workspace is there, and when the offer is.
const WATCH_ARRIVAL: &str = "
    window.arrival = {};
    const look = () => {
      for (const hook of ['presence-button', 'offer'])
        if (document.querySelector(`[data-test=${hook}]`)) window.arrival[hook] ??= performance.now();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });";

const ARRIVAL: &str = "return window.arrival.offer - window.arrival['presence-button']";

#[test]
fn step_2_an_interaction_opens_by_itself_and_tears_nobody_away() {
    scenario(async {
        let centre = Centre::with_queue(|queue| queue.auto_answer = AutoAnswer::On).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("My parcel is late").await;
        // Nothing else is open: it opens, and a preview says so.
        agent.read("transcript", "My parcel is late").await;
        agent.read("offer-preview", "Amina Diallo").await;
        assert_eq!(agent.count("offer-accept").await, 0, "nothing is left to decide");
        agent.agent_writes("One moment, please.").await;
        phone.read("phone-message[data-from=business]", "One moment, please.").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "what was answered for the agent").await;
        }
        agent.write("composer-text", "Half a sen").await;

        let jonas = Customer { wa_id: "4915755501234".to_owned(), name: "Jonas Keller".to_owned() };
        centre.simulator.customer_writes(jonas, "And mine is broken").await;
        agent.read("offer-preview", "And mine is broken").await;
        agent.read_field("composer-text", "Half a sen").await;
        agent.write("composer-text", "tence").await;
        agent.read_field("composer-text", "Half a sentence").await;
        agent.click("offer-preview:last-child [data-test=offer-show]").await;
        agent.read("transcript", "And mine is broken").await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_2_with_a_preview_it_is_seen_first_and_opens_when_the_time_is_over() {
    scenario(async {
        let rules = |queue: &mut Queue| (queue.auto_answer, queue.offer_timeout_ms) = (AutoAnswer::Preview, 6_000);
        let centre = Centre::with_queue(rules).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("My parcel is late").await;
        agent.read("offer blockquote", "My parcel is late").await;
        agent.read("offer .left", "opens by itself in").await;
        agent.see("offer-reject").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "an offer that will open by itself").await;
        }
        // Nobody touches anything.
        agent.read("transcript", "My parcel is late").await;
        agent.see_no("offer").await;
        agent.read("presence-button", "Ready").await;
        agent.agent_writes("One moment, please.").await;
        phone.read("phone-message[data-from=business]", "One moment, please.").await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}
