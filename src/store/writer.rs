//! The writer: gather, step, persist, commit, acknowledge, publish.
//!
//! One thread owns the floor. While one commit is under way the next batch gathers by itself, so nothing is delayed on
//! purpose. Invariants: answers leave after durability; a refusal writes nothing; after any failure the floor is read
//! anew from the tables, because a commit that returned an error may have become durable all the same; a command that
//! panics or meets a damaged row harms nobody but itself.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::floor::Floor;
use crate::domain::ids::QueueId;
use crate::domain::queue::Queue;
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::limits::{COMMANDS_PER_COMMIT_MAX, REOPEN_WAIT_MS_MAX, REOPEN_WAIT_MS_MIN, TICK_MS_MIN, WRITER_WAKE_MS_MAX};

use super::database::{Opened, Shared};
use super::mailbox::{Envelope, Letter};
use super::origin::Origin;
use super::persist::Pages;
use super::plan::Plan;
use super::tables::Tables;
use super::{Answer, Done, StoreError, StoreOptions, StoreState, SubmitError, audit, journal, load, prefetch};

/// What a new centre starts with: code and label.
const DISPOSITIONS: [(&str, &str); 4] =
    [("solved", "Solved"), ("follow_up", "Follow-up needed"), ("no_answer", "No answer"), ("spam", "Spam")];

/// Loads the floor, sets a new centre up, tells the floor that the process is new, and starts the thread.
pub(super) fn start(
    shared: Arc<Shared>,
    letters: Receiver<Letter>,
    options: StoreOptions,
) -> Result<JoinHandle<()>, StoreError> {
    let mut writer = Writer {
        shared,
        clock: options.clock,
        floor_checked: options.floor_checked,
        floor: Floor::default(),
        head: 0,
        tail: 1,
        tick_at: None,
    };
    writer.load()?;
    let restored = writer.shared.read(|snapshot| snapshot.was_restored())?;
    let mut commands = vec![Command::Restart];
    if restored {
        commands.push(Command::Restored);
    }
    if writer.floor.rows().queues.is_empty() {
        commands.extend(first_commands());
    }
    let own = Origin::default();
    writer.commit(&commands.iter().map(|command| (&own, command)).collect::<Vec<_>>()).map_err(
        |failure| match failure {
            Failure::Store(error) => error,
            Failure::Command(_) => StoreError::Missing("what the first commands of a process need"),
        },
    )?;
    if restored {
        writer.shared.with(Opened::forget_restored)?;
    }
    Ok(thread::Builder::new().name("writer".to_owned()).spawn(move || writer.run(&letters))?)
}

fn first_commands() -> Vec<Command> {
    let mut commands =
        vec![Command::SetSettings(Settings::default()), Command::SetQueue(Queue::new(QueueId(0), "Support"))];
    commands.extend(DISPOSITIONS.map(|(code, label)| Command::AddDisposition {
        code: code.to_owned(),
        label: label.to_owned(),
        parent: None,
    }));
    commands
}

struct Writer {
    shared: Arc<Shared>,
    clock: Clock,
    floor_checked: bool,
    floor: Floor,
    head: u64,
    /// The number of the oldest event in the journal.
    tail: u64,
    /// When the floor is to be ticked, and not before.
    tick_at: Option<Timestamp>,
}

/// Why a batch came to nothing.
enum Failure {
    /// The command at this place of the batch panicked or met a damaged row.
    Command(usize),
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How the loop goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Receive,
    Stop,
}

impl Writer {
    fn run(mut self, letters: &Receiver<Letter>) {
        let mut next = Next::Receive;
        while next == Next::Receive {
            let mut envelopes = Vec::new();
            match letters.recv_timeout(self.patience()) {
                Ok(Letter::Envelope(envelope)) => next = gather(letters, envelope, &mut envelopes),
                Ok(Letter::Stop) | Err(RecvTimeoutError::Disconnected) => next = Next::Stop,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if next == Next::Stop {
                // A stopping writer does all that was posted before.
                envelopes.extend(letters.try_iter().filter_map(Letter::into_envelope));
            }
            let tick = self.tick_at.is_some_and(|due| due <= self.now());
            if (tick || !envelopes.is_empty())
                && let Err(error) = self.work(envelopes, tick)
                && next == Next::Receive
            {
                next = self.recover(letters, error);
            }
        }
        self.shared.close();
    }

    /// The floor's time: the clock's, but never back.
    fn now(&self) -> Timestamp {
        self.clock.now().max(self.floor.at())
    }

    /// How long nothing has to be done, as far as the clock tells.
    fn patience(&self) -> Duration {
        let due_ms = self.tick_at.map_or(i64::MAX, |due| due.since_ms(self.now()).max(0));
        Duration::from_millis(u64::try_from(due_ms).unwrap_or(0).min(WRITER_WAKE_MS_MAX))
    }

    /// Commits the envelopes, after a tick when one is due, and answers them. On an error all have been refused.
    fn work(&mut self, envelopes: Vec<Envelope>, tick: bool) -> Result<(), StoreError> {
        let mut faulty = BTreeSet::new();
        loop {
            let plan = Plan::new(&envelopes, tick, &faulty);
            let failed = match self.commit(&plan.commands()) {
                Ok(answers) => {
                    let replies = plan.replies(answers, envelopes.len());
                    for (envelope, reply) in envelopes.into_iter().zip(replies) {
                        envelope.answer(reply);
                    }
                    return Ok(());
                }
                Err(Failure::Command(place)) => {
                    tracing::error!("a command failed by a fault of ours; the others are carried out without it");
                    // What takes its place failed too: nothing would change by trying again.
                    if faulty.insert(plan.source(place)) { self.load() } else { Err(StoreError::Panic) }
                }
                Err(Failure::Store(error)) => Err(error),
            };
            if let Err(error) = failed {
                refuse(envelopes);
                return Err(error);
            }
        }
    }

    /// One transaction. On a failure the floor may be ahead of the tables and must be loaded anew.
    fn commit(&mut self, commands: &[(&Origin, &Command)]) -> Result<Vec<Answer>, Failure> {
        let shared = Arc::clone(&self.shared);
        let begun = Instant::now();
        let mut faulty = None;
        let outcome = shared.with(|opened| self.transact(opened, commands, &mut faulty));
        let (answers, head, tail) = outcome.map_err(|error| faulty.map_or(Failure::Store(error), Failure::Command))?;
        if self.floor_checked {
            let agrees = shared.read(|snapshot| load::agrees(snapshot, &self.floor))?;
            assert!(agrees, "load(tables) == floor");
        }
        if head != self.head {
            shared.measures.commits.observe(begun.elapsed());
            (self.head, self.tail) = (head, tail);
            shared.head.send_replace(head);
        }
        self.plan_tick(&answers);
        Ok(answers)
    }

    /// Answers, head and tail; on an error, `faulty` names the command whose own fault it is.
    fn transact(
        &mut self,
        opened: &Opened,
        commands: &[(&Origin, &Command)],
        faulty: &mut Option<usize>,
    ) -> Result<(Vec<Answer>, u64, u64), StoreError> {
        let key = Arc::clone(&self.shared.key);
        let transaction = opened.begin()?;
        let (mut head, mut tail) = (self.head, self.tail);
        let mut noted = Vec::new();
        let mut erases = false;
        let mut answers = Vec::with_capacity(commands.len());
        let mut pages = Pages::new(Tables::new(&transaction), &key);
        let now = self.now();
        for (place, (origin, command)) in commands.iter().enumerate() {
            pages.origin = (*origin).clone();
            let answer = self.step(&mut pages, &mut noted, now, command).inspect_err(|error| {
                *faulty = error.is_local().then_some(place);
            })?;
            erases |= answer.as_ref().is_ok_and(|done| done.events.iter().any(Event::erases));
            answers.push(answer);
        }
        if noted.is_empty() {
            drop(pages);
            transaction.abort()?;
        } else {
            pages.finish(&self.floor)?;
            head = journal::append(&mut pages.tables, self.head, &noted, &self.floor)?;
            tail = journal::trim(&mut pages.tables, tail, head)?;
            let changes = pages.tables.take_changes();
            drop(pages);
            if erases {
                opened.commit_erasure(transaction)?;
            } else {
                opened.commit(transaction, &changes)?;
            }
        }
        Ok((answers, head, tail))
    }

    fn step(
        &mut self,
        pages: &mut Pages<'_>,
        noted: &mut Vec<super::record::JournalEvent>,
        now: Timestamp,
        command: &Command,
    ) -> Result<Answer, StoreError> {
        // Each leaves one contact fewer among the sender's, so this comes to an end.
        while let Some(first) = prefetch::first(pages, command)? {
            self.step(pages, noted, now, &first)?.map_err(|_| StoreError::Missing("one of two contacts"))?;
        }
        let facts = prefetch::facts(pages, &self.floor, now, command)?;
        let floor = &mut self.floor;
        let stepped = catch_unwind(AssertUnwindSafe(|| floor.step(&facts, now, command)));
        let events = match stepped.map_err(|_| StoreError::Panic)? {
            Ok(events) => events,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let at = self.floor.at();
        for event in &events {
            pages.event(&self.floor, at, event)?;
            audit::note(pages, at, event)?;
            noted.push(journal::noted(at, event));
        }
        let seq = self.head + noted.len() as u64;
        Ok(Ok(Done { seq, at, events: events.into(), known_message: facts.known_message }))
    }

    /// When a batch brought nothing although a tick may be due, the next one waits a little.
    fn plan_tick(&mut self, answers: &[Answer]) {
        let idle = answers.iter().all(|answer| answer.as_ref().is_ok_and(|done| done.events.is_empty()));
        let earliest = if idle { self.now().plus_ms(TICK_MS_MIN) } else { self.floor.at() };
        self.tick_at = self.floor.next_deadline().map(|deadline| deadline.max(earliest));
    }

    /// Floor, head and tail as the tables show them.
    fn load(&mut self) -> Result<(), StoreError> {
        let (rows, head, tail) = self.shared.read(|snapshot| {
            let (rows, head) = load::load(snapshot)?;
            Ok((rows, head, journal::tail(snapshot)?))
        })?;
        self.floor = Floor::restore(rows);
        (self.head, self.tail) = (head, tail);
        self.tick_at = self.floor.next_deadline();
        self.shared.head.send_replace(head);
        Ok(())
    }

    /// Opens the database anew until it can be written again; refuses what comes meanwhile.
    fn recover(&mut self, letters: &Receiver<Letter>, mut error: StoreError) -> Next {
        let mut wait_ms = REOPEN_WAIT_MS_MIN;
        loop {
            tracing::error!(%error, "the store cannot write; it is opened anew");
            self.shared.state.send_replace(StoreState::Unavailable(error.to_string()));
            match self.shared.reopen().and_then(|()| self.load()).and_then(|()| self.shared.with(Opened::checkpoint)) {
                Ok(()) => {
                    tracing::info!("the store writes again");
                    self.shared.state.send_replace(StoreState::Ready);
                    return Next::Receive;
                }
                Err(again) => error = again,
            }
            if pause(letters, Duration::from_millis(wait_ms)) == Next::Stop {
                return Next::Stop;
            }
            wait_ms = (wait_ms * 2).min(REOPEN_WAIT_MS_MAX);
        }
    }
}

/// Takes what waits, up to a full commit.
fn gather(letters: &Receiver<Letter>, first: Envelope, envelopes: &mut Vec<Envelope>) -> Next {
    let mut commands = first.commands.len();
    envelopes.push(first);
    while commands < COMMANDS_PER_COMMIT_MAX {
        match letters.try_recv() {
            Ok(Letter::Envelope(envelope)) => {
                commands += envelope.commands.len();
                envelopes.push(envelope);
            }
            Ok(Letter::Stop) => return Next::Stop,
            Err(_) => break,
        }
    }
    Next::Receive
}

fn refuse(envelopes: Vec<Envelope>) {
    for envelope in envelopes {
        envelope.answer(Err(SubmitError::Unavailable));
    }
}

/// Waits, refusing what comes.
fn pause(letters: &Receiver<Letter>, wait: Duration) -> Next {
    let until = Instant::now() + wait;
    loop {
        match letters.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Letter::Envelope(envelope)) => envelope.answer(Err(SubmitError::Unavailable)),
            Err(RecvTimeoutError::Timeout) => return Next::Receive,
            Ok(Letter::Stop) | Err(RecvTimeoutError::Disconnected) => return Next::Stop,
        }
    }
}
