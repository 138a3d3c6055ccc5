//! Templates from Meta's list to the customer's phone.

use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::ids::ChannelId;
use deskbell::domain::template::Template;
use deskbell::limits::REPLY_WINDOW_MS;
use deskbell::outbox::Outbox;
use deskbell::simulator::{Simulator, SimulatorConfig};
use deskbell::store::{Store, StoreOptions};
use deskbell::whatsapp::media::GraphHosts;
use deskbell::whatsapp::signature;
use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::desk::{Desk, MORNING};
use crate::harness::provider::{envelope, text};
use crate::harness::traffic::channel;

const CHANNEL: ChannelId = ChannelId(1);

fn template(name: &str, body: &str) -> Template {
    Template {
        name: name.to_owned(),
        language: "en_US".to_owned(),
        category: "utility".to_owned(),
        status: "approved".to_owned(),
        quality: "green".to_owned(),
        header: None,
        body: body.to_owned(),
        footer: Some("Bye".to_owned()),
        buttons: Vec::new(),
        examples: Vec::new(),
        foreign: false,
    }
}

/// A desk that knows two templates, with a contact whose reply window has closed.
fn closed_window() -> (Desk, Browser, u64) {
    let desk = Desk::open();
    let templates = vec![template("reminder", "Hello {{1}}, see you on {{2}}."), template("thanks", "Thank you!")];
    desk.submit(Command::RecordTemplates { channel: CHANNEL, looked_at: desk.clock.now(), templates });
    let (ana, mut events) = desk.ready("ana");
    // Written a day ago, brought only now.
    let written_at_s = (MORNING.0 - REPLY_WINDOW_MS) / 1_000;
    let answer = desk.browser().bring(&envelope(&[text("16505551234", "wamid.A", "hello", written_at_s)]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    (desk, ana, id)
}

fn send(ana: &Browser, id: u64, key: &str, name: &str, values: &[(&str, &str)]) -> crate::harness::browser::Answer {
    let values: Vec<_> =
        values.iter().map(|(name, value)| json!({"place": "body", "name": name, "value": value})).collect();
    let template = json!({"name": name, "language": "en_US", "values": values});
    let body = json!({"client_key": key, "template": template});
    ana.post(&format!("/api/interactions/{id}/messages"), &body.to_string())
}

#[test]
fn a_template_goes_out_with_a_closed_window_and_a_text_does_not() {
    let (_desk, ana, id) = closed_window();
    let text = ana.post(&format!("/api/interactions/{id}/messages"), r#"{"client_key":"k1","text":"hi"}"#);
    assert_eq!(text.problem(), (409, "window_closed".to_owned()));
    let sent = send(&ana, id, "k2", "reminder", &[("1", "Jo"), ("2", "Monday")]);
    assert_eq!(sent.status, 202, "{}", sent.body);
    let content = &sent.json()["content"];
    assert_eq!(content["kind"], "template");
    assert_eq!(content["text"], "Hello Jo, see you on Monday.");
    assert_eq!((content["name"].as_str(), content["footer"].as_str()), (Some("reminder"), Some("Bye")));
    let again = send(&ana, id, "k2", "reminder", &[("1", "Jo"), ("2", "Monday")]);
    assert_eq!(again.json()["id"], sent.json()["id"], "the same key is the same message");
}

#[test]
fn values_are_checked_before_anything_is_sent() {
    let (desk, ana, id) = closed_window();
    let refused = |name: &str, values: &[(&str, &str)]| send(&ana, id, "k", name, values).problem().1;
    assert_eq!(refused("reminder", &[("1", "Jo")]), "template_variable_missing");
    assert_eq!(refused("reminder", &[("1", "Jo\nx"), ("2", "Monday")]), "template_value_invalid");
    assert_eq!(refused("reminder", &[("1", &"x".repeat(1_024)), ("2", "Monday")]), "template_too_long");
    assert_eq!(refused("goodbye", &[]), "template_unknown");
    let paused = vec![Template { status: "paused".to_owned(), ..template("reminder", "Hello") }];
    desk.submit(Command::RecordTemplates { channel: CHANNEL, looked_at: desk.clock.now(), templates: paused });
    assert_eq!(refused("reminder", &[]), "template_not_approved");
    assert_eq!(refused("thanks", &[]), "template_unknown", "a look replaces the whole list");
    let both = r#"{"client_key":"k","text":"a","template":{"name":"reminder","language":"en_US"}}"#;
    assert_eq!(ana.post(&format!("/api/interactions/{id}/messages"), both).status, 400);
}

#[test]
fn the_list_tells_what_each_template_needs() {
    let (_desk, ana, _) = closed_window();
    let list = ana.get("/api/templates?channel_id=1").json();
    assert!(list["synced_at"].as_i64().is_some());
    let reminder = &list["templates"][0];
    assert_eq!(reminder["name"], "reminder");
    assert_eq!(reminder["variables"][1], json!({"place": "body", "name": "2", "example": ""}));
    assert_eq!(ana.get("/api/templates").status, 400);
    let refused = ana.post("/api/channels/1/templates/sync", "{}").problem();
    assert_eq!(refused, (409, "no_business_account".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_follows_metas_list() {
    let config = SimulatorConfig::default();
    let simulator = Simulator::start(config.clone()).await.expect("the simulator starts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::system();
    let store = Store::open(folder.path(), StoreOptions::new(clock.clone())).expect("a new store opens");
    let mut profile = channel(&config.phone_number_id);
    profile.business_account_id = Some(config.business_account_id.clone());
    profile.graph_url = format!("http://{}", simulator.local_addr());
    profile.access_token.clone_from(&config.access_token);
    store.submit(vec![Command::AddChannel(profile)]).await.expect("it is taken")[0].clone().expect("it is new");
    let outbox = Outbox::start(store.clone(), clock, GraphHosts::default());
    let status = |name: &'static str| {
        let store = store.clone();
        move || {
            let templates = store.read(|snapshot| snapshot.templates(CHANNEL)).expect("it can be read");
            templates.iter().find(|template| template.name == name).map(|template| template.status.clone())
        }
    };
    eventually(|| status("spring_sale")().as_deref() == Some("pending")).await;
    assert_eq!(status("appointment_reminder")().as_deref(), Some("approved"));

    assert!(simulator.approve_template("spring_sale", "en_US", "APPROVED"));
    let business_account_id = config.business_account_id.clone();
    let asked = store.submit(vec![Command::AskTemplates { business_account_id }]).await.expect("it is taken");
    assert_eq!(asked[0].as_ref().expect("never refused").events.len(), 1);
    eventually(|| status("spring_sale")().as_deref() == Some("approved")).await;

    outbox.stop().await;
    simulator.shutdown().await;
    tokio::task::spawn_blocking(move || store.stop()).await.expect("it stops");
}

async fn eventually(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(15), "it did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_a_red_line_before_the_first_message_is_refused() {
    let centre = crate::harness::centre::Centre::open().await;
    let mut ana = Browser::new(centre.address());
    assert_eq!(ana.sign_in("ana", crate::harness::desk::PASSWORD).status, 200);
    let account = centre.config.business_account_id.clone();
    let trouble = || ana.get("/api/snapshot").json()["channels"][0]["trouble"].clone();
    let tell = |value: serde_json::Value| {
        let changes = json!([{"field": "account_update", "value": value}]);
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": account, "changes": changes}]});
        let body = body.to_string();
        let signature = signature::sign(centre.config.app_secret.as_bytes(), body.as_bytes());
        assert_eq!(ana.bring_signed(body.as_bytes(), &signature).status, 200);
    };
    assert!(trouble().is_null());
    let calling = json!([{"restriction_type": "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN"}]);
    tell(json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": calling}));
    assert!(trouble().is_null(), "calls are not messages");
    tell(
        json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}]}),
    );
    assert_eq!(trouble()["code"], 368);
    tell(json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}));
    assert!(trouble().is_null());
    tell(json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}));
    assert_eq!(trouble()["code"], 131_031);
    centre.close().await;
}
