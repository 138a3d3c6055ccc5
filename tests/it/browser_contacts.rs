//! Communication, My History, the work list and colleagues in real browsers: the walk-through's steps 6, 7, 8 and 9.

use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::Command;
use deskbell::simulator::Customer;
use deskbell::store::Store;

use crate::browser::late_webhook;
use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::furniture::furnish;

const ENTER: char = '\u{E007}';
const DOWN: char = '\u{E015}';

/// Ana becomes Ready, Amina writes, Ana accepts.
async fn talk(agent: &Page, phone: &Page, words: &str) {
    agent.become_ready().await;
    phone.customer_writes(words).await;
    agent.click("offer-accept").await;
    agent.read("transcript", words).await;
}

/// Ana has served Amina, and the interaction is Done.
async fn served(agent: &Page, phone: &Page) {
    talk(agent, phone, "Where is my mill?").await;
    agent.agent_writes("It left us this morning.").await;
    agent.see("message[data-delivery=read]").await;
    agent.note("Her old mill was noisy.").await;
    finish(agent).await;
}

async fn finish(agent: &Page) {
    agent.choose_disposition("Solved").await;
    agent.click("action-end").await;
    agent.see_no("action-end").await;
    agent.click("action-done").await;
    agent.see_no("work-item").await;
}

#[test]
fn step_6_a_done_interaction_goes_on_from_the_assigned_contacts() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        served(&ana, &phone).await;

        ana.click("communication").await;
        ana.read("contacts-assigned[aria-pressed=true]", "Assigned Contacts").await;
        ana.read("contact-row", "It left us this morning.").await;
        ana.click("contact-row").await;
        ana.read("contact-information", "Amina Diallo").await;
        ana.read("contact-information", "16505551234").await;
        ana.read("contact-information", "Main number").await;
        ana.read("reply-window[data-window=open]", "Reply window open, 23 h").await;
        ana.read("transcript", "Where is my mill?").await;
        ana.read("transcript", "It left us this morning.").await;
        ana.see_no("open-box").await;

        ana.click("create-interaction").await;
        ana.read("work-item", "Amina Diallo").await;
        ana.read("transcript", "Where is my mill?").await;
        ana.read("interaction-state", "Not begun").await;
        // The cursor stands in the message field.
        ana.write_on(&format!("Has it arrived?{ENTER}")).await;
        ana.read("interaction-state", "Active").await;
        phone.read("phone-message[data-from=business]", "Has it arrived?").await;
        ana.see("action-end").await;
        assert_eq!(ana.count("work-item").await, 1);

        ana.click("communication").await;
        ana.read("contact-row", "Active").await;

        tokio::join!(ana.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_6_an_open_interaction_is_led_to_also_when_a_colleague_has_it() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone, "Where is my mill?").await;
        ana.click("communication").await;
        ana.click("contact-row").await;
        ana.read("open-box", "It is yours.").await;
        ana.see_no("create-interaction").await;
        ana.click("open-interaction").await;
        ana.see("composer-text").await;

        ben.click("communication").await;
        ben.click("contacts-all").await;
        ben.click("contact-row").await;
        ben.read("open-box", "Ana Souza handles it").await;
        ben.read("transcript", "Where is my mill?").await;
        ben.see_no("create-interaction").await;
        ben.click("open-interaction").await;
        ben.read("transcript", "Where is my mill?").await;
        ben.see_no("composer-text").await;
        ben.see_no("action-end").await;
        assert_eq!(ben.count("work-item").await, 0, "reading along is no work");

        // Ben's page follows what nobody tells it.
        ana.agent_writes("It left us this morning.").await;
        ben.read("transcript", "It left us this morning.").await;
        ana.agent_writes("Good bye!").await;
        ana.see_no("message[data-delivery=queued]").await;
        finish(&ana).await;
        ben.see("contact-page").await;
        ben.read("transcript", "Good bye!").await;

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_6_two_who_create_at_once_get_one_interaction() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        served(&ana, &phone).await;
        for agent in [&ana, &ben] {
            agent.click("communication").await;
            agent.click("contacts-all").await;
            agent.click("contact-row").await;
            agent.see("create-interaction").await;
        }
        // Ben's page has not heard of it when he clicks.
        ben.evaluate(HOLD_READING).await;
        ana.click("create-interaction").await;
        ana.see("composer-text").await;
        ben.click("create-interaction").await;
        ben.read("create-trouble", "Ana Souza handles it").await;
        ben.evaluate("window.let_go()").await;
        ben.click("create-way-out").await;
        ben.see_no("composer-text").await;
        ben.read("transcript", "Where is my mill?").await;

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

/// Holds this page's reading back until it is let go; orders pass.
const HOLD_READING: &str = "
    const whole = window.fetch;
    window.let_go = () => (window.fetch = whole);
    window.fetch = (path, options) =>
      options?.method === 'GET' ? new Promise(() => {}) : whole.call(window, path, options);";

#[test]
fn step_6_with_a_closed_window_the_chat_opens_and_asks_for_a_template() {
    scenario(async {
        let centre = Centre::open().await;
        let agent = centre.agent("ana").await;
        agent.become_ready().await;
        let status = centre.simulator.post_signed(late_webhook(&centre)).await.expect("the server answers");
        assert_eq!(status, 200);
        agent.click("offer-accept").await;
        agent.see("window-closed").await;
        finish(&agent).await;
        agent.click("communication").await;
        agent.click("contact-row").await;
        agent.read("reply-window[data-window=closed]", "Reply window closed since").await;
        agent.read("contact-information", "begins with a template").await;
        agent.click("create-interaction").await;
        agent.read("window-closed", "The reply window is closed").await;
        agent.see_no("composer-text").await;
        agent.close().await;
        centre.close().await;
    });
}

#[test]
fn step_6_is_absent_on_a_channel_without_asynchronous_mode() {
    scenario(async {
        let centre = Centre::prepared(add_synchronous).await;
        let (ana, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        served(&ana, &phone).await;
        ana.click("communication").await;
        ana.click("contact-row").await;
        ana.see("create-interaction").await;
        assert_eq!(ana.count("create-interaction").await, 1, "for one of the two channels");
        ana.read("contact-information", "On this channel the contact has to write first.").await;
        tokio::join!(ana.close(), phone.close());
        centre.close().await;
    });
}

/// A second number, on which each conversation begins anew.
async fn add_synchronous(store: &Store) {
    let channel = ChannelProfile {
        name: "Sales".to_owned(),
        phone_number_id: "1070000000000077".to_owned(),
        business_account_id: None,
        display_number: "+1 555 0177".to_owned(),
        app_secret: "another secret".to_owned(),
        verify_token: "another token".to_owned(),
        access_token: "a third one".to_owned(),
        graph_url: "http://127.0.0.1:9".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: false,
    };
    let answers = store.submit(vec![Command::AddChannel(channel)]).await.expect("the store takes it");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[test]
fn step_7_an_unassigned_contact_is_found_contacted_and_becomes_assigned() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        served(&ana, &phone).await;

        // Never handled by Ben.
        ben.click("communication").await;
        ben.read("contacts-empty", "No assigned contacts yet").await;
        ben.write("contact-search", "dia").await;
        ben.read("contacts-empty", "No contact found").await;
        ben.click("search-all").await;
        ben.read("contact-row", "Amina Diallo").await;
        ben.write("contact-search", &DOWN.to_string()).await;
        ben.write_on(&ENTER.to_string()).await;
        ben.read("transcript", "It left us this morning.").await;
        ben.click("create-interaction").await;
        ben.agent_writes("Ben here: has it arrived?").await;
        phone.read("phone-message[data-from=business]", "Ben here: has it arrived?").await;
        ben.click("communication").await;
        ben.click("contacts-assigned").await;
        ben.evaluate(EMPTY_SEARCH).await;
        ben.read("contact-row", "Amina Diallo").await;

        // Removed from Ana's list, and still found by part of the number.
        ana.click("communication").await;
        ana.read("contact-row", "Amina Diallo").await;
        ana.click("contact-remove").await;
        ana.see("contacts-empty").await;
        ana.click("contacts-all").await;
        ana.write("contact-search", "5551234").await;
        ana.read("contact-row", "Amina Diallo").await;
        ana.see_no("contact-remove").await;

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

/// As the cross in the field does.
const EMPTY_SEARCH: &str = "
    const field = document.querySelector('[data-test=contact-search]');
    field.value = '';
    field.dispatchEvent(new Event('input'));";

#[test]
fn step_7_a_new_contact_is_made_once() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        served(&ana, &phone).await;
        ana.click("communication").await;
        ana.click("contact-new").await;
        ana.write("new-contact-name", "Jonas Keller").await;
        ana.write("new-contact-phone", &format!("12{ENTER}")).await;
        ana.read("new-contact-trouble", ".").await;
        ana.evaluate("document.querySelector('[data-test=new-contact-phone]').value = ''").await;
        ana.write("new-contact-phone", &format!("+49 1575 5501234{ENTER}")).await;
        ana.read("contact-information", "Jonas Keller").await;
        ana.read("contact-information", "4915755501234").await;
        ana.read("reply-window[data-window=closed]", "No conversation").await;
        ana.read("contact-row", "Jonas Keller").await;

        // A number that somebody has leads to them.
        ana.click("contact-new").await;
        ana.write("new-contact-phone", &format!("+1 650 555 1234{ENTER}")).await;
        ana.see("new-contact-trouble").await;
        ana.click("new-contact-known").await;
        ana.read("contact-information", "Amina Diallo").await;
        ana.see_no("new-contact-phone").await;

        // What is changed here is changed everywhere.
        ana.click("contact-edit").await;
        ana.write("contact-tags", "vip").await;
        ana.click("contact-save").await;
        ana.read("contact-information", "vip").await;

        tokio::join!(ana.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_8_parked_work_is_counted_opened_and_woken() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&ana, &phone, "Where is my mill?").await;
        let jonas = || Customer { wa_id: "4915755501234".to_owned(), name: "Jonas Keller".to_owned() };
        centre.simulator.customer_writes(jonas(), "Guten Tag").await;
        ana.click("offer-accept").await;
        ana.read("work-item[aria-current]", "Jonas Keller").await;
        ana.click("action-park").await;
        ana.see("action-open").await;
        let groups = ana.evaluate(GROUPS).await;
        assert_eq!(groups, "Active1,Parked1");
        ana.click("action-open").await;
        ana.see("action-park").await;
        assert_eq!(ana.evaluate(GROUPS).await, "Active2");

        ana.click("action-park").await;
        ana.see("action-open").await;
        centre.simulator.customer_writes(jonas(), "Sind Sie noch da?").await;
        ana.read("offer", "Sind Sie noch da?").await;
        ana.click("offer-accept").await;
        ana.see("action-park").await;
        assert_eq!(ana.evaluate(GROUPS).await, "Active2");
        tokio::join!(ana.close(), phone.close());
        centre.close().await;
    });
}

/// The headings of My work, with their counts.
const GROUPS: &str = "return [...document.querySelectorAll('.group h3')].map((head) => head.textContent).join()";

#[test]
fn step_9_my_history_has_everything_about_what_i_handled() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone, "Where is my mill?").await;
        ana.write("case-value[data-key=order_number]", &format!("AB-1{ENTER}")).await;
        ana.read("case-status", "Saved").await;
        ana.note("Her old mill was noisy.").await;
        ana.choose_disposition("Lost").await;
        ana.click("action-end").await;
        ana.see_no("action-end").await;
        ana.click("action-done").await;
        ana.see_no("work-item").await;

        ana.click("history").await;
        ana.read("my-history-row", "Lost").await;
        ana.click("my-history-row").await;
        ana.read("history-details", "Her old mill was noisy.").await;
        ana.read("history-details", "AB-1").await;
        ana.read("history-details", "Shipping \u{203a} Lost").await;
        ana.read("history-details", "Ana Souza").await;

        ana.write("my-history-contact", "amina").await;
        ana.see("my-history-row").await;
        ana.click("my-history-filters").await;
        ana.choose("my-history-state", "Not Done").await;
        ana.read("my-history-empty", "No interaction fits").await;
        ana.click("my-history-reset").await;
        ana.see("my-history-row").await;
        ana.choose("my-history-disposition", "Shipping \u{203a} Late").await;
        ana.see("my-history-empty").await;
        ana.choose("my-history-disposition", "Shipping \u{203a} Lost").await;
        ana.see("my-history-row").await;

        ana.click("history-transcript").await;
        ana.see("contact-page").await;
        ana.read("transcript", "Where is my mill?").await;
        ana.click("history").await;
        ana.click("my-history-row").await;
        ana.click("history-create").await;
        ana.see("composer-text").await;

        // Ben has handled nothing.
        ben.click("history").await;
        ben.read("my-history-empty", "Nothing handled yet").await;
        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_9_several_interactions_with_drafts_unread_and_pending_marks_in_every_browser() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, elsewhere) = tokio::join!(centre.agent("ana"), centre.agent("ana"));
        ana.become_ready().await;
        for (wa_id, name) in
            [("4915755501234", "Jonas Keller"), ("33612345678", "Zoé Martin"), ("390612345", "Ada Conti")]
        {
            let customer = Customer { wa_id: wa_id.to_owned(), name: name.to_owned() };
            centre.simulator.customer_writes(customer, &format!("{name} here")).await;
            ana.click("offer-accept").await;
            ana.read("transcript", &format!("{name} here")).await;
        }
        ana.see("work-item[data-pending=green]").await;
        assert_eq!(ana.count("work-item").await, 3);
        ana.write("composer-text", "Half an answer").await;
        elsewhere.read("work-item", "Draft: Half an answer").await;
        elsewhere.reload().await;
        elsewhere.read("work-item", "Draft: Half an answer").await;

        // Ana looks at another one: the draft is marked, and what comes in is counted.
        ana.write_on("\u{E00C}j").await;
        ana.see("work-item").await;
        ana.evaluate("location.hash = '#/communication'").await;
        let ada = Customer { wa_id: "390612345".to_owned(), name: "Ada Conti".to_owned() };
        centre.simulator.customer_writes(ada, "Still there?").await;
        ana.click("my-work").await;
        ana.read("work-item", "Draft: Half an answer").await;
        ana.read("work-item .unread", "1").await;
        assert!(ana.evaluate("return document.title").await.as_str().unwrap().starts_with('('));
        tokio::join!(ana.close(), elsewhere.close());
        centre.close().await;
    });
}

#[test]
fn step_9_who_else_looks_and_types_is_named() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone, "Where is my mill?").await;
        ben.click("communication").await;
        ben.click("contacts-all").await;
        ben.click("contact-row").await;
        ben.read("watchers", "Ana Souza is here too").await;
        ana.read("watchers", "Ben Okafor is here too").await;
        ana.write("composer-text", "It left").await;
        ben.read("watchers", "Ana Souza is typing").await;
        ana.agent_writes(" us this morning.").await;
        ben.read("watchers", "Ana Souza is here too").await;
        ben.click("history").await;
        ana.see_no("watchers li").await;
        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn step_9_colleagues_show_their_load_and_take_over_from_a_queue() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone, "Where is my mill?").await;
        ana.click("colleagues").await;
        ana.read("colleague", "Ben Okafor").await;
        ana.read("colleague", "Not Ready").await;
        ana.read("colleague", "0 of 3").await;
        ben.become_ready().await;
        ana.read("colleague .dot.ready + .at", "Ready").await;
        ana.write("colleagues-panel", "\u{E00C}").await;

        ana.click("action-transfer").await;
        ana.click("transfer-queues").await;
        ana.click("transfer-target[data-name=Support]").await;
        ana.write("transfer-note", "Her mill is noisy").await;
        ana.click("transfer-submit").await;
        ana.read("transfer-state", "Waits for a colleague in Support").await;
        ana.read("transfer-state", "left").await;
        ben.read("offer", "Transfer from Ana Souza").await;
        ben.click("offer-accept").await;
        ben.read("transcript", "Where is my mill?").await;
        ana.see_no("work-item").await;
        ana.click("colleagues").await;
        ana.read("colleague", "1 of 3").await;

        // A search, and one key for the only one who is left.
        ben.click("action-transfer").await;
        ben.write("transfer-search", &format!("sou{ENTER}")).await;
        ben.click("transfer-submit").await;
        ben.read("transfer-state", "Offered to Ana Souza").await;
        ben.click("action-transfer-cancel").await;
        ben.see_no("transfer-state").await;

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn the_new_pages_keep_nobody_out() {
    let Some(axe) = Axe::installed() else { return };
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        ana.click("communication").await;
        ana.see("contacts-empty").await;
        axe.finds_nothing(&ana, "empty list").await;
        talk(&ben, &phone, "Where is my mill?").await;
        ana.click("contacts-all").await;
        ana.click("contact-row").await;
        ana.see("open-box").await;
        ana.see("watchers li").await;
        axe.finds_nothing(&ana, "contact").await;
        ana.click("contact-new").await;
        axe.finds_nothing(&ana, "new contact").await;
        ana.write("new-contact-name", "\u{E00C}").await;
        ana.click("history").await;
        axe.finds_nothing(&ana, "empty history").await;
        ben.click("history").await;
        ben.click("my-history-row").await;
        ben.click("my-history-filters").await;
        axe.finds_nothing(&ben, "history").await;
        ben.click("my-work").await;
        ben.click("work-item").await;
        ben.click("colleagues").await;
        axe.finds_nothing(&ben, "colleagues").await;
        ben.write("colleagues-panel", "\u{E00C}").await;
        ben.click("action-transfer").await;
        axe.finds_nothing(&ben, "transfer").await;
        ben.click("transfer-queues").await;
        ben.click("transfer-target").await;
        ben.click("transfer-submit").await;
        ben.see("transfer-state").await;
        axe.finds_nothing(&ben, "transferring").await;
        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn a_blocked_contact_reaches_nobody_until_somebody_lets_them_in_again() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&ana, &phone, "Buy my coins!").await;
        ana.click("contact-block").await;
        ana.read("contact-block", "Block: nothing they write reaches anybody").await;
        ana.see("action-end").await;
        ana.click("contact-block").await;
        ana.read("contact-block", "Unblock").await;
        ana.see_no("action-end").await;
        ana.read("interaction-state", "Ended").await;
        ana.read("composer-elsewhere", "This contact is blocked.").await;
        ana.choose_disposition("Solved").await;
        ana.click("action-done").await;
        ana.see_no("work-item").await;
        phone.customer_writes("Coins?").await;
        phone.see("phone-message[data-from=customer][data-state=sent]:last-child").await;
        assert_eq!(ana.count("offer").await, 0, "nothing is offered");

        ana.click("communication").await;
        ana.click("contact-row").await;
        ana.read("transcript", "Coins?").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&ana, "a blocked contact").await;
        }
        ana.click("contact-block").await;
        ana.read("contact-block", "Block the contact").await;
        phone.customer_writes("I am sorry").await;
        ana.read("offer blockquote", "I am sorry").await;
        tokio::join!(ana.close(), phone.close());
        centre.close().await;
    });
}
