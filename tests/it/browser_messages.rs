//! More than words in a real browser: templates, quotes, reactions, between the agent's page and the customer's phone.

use deskbell::control::Request;
use deskbell::simulator::{ErrorAnswer, Faults, Occurrence};
use serde_json::json;

use crate::browser::late_webhook;
use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};

const BACKSPACE: char = '\u{E003}';

#[test]
fn with_a_closed_window_a_template_opens_the_way_to_free_text() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        let status = centre.simulator.post_signed(late_webhook(&centre)).await.expect("the server answers");
        assert_eq!(status, 200);
        agent.click("offer-accept").await;
        agent.see_no("composer-text").await;

        agent.click("window-template").await;
        agent.read("template[data-name=order_update][data-language=en_US]", "Approved").await;
        agent.read("template[data-name=newsletter]", "Paused").await;
        agent.write("template-search", "order upd en").await;
        agent.see_no("template[data-name=newsletter]").await;
        agent.click("template[data-name=order_update][data-language=en_US]").await;
        agent.read("template-preview", "Hello {{1}}, your order has left us").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "the template dialog").await;
        }
        for (value, words) in [("0", "AB-1"), ("1", "Amina"), ("2", "Monday"), ("3", "12345")] {
            agent.write(&format!("template-value[id=template-value-{value}]"), words).await;
        }
        agent.read("template-preview", "Hello Amina, your order has left us and arrives on Monday.").await;
        agent.click("template-send").await;
        agent.see_no("template-dialog").await;
        agent.read("message.from-agent", "Hello Amina, your order has left us").await;
        agent.read("window-way-out", "A template is on its way.").await;
        phone.read("phone-message[data-from=business]", "Order AB-1").await;
        phone.read("phone-message[data-from=business]", "https://example.com/parcel/12345").await;

        phone.customer_writes("Monday is fine").await;
        agent.read("message.from-contact", "Monday is fine").await;
        agent.agent_writes("See you then").await;
        phone.read("phone-message[data-from=business]", "See you then").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn both_sides_quote_and_react() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("Is the red one in stock?").await;
        agent.click("offer-accept").await;
        agent.read("message.from-contact", "Is the red one in stock?").await;

        agent.click("message-quote").await;
        agent.read("quoting", "Answer to Amina Diallo").await;
        agent.agent_writes("Yes, two of them").await;
        agent.see_no("quoting").await;
        agent.read("message.from-agent [data-test=quote]", "Is the red one in stock?").await;
        phone.read("phone-message[data-from=business] blockquote", "Is the red one in stock?").await;

        agent.click("message.from-contact [data-test=message-react]").await;
        agent.click("quick-emoji").await;
        agent.see_no("reaction-dialog").await;
        agent.read("message.from-contact [data-test=reaction]", "\u{1F44D}").await;
        phone.read("phone-message[data-from=customer] [data-test=phone-reaction]", "\u{1F44D}").await;

        phone.click("phone-message[data-from=business] [data-test=phone-react]").await;
        agent.read("message.from-agent [data-test=reaction]", "\u{1F44D}").await;
        phone.click("phone-message[data-from=business] [data-test=phone-quote]").await;
        phone.customer_writes("I take both").await;
        agent.read("message.from-contact [data-test=quote]", "Yes, two of them").await;
        agent.click("message.from-contact [data-test=quote]").await;
        agent.see("message.from-agent[data-flash]").await;

        agent.click("message.from-contact button[data-test=reaction]").await;
        agent.click("reaction-remove").await;
        agent.see_no("message.from-contact [data-test=reaction]").await;
        phone.see_no("phone-message[data-from=customer] [data-test=phone-reaction]").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "quotes and reactions").await;
        }
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn what_was_just_written_is_found_everywhere_and_opened_in_its_place() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("Where is my parcel AB-1234? São Paulo is not that far").await;
        agent.click("offer-accept").await;
        agent.read("message.from-contact", "AB-1234").await;
        agent.agent_writes("It waits at the post office").await;
        for text in ["Thank you", "I fetch it tomorrow", "Have a nice day"] {
            phone.customer_writes(text).await;
            agent.read("transcript", text).await;
        }

        agent.write("transcript", "/").await;
        // An order number without its dash, a word without its accents, the last one still being typed.
        for words in ["ab1234", "sao paul", "\"my parcel\" from:contact", "parsel"] {
            // What the words before found is gone before these are typed.
            agent.evaluate("document.querySelector('[data-test=search-text]').select()").await;
            agent.write("search-text", &BACKSPACE.to_string()).await;
            agent.see_no("find-hit").await;
            agent.write("search-text", words).await;
            agent.read_field("search-text", words).await;
            agent.read("find-hit", "Where is my parcel AB-1234?").await;
            agent.read("search-status", "1 result").await;
        }
        agent.read("search-read-as", "parcel").await;
        agent.write("search-text", "\u{E007}").await;
        agent.see_no("search-panel").await;
        agent.read("message[data-flash]", "Where is my parcel AB-1234?").await;
        let marked = agent.evaluate("return [...CSS.highlights.get('deskbell-hit')].map(String).join()").await;
        assert_eq!(marked, "parcel");

        agent.click("tab-conversation").await;
        agent.write("find-text", "post off").await;
        agent.read("find-hit", "It waits at the post office").await;
        agent.write("find-text", "\u{E007}").await;
        agent.read("message.from-agent[data-flash]", "It waits at the post office").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

/// Gives a file field a file, as the dialog of the system would.
async fn choose_file(page: &Page, hook: &str, name: &str, mime_type: &str, bytes: &str) {
    let script = format!(
        "const field = document.querySelector('[data-test={hook}]');
         const chosen = new DataTransfer();
         chosen.items.add(new File([{bytes}], '{name}', {{ type: '{mime_type}' }}));
         field.files = chosen.files;
         field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    page.evaluate(&script).await;
}

/// A picture of one point.
const PICTURE: &str = "Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), \
                       (letter) => letter.charCodeAt(0))";

#[test]
fn a_voice_note_is_recorded_heard_and_sent() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("Please explain it to me").await;
        agent.click("offer-accept").await;
        agent.see("composer-voice").await;
        agent.click("composer-voice").await;
        agent.see("composer-voice[aria-pressed=true]").await;
        let later = "setTimeout(arguments[0], 700)";
        agent.evaluate_later(later).await;
        agent.click("composer-voice").await;
        agent.see("file-send").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "the dialog of a voice note").await;
        }
        agent.click("file-send").await;
        agent.see_no("file-send").await;
        agent.see("media-audio").await;
        agent.read("work-item", "Voice note").await;
        phone.see("phone-message[data-from=business] audio").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn a_link_goes_out_with_or_without_its_page() {
    scenario(async {
        let centre = Centre::open().await;
        let mut outbound = centre.simulator.outbound();
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("Where is it?").await;
        agent.click("offer-accept").await;
        agent.write("composer-text", "See https://example.com/parcel").await;
        agent.see("composer-link-preview").await;
        agent.click("composer-link-preview").await;
        agent.click("composer-send").await;
        assert_eq!(outbound.recv().await.expect("sent").text, "See https://example.com/parcel");
        agent.see_no("composer-link-preview").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn files_go_both_ways_and_are_seen() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("It came broken").await;
        agent.click("offer-accept").await;

        choose_file(&phone, "phone-file", "broken.png", "image/png", PICTURE).await;
        agent.see("media-image").await;
        let drawn = "const done = arguments[0];
            const look = () => {
              const picture = document.querySelector('[data-test=media-image]');
              if (picture?.naturalWidth) done(picture.naturalWidth); else setTimeout(look, 25);
            };
            look();";
        assert_eq!(agent.evaluate_later(drawn).await, 1, "the picture is drawn");
        agent.read("work-item", "Image").await;

        // What WhatsApp refuses is told before anything is sent up.
        choose_file(&agent, "composer-file", "huge.png", "image/png", "new Uint8Array(6 * 1024 * 1024)").await;
        agent.read("file-trouble", "WhatsApp takes up to 5 MB").await;
        agent.see("file-send[disabled]").await;
        agent.click("file-cancel").await;
        agent.see_no("file-send").await;

        choose_file(&agent, "composer-file", "Voucher.pdf", "application/pdf", "'%PDF-1.4 a voucher'").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "the dialog of a file").await;
        }
        agent.write("file-caption", "A voucher for the trouble").await;
        agent.click("file-send").await;
        agent.see_no("file-send").await;
        agent.read("media-file", "Voucher.pdf").await;
        phone.read("phone-message[data-from=business]", "A voucher for the trouble").await;
        phone.see("phone-message[data-from=business] a[download='Voucher.pdf']").await;
        agent.close().await;
        phone.close().await;
        centre.close().await;
    });
}

#[test]
fn a_question_a_place_and_a_card_go_out_and_the_answer_comes_back() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("When does it come?").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "When does it come?").await;

        agent.click("composer-object").await;
        agent.write("object-text", "When are you at home?").await;
        agent.write("object-answers", "Today\nTomorrow\nA title of more than twenty characters").await;
        agent.click("object-send").await;
        agent.read("object-trouble", "An answer has at most 20 characters.").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "the dialog of questions").await;
        }
        agent.evaluate("document.querySelector('[data-test=object-answers]').value = ''").await;
        agent.write("object-answers", "Today\nTomorrow").await;
        agent.click("object-send").await;
        agent.see_no("object-dialog").await;
        agent.read("message.from-agent .choices", "Tomorrow").await;
        phone.read("phone-message[data-from=business]", "When are you at home?").await;
        phone.click("phone-choice:nth-child(2)").await;
        agent.read("message.from-contact:last-child", "Tomorrow").await;
        agent.read("message.from-contact:last-child .kind", "Chosen").await;

        for (kind, fields, seen) in [
            ("Place", &[("place", "52.5163, 13.3777"), ("name", "Our shop")] as &[_], "Our shop"),
            ("Contact card", &[("name", "The workshop"), ("phones", "+49 30 1234567")], "The workshop"),
            (
                "Text with a link button",
                &[("text", "Track it"), ("label", "Track"), ("url", "https://example.com")],
                "Track it",
            ),
            ("Ask for the place", &[("text", "Where are you?")], "Where are you?"),
        ] {
            agent.click("composer-object").await;
            agent.choose("object-kind", kind).await;
            for (field, words) in fields {
                agent.write(&format!("object-{field}"), words).await;
            }
            agent.click("object-send").await;
            agent.see_no("object-dialog").await;
            phone.read("phone-message[data-from=business]", seen).await;
            agent.read("message.from-agent", seen).await;
        }
        // What is no place is told before anything is sent.
        agent.click("composer-object").await;
        agent.choose("object-kind", "Place").await;
        agent.write("object-place", "at home").await;
        agent.click("object-send").await;
        agent.see("object-place:invalid").await;
        agent.evaluate("document.querySelector('[data-test=object-dialog]').close()").await;
        agent.see("message.from-agent a[href^='https://www.openstreetmap.org/']").await;
        agent.see("message.from-agent .card a[href='tel:+49301234567']").await;
        agent.see("message.from-agent .choices a[href='https://example.com']").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "questions, places and cards").await;
        }
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn a_dead_token_is_a_red_light_and_what_waits_goes_out_when_it_is_replaced() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("Are you there?").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "Are you there?").await;
        agent.see_no("channel-trouble").await;

        let refused = ErrorAnswer { code: 190, ..ErrorAnswer::default() };
        centre.simulator.set_faults(Faults {
            graph_error: Occurrence::next(100),
            graph_error_answer: refused,
            ..Faults::default()
        });
        agent.agent_writes("Yes, one moment.").await;
        agent.read("channel-trouble", "Main number: WhatsApp no longer accepts the access token").await;
        agent.read("channel-trouble", "Ask your administrator to set a new access token.").await;
        agent.see("message[data-delivery=queued]").await;
        agent.agent_writes("I look it up.").await;
        agent.see_no("message[data-delivery=failed]").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "a number that cannot send").await;
        }
        agent.reload().await;
        agent.see("channel-trouble").await;

        centre.simulator.set_faults(Faults::default());
        let (phone_number_id, access_token) =
            (centre.config.phone_number_id.clone(), centre.config.access_token.clone());
        centre.ask(Request::AccessTokenSet { phone_number_id, access_token }).await;
        agent.see_no("channel-trouble").await;
        phone.read("phone-message[data-from=business]", "Yes, one moment.").await;
        phone.read("phone-message[data-from=business]:last-child", "I look it up.").await;
        assert_eq!(phone.count("phone-message[data-from=business]").await, 2, "each once");
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn what_a_customer_shares_changes_and_deletes_stands_in_the_transcript() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes("I am hree").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "I am hree").await;

        phone.click("phone-edit").await;
        phone.write("phone-text", &BACKSPACE.to_string().repeat(9)).await;
        phone.write("phone-text", "I am here").await;
        phone.click("phone-send").await;
        agent.read("message:last-child .kind", "Changed to").await;
        agent.read("message:last-child .body", "I am here").await;
        agent.read("message:last-child .quoted", "I am hree").await;
        agent.read("message-revised", "changed").await;
        agent.reload().await;
        agent.read("message-revised", "changed").await;

        phone.click("phone-share").await;
        phone.click("phone-share-location").await;
        agent.read("message:last-child", "Brandenburg Gate").await;
        agent.see("message:last-child a[href*='mlat=52.516275']").await;
        phone.click("phone-share").await;
        phone.click("phone-share-contacts").await;
        agent.read("message:last-child .card", "Example Works").await;
        agent.see("message:last-child .card a[href='tel:+49305550100']").await;

        phone.click("phone-message:first-child [data-test=phone-revoke]").await;
        agent.read("message:last-child .kind", "Deleted this message").await;
        agent.read("message-revised", "deleted").await;
        agent.read("message:last-child .quoted", "I am hree").await;
        if let Some(axe) = Axe::installed() {
            axe.finds_nothing(&agent, "what a customer shared").await;
            axe.finds_nothing(&phone, "a phone that shared").await;
        }

        let items = json!([{"product_retailer_id": "MUG", "quantity": 2, "item_price": 9, "currency": "EUR"}]);
        let order = json!({"catalog_id": "1", "text": "Soon, please", "product_items": items});
        centre.simulator.customer_sends(centre.config.customers[0].clone(), "order", &order).await;
        agent.read("message:last-child .kind", "Order").await;
        agent.read("message:last-child", "2 \u{d7} MUG").await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn every_error_of_graph_can_be_chosen_in_the_panel() {
    scenario(async {
        let centre = Centre::open().await;
        let phone = centre.phone().await;
        phone.click("open-faults").await;
        phone.see("faults-apply").await;
        let choose = "const done = arguments[0];
            const field = document.querySelector('[data-test=\"fault-graph_error_answer.code\"]');
            const look = () => {
              if (field.length < 40) return void setTimeout(look, 25);
              field.value = '131037';
              document.querySelector('[data-test=\"fault-graph_error.next\"]').value = 1;
              done(field.value);
            };
            look();";
        assert_eq!(phone.evaluate_later(choose).await, "131037");
        phone.click("faults-apply").await;
        phone.read("open-faults", "Faults on").await;
        phone.close().await;
        centre.close().await;
    });
}
