//! The interaction view in a real browser: the walk-through's steps 3, 4, 5 and 8, the tabs, the composer.

use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::furniture::furnish;

const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const TAB: char = '\u{E004}';
const DOWN: char = '\u{E015}';
const RIGHT: char = '\u{E014}';
const END: char = '\u{E010}';

/// Ana becomes Ready, Amina writes, Ana accepts.
async fn talk(agent: &Page, phone: &Page, words: &str) {
    agent.become_ready().await;
    phone.customer_writes(words).await;
    agent.click("offer-accept").await;
    agent.read("transcript", words).await;
}

/// The headings of My work, with their counts.
const GROUPS: &str = "return [...document.querySelectorAll('.group h3')].map((head) => head.textContent).join()";

#[test]
fn step_3_case_information_is_typed_and_saves_itself() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Where is my order?").await;

        agent.write("case-value[data-key=order_number]", &format!("AB-1{ENTER}")).await;
        agent.read("case-status", "Saved").await;
        agent.choose("case-value[data-key=product]", "Mill").await;
        agent.choose("case-value[data-key=gift]", "Yes").await;

        // A refused value stays, with the server's sentence; Escape brings back what the server has.
        agent.write("case-value[data-key=amount]", &format!("twelve{ENTER}")).await;
        agent.see("case-status[data-tone=bad]").await;
        agent.read_field("case-value[data-key=amount]", "twelve").await;
        agent.write("case-value[data-key=amount]", &ESCAPE.to_string()).await;
        agent.read_field("case-value[data-key=amount]", "").await;
        agent.see_no("case-status[data-tone=bad]").await;
        // Leaving the field saves as well.
        agent.write("case-value[data-key=amount]", &format!("12.50{TAB}")).await;

        assert_eq!(agent.count("case-value[data-key=segment][readonly]").await, 1, "the administrator keeps it");
        agent.click("case-add").await;
        agent.write("case-new-name", "Call back").await;
        agent.write("case-new-value", &format!("17:00{ENTER}")).await;
        agent.read_field("case-value[data-key='Call back']", "17:00").await;

        agent.reload().await;
        agent.read_field("case-value[data-key=order_number]", "AB-1").await;
        agent.read_field("case-value[data-key=amount]", "12.50").await;
        agent.read_field("case-value[data-key=product]", "Mill").await;
        agent.read_field("case-value[data-key=gift]", "true").await;
        agent.read_field("case-value[data-key='Call back']", "17:00").await;
        agent.click("case-remove").await;
        agent.see_no("case-value[data-key='Call back']").await;
        // It stays away, also when more is saved.
        agent.write("case-value[data-key=order_number]", &format!("7{ENTER}")).await;
        agent.read("case-status", "Saved").await;
        agent.reload().await;
        agent.read_field("case-value[data-key=order_number]", "AB-17").await;
        assert_eq!(agent.count("case-value[data-key='Call back']").await, 0, "it was removed");

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_3_disposition_note_and_contact() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Where is my order?").await;

        // By keyboard: the tab, the field, a few letters, Enter.
        agent.write("tab-case", &RIGHT.to_string()).await;
        agent.read("disposition-hint", "Needed before Mark Done").await;
        agent.write("disposition-field", "los").await;
        assert_eq!(agent.count("disposition-option").await, 1);
        agent.write("disposition-field", &ENTER.to_string()).await;
        agent.read("disposition-chosen", "Shipping \u{203a} Lost").await;
        agent.read("disposition-hint", "").await;
        agent.note("Her mill is noisy.").await;

        agent.click("tab-contact").await;
        agent.read("contact-name", "Amina Diallo").await;
        agent.read("contact-channel", "Open").await;
        agent.click("contact-edit").await;
        agent.write("contact-first-name", "Aminata").await;
        agent.write("contact-last-name", "Diallo-Keller").await;
        agent.write("contact-tags", "vip, Hamburg").await;
        agent.click("contact-add-attribute").await;
        agent.write("contact-attribute input", "Company").await;
        agent.write("contact-attribute input:nth-of-type(2)", "Diallo Tea").await;
        agent.click("contact-save").await;
        agent.read("contact-name", "Aminata Diallo-Keller").await;
        agent.read("contact", "On WhatsApp: Amina Diallo").await;
        agent.read("contact", "Diallo Tea").await;
        agent.read("work-item", "Aminata Diallo-Keller").await;

        agent.click("contact-add-number").await;
        agent.write("contact-new-number", &format!("12{ENTER}")).await;
        agent.read("address-trouble", ".").await;
        agent.write("contact-new-number", &format!("{ESCAPE}")).await;
        agent.click("contact-add-number").await;
        agent.write("contact-new-number", &format!("+49 30 1234567{ENTER}")).await;
        agent.read("contact-address", "30").await;

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_3_two_agents_who_change_one_contact_choose() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Where is my order?").await;
        agent.click("contact-edit").await;
        agent.write("contact-tags", "vip").await;
        agent.evaluate_later(ELSEWHERE).await;
        agent.click("contact-save").await;
        agent.read("contact-conflict", "Elsewhere").await;
        agent.click("contact-keep-mine").await;
        agent.see_no("contact-save").await;
        agent.read("contact", "vip").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

/// Somebody else changes the only contact meanwhile.
const ELSEWHERE: &str = r#"
    const done = arguments[arguments.length - 1];
    const ask = (method, path, body) => fetch(path, {
      method, headers: {'content-type': 'application/json'}, body: body && JSON.stringify(body),
    }).then((answer) => answer.json());
    ask('GET', '/api/snapshot').then(({ interactions: [{ contact }] }) => ask('PUT', `/api/contacts/${contact.id}`, {
      first_name: 'Elsewhere', last_name: null, attributes: [], tags: [], version: contact.version,
    })).then(() => done(null), (error) => done(String(error)));"#;

#[test]
fn step_3_a_response_is_put_in_and_an_open_code_blocks_the_send() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "I want to send it back").await;

        // From the tab: through the tree, and by a few letters without accents.
        agent.click("tab-responses").await;
        agent.click("response-category").await;
        agent.read("response", "Where is my parcel").await;
        agent.write("responses-search", "grosse and").await;
        agent.see_no("response").await;
        agent.write("responses-search", &format!("{ESCAPE}große")).await;
        agent.write("responses-search", &ESCAPE.to_string()).await;
        agent.write("responses-search", "andern").await;
        agent.read("response", "Größe ändern").await;
        agent.write("responses-search", &ENTER.to_string()).await;
        agent.read_field("composer-text", "We change the size.").await;
        agent.agent_writes("").await;
        phone.read("phone-message[data-from=business]", "We change the size.").await;

        // From the field: what is known is filled in, what is not is marked and holds the message back.
        agent.write("composer-text", "/ret").await;
        agent.read("shortcut-option", "Return label").await;
        agent.write("composer-text", &ENTER.to_string()).await;
        agent.read_field("composer-text", "Dear Amina, the label for {{case.order_number}} is on its way. Ana").await;
        agent.read("composer-codes", "Fill in {{case.order_number}}").await;
        agent.write("composer-text", &format!("{END}{ENTER}")).await;
        // Enter did not send: it went to the code, which typing replaces.
        agent.write_on("AB-7").await;
        agent.see_no("composer-codes").await;
        agent.agent_writes("").await;
        phone.read("phone-message[data-from=business]", "Dear Amina, the label for AB-7 is on its way. Ana").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 2);

        // What Case Information knows is filled in by itself.
        agent.write("case-value[data-key=order_number]", &format!("AB-8{ENTER}")).await;
        agent.read("case-status", "Saved").await;
        agent.write("composer-text", &format!("/re{ENTER}")).await;
        agent.read_field("composer-text", "Dear Amina, the label for AB-8 is on its way. Ana").await;

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_3_a_response_brings_its_files() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone, supervisor) = tokio::join!(centre.agent("ana"), centre.phone(), centre.agent("sue"));
        assert_eq!(supervisor.evaluate_later(ADDS_PRICE_LIST).await, 201);
        supervisor.close().await;
        talk(&agent, &phone, "What does the mill cost?").await;

        agent.click("tab-responses").await;
        agent.write("responses-search", "price").await;
        agent.read("response-file", "Prices 2026.pdf").await;
        agent.write("responses-search", &ENTER.to_string()).await;
        agent.read_field("composer-text", "Here it is.").await;
        agent.read("attached-file", "Prices 2026.pdf").await;
        // It waits with the draft, can be taken away, and is not there twice.
        agent.reload().await;
        agent.read_field("composer-text", "Here it is.").await;
        agent.click("attached-remove").await;
        agent.see_no("attached-file").await;
        agent.write("composer-text", &format!(" /prices{ENTER}")).await;
        agent.read_field("composer-text", "Here it is. Here it is.").await;
        agent.write("composer-text", &format!(" /prices{ENTER}")).await;
        assert_eq!(agent.count("attached-file").await, 1);
        agent.agent_writes("").await;
        agent.see_no("attached-file").await;
        phone.read("phone-message[data-from=business]", "Here it is.").await;
        phone.see("phone-message[data-from=business] a[download='Prices 2026.pdf']").await;
        agent.read("media-file", "Prices 2026.pdf").await;
        agent.read("work-item", "Document: Prices 2026.pdf").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 2, "the words first, then the file, once");

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

const ADDS_PRICE_LIST: &str = "
    const done = arguments[arguments.length - 1];
    const add = async () => {
      const file = await fetch('/api/files', {
        method: 'POST', headers: { 'content-type': 'application/pdf' }, body: '%PDF-1.4 a page of prices',
      });
      const { id } = await file.json();
      const response = await fetch('/api/responses', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          category: ['Shop'], title: 'Price list', shortcut: 'prices', text: 'Here it is.',
          attachments: [{ id, name: 'Prices 2026.pdf' }],
        }),
      });
      return response.status;
    };
    add().then(done, (error) => done(String(error)));";

#[test]
fn step_3_the_composer_previews_marks_and_picks_emoji() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Hello").await;
        agent.write("composer-text", "This is *bold* ").await;
        agent.read("composer-preview strong", "bold").await;
        agent.click("emoji-open").await;
        agent.write("emoji-search", &format!("parcel{ENTER}")).await;
        agent.read_field("composer-text", "This is *bold* \u{1F4E6}").await;
        agent.agent_writes("").await;
        agent.read("message.from-agent strong", "bold").await;
        phone.read("phone-message[data-from=business]", "*bold* \u{1F4E6}").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_4_it_stays_until_mark_done_and_a_live_one_asks() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Where is my order?").await;

        // A live one asks: park, or end and mark Done.
        agent.click("action-done").await;
        agent.read("done-dialog", "Park").await;
        agent.click("done-park").await;
        agent.see("action-open").await;
        agent.click("action-open").await;
        agent.see("action-end").await;

        // It stays on the desktop after the end, and Done leads to what is missing.
        agent.click("action-end").await;
        agent.see_no("action-end").await;
        assert_eq!(agent.evaluate(GROUPS).await, "Ended, not Done1");
        agent.click("action-done").await;
        agent.read("action-trouble", "disposition").await;
        agent.see("panel-disposition").await;
        agent.write_on(&format!("late{ENTER}")).await;
        agent.read("disposition-chosen", "Shipping \u{203a} Late").await;
        agent.click("action-done").await;
        agent.see("work-empty").await;

        // The disposition can be given in the question as well.
        phone.customer_writes("One more thing").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "One more thing").await;
        agent.click("action-done").await;
        agent.write("done-disposition-field", &format!("solved{ENTER}")).await;
        agent.click("done-end").await;
        agent.see("work-empty").await;

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_5_reactivation_of_an_ended_interaction() {
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "My mill is noisy").await;
        agent.agent_writes("We send you a new burr.").await;
        agent.choose_disposition("Lost").await;
        agent.note("Burr sent.").await;
        agent.click("action-end").await;
        agent.click("action-done").await;
        agent.see("work-empty").await;
        phone.customer_writes("The burr has arrived").await;
        agent.click("offer-accept").await;
        agent.agent_writes("Splendid!").await;
        let address = agent.evaluate("return location.hash").await;
        agent.click("action-end").await;
        agent.see_no("action-end").await;

        // The Conversation tab: the current and all earlier interactions, and a jump to each.
        agent.click("tab-conversation").await;
        agent.see("find-interaction[data-current]").await;
        assert_eq!(agent.count("find-interaction").await, 2);
        agent.read("transcript", "My mill is noisy").await;
        agent.read("transcript", "The burr has arrived").await;
        agent.click("find-interaction:not([data-current])").await;

        // History tells how the earlier one went, and shows it in the conversation.
        agent.click("tab-history").await;
        agent.read("history-item", "this one").await;
        agent.click("history-item:nth-child(2) [data-test=history-head]").await;
        agent.read("history-note", "Burr sent.").await;
        agent.read("history-item", "Shipping \u{203a} Lost").await;
        agent.click("history-jump").await;
        agent.click("history-filters").await;
        agent.choose("history-state", "Done").await;
        agent.see_no("history-item [data-current]").await;
        assert_eq!(agent.count("history-item").await, 1);

        // Typing and Send makes it live again: the same one.
        agent.agent_writes("Is it quiet now?").await;
        agent.see("action-end").await;
        assert_eq!(agent.evaluate("return location.hash").await, address, "the same interaction");
        assert_eq!(agent.count("work-item").await, 1);
        phone.read("phone-message[data-from=business]", "Is it quiet now?").await;

        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn step_8_park_and_workbin() {
    scenario(async {
        let centre = Centre::open().await;
        let (ana, ben, phone) = tokio::join!(centre.agent("ana"), centre.agent("ben"), centre.phone());
        talk(&ana, &phone, "I will send the receipt tomorrow").await;
        ana.write("composer-text", "A draft that waits").await;
        ana.click("action-park").await;
        ana.read("composer-elsewhere", "parked").await;
        assert_eq!(ana.evaluate(GROUPS).await, "Parked1");
        ana.click("action-open").await;
        ana.read_field("composer-text", "A draft that waits").await;
        ana.click("action-park").await;
        ana.see("action-open").await;

        // Her message wakes it and routes it: to Ana again, though Ben is free.
        ben.become_ready().await;
        phone.customer_writes("Here is the receipt").await;
        ana.read("offer blockquote", "Here is the receipt").await;
        assert_eq!(ben.count("offer").await, 0, "the last agent is asked first");
        ana.click("offer-accept").await;
        ana.read("transcript", "Here is the receipt").await;
        ana.read_field("composer-text", "A draft that waits").await;

        tokio::join!(ana.close(), ben.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn a_draft_follows_its_author_from_browser_to_browser() {
    scenario(async {
        let centre = Centre::open().await;
        let (here, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&here, &phone, "Hello").await;
        here.write("composer-text", "Begun at the desk").await;
        let there = centre.agent("ana").await;
        there.click("work-item").await;
        there.read_field("composer-text", "Begun at the desk").await;
        there.write("composer-text", ", ended at home").await;
        here.read_field("composer-text", "Begun at the desk, ended at home").await;
        here.agent_writes("").await;
        phone.read("phone-message[data-from=business]", "Begun at the desk, ended at home").await;
        there.read_field("composer-text", "").await;
        tokio::join!(here.close(), there.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn logging_out_with_open_work_says_what_happens() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Hello").await;
        agent.click("presence-button").await;
        agent.click("sign-out").await;
        agent.read("sign-out-dialog", "1 active interaction is parked").await;
        agent.click("sign-out-submit").await;
        agent.see("sign-in-submit").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn tabs_follow_the_arrows_and_stay_as_they_were_left() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Hello").await;
        agent.write("tab-contact", &format!("{RIGHT}{RIGHT}")).await;
        agent.see("panel-history").await;
        agent.see_no("panel-contact").await;
        agent.write("tab-history", &format!("{END}")).await;
        agent.see("panel-responses").await;
        agent.write("tab-responses", &format!("{RIGHT}")).await;
        agent.see("panel-contact").await;
        agent.click("tab-note").await;
        agent.click("tab-history").await;
        agent.reload().await;
        agent.see("panel-note").await;
        agent.see("panel-history").await;
        agent.click("fold").await;
        agent.see_no("panel-note").await;
        agent.write("tab-note", &DOWN.to_string()).await;
        agent.click("tab-note").await;
        agent.see("panel-note").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn the_tabs_keep_nobody_out() {
    let Some(axe) = Axe::installed() else { return };
    scenario(async {
        let centre = Centre::prepared(furnish).await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        talk(&agent, &phone, "Where is my order?").await;
        agent.write("case-value[data-key=amount]", &format!("twelve{ENTER}")).await;
        agent.see("case-status[data-tone=bad]").await;
        for tab in ["disposition", "note", "case", "contact", "conversation", "history", "responses"] {
            agent.click(&format!("tab-{tab}")).await;
            agent.see(&format!("panel-{tab}")).await;
            axe.finds_nothing(&agent, tab).await;
        }
        agent.write("composer-text", "Hello *you* {{case.order_number}} /re").await;
        agent.see("shortcut-option").await;
        axe.finds_nothing(&agent, "composer").await;
        agent.click("emoji-open").await;
        axe.finds_nothing(&agent, "emoji").await;
        agent.click("tab-contact").await;
        agent.click("contact-edit").await;
        axe.finds_nothing(&agent, "contact form").await;
        agent.click("action-done").await;
        axe.finds_nothing(&agent, "done").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}
