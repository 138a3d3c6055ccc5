//! A person asks to be forgotten: what goes, what stays, and that nothing is half gone.

use std::path::Path;
use std::process::Command as Process;
use std::time::Duration;

use deskbell::clock::Clock;
use deskbell::domain::agent::Role;
use deskbell::domain::command::Command;
use deskbell::domain::contact::{Address, AddressKind, Card};
use deskbell::domain::ids::{AgentId, ContactId, ConversationId, InteractionId};
use deskbell::domain::message::{Content, Delivery};
use deskbell::domain::rejection::Rejection;
use deskbell::media::sweep;
use deskbell::search::{Permitted, Question, Ranking, Search};
use deskbell::store::{ContactFilter, Store, StoreError, StoreOptions};

use crate::harness::desk::{Desk, profile};
use crate::harness::disk::Disk;
use crate::harness::logged::{deskbell, told};
use crate::harness::people::{MARIA, OTTO, Person, Town, files_with};
use crate::harness::server::serve;
use crate::harness::traffic::{ANA, MORNING, opening, reports, says, wamid};
use crate::harness::whole;

fn erase(contact: ContactId) -> Command {
    Command::EraseContact { agent: None, contact }
}

fn hits(search: &Search, query: &str) -> u64 {
    let question = Question {
        query: query.to_owned(),
        typing: false,
        conversation: None,
        permitted: Permitted::All,
        order: Ranking::Newest,
        limit: 20,
        counted: true,
        cursor: None,
        time_zone: None,
    };
    let page = search.ask(&question).expect("an answer");
    assert_eq!(page.total, page.hits.len() as u64, "what is counted is shown");
    // A word that is nowhere is read as a similar one.
    if page.read_as.is_some() { 0 } else { page.total }
}

/// How many parts of the index know a word: packed as they are, a search for bytes does not tell.
fn holders(folder: &Path, word: &str) -> usize {
    let index = tantivy::Index::open_in_dir(folder.join("search")).expect("an index");
    let reader = index.reader().expect("an index");
    let mut found = 0;
    for segment in reader.searcher().segment_readers() {
        let field = segment.schema().get_field("text").expect("a field of words");
        let words = segment.inverted_index(field).expect("a dictionary");
        let term = tantivy::Term::from_field_text(field, word);
        found += usize::from(words.get_term_info(&term).expect("readable").is_some());
    }
    found
}

/// Everything that can be read of a person.
fn all_of(store: &Store, person: &Person) -> String {
    let read = store.read(|snapshot| {
        let transcript = snapshot.transcript(person.conversation, None, 100)?;
        let said: Vec<_> = transcript.iter().map(|message| format!("{} {:?}", message.id, message.content)).collect();
        let interaction = snapshot.interaction(person.interaction)?.expect("it is there");
        let contact = snapshot.contact(person.contact)?.expect("they are there");
        let drafts = snapshot.drafts(ANA, 10)?.len();
        let (note, values) = (interaction.note, interaction.case_data.values);
        Ok(format!("{said:?} {note} {:?} {values:?} {} {drafts}", interaction.transfer_note, contact.name()))
    });
    read.expect("readable")
}

#[test]
fn after_an_erasure_and_compacting_no_file_holds_a_word_of_the_person() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    let search = Search::start(town.store.clone(), folder.path(), clock.clone()).expect("a thread");
    while search.progress().is_some() || search.waiting() > 0 {
        search.commit();
        std::thread::sleep(Duration::from_millis(5));
    }
    for needle in MARIA.needles() {
        assert!(!files_with(folder.path(), &needle).is_empty(), "{needle} is nowhere: the test proves nothing");
    }
    assert_eq!(hits(&search, &MARIA.word("text")), 1);
    let before = all_of(&town.store, &OTTO).replace(" 2\"", "").trim_end_matches(" 2").to_owned();

    town.does(vec![erase(MARIA.contact)]);
    assert_eq!(whole::findings(&town.store).expect("readable"), Vec::<String>::new());
    for needle in MARIA.needles() {
        assert_eq!(hits(&search, &needle), 0, "{needle} is found, though it was erased just now");
        let in_log = files_with(folder.path(), &needle).into_iter().any(|path| path.ends_with("deskbell.log"));
        assert!(!in_log, "{needle} is left in the commit log");
    }
    sweep(&town.store, &town.shelf).expect("the shelf can be swept");
    search.purge().expect("the index is there");
    town.store.compact().expect("there is room");

    for needle in MARIA.needles() {
        assert_eq!(files_with(folder.path(), &needle), Vec::<String>::new(), "{needle}");
    }
    for needle in OTTO.needles() {
        assert!(!files_with(folder.path(), &needle).is_empty(), "{needle} is gone with somebody else");
    }
    assert!(!files_with(folder.path(), "everybody's terms").is_empty(), "the file that both had");
    assert_eq!(all_of(&town.store, &OTTO).trim_end_matches(" 1"), before, "nothing of anybody else changes");
    assert_eq!(hits(&search, &OTTO.word("text")), 1);
    assert_eq!(hits(&search, &OTTO.word("note")), 1);
    assert_eq!(hits(&search, OTTO.phone), 1);

    // It goes on, with the same floor, after a stop too.
    town.does(vec![town.says(&OTTO, "later", Content::Text("and now?".to_owned()))]);
    search.stop();
    town.store.stop();
    drop(town);
    let town = Town::open(folder.path(), &clock);
    for needle in MARIA.needles() {
        assert_eq!(files_with(folder.path(), &needle), Vec::<String>::new(), "{needle}");
    }
    let left = town.store.read(|snapshot| snapshot.interaction(MARIA.interaction)).expect("readable");
    let left = left.expect("the interaction is counted on");
    assert!(left.done.is_some() && left.note.is_empty() && left.case_data.values.is_empty());
    assert_eq!(left.handled_by, [ANA]);
}

#[test]
fn the_words_of_an_erased_person_are_in_no_dictionary_of_the_index() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    let search = Search::start(town.store.clone(), folder.path(), clock.clone()).expect("a thread");
    while search.progress().is_some() || search.waiting() > 0 {
        search.commit();
        std::thread::sleep(Duration::from_millis(5));
    }
    let (word, others) = (MARIA.word("text"), OTTO.word("text"));
    assert_eq!(holders(folder.path(), &word), 1, "one part of the index knows the word");
    town.does(vec![erase(MARIA.contact)]);
    search.purge().expect("the index is there");
    for place in ["text", "answer", "note", "case", "internal", "caption", "attribute", "tag"] {
        assert_eq!(holders(folder.path(), &MARIA.word(place)), 0, "{place}");
    }
    assert_eq!(holders(folder.path(), &others), 1);
}

#[test]
fn what_is_left_is_an_empty_name_and_whoever_writes_again_is_new() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::manual(MORNING);
    let town = Town::settled(folder.path(), &clock);
    town.does(vec![erase(MARIA.contact)]);
    let read = |query: &str, assigned_to: Option<AgentId>| -> Vec<u64> {
        let filter = ContactFilter { assigned_to, query: query.to_owned() };
        let page = town.store.read(|snapshot| snapshot.contacts(ANA, &filter, None, 50)).expect("readable");
        page.0.iter().map(|row| row.contact.id.0).collect()
    };
    assert_eq!((read("", None), read("mariposa", None)), (vec![2], vec![]));
    assert_eq!((read("98765432", None), read("", Some(ANA))), (vec![], vec![2]));

    // Nothing can be done about somebody who is no more.
    let refused = |command: Command| {
        let answers = town.store.submit_blocking(vec![command]).expect("the store answers");
        answers.into_iter().next().expect("one answer").expect_err("it is refused")
    };
    let contact = MARIA.contact;
    let address = Address { kind: AddressKind::Phone, value: "4930123456".to_owned() };
    assert_eq!(refused(erase(contact)), Rejection::UnknownContact);
    assert_eq!(refused(Command::AddAddress { agent: ANA, contact, address }), Rejection::UnknownContact);
    let edit = Command::EditContact { agent: ANA, contact, card: Card::default(), version: 3 };
    assert_eq!(refused(edit), Rejection::UnknownContact);
    let channel = deskbell::domain::ids::ChannelId(1);
    assert_eq!(refused(Command::CreateInteraction { agent: ANA, contact, channel }), Rejection::UnknownContact);
    let draft =
        Command::SetDraft { agent: ANA, conversation: MARIA.conversation, text: "x".to_owned(), at: clock.now() };
    assert_eq!(refused(draft), Rejection::UnknownConversation);

    // A webhook that comes again, and statuses of what is gone, bring nothing back.
    let head = town.store.read(|snapshot| snapshot.head()).expect("readable");
    let again = town.says(&MARIA, "text", Content::Text(MARIA.word("text")));
    let message = Some(deskbell::domain::ids::MessageId(2));
    town.does(vec![
        again,
        reports("wamid.zebra.out", None, Delivery::Read),
        reports("wamid.zebra.another", message, Delivery::Read),
    ]);
    assert_eq!(town.store.read(|snapshot| snapshot.head()).expect("readable"), head, "nothing happened");

    town.does(vec![town.says(&MARIA, "anew", Content::Text("hello again".to_owned()))]);
    let address = Address { kind: AddressKind::Phone, value: MARIA.phone.to_owned() };
    let found = town.store.read(|snapshot| snapshot.contact_by_address(&address)).expect("readable");
    assert_eq!(found, Some(ContactId(3)), "somebody new");
    let transcript = town.store.read(|snapshot| snapshot.transcript(ConversationId(3), None, 10)).expect("readable");
    assert_eq!(transcript.len(), 1);
    assert_eq!(whole::findings(&town.store).expect("readable"), Vec::<String>::new());
}

#[test]
fn a_person_somebody_is_at_work_with_is_not_erased_under_their_hands() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let town = Town::open(folder.path(), &Clock::manual(MORNING));
    town.does(opening());
    town.does(vec![says(1, 1)]);
    let answer = |command: Command| town.store.submit_blocking(vec![command]).expect("it answers").remove(0);
    let interaction = InteractionId(1);
    let waits = answer(erase(ContactId(1))).expect_err("it waits for somebody");
    assert_eq!(waits, Rejection::InteractionOpen { interaction, owner: None });
    town.does(vec![Command::Accept { agent: ANA, interaction }]);
    let held = answer(erase(ContactId(1))).expect_err("ana has it");
    assert_eq!(held, Rejection::InteractionOpen { interaction, owner: Some(ANA) });
    assert_eq!(
        answer(Command::EraseContact { agent: Some(ANA), contact: ContactId(1) }).expect_err("ana may not"),
        Rejection::NotAdministrator
    );
    town.does(vec![Command::Park { agent: ANA, interaction }]);
    assert!(answer(erase(ContactId(1))).is_ok(), "what was put aside is closed");
    let row = town.store.read(|snapshot| snapshot.interaction(interaction)).expect("readable").expect("it is there");
    assert_eq!(row.done.map(|(_, agent)| agent), Some(ANA));
}

/// Bytes of the commit log where power is cut.
const LOG_BYTES: u64 = 64 * 1024;

fn open_on(disk: &Disk) -> Result<Store, StoreError> {
    let options = StoreOptions::new(Clock::manual(MORNING)).with_backend(disk.factory()).with_floor_checked();
    Store::open(Path::new("in memory"), options.with_log_bytes(LOG_BYTES))
}

#[test]
fn a_power_cut_leaves_a_person_whole_or_gone() {
    let (mut whole, mut gone) = (0, 0);
    for cut in 1.. {
        let disk = Disk::new(cut);
        let store = open_on(&disk).expect("it opens");
        store.submit_blocking(opening()).expect("it writes");
        let commands: Vec<_> = (1..=40).map(|number| says(number % 2, number)).collect();
        assert!(store.submit_blocking(commands).expect("it writes").iter().all(Result::is_ok));
        let work =
            |interaction| vec![Command::Accept { agent: ANA, interaction }, Command::Park { agent: ANA, interaction }];
        store.submit_blocking(work(InteractionId(1))).expect("it writes");
        disk.cut_at_sync(cut);
        let answered = store.submit_blocking(vec![erase(ContactId(1))]);
        let reached = !disk.has_power();
        let acknowledged = answered.is_ok();
        disk.cut();
        drop(store);
        disk.power_on();
        let store = open_on(&disk).unwrap_or_else(|error| panic!("cut at sync {cut}: {error}"));
        let (contact, left, known) = store
            .read(|snapshot| {
                let contact = snapshot.contact(ContactId(1))?.expect("a row stays");
                let left = snapshot.transcript(ConversationId(1), None, 100)?.len();
                let known = (1..=40).filter(|number| number % 2 == 1);
                let found = known.map(|number| snapshot.message_by_wamid(&wamid(number)));
                Ok((contact, left, found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().count()))
            })
            .expect("readable");
        match (contact.is_erased(), left, known) {
            (false, 20, 20) if !acknowledged => whole += 1,
            (true, 0, 0) => {
                gone += 1;
                for name in ["Contact 1", "message 21"] {
                    assert!(!disk.holds("deskbell.log", name.as_bytes()), "cut {cut}: {name} is left in the log");
                }
            }
            half => panic!("cut at sync {cut}: {half:?}"),
        }
        let others = store.read(|snapshot| snapshot.transcript(ConversationId(2), None, 100)).expect("readable");
        assert_eq!(others.len(), 20, "nobody else loses anything");
        store.submit_blocking(vec![says(1, 999)]).expect("it goes on");
        if !reached {
            break;
        }
    }
    assert!(whole > 0 && gone > 1, "the cuts do not reach the erasure: {whole} whole, {gone} gone");
}

/// A data directory where nobody is at work.
fn left_behind(folder: &Path) -> String {
    let town = Town::settled(folder, &Clock::system());
    town.store.stop();
    folder.to_string_lossy().into_owned()
}

#[test]
fn the_command_line_erases_and_compacts_with_a_server_and_without() {
    for serving in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = left_behind(folder.path());
        let server = serving.then(|| serve(folder.path()));
        let unsure = deskbell(&["erase", "contact", "--phone", "+49 151 98765432", "--data", &data]);
        assert_eq!(unsure.status.code(), Some(2), "nobody was asked: {}", told(&unsure));
        let erased = deskbell(&["erase", "contact", "--phone", "+49 151 98765432", "--yes", "--data", &data]);
        assert!(erased.status.success(), "{}", told(&erased));
        assert!(files_with(folder.path(), &MARIA.word("filebytes")).is_empty(), "the file goes at once");
        let again = deskbell(&["erase", "contact", "--id", "1", "--yes", "--data", &data]);
        assert_eq!(again.status.code(), Some(2), "{}", told(&again));
        let compacted = deskbell(&["compact", "--data", &data]);
        assert!(compacted.status.success(), "{}", told(&compacted));
        for needle in MARIA.needles() {
            assert_eq!(files_with(folder.path(), &needle), Vec::<String>::new(), "{needle}");
        }
        assert!(!files_with(folder.path(), &OTTO.word("text")).is_empty());
        drop(server);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().to_string_lossy();
    for (arguments, word) in [
        (&["erase", "contact", "--yes"][..], "--phone"),
        (&["erase", "contact", "--id", "1", "--phone", "+1", "--yes"][..], "cannot be used"),
        (&["erase", "contact", "--phone", "me", "--yes", "--data", &data][..], "phone number"),
    ] {
        let output = deskbell(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(word), "{}", told(&output));
    }
}

#[test]
fn compacting_that_is_killed_loses_nothing_and_leaves_no_copy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = left_behind(folder.path());
    let clock = Clock::system();
    let town = Town::open(folder.path(), &clock);
    for part in 0..20 {
        town.does((0..200).map(|number| says(number % 50, part * 200 + number)).collect());
    }
    let last = town.store.read(|snapshot| snapshot.last_message_id()).expect("readable");
    town.store.stop();
    drop(town);
    let mut cut = 0;
    for pause_ms in (0..400).step_by(25) {
        let mut child = Process::new(env!("CARGO_BIN_EXE_deskbell"))
            .args(["compact", "--data", &data])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        // Not a wait for something: the moment of the kill is what varies.
        std::thread::sleep(Duration::from_millis(pause_ms));
        child.kill().expect("it can be killed");
        cut += u32::from(!child.wait().expect("it ends").success());
        let town = Town::open(folder.path(), &clock);
        assert_eq!(town.store.read(|snapshot| snapshot.last_message_id()).expect("readable"), last);
        assert!(!folder.path().join("deskbell.draft").exists(), "a copy is left");
        town.store.stop();
    }
    assert!(cut > 0, "it was never killed in the middle");
}

#[test]
fn an_administrator_erases_over_http_and_nobody_else_does() {
    let desk = Desk::open();
    desk.submit(Command::AddAgent(profile("adam", Role::Administrator)));
    desk.browser().contact_writes("16505551234", "wamid.A", "forget this zebra");
    let (ana, mut events) = desk.ready("ana");
    let offered = events.until("interaction_offered");
    let id = offered["interaction"]["id"].clone();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    assert_eq!(ana.post(&format!("/api/interactions/{id}/end"), "{}").status, 200);
    let sue = desk.signed_in("sue");
    assert_eq!(sue.post("/api/contacts/1/erase", "{}").problem(), (403, "not_administrator".to_owned()));
    assert_eq!(desk.browser().post("/api/contacts/1/erase", "{}").status, 401);
    let adam = desk.signed_in("adam");
    assert_eq!(adam.post("/api/contacts/99/erase", "{}").status, 404);
    assert_eq!(adam.post("/api/contacts/1/erase", "{}").status, 204);
    let gone = events.until("contact_changed");
    assert_eq!(gone["contact"]["name"], "Erased contact", "{gone}");
    assert_eq!(gone["contact"]["addresses"].as_array().map(Vec::len), Some(0));
    assert_eq!(ana.get("/api/contacts/1").status, 404);
    assert_eq!(ana.get("/api/search?q=zebra").json()["total"], 0);
    let history = ana.get("/api/history").json();
    assert_eq!(history["interactions"][0]["contact"]["name"], "Erased contact", "{history}");
    assert_eq!(ana.get("/api/conversations/1/messages").json()["messages"].as_array().map(Vec::len), Some(0));
}
