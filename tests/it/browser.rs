//! The pages in a real browser, against a whole centre: what an agent and a customer see and do.

use crate::harness::centre::Centre;
use crate::harness::chromium::scenario;

#[test]
fn a_customer_writes_and_an_agent_answers() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.ana(), centre.phone());
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
        phone
            .evaluate(
                "return fetch('/simulator/customers/16505551234', {
                   method: 'PUT', headers: {'content-type': 'application/json'}, body: '{\"offline\": false}',
                 })",
            )
            .await;
        agent.see("message[data-delivery=delivered]").await;
        phone.click("customer-tab").await;
        agent.see_no("message[data-delivery=delivered]").await;
        assert_eq!(agent.count("message[data-delivery=read]").await, 2);

        phone.customer_writes("No, thank you!").await;
        agent.read("message.from-contact", "No, thank you!").await;
        phone.see_no("phone-message[data-from=customer]:not([data-state=read])").await;

        agent.write("note-text", "Asks for the parcel on the day after.").await;
        agent.read("note-status", "Saved").await;
        agent.reload().await;
        agent.read_field("note-text", "Asks for the parcel on the day after.").await;
        agent.read("transcript", "No, thank you!").await;
        assert_eq!(agent.count("message").await, 4, "nothing twice, nothing missing");

        agent.choose("disposition-select", "Solved").await;
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
