//! What a store promises to those who use it, on a healthy disk.

use std::os::unix::fs::PermissionsExt as _;

use deskbell::clock::Clock;
use deskbell::domain::command::{Command, SendFailure};
use deskbell::domain::contact::{Card, Sender};
use deskbell::domain::event::Event;
use deskbell::domain::ids::{AgentId, ClientKey, ContactId, ConversationId, InteractionId, MessageId, Wamid};
use deskbell::domain::message::{Content, Delivery};
use deskbell::domain::rejection::Rejection;
use deskbell::limits::{COMMANDS_WAITING_MAX, REPLY_WINDOW_MS};
use deskbell::store::{Answer, ContactFilter, Done, Snapshot, Store, StoreError, StoreOptions, SubmitError};

use crate::harness::traffic::{ANA, MORNING, agent, answers, channel, opening, reports, says, wamid};
use crate::harness::whole;

/// A store in a folder that goes away, with ana at work.
struct Place {
    store: Store,
    clock: Clock,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::manual(MORNING);
        let store = open(folder.path(), &clock).expect("a new store opens");
        let place = Self { store, clock, folder };
        place.does(opening());
        place
    }

    fn submit(&self, commands: Vec<Command>) -> Vec<Answer> {
        self.store.submit_blocking(commands).expect("the store writes")
    }

    fn does(&self, commands: Vec<Command>) -> Vec<Done> {
        self.submit(commands).into_iter().map(|answer| answer.expect("it is accepted")).collect()
    }

    fn reads<T>(&self, read: impl FnOnce(&Snapshot) -> Result<T, StoreError>) -> T {
        self.store.read(read).expect("the store reads")
    }

    /// Closes it and opens it again.
    fn again(self) -> Self {
        let Self { store, clock, folder } = self;
        drop(store);
        let store = open(folder.path(), &clock).expect("the store opens again");
        Self { store, clock, folder }
    }

    fn delivery(&self, message: MessageId) -> Option<Delivery> {
        self.reads(|snapshot| snapshot.message(message)).expect("the message is there").delivery
    }
}

fn open(folder: &std::path::Path, clock: &Clock) -> Result<Store, StoreError> {
    Store::open(folder, StoreOptions::new(clock.clone()).with_floor_checked())
}

/// ana has taken the first contact's interaction.
fn at_work() -> Place {
    let place = Place::new();
    place.does(vec![says(1, 1), Command::Accept { agent: ANA, interaction: InteractionId(1) }]);
    place
}

#[test]
fn a_new_store_has_a_queue_and_outcome_codes_and_is_found_again() {
    let place = Place::new();
    let tag = place.store.tag().to_owned();
    let queues = place.reads(Snapshot::queues);
    assert_eq!(queues.iter().map(|queue| queue.name.as_str()).collect::<Vec<_>>(), ["Support"]);
    assert_eq!(place.reads(Snapshot::dispositions).len(), 4);
    let place = place.again();
    assert_eq!(place.store.tag(), tag, "the same store");
    assert_eq!(place.reads(Snapshot::queues), queues, "set up once");
    assert_eq!(tag.len(), 8);
}

#[test]
fn the_files_are_for_their_owner_only() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("data");
    let _store = open(&folder, &Clock::manual(MORNING)).expect("a new store opens");
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in folder.read_dir().expect("a folder") {
        assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
    }
}

#[test]
fn a_second_process_is_told_that_the_directory_is_in_use() {
    let place = Place::new();
    let error = open(place.folder.path(), &place.clock).expect_err("it is in use");
    assert!(matches!(error, StoreError::Locked), "{error}");
}

#[test]
fn a_strangers_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deskbell.redb");
    let database = redb::Database::create(&path).expect("a database can be made");
    let transaction = database.begin_write().expect("it can be written");
    transaction.open_table(redb::TableDefinition::<u64, u64>::new("theirs")).expect("a table can be made");
    transaction.commit().expect("it is committed");
    drop(database);
    let error = open(folder.path(), &Clock::manual(MORNING)).expect_err("it is not ours");
    assert!(matches!(error, StoreError::Foreign), "{error}");
}

#[test]
fn a_message_that_comes_twice_is_there_once() {
    let place = Place::new();
    let first = place.does(vec![says(1, 1), says(1, 1)]);
    let again = place.does(vec![says(1, 1)]);
    let message = place.reads(|snapshot| snapshot.message_by_wamid(&wamid(1)));
    assert_eq!(first[1].known_message, message, "in the same batch");
    assert_eq!(again[0].known_message, message, "later");
    assert!(again[0].events.is_empty() && again[0].seq == first[1].seq, "nothing new is written");
    assert_eq!(place.reads(|snapshot| snapshot.transcript(ConversationId(1), None, 10)).len(), 1);
}

#[test]
fn other_words_under_a_used_provider_id_are_kept_raw() {
    let place = Place::new();
    let Command::Receive(mut other) = says(1, 1) else { panic!("a message") };
    other.content = Content::Text("something else".to_owned());
    place.does(vec![says(1, 1), Command::Receive(other)]);
    assert_eq!(place.reads(|snapshot| snapshot.transcript(ConversationId(1), None, 10)).len(), 1);
    let kept = place.reads(Snapshot::raw);
    assert_eq!(kept, [("message_id_used_twice".to_owned(), format!("\"{}\" something else", wamid(1).0))]);
}

#[test]
fn a_message_from_the_future_opens_no_endless_window() {
    let place = Place::new();
    let Command::Receive(mut early) = says(1, 1) else { panic!("a message") };
    early.sent_at = MORNING.plus_ms(365 * 24 * 60 * 60 * 1_000);
    place.does(vec![Command::Receive(early)]);
    let row = place.reads(|snapshot| snapshot.conversation(ConversationId(1))).expect("it is there");
    assert_eq!(row.window_until, Some(MORNING.plus_ms(REPLY_WINDOW_MS)));
    assert_eq!(row.last_message_at, MORNING, "and stands where it arrived");
}

#[test]
fn a_click_that_comes_twice_sends_once() {
    let place = at_work();
    let done = place.does(vec![answers(InteractionId(1), 1), answers(InteractionId(1), 1)]);
    assert_eq!(done[1].known_message, Some(MessageId(2)));
    let place = place.again();
    assert_eq!(place.does(vec![answers(InteractionId(1), 1)])[0].known_message, Some(MessageId(2)));
    assert_eq!(place.reads(Snapshot::sends).len(), 1);
}

#[test]
fn envelopes_that_wait_together_share_a_commit_and_each_gets_its_answers() {
    let place = Place::new();
    let head = place.store.head();
    let posted: Vec<_> = (0..200).map(|number| place.store.submit(vec![says(number % 7, number)])).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let mut last = 0;
    for answer in posted {
        let done = runtime.block_on(answer).expect("the store writes").remove(0).expect("it is accepted");
        assert!(done.seq > last, "answers come in the order of submission");
        last = done.seq;
    }
    assert_eq!(*head.borrow(), last, "the head is where the last answer says");
}

#[test]
fn a_refusal_writes_nothing_and_the_rest_of_the_envelope_goes_on() {
    let place = Place::new();
    let before = *place.store.head().borrow();
    let refused = place.submit(vec![Command::Accept { agent: ANA, interaction: InteractionId(9) }]);
    assert!(matches!(refused[0], Err(Rejection::UnknownInteraction)));
    assert_eq!(*place.store.head().borrow(), before);
    let mixed = place.submit(vec![Command::Accept { agent: ANA, interaction: InteractionId(9) }, says(1, 1)]);
    assert!(mixed[0].is_err() && mixed[1].is_ok());
}

#[test]
fn the_journal_is_dense_and_reads_from_any_place() {
    let place = at_work();
    for number in 2..40 {
        place.does(vec![says(number % 5, number), answers(InteractionId(1), number)]);
    }
    let head = place.reads(Snapshot::head);
    let all = place.reads(|snapshot| snapshot.journal(0, usize::MAX));
    assert!(all.iter().map(|entry| entry.seq).eq(1..=head));
    for after in [0, 1, 5, head - 1, head, u64::MAX] {
        let page = place.reads(|snapshot| snapshot.journal(after, 3));
        let expected: Vec<_> = all.iter().filter(|entry| entry.seq > after).take(3).cloned().collect();
        assert_eq!(page, expected, "after {after}");
    }
}

#[test]
fn a_status_that_overtakes_the_answer_is_kept_and_applied() {
    let place = at_work();
    place.does(vec![answers(InteractionId(1), 1)]);
    let message = MessageId(2);
    place.does(vec![Command::StartSend { message }]);
    place.does(vec![reports("wamid.OUT1", None, Delivery::Delivered), reports("wamid.OUT1", None, Delivery::Sent)]);
    assert_eq!(place.delivery(message), Some(Delivery::Queued), "nobody can know yet");
    let place = place.again();
    place.does(vec![Command::RecordAccepted { message, wamid: Wamid("wamid.OUT1".to_owned()) }]);
    assert_eq!(place.delivery(message), Some(Delivery::Delivered));
    assert_eq!(place.reads(|snapshot| snapshot.message_by_wamid(&Wamid("wamid.OUT1".to_owned()))), Some(message));
    assert!(place.reads(Snapshot::sends).is_empty());
}

#[test]
fn a_status_finds_its_message_by_our_own_id_unless_that_has_another_name() {
    let place = at_work();
    place.does(vec![answers(InteractionId(1), 1), answers(InteractionId(1), 2)]);
    place.does(vec![reports("wamid.OUT1", Some(MessageId(2)), Delivery::Sent)]);
    assert_eq!(place.delivery(MessageId(2)), Some(Delivery::Sent));
    let stray = place.does(vec![reports("wamid.OTHER", Some(MessageId(2)), Delivery::Read)]);
    assert!(matches!(stray[0].events[..], [Event::ReportParked { .. }]), "an echo of somebody else's message");
    assert_eq!(place.delivery(MessageId(2)), Some(Delivery::Sent));
}

#[test]
fn a_call_under_way_when_the_process_ended_is_not_made_again() {
    let place = at_work();
    place.does(vec![answers(InteractionId(1), 1), Command::StartSend { message: MessageId(2) }]);
    let place = place.again();
    let again = place.submit(vec![Command::StartSend { message: MessageId(2) }]);
    assert!(matches!(again[0], Err(Rejection::SendNotDue)), "its fate is unknown");
    place.clock.advance_ms(60_000);
    place.does(vec![Command::Tick]);
    assert_eq!(place.delivery(MessageId(2)), Some(Delivery::Unconfirmed), "a person has to decide");
}

#[test]
fn a_deadline_is_kept_without_being_asked_for() {
    let place = Place::new();
    place.does(vec![says(1, 1)]);
    place.clock.advance_ms(31_000);
    let mut head = place.store.head();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    runtime.block_on(head.changed()).expect("the writer lives");
    let events = place.reads(|snapshot| snapshot.journal(0, usize::MAX));
    assert!(events.iter().any(|entry| entry.kind.name() == "offer_expired"), "the offer ran out");
}

#[test]
fn what_is_known_about_people_and_numbers_is_found_under_its_names() {
    let place = Place::new();
    let answers = place.submit(vec![
        Command::AddAgent(agent("Ana")),
        Command::AddChannel(channel("106540352242922")),
        Command::AddAgent(agent("ben")),
    ]);
    assert!(matches!(answers[0], Err(Rejection::LoginTaken)), "in any case");
    assert!(matches!(answers[1], Err(Rejection::PhoneNumberIdTaken)));
    place.does(vec![Command::SetPassword {
        agent: AgentId(2),
        password_hash: "$new".to_owned(),
        keep: None,
        temporary: false,
    }]);
    let place = place.again();
    let (row, hash) = place.reads(|snapshot| snapshot.agent_by_login("BEN")).expect("ben is there");
    assert_eq!((row.agent.id, row.login.as_str(), hash.as_str()), (AgentId(2), "ben", "$new"));
    assert_eq!(place.reads(Snapshot::channels)[0].profile, channel("106540352242922"));
}

#[test]
fn a_done_interaction_keeps_its_row_its_note_and_its_place_in_the_history() {
    let place = at_work();
    let interaction = InteractionId(1);
    let disposition = Some(place.reads(Snapshot::dispositions)[0].id);
    place.does(vec![
        Command::SetNote { agent: ANA, interaction, text: "likes tea".to_owned(), version: 0, mentions: Vec::new() },
        Command::SetDisposition { agent: ANA, interaction, disposition },
        Command::MarkDone { agent: ANA, interaction },
        says(1, 2),
    ]);
    let place = place.again();
    let row = place.reads(|snapshot| snapshot.interaction(interaction)).expect("it is in the history");
    assert_eq!((row.note.as_str(), row.done), ("likes tea", Some((MORNING, ANA))));
    assert_eq!(place.reads(|snapshot| snapshot.interactions_of(ConversationId(1))), [interaction, InteractionId(2)]);
    let open = place.reads(Snapshot::interactions_open);
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].interaction.prefer.map(|(agent, _)| agent), Some(ANA), "ana knew the contact");
}

#[test]
fn transcripts_are_read_in_pages_from_the_newest_back() {
    let place = Place::new();
    for number in 0..25 {
        place.does(vec![says(1, number)]);
    }
    let conversation = ConversationId(1);
    let mut before = None;
    let mut seen = Vec::new();
    loop {
        let page = place.reads(|snapshot| snapshot.transcript(conversation, before, 10));
        let Some(first) = page.first() else { break };
        assert!(page.is_sorted_by_key(|message| (message.at, message.id)));
        before = Some((first.at, first.id));
        seen.splice(0..0, page.into_iter().map(|message| message.id.0));
    }
    assert!(seen.into_iter().eq(1..=25));
}

#[test]
fn more_than_may_wait_is_refused_at_once() {
    let place = Place::new();
    let many = usize::try_from(COMMANDS_WAITING_MAX).expect("small");
    let posted = place.store.submit(vec![Command::Tick; many]);
    let refused = place.store.submit_blocking(vec![says(1, 1)]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    runtime.block_on(posted).expect("what was taken is done");
    assert!(matches!(refused, Err(SubmitError::Overloaded)));
    place.does(vec![says(1, 1)]);
}

#[test]
fn a_stopped_store_does_what_it_took_and_refuses_the_rest() {
    let place = Place::new();
    let posted: Vec<_> = (0..50).map(|number| place.store.submit(vec![says(1, number)])).collect();
    place.store.stop();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    for answer in posted {
        assert!(runtime.block_on(answer).is_ok(), "taken before the stop");
    }
    assert!(matches!(place.store.submit_blocking(vec![says(1, 99)]), Err(SubmitError::Stopped)));
    let place = place.again();
    assert_eq!(place.reads(|snapshot| snapshot.transcript(ConversationId(1), None, 100)).len(), 50);
}

#[test]
fn what_only_the_commit_log_holds_is_there_after_the_process_died() {
    let place = at_work();
    let killed = tempfile::tempdir().expect("a temporary folder");
    // The files as they are while the store is open: what a killed process leaves.
    for name in ["deskbell.redb", "deskbell.log"] {
        std::fs::copy(place.folder.path().join(name), killed.path().join(name)).expect("it can be copied");
    }
    let store = open(killed.path(), &place.clock).expect("it opens by itself");
    let row = store.read(|snapshot| snapshot.interaction(InteractionId(1))).expect("the store reads");
    assert_eq!(row.expect("it is there").interaction.owner, Some(ANA));
}

#[test]
fn a_restored_database_does_not_take_the_log_of_another_life_for_its_own() {
    let place = at_work().again();
    let backup = place.folder.path().join("backup");
    place.store.stop();
    std::fs::copy(place.folder.path().join("deskbell.redb"), &backup).expect("it can be copied");
    let place = place.again();
    place.does(vec![says(1, 2)]);
    let place = place.again();
    place.does(vec![says(2, 3)]);
    let Place { store, clock, folder } = place;
    let log = std::fs::read(folder.path().join("deskbell.log")).expect("it can be read");
    drop(store);
    std::fs::copy(&backup, folder.path().join("deskbell.redb")).expect("it can be copied");
    std::fs::write(folder.path().join("deskbell.log"), log).expect("it can be written");
    let store = open(folder.path(), &clock).expect("a backup opens");
    let found = |number| store.read(|snapshot| snapshot.message_by_wamid(&wamid(number))).expect("the store reads");
    assert_eq!((found(1).is_some(), found(2), found(3)), (true, None, None));
}

#[test]
fn a_send_that_is_refused_for_good_leaves_the_outbox() {
    let place = at_work();
    place.does(vec![answers(InteractionId(1), 1), Command::StartSend { message: MessageId(2) }]);
    let failure = deskbell::domain::message::Failure { code: 131_026, title: "Undeliverable".to_owned() };
    let failed = Command::RecordSendFailure { message: MessageId(2), failure: SendFailure::GiveUp(failure.clone()) };
    place.does(vec![failed]);
    let place = place.again();
    assert_eq!(place.delivery(MessageId(2)), Some(Delivery::Failed(failure)));
    assert!(place.reads(Snapshot::sends).is_empty());
}

#[test]
fn two_contacts_become_one_with_work_drafts_and_what_is_on_its_way() {
    let place = at_work();
    let address = |number: u64| {
        let Command::Receive(inbound) = says(number, 1) else { panic!("a message") };
        inbound.sender.addresses[0].clone()
    };
    let sends = |interaction: u64, key: &str| Command::Send {
        agent: ANA,
        interaction: InteractionId(interaction),
        client_key: ClientKey(key.to_owned()),
        content: Content::Text("on its way".to_owned()),
        raw: None,
        quoted: None,
    };
    let draft = |conversation: u64, text: &str| Command::SetDraft {
        agent: ANA,
        conversation: ConversationId(conversation),
        text: text.to_owned(),
        at: MORNING,
    };
    place.does(vec![
        says(2, 2),
        Command::Accept { agent: ANA, interaction: InteractionId(2) },
        sends(1, "one"),
        sends(2, "two"),
        draft(1, "half"),
        draft(2, "a sentence"),
    ]);
    let sender = Sender { addresses: vec![address(1), address(2)], name: None };
    place.does(vec![Command::HearOfAddresses { sender, raw: "{}".to_owned() }]);

    let look = |place: &Place| {
        let messages = place.reads(|snapshot| snapshot.transcript(ConversationId(1), None, 10));
        assert_eq!(messages.len(), 4, "both said something, and both were answered");
        assert!(messages.iter().all(|message| message.conversation == ConversationId(1)));
        assert!(place.reads(|snapshot| snapshot.conversation(ConversationId(2))).is_none());
        let sends = place.reads(Snapshot::sends);
        assert!(sends.len() == 2 && sends.iter().all(|send| send.conversation == ConversationId(1)));
        let drafts = place.reads(|snapshot| snapshot.drafts(ANA, 10));
        assert_eq!(drafts.len(), 1);
        assert_eq!(drafts[0].1.text, "half\na sentence");
        let open = place.reads(|snapshot| snapshot.newest_interaction(ConversationId(1)));
        let open = place.reads(|snapshot| snapshot.interaction(open.expect("one"))).expect("it is there");
        assert!(open.done.is_none() && open.interaction.contact == ContactId(1));
        let filter = ContactFilter { assigned_to: Some(ANA), query: String::new() };
        let (rows, _) = place.reads(|snapshot| snapshot.contacts(ANA, &filter, None, 10));
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].contact.addresses.len(), 2);
    };
    look(&place);
    let place = place.again();
    look(&place);
    place.does(vec![says(2, 3)]);
    assert_eq!(place.reads(|snapshot| snapshot.transcript(ConversationId(1), None, 10)).len(), 5);

    // An agent has added somebody who then turns out to be the same.
    let added = Command::AddContact { agent: ANA, card: Card::default(), address: address(3) };
    place.does(vec![added]);
    let sender = Sender { addresses: vec![address(1), address(3)], name: None };
    place.does(vec![Command::HearOfAddresses { sender, raw: "{}".to_owned() }]);
    assert!(place.reads(|snapshot| snapshot.contact(ContactId(3))).is_none());
    assert_eq!(whole::findings(&place.store).expect("readable"), Vec::<String>::new());
}
