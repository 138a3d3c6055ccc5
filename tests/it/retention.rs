//! The centre's rules let old conversations and files go, and nothing else.

use std::process::Command as Process;

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::ids::{ContactId, ConversationId, InteractionId, MessageId};
use deskbell::domain::media::{FetchOutcome, MediaFile, MediaKind, MediaMessage, MediaSource};
use deskbell::domain::message::Content;
use deskbell::domain::retention::Retention;
use deskbell::domain::settings::Settings;
use deskbell::domain::time::Timestamp;
use deskbell::media::Shelf;
use deskbell::retention::Sweep;
use deskbell::store::Store;

use crate::harness::desk::Desk;
use crate::harness::people::{MARIA, OTTO, Town, files_with, received};
use crate::harness::traffic::{ANA, MORNING};
use crate::harness::whole;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn keep(retention: Retention) -> Command {
    Command::SetSettings(Settings { retention, ..Settings::default() })
}

fn sweep(store: &Store, shelf: &Shelf, now: Timestamp) -> u32 {
    let mut sweep = Sweep::begin(now, false);
    for steps in 1..10_000 {
        if !sweep.step(store, shelf).expect("the store works") {
            return steps;
        }
    }
    panic!("the sweep does not end");
}

fn is_erased(town: &Town, contact: ContactId) -> bool {
    town.store.read(|snapshot| snapshot.contact(contact)).expect("readable").expect("a row stays").is_erased()
}

#[test]
fn a_quiet_conversation_goes_with_its_contact_and_others_stay() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    let done = |interaction| Command::MarkDone { agent: ANA, interaction };
    town.does(vec![keep(Retention { messages_days: Some(30), ..Retention::default() })]);
    town.does(vec![done(MARIA.interaction)]);
    clock.advance_ms(29 * DAY_MS);
    sweep(&town.store, &town.shelf, clock.now());
    assert!(!is_erased(&town, MARIA.contact), "it is not old enough");
    clock.advance_ms(2 * DAY_MS);
    town.does(vec![town.says(&OTTO, "later", Content::Text("still here".to_owned()))]);
    sweep(&town.store, &town.shelf, clock.now());
    assert!(is_erased(&town, MARIA.contact) && !is_erased(&town, OTTO.contact));
    assert!(files_with(folder.path(), &MARIA.word("filebytes")).is_empty(), "the file goes too");
    assert!(!files_with(folder.path(), "everybody's terms").is_empty(), "somebody else has it as well");
    let transcript = |conversation: ConversationId| {
        town.store.read(|snapshot| snapshot.transcript(conversation, None, 50)).expect("readable").len()
    };
    assert_eq!(transcript(MARIA.conversation), 0);
    assert!(transcript(OTTO.conversation) > 4);
    // Open work is never touched, however old.
    clock.advance_ms(365 * DAY_MS);
    town.does(vec![town.says(&MARIA, "anew", Content::Text("me again".to_owned()))]);
    sweep(&town.store, &town.shelf, clock.now());
    assert!(!is_erased(&town, OTTO.contact), "ana has not finished with otto");
    let head = town.store.read(|snapshot| snapshot.head()).expect("readable");
    sweep(&town.store, &town.shelf, clock.now());
    assert_eq!(town.store.read(|snapshot| snapshot.head()).expect("readable"), head, "a second sweep finds nothing");
    assert_eq!(whole::findings(&town.store).expect("readable"), Vec::<String>::new());
}

#[test]
fn whoever_is_blocked_stays_blocked_though_their_words_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    town.does(vec![
        keep(Retention { messages_days: Some(2), ..Retention::default() }),
        Command::MarkDone { agent: ANA, interaction: MARIA.interaction },
        Command::SetBlocked { agent: ANA, contact: MARIA.contact, blocked: true },
    ]);
    clock.advance_ms(3 * DAY_MS);
    sweep(&town.store, &town.shelf, clock.now());
    let contact = town.store.read(|snapshot| snapshot.contact(MARIA.contact)).expect("readable").expect("there");
    assert!(contact.blocked && !contact.is_erased());
    let left = town.store.read(|snapshot| snapshot.transcript(MARIA.conversation, None, 50)).expect("readable");
    assert!(left.is_empty());
    let head = town.store.read(|snapshot| snapshot.head()).expect("readable");
    sweep(&town.store, &town.shelf, clock.now());
    assert_eq!(town.store.read(|snapshot| snapshot.head()).expect("readable"), head, "there is nothing more to let go");
}

#[test]
fn a_clock_that_is_a_year_ahead_lets_nothing_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    town.does(vec![
        keep(Retention { messages_days: Some(90), ..Retention::default() }),
        Command::MarkDone { agent: ANA, interaction: MARIA.interaction },
    ]);
    clock.advance_ms(365 * DAY_MS);
    sweep(&town.store, &town.shelf, clock.now());
    assert!(!is_erased(&town, MARIA.contact), "nothing was said for a year: the clock is wrong");
}

#[test]
fn many_old_conversations_go_a_few_at_a_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::open(folder.path(), &clock);
    town.does(crate::harness::traffic::opening());
    town.does((0..50).map(|number| crate::harness::traffic::says(number, number)).collect());
    for interaction in (1..=50).map(InteractionId) {
        town.does(vec![
            Command::Accept { agent: ANA, interaction },
            Command::SetDisposition {
                agent: ANA,
                interaction,
                disposition: Some(deskbell::domain::ids::DispositionId(1)),
            },
            Command::MarkDone { agent: ANA, interaction },
        ]);
    }
    town.does(vec![keep(Retention { messages_days: Some(2), ..Retention::default() })]);
    clock.advance_ms(3 * DAY_MS);
    let steps = sweep(&town.store, &town.shelf, clock.now());
    assert!(steps > 3, "all at once, in {steps} steps");
    assert!((1..=50).all(|contact| is_erased(&town, ContactId(contact))));
}

#[test]
fn old_files_go_by_kind_and_their_messages_say_so() {
    let desk = Desk::open();
    let (ana, mut events) = desk.ready("ana");
    let shelf = Shelf::of(desk.store.directory());
    let media = |kind, number: u32| {
        Content::Media(Box::new(MediaMessage {
            kind,
            caption: "look".to_owned(),
            name: Some("a.png".to_owned()),
            mime_type: "image/png".to_owned(),
            voice: false,
            source: MediaSource::Provider { id: number.to_string(), sha256: String::new() },
        }))
    };
    let says = |wamid: &str, content: Content| {
        let browser = desk.browser();
        browser.contact_writes("16505551234", &format!("{wamid}.text"), "a file follows");
        let mut inbound = match crate::harness::traffic::says(1, 1) {
            Command::Receive(inbound) => inbound,
            _ => unreachable!("it is a message"),
        };
        inbound.phone_number_id = crate::harness::provider::PHONE_NUMBER_ID.to_owned();
        inbound.sender.addresses[0].value = "16505551234".to_owned();
        inbound.wamid = deskbell::domain::ids::Wamid(wamid.to_owned());
        inbound.sent_at = desk.clock.now();
        inbound.content = content;
        let message = received(&[desk.submit(Command::Receive(inbound))]);
        let mut draft = shelf.draft().expect("there is room");
        draft.append(wamid.as_bytes()).expect("there is room");
        let kept = draft.keep().expect("there is room");
        let file = MediaFile { hash: kept.hash, mime_type: "image/png".to_owned(), bytes: wamid.len() as u64 };
        desk.submit(Command::RecordFetch { message, outcome: FetchOutcome::Stored(file) });
        (message, kept.hash)
    };
    let (picture, picture_hash) = says("wamid.picture", media(MediaKind::Image, 1));
    let (paper, paper_hash) = says("wamid.paper", media(MediaKind::Document, 2));
    events.until("interaction_offered");
    let rules = Retention { media_days: [(MediaKind::Image, 10)].into(), ..Retention::default() };
    desk.submit(keep(rules));
    let path = |message: MessageId| format!("/api/messages/{message}/media");
    assert_eq!((ana.get(&path(picture)).status, ana.get(&path(paper)).status), (200, 200));
    desk.clock.advance_ms(9 * DAY_MS);
    sweep(&desk.store, &shelf, desk.clock.now());
    let ana = desk.signed_in("ana");
    assert_eq!(ana.get(&path(picture)).status, 200, "it is not old enough");
    desk.clock.advance_ms(DAY_MS + 1_000);
    let ana = desk.signed_in("ana");
    let sue = desk.signed_in("sue");
    let mut events = sue.events_after(&ana.get("/api/snapshot").json()["seq"].to_string());
    sweep(&desk.store, &shelf, desk.clock.now());
    let change = events.until("media_changed");
    let content = &change["message"]["content"];
    assert_eq!((content["state"].as_str(), content["removed"].as_bool()), (Some("failed"), Some(true)), "{change}");
    assert_eq!(content["text"], "look", "the words stay");
    assert_eq!(ana.get(&path(picture)).status, 404);
    let refused = ana.post(&format!("{}/fetch", path(picture)), "{}");
    assert_eq!(refused.problem(), (410, "file_removed".to_owned()), "{}", refused.body);
    assert!(shelf.open(picture_hash).is_err(), "its bytes are gone");
    assert_eq!(ana.get(&path(paper)).status, 200, "other kinds stay");
    assert!(shelf.open(paper_hash).is_ok());
    let page = ana.get("/api/conversations/1/messages").json();
    let newer = |message: MessageId| {
        let found = page["messages"].as_array().expect("a page").iter().find(|one| one["id"] == message.0);
        found.expect("it is there")["version"].as_u64().expect("a number")
    };
    assert!(newer(picture) > newer(paper), "a file that is gone is news to the page");
}

#[test]
fn the_rules_are_set_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().to_string_lossy().into_owned();
    let settings = |arguments: &[&str]| {
        let all = [&["settings"], arguments, &["--data", &data]].concat();
        Process::new(env!("CARGO_BIN_EXE_deskbell")).args(all).output().expect("the binary runs")
    };
    let rules = || {
        let store = Store::open(folder.path(), deskbell::store::StoreOptions::new(Clock::system())).expect("it opens");
        store.read(|snapshot| snapshot.settings()).expect("readable").retention
    };
    assert!(settings(&["--retain-messages-days", "730", "--retain-media-days", "image=90,audio=30"]).status.success());
    let media_days = [(MediaKind::Image, 90), (MediaKind::Audio, 30)].into();
    assert_eq!(rules(), Retention { messages_days: Some(730), media_days });
    assert!(settings(&["--retain-messages-days", "forever", "--retain-media-days", "image=forever"]).status.success());
    assert_eq!(rules(), Retention { messages_days: None, media_days: [(MediaKind::Audio, 30)].into() });
    for wrong in [
        ["--retain-messages-days", "1"],
        ["--retain-messages-days", "soon"],
        ["--retain-messages-days", "99999999"],
        ["--retain-media-days", "image"],
        ["--retain-media-days", "song=3"],
    ] {
        assert_eq!(settings(&wrong).status.code(), Some(2), "{wrong:?}");
    }
}
