//! Backups: what is in them, that damage is found, that what comes back is what was there.

mod commands;
mod disasters;
mod schedule;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use deskbell::backup::{self, BackupError, Order};
use deskbell::clock::Clock;
use deskbell::domain::command::{Command, PastMessage};
use deskbell::domain::contact::{Address, AddressKind, Card, Sender};
use deskbell::domain::ids::{ContactId, ConversationId, InteractionId, MessageId, ResponseId, Wamid};
use deskbell::domain::media::{FileHash, MediaFile, MediaKind, MediaMessage, MediaSource};
use deskbell::domain::message::{Author, Content, Delivery};
use deskbell::domain::response::{Attachment, Response};
use deskbell::domain::send::SendState;
use deskbell::domain::time::Timestamp;
use deskbell::media::Shelf;
use deskbell::store::{Checked, Checker, Dump, Store, StoreError, StoreOptions};

use crate::harness::traffic::{ANA, MORNING, agent, answers, opening, reports, says};

/// Table, key and value.
type Row = (u8, Vec<u8>, Vec<u8>);

fn open(data: &Path) -> Store {
    Store::open(data, StoreOptions::new(Clock::manual(MORNING))).expect("it opens")
}

/// Does something that is accepted.
fn does(store: &Store, command: Command) {
    let told = format!("{command:?}");
    let answers = store.submit_blocking(vec![command]).expect("the store takes it");
    assert!(answers[0].is_ok(), "{told}: {answers:?}");
}

/// A file on the shelf.
fn on_shelf(data: &Path, bytes: &[u8]) -> MediaFile {
    let mut draft = Shelf::of(data).draft().expect("there is room");
    draft.append(bytes).expect("there is room");
    let kept = draft.keep().expect("there is room");
    MediaFile { hash: kept.hash, mime_type: "image/png".to_owned(), bytes: bytes.len() as u64 }
}

/// A morning that leaves rows in almost every table.
fn morning(data: &Path) -> Store {
    let store = open(data);
    for command in opening() {
        does(&store, command);
    }
    does(&store, Command::AddAgent(agent("Ben")));
    for number in 0..12 {
        does(&store, says(number % 4, number));
    }
    let file = on_shelf(data, b"a picture");
    does(&store, Command::AddFile { agent: ANA, file: file.clone() });
    let sent = |hash: FileHash| MediaMessage {
        kind: MediaKind::Image,
        caption: "look".to_owned(),
        name: None,
        mime_type: "image/png".to_owned(),
        voice: false,
        source: MediaSource::Ours(hash),
    };
    for id in (1..=3).map(InteractionId) {
        does(&store, Command::Accept { agent: ANA, interaction: id });
        does(&store, answers(id, id.0));
    }
    let picture = Command::Send {
        agent: ANA,
        interaction: InteractionId(1),
        client_key: deskbell::domain::ids::ClientKey("picture".to_owned()),
        content: Content::Media(Box::new(sent(file.hash))),
        raw: None,
        quoted: None,
    };
    does(&store, picture);
    let Command::Receive(mut theirs) = says(1, 100) else { panic!("it is a message") };
    let source = MediaSource::Provider { id: "77".to_owned(), sha256: String::new() };
    theirs.content = Content::Media(Box::new(MediaMessage { source, ..sent(file.hash) }));
    does(&store, Command::Receive(theirs));
    let sends = store.read(|snapshot| snapshot.sends()).expect("readable");
    let first = sends[0].message;
    does(&store, Command::StartSend { message: first });
    does(&store, Command::RecordAccepted { message: first, wamid: Wamid("wamid.OUT1".to_owned()) });
    does(&store, Command::StartSend { message: sends[2].message });
    does(&store, Command::RecordAccepted { message: sends[2].message, wamid: Wamid("wamid.OUT3".to_owned()) });
    does(&store, reports("wamid.STRANGE", None, Delivery::Sent));
    let sender =
        Sender { addresses: vec![Address { kind: AddressKind::Phone, value: "15550000001".to_owned() }], name: None };
    let past = |number: u64, content| PastMessage {
        wamid: Wamid(format!("wamid.PAST{number}")),
        author: Author::Contact,
        at: Timestamp(MORNING.0 - 1_000),
        content,
        raw: None,
        quoted: Some(Wamid("wamid.PAST1".to_owned())),
    };
    let said = vec![
        past(1, Content::Text("long ago".to_owned())),
        past(2, Content::Reaction { emoji: "\u{1f44d}".to_owned() }),
    ];
    does(&store, Command::ReceivePast { phone_number_id: "106540352242922".to_owned(), sender, said });
    does(&store, Command::KeepRaw { kind: "calls".to_owned(), raw: "{}".to_owned() });
    let text = "remember".to_owned();
    let note = Command::SetNote { agent: ANA, interaction: InteractionId(2), text, version: 0, mentions: vec![] };
    does(&store, note);
    let draft =
        Command::SetDraft { agent: ANA, conversation: ConversationId(2), text: "not yet".to_owned(), at: MORNING };
    does(&store, draft);
    let address = Address { kind: AddressKind::Phone, value: "15559999999".to_owned() };
    let card = Card { first_name: Some("Noor".to_owned()), ..Card::default() };
    does(&store, Command::AddContact { agent: ANA, card, address });
    let attachments = vec![Attachment { file: file.hash, name: "a.png".to_owned() }];
    let response = Response {
        id: ResponseId(0),
        category: vec![],
        title: "Hello".to_owned(),
        shortcut: None,
        text: "Hello".to_owned(),
        attachments,
    };
    // Agents may not set responses; the refusal changes nothing and is no concern of this.
    drop(store.submit_blocking(vec![Command::SetResponse { agent: ANA, response }]).expect("the store takes it"));
    let disposition = store.read(|snapshot| snapshot.dispositions()).expect("readable")[0].id;
    let interaction = InteractionId(3);
    does(&store, Command::SetDisposition { agent: ANA, interaction, disposition: Some(disposition) });
    does(&store, Command::End { agent: ANA, interaction });
    does(&store, Command::MarkDone { agent: ANA, interaction });
    store
}

fn rows(dump: &Dump) -> Vec<Row> {
    let mut rows = Vec::new();
    dump.each_row(&mut |table, key, value| {
        rows.push((table, key.to_vec(), value.to_vec()));
        Ok::<_, StoreError>(())
    })
    .expect("readable");
    rows
}

fn checked<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Checked {
    let mut checker = Checker::new();
    for (table, key, value) in rows {
        checker.row(*table, key, value);
    }
    checker.finish(false)
}

/// Without the commit log's epoch, which no two stores share, and without what says that a store was restored.
fn lasting(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().filter(|(table, key, _)| *table != 1 || key.as_slice() == [0]).collect()
}

fn back_up(store: &Store, target: &Path, passphrase: Option<&str>) -> Result<PathBuf, BackupError> {
    let shelf = Shelf::of(store.directory());
    let order = Order { target, passphrase, shelf: Some(&shelf), now: MORNING, gentle: false };
    let made = backup::make(&store.dump()?, &order)?;
    assert_eq!(made.checked.findings, Vec::<String>::new());
    Ok(made.path)
}

fn restored(file: &Path, data: &Path, passphrase: Option<&str>) -> Result<backup::Restored, BackupError> {
    backup::restore(file, data, passphrase, &StoreOptions::new(Clock::manual(MORNING)))
}

#[test]
fn what_is_restored_is_what_was_there_in_every_table_and_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let store = morning(&data);
    let before = rows(&store.dump().expect("readable"));
    let tables: std::collections::BTreeSet<u8> = before.iter().map(|(table, ..)| *table).collect();
    assert!(tables.len() > 30, "the morning leaves rows in many tables: {tables:?}");
    for passphrase in [None, Some("correct horse")] {
        let file = back_up(&store, folder.path(), passphrase).expect("it is made");
        assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
        let copy = folder.path().join(if passphrase.is_some() { "copy" } else { "plain copy" });
        let restored = restored(&file, &copy, passphrase).expect("it is restored");
        assert_eq!(restored.verified.checked.findings, Vec::<String>::new());
        assert_eq!(restored.verified.checked.files, 1);
        let after = rows(&Dump::open(&copy, &StoreOptions::new(Clock::manual(MORNING))).expect("it opens"));
        assert!(lasting(after) == lasting(before.clone()), "every row is as it was");
        let picture = on_shelf(&copy, b"a picture");
        let mut bytes = String::new();
        std::io::Read::read_to_string(&mut Shelf::of(&copy).open(picture.hash).expect("it is there"), &mut bytes)
            .expect("readable");
        assert_eq!(bytes, "a picture");
        // And it goes on as any other.
        let store = open(&copy);
        does(&store, says(9, 900));
        store.stop();
    }
    assert!(fs::read_dir(&data).expect("readable").flatten().all(|entry| entry.file_name() != "restored"));
    store.stop();
}

#[test]
fn what_waited_to_be_sent_in_a_restored_copy_is_a_persons_to_decide() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = morning(&folder.path().join("data"));
    let waiting = |store: &Store| {
        let sends = store.read(|snapshot| snapshot.sends()).expect("readable");
        let due = sends.iter().filter(|send| matches!(send.state, SendState::Due(_))).count();
        (due, sends.len())
    };
    let (due, all) = waiting(&store);
    assert!(due > 0, "something waits");
    let file = back_up(&store, folder.path(), None).expect("it is made");
    store.stop();
    let copy = folder.path().join("copy");
    restored(&file, &copy, None).expect("it is restored");
    let store = open(&copy);
    // It may have gone out after the backup was made.
    assert_eq!(waiting(&store), (0, all));
    does(&store, answers(InteractionId(1), 77));
    store.stop();
    let store = open(&copy);
    assert_eq!(waiting(&store), (1, all + 1), "what is said from now on goes out as ever");
    store.stop();
}

#[test]
fn a_backup_holds_everything_that_was_acknowledged_before_and_the_writer_goes_on_meanwhile() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = morning(&folder.path().join("data"));
    let worker = store.clone();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        let mut number = 1_000;
        while stopped.try_recv().is_err() {
            does(&worker, says(number % 50, number));
            number += 1;
        }
        number
    });
    for round in 0..4 {
        // Acknowledged just now, and only in the commit log so far.
        does(&store, says(round, 500 + round));
        let file = back_up(&store, &folder.path().join(format!("{round}.backup")), None).expect("it is made");
        let copy = folder.path().join(format!("copy {round}"));
        restored(&file, &copy, None).expect("it is restored");
        let copy = open(&copy);
        let wamid = crate::harness::traffic::wamid(500 + round);
        let found = copy.read(|snapshot| snapshot.message_by_wamid(&wamid)).expect("readable");
        assert!(found.is_some(), "what was acknowledged before is in it");
        copy.stop();
    }
    stop.send(()).expect("it works");
    assert!(writing.join().expect("no panic") > 1_010, "the writer goes on");
    store.stop();
}

#[test]
fn a_changed_byte_anywhere_and_every_cut_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = morning(&folder.path().join("data"));
    for (passphrase, step) in [(None, 29), (Some("correct horse"), 4_999)] {
        let file = back_up(&store, folder.path(), passphrase).expect("it is made");
        let bytes = fs::read(&file).expect("readable");
        let damaged = folder.path().join("damaged");
        let is_found = |bytes: &[u8], what: String| {
            fs::write(&damaged, bytes).expect("writable");
            assert!(backup::verify_file(&damaged, passphrase).is_err(), "{what} of {} is not found", bytes.len());
        };
        let edges = if passphrase.is_some() { 5 } else { 200 };
        let places = (0..bytes.len())
            .filter(|place| *place < edges || *place + edges > bytes.len() || place.is_multiple_of(step));
        for place in places {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            is_found(&changed, format!("byte {place}"));
        }
        for length in (0..bytes.len()).step_by(step * 7).chain(bytes.len() - 3..bytes.len()) {
            is_found(&bytes[..length], format!("a cut to {length}"));
        }
        is_found(&[&bytes, b"x".as_slice()].concat(), "a byte too many".to_owned());
        assert!(backup::verify_file(&file, passphrase).is_ok(), "undamaged");
    }
    store.stop();
}

#[test]
fn a_damaged_record_a_missing_row_and_a_row_too_many_are_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = morning(&folder.path().join("data"));
    let rows = rows(&store.dump().expect("readable"));
    assert_eq!(checked(&rows).findings, Vec::<String>::new());
    for place in 0..rows.len() {
        let (table, _, value) = &rows[place];
        let mut changed = rows.clone();
        if value.is_empty() {
            changed[place].2.push(0);
        } else {
            changed[place].2[value.len() / 2] ^= 4;
        }
        assert!(checked(&changed).findings_total > 0, "a changed row of table {table}");
    }
    // Tables whose rows are named by others or say the same from another end.
    let bound = [3, 4, 5, 10, 11, 12, 13, 15, 16, 17, 18, 19, 22, 23, 24, 25, 27, 28, 33, 34, 36, 37, 38, 44, 45, 46];
    for table in bound {
        let place = rows.iter().position(|row| row.0 == table);
        let place = place.unwrap_or_else(|| panic!("the morning leaves no row in table {table}"));
        let missing = rows.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, row)| row);
        assert!(checked(missing).findings_total > 0, "a missing row of table {table}");
        let twice = rows.iter().take(place + 1).chain(rows.iter().skip(place));
        // A repeated row of a table with one end only changes nothing.
        assert!(checked(twice).findings_total > 0 || [24, 44, 46].contains(&table), "a row too many in table {table}");
    }
    let journal: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].0 == 2).collect();
    let gap = rows.iter().enumerate().filter(|(at, _)| *at != journal[3]).map(|(_, row)| row);
    assert!(checked(gap).findings[0].contains("journal"), "a gap in the journal");
    store.stop();
}

#[test]
fn a_file_that_is_gone_or_changed_is_found_in_the_data_and_told_in_the_backup() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let store = morning(&data);
    let hash = on_shelf(&data, b"a picture").hash.hex();
    let place = data.join("media").join(&hash[..2]).join(&hash);
    let finds = |word: &str| {
        let verified =
            backup::verify_data(&store.dump().expect("readable"), &Shelf::of(&data), false).expect("it reads");
        assert!(verified.report().contains(word) && verified.report().contains(&hash[..12]), "{}", verified.report());
    };
    fs::write(&place, b"a forgery").expect("writable");
    finds("not those that it is named by");
    let shelf = Shelf::of(&data);
    let target = folder.path().join("backups");
    fs::create_dir(&target).expect("writable");
    let make = |at| {
        let order = Order { target: &target, passphrase: None, shelf: Some(&shelf), now: Timestamp(at), gentle: false };
        backup::make(&store.dump().expect("readable"), &order).expect("better than none")
    };
    let first = make(1_000);
    assert!(first.path.to_string_lossy().ends_with(".backup.faulty"), "{}", first.path.display());
    fs::remove_file(&place).expect("removable");
    finds("not on the shelf");
    let second = make(2_000);
    assert!(second.checked.findings_total > 0 && second.sentence().contains("not whole"));
    assert!(!first.path.exists() && second.path.exists(), "one of them is kept to be looked at");
    store.stop();
}

#[test]
fn a_wrong_passphrase_a_foreign_file_and_a_directory_in_use_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let store = morning(&data);
    let sealed = back_up(&store, folder.path(), Some("correct horse")).expect("it is made");
    assert!(sealed.to_string_lossy().ends_with(".backup.age"));
    let told = |outcome: Result<backup::Restored, BackupError>| outcome.err().expect("it is refused").to_string();
    let copy = folder.path().join("copy");
    assert!(told(restored(&sealed, &copy, Some("battery staple"))).contains("passphrase does not open it"));
    assert!(told(restored(&sealed, &copy, None)).contains("--passphrase-file"));
    assert!(told(restored(&sealed, &data, Some("correct horse"))).contains("is not empty"));
    let foreign = folder.path().join("foreign");
    fs::File::create(&foreign).expect("writable").write_all(&[7; 5_000]).expect("writable");
    assert!(told(restored(&foreign, &copy, None)).contains("no backup of Deskbell"));
    let other = back_up(&store, &folder.path().join("other.backup"), None).expect("it is made");
    let mut newer = fs::read(&other).expect("readable");
    newer[16] = b'2';
    fs::write(&foreign, &newer).expect("writable");
    assert!(told(restored(&foreign, &copy, None)).contains("newer Deskbell"));
    assert!(!copy.exists(), "nothing is left of what was refused");
    assert!(back_up(&store, &other, None).err().is_some_and(|error| error.is_refusal()), "nothing is written over");
    let dump = store.dump().expect("readable");
    assert!(matches!(store.dump().err(), Some(StoreError::Dumping)), "one at a time");
    drop(dump);
    assert!(store.dump().is_ok());
    let known = store.read(|snapshot| snapshot.message(MessageId(1)).and(snapshot.contact(ContactId(1))));
    assert!(known.expect("readable").is_some());
    store.stop();
}

#[test]
fn a_backup_from_which_the_end_was_taken_restores_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = morning(&folder.path().join("data"));
    let file = back_up(&store, folder.path(), None).expect("it is made");
    let bytes = fs::read(&file).expect("readable");
    fs::write(&file, &bytes[..bytes.len() - 20]).expect("writable");
    let (missing, empty) = (folder.path().join("missing"), folder.path().join("empty"));
    fs::create_dir(&empty).expect("writable");
    for data in [&missing, &empty] {
        assert!(restored(&file, data, None).err().expect("it is damaged").to_string().contains("cut short"));
    }
    assert!(!missing.exists() && fs::read_dir(&empty).expect("it stays").next().is_none(), "all is as it was");
    store.stop();
}
