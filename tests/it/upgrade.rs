//! Data directories of earlier layouts.
//!
//! `tests/data/format-1` was left by the first layout's program when it was killed: two agents, four contacts, and
//! part of it only in the commit log.

use std::fs::{self, File};
use std::path::Path;

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::ids::{AgentId, ContactId, InteractionId};
use deskbell::domain::interaction::State;
use deskbell::domain::time::Timestamp;
use deskbell::store::{ContactFilter, HistoryFilter, Store, StoreOptions};

const ANA: AgentId = AgentId(1);
const BEN: AgentId = AgentId(2);

/// A directory as the first layout's program left it.
fn left_behind() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format-1");
    for name in ["deskbell.redb", "deskbell.log"] {
        let packed = fs::read(kept.join(format!("{name}.gz"))).expect("it is in the project");
        let mut file = File::create(folder.path().join(name)).expect("writable");
        std::io::copy(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut file).expect("it unpacks");
    }
    folder
}

fn open(folder: &tempfile::TempDir) -> Store {
    // Long after: all sign-ins are over, and the agents are gone.
    let clock = Clock::manual(Timestamp(1_900_000_000_000));
    Store::open(folder.path(), StoreOptions::new(clock).with_floor_checked()).expect("it opens")
}

fn ids(store: &Store, agent: AgentId) -> Vec<u64> {
    let page = store.read(|snapshot| snapshot.history_of_agent(agent, &HistoryFilter::default(), None, 50));
    page.expect("readable").interactions.iter().map(|row| row.interaction.id.0).collect()
}

#[test]
fn a_directory_of_the_first_layout_opens_and_knows_who_handled_what() {
    let folder = left_behind();
    for _ in 0..2 {
        let store = open(&folder);
        let row = |id| {
            let found = store.read(|snapshot| snapshot.interaction(InteractionId(id))).expect("readable");
            found.unwrap_or_else(|| panic!("#{id} is there"))
        };
        assert_eq!(row(1).handled_by, [ANA, BEN], "handed over");
        assert_eq!(row(1).done.map(|(_, agent)| agent), Some(BEN));
        assert_eq!(row(2).handled_by, [ANA], "done without a word");
        assert_eq!(row(3).handled_by, [BEN], "parked");
        assert_eq!((row(4).handled_by, row(4).interaction.state), (vec![], State::Queued));
        assert_eq!((ids(&store, ANA), ids(&store, BEN)), (vec![2, 1], vec![3, 1]));
        let transcript = |snapshot: &deskbell::store::Snapshot| {
            let conversation = snapshot.interaction(InteractionId(1))?.expect("it is there").interaction.conversation;
            snapshot.transcript(conversation, None, 50)
        };
        assert_eq!(store.read(transcript).expect("readable").len(), 5, "two messages each, and the hand-over");
        store.stop();
    }
}

#[test]
fn a_directory_of_the_first_layout_knows_whose_contacts_are_whose_and_finds_them() {
    let folder = left_behind();
    let store = open(&folder);
    let listed = |assigned_to: Option<AgentId>, query: &str| -> Vec<u64> {
        let filter = ContactFilter { assigned_to, query: query.to_owned() };
        let page = store.read(|snapshot| snapshot.contacts(ANA, &filter, None, 50)).expect("readable");
        assert!(page.1.is_none(), "all of them fit");
        page.0.iter().map(|row| row.contact.id.0).collect()
    };
    let contact_of = |interaction| {
        let row = store.read(|snapshot| snapshot.interaction(InteractionId(interaction))).expect("readable");
        row.expect("it is there").interaction.contact.0
    };
    let sorted = |mut ids: Vec<u64>| {
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted(listed(None, "")), [1, 2, 3, 4]);
    assert_eq!(sorted(listed(Some(ANA), "")), sorted(vec![contact_of(1), contact_of(2)]));
    assert_eq!(sorted(listed(Some(BEN), "")), sorted(vec![contact_of(1), contact_of(3)]));
    for id in 1..=4 {
        let found = store.read(|snapshot| snapshot.contact(ContactId(id))).expect("readable").expect("it is there");
        assert_eq!((found.version, found.card.tags.len()), (1, 0), "what the first shape did not say");
        let number = &found.addresses[0].value;
        assert_eq!(listed(None, number), [id], "found by the number");
        let ending = &number[number.len() - 4..];
        assert!(listed(None, ending).contains(&id), "and by its end");
        assert!(listed(None, &found.profile_name.to_uppercase()).contains(&id), "and by the name");
    }
}

#[test]
fn a_directory_of_the_first_layout_goes_on_as_any_other() {
    let folder = left_behind();
    let store = open(&folder);
    let rules = store.read(|snapshot| snapshot.settings()).expect("the first shape of the rules is read");
    assert_eq!((rules.idle_lock_ms, rules.disposition_read_only_after_end), (0, false));
    let channel = deskbell::domain::ids::ChannelId(1);
    let created = Command::CreateInteraction { agent: ANA, contact: ContactId(1), channel };
    let answers = store.submit_blocking(vec![created]).expect("the store takes it");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(ids(&store, ANA), [5, 2, 1]);
    store.stop();
    assert_eq!(ids(&open(&folder), ANA), [5, 2, 1]);
}

#[test]
fn secrets_that_lay_there_in_plain_words_are_sealed_and_still_known() {
    use redb::{ReadableDatabase as _, ReadableTable as _, TableDefinition};

    const PROFILES: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("channel_profiles");
    let folder = left_behind();
    let store = open(&folder);
    let before = store.read(|snapshot| snapshot.channels()).expect("readable").remove(0).profile;
    assert!(!before.app_secret.is_empty() && !before.access_token.is_empty(), "the number had both");
    store.stop();
    let database = redb::Database::open(folder.path().join("deskbell.redb")).expect("it opens");
    let transaction = database.begin_read().expect("it can be read");
    let table = transaction.open_table(PROFILES).expect("the table");
    for row in table.iter().expect("readable") {
        let value = row.expect("readable").1;
        for secret in [&before.app_secret, &before.access_token] {
            // With its length before it, as the codec writes texts: the words may be a part of others.
            let written = [&(secret.len() as u64).to_le_bytes(), secret.as_bytes()].concat();
            assert!(!value.value().windows(written.len()).any(|part| part == written), "a secret in plain words");
        }
    }
    drop((table, transaction, database));
    let store = open(&folder);
    let after = store.read(|snapshot| snapshot.channels()).expect("readable").remove(0).profile;
    assert!(after == before, "the secrets are known as before");
    store.stop();
}
