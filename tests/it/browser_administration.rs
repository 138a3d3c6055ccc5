//! The administration pages in a real browser: a number connected and tested, rules changed while agents work.

use deskbell::control::{Request, RoleName};
use deskbell::password;
use deskbell::simulator::{Customer, Standing};
use serde_json::json;

use crate::browser_narrow::fits;
use crate::harness::axe::Axe;
use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::PASSWORD;

const ENTER: char = '\u{E007}';
/// Takes the place of what stands in a field.
const ALL: &str = "\u{E009}a\u{E000}";
/// A second number of the simulated business is the same number under another name: its first one is disconnected before.
const SECTIONS: [&str; 7] = ["first_steps", "numbers", "queues", "outcomes", "case_fields", "responses", "rules"];

/// A centre with the administrator Ada, and her browser on the administration pages.
async fn administration() -> (Centre, Page) {
    let centre = Centre::open().await;
    let hash = password::hash(PASSWORD).expect("a good password");
    centre
        .ask(Request::UserAdd {
            login: "ada".to_owned(),
            name: "Ada Novak".to_owned(),
            role: RoleName::Administrator,
            password_hash: hash,
            capacity: 3,
            auto_ready: false,
        })
        .await;
    let page = Page::open(&format!("http://{}/administration", centre.address())).await;
    page.sign_in("ada", PASSWORD).await;
    page.see("step-number").await;
    (centre, page)
}

async fn rewrite(page: &Page, hook: &str, words: &str) {
    page.write(hook, &format!("{ALL}{words}")).await;
}

#[test]
fn only_administrators_get_in_and_the_way_leads_back_and_forth() {
    scenario(async {
        let (centre, page) = administration().await;
        page.click("to-work").await;
        page.click("administration").await;
        page.see("section-numbers").await;
        page.close().await;

        let agent = centre.agent("ana").await;
        agent.see_no("administration").await;
        agent.go(&format!("http://{}/administration", centre.address())).await;
        agent.read("not-administrator", "Only administrators").await;
        agent.see_no("section-numbers").await;
        agent.close().await;
        centre.close().await;
    });
}

#[test]
fn a_number_is_connected_and_passes_the_connection_test() {
    scenario(async {
        let (centre, page) = administration().await;
        // The business has one number: it is disconnected, then connected again by hand.
        page.click("section-numbers").await;
        page.click("numbers-link").await;
        page.click("number-remove").await;
        page.click("number-remove-dialog-submit").await;
        page.see("numbers-empty").await;
        page.click("numbers-new").await;
        for (field, words) in [
            ("name", "Front desk"),
            ("display_number", "+1 555 078 3881"),
            ("phone_number_id", centre.config.phone_number_id.as_str()),
            ("business_account_id", centre.config.business_account_id.as_str()),
            ("access_token", "not the token"),
            ("app_secret", "wrong-secret"),
        ] {
            page.write(&format!("number-{field}"), words).await;
        }
        rewrite(&page, "number-graph_url", &format!("http://{}", centre.simulator.local_addr())).await;
        page.click("number-submit").await;
        page.read("number-access_token-trouble", "characters that none").await;
        page.write("number-access_token", &format!("{ALL}wrong-token")).await;
        page.click("number-submit").await;

        // A wrong token is explained, and nothing else is blamed.
        page.click("test-run").await;
        page.read("test-step-token[data-outcome=bad]", "does not take the access token").await;
        page.read("test-step-token", "System users").await;
        page.see("test-step-app_secret[data-outcome=open]").await;
        page.write("number-access_token", &centre.config.access_token).await;
        page.click("number-submit").await;
        page.read("number-saved", "Saved").await;

        // A wrong app secret, and an app that is not subscribed.
        centre.simulator.set_standing(Standing { subscribed: false, ..Standing::default() });
        page.click("test-run").await;
        page.see("test-step-token[data-outcome=good]").await;
        page.read("test-step-app_secret[data-outcome=bad]", "not the one").await;
        page.read("test-step-number[data-outcome=good]", "quality green").await;
        page.see("test-step-permissions[data-outcome=good]").await;
        page.see("test-step-account[data-outcome=good]").await;
        page.see("test-step-subscription[data-outcome=bad]").await;
        // What Meta sends is turned away meanwhile, and the test says so.
        let amina = Customer { wa_id: "16505551234".to_owned(), name: "Amina Diallo".to_owned() };
        centre.simulator.customer_writes(amina.clone(), "Hello?").await;
        page.read("test-step-webhook[data-outcome=bad]", "another app secret").await;
        page.write("number-app_secret", &centre.config.app_secret).await;
        page.click("number-submit").await;
        page.read("number-saved", "Saved").await;
        page.click("test-subscribe").await;
        page.see("test-step-subscription[data-outcome=good]").await;
        page.see("test-step-app_secret[data-outcome=good]").await;
        page.read("test-summary", "everything is right").await;
        // The message is brought again until it is taken, and then it is here.
        centre.simulator.customer_writes(amina, "Are you there?").await;
        page.see("test-step-webhook[data-outcome=good]").await;

        // What Meta may not do is told as well.
        centre.simulator.set_standing(Standing {
            permissions: vec!["whatsapp_business_management".to_owned()],
            number_status: "PENDING".to_owned(),
            ..Standing::default()
        });
        page.click("test-run").await;
        page.read("test-step-permissions[data-outcome=bad]", "lacks whatsapp_business_messaging").await;
        page.read("test-step-number[data-outcome=bad]", "PENDING").await;
        page.close().await;
        centre.close().await;
    });
}

#[test]
fn a_queue_and_the_rules_change_while_an_agent_works() {
    scenario(async {
        let (centre, page) = administration().await;
        let agent = centre.agent("ana").await;
        agent.become_ready().await;
        page.click("section-rules").await;
        page.see("rules-reasons").await;
        rewrite(&page, "rules-reasons", &format!("Tea{ENTER}Drill")).await;
        page.click("rules-submit").await;
        page.read("rules-saved", "Saved").await;
        agent.click("presence-button").await;
        agent.see("presence-reason-Drill").await;
        agent.see_no("presence-reason-Lunch").await;
        agent.click("presence-button").await;

        page.click("section-queues").await;
        page.click("queues-link").await;
        page.choose("queue-auto_answer", "Opens by itself at once").await;
        rewrite(&page, "queue-name", "Service").await;
        page.click("queue-submit").await;
        page.read("queue-saved", "Saved").await;
        // Without a click of the agent.
        let amina = Customer { wa_id: "16505551234".to_owned(), name: "Amina Diallo".to_owned() };
        centre.simulator.customer_writes(amina, "Hello").await;
        agent.read("work-item", "Amina Diallo").await;
        agent.see("composer-text").await;

        // An outcome is there at once.
        page.click("section-outcomes").await;
        page.click("outcomes-new").await;
        page.write("outcome-label", "Parcel found").await;
        page.click("outcome-submit").await;
        page.read("outcomes-row", "Parcel found").await;
        agent.click("tab-disposition").await;
        agent.write("disposition-field", "parcel found").await;
        agent.read("disposition-option", "Parcel found").await;
        page.click("outcomes-link").await;
        page.click("outcome-retired").await;
        page.click("outcome-submit").await;
        page.read("outcome-saved", "Saved").await;
        agent.close().await;

        // The idle lock holds on these pages as well.
        page.click("section-rules").await;
        rewrite(&page, "rules-idle_lock_ms", "0.05").await;
        rewrite(&page, "rules-idle_warning_ms", "1").await;
        page.click("rules-submit").await;
        page.read("rules-saved", "Saved").await;
        page.reload().await;
        page.see("sign-in-reason").await;
        page.close().await;
        centre.close().await;
    });
}

#[test]
fn fields_and_responses_are_kept_and_an_unsaved_page_is_not_left_by_mistake() {
    scenario(async {
        let (centre, page) = administration().await;
        page.click("section-case_fields").await;
        for name in ["Order number", "Colour"] {
            page.click("case_fields-new").await;
            page.write("case_field-label", name).await;
            if name == "Colour" {
                page.choose("case_field-kind", "Choice").await;
                page.write("case_field-choices", &format!("red{ENTER}blue")).await;
                page.click("case_field-required").await;
            }
            page.click("case_field-submit").await;
            page.read("case_fields-row", name).await;
        }
        page.read("case_fields-row", "order_number").await;
        page.click("case_fields-up").await;
        page.read("case_fields-row:first-child", "Colour").await;

        page.click("section-responses").await;
        page.click("responses-new").await;
        page.write("response-title", "Greeting").await;
        page.write("response-shortcut", "Hi there").await;
        page.write("response-text", "Hello {{contact.first_name}}").await;
        page.click("response-submit").await;
        page.see("response-shortcut-trouble:not(:empty)").await;
        // The field with the trouble has the focus and names it.
        let focused = page.evaluate("return document.activeElement.getAttribute('aria-describedby')").await;
        assert!(focused.as_str().is_some_and(|ids| ids.contains("response-shortcut-trouble")), "{focused}");
        // Nothing is lost by leaving in a hurry.
        page.click("section-queues").await;
        page.see("leave-dialog").await;
        page.write_on("\u{E00C}").await;
        page.read_field("response-title", "Greeting").await;
        rewrite(&page, "response-shortcut", "hi").await;
        page.click("response-submit").await;
        page.read("responses-row", "/hi").await;
        page.close().await;
        centre.close().await;
    });
}

#[test]
fn everything_is_accessible_in_light_and_dark_and_fits_narrow_screens() {
    scenario(async {
        let Some(axe) = Axe::installed() else { return };
        let (centre, page) = administration().await;
        for section in SECTIONS {
            page.go(&format!("http://{}/administration#/{}", centre.address(), section.replace('_', "-"))).await;
            page.see("section-heading").await;
            page.see_no("loading").await;
            axe.finds_nothing(&page, section).await;
            fits(&page, section).await;
            page.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        }
        for (path, hook) in [
            ("numbers/1", "number-submit"),
            ("numbers/new", "number-submit"),
            ("queues/1", "queue-submit"),
            ("outcomes/new", "outcome-submit"),
            ("case-fields/new", "case_field-submit"),
            ("responses/new", "response-submit"),
        ] {
            page.go(&format!("http://{}/administration#/{path}", centre.address())).await;
            page.see(hook).await;
            if path == "numbers/1" {
                page.click("test-run").await;
                page.see("test-step-subscription").await;
            }
            axe.finds_nothing(&page, path).await;
            fits(&page, path).await;
            page.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        }
        page.close().await;
        centre.close().await;
    });
}

#[test]
fn the_administration_pages_have_the_same_words_in_every_language() {
    scenario(async {
        let (centre, page) = administration().await;
        let shapes = page.evaluate_later(crate::browser_shell::WORDS_BY_LANGUAGE).await;
        let shapes = shapes.as_object().expect("languages");
        assert!(shapes.len() > 1);
        for (language, shape) in shapes {
            assert!(shape.as_array().expect("a list").len() > 100);
            assert_eq!(shape, &shapes["en"], "{language} and en have the same keys and functions");
        }
        page.evaluate("localStorage.setItem('deskbell.3.language', 'de'); location.reload()").await;
        page.read("section-numbers", "WhatsApp-Nummern").await;
        page.close().await;
        centre.close().await;
    });
}
