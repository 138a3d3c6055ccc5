//! The writer: one thread that gathers commands, steps the floor, and commits them together.
//!
//! While one commit runs the next batch fills by itself; nobody is made to wait on purpose. Invariants: an answer
//! leaves after its commit; a refusal writes nothing; after a failure the floor is what the tables show, because a
//! commit that returned an error may be durable all the same; a command that panics harms nobody but itself.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use redb::Durability;

use super::backend::Opener;
use super::mailbox::{Envelope, Mail, Reply};
use super::persist::Batch;
use super::tables::Tables;
use super::{Answer, Done, Shared, StoreError, StoreState, SubmitError, journal, load, migrate, quarantine};
use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::floor::Floor;
use crate::domain::ids::QueueId;
use crate::domain::queue::Queue;
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::limits::{COMMANDS_PER_COMMIT_MAX, REOPEN_WAIT_MS_MAX, REOPEN_WAIT_MS_MIN, TICK_MS_MIN, WRITER_WAKE_MS_MAX};

/// Outcome codes of a new centre: code and label.
const FIRST_DISPOSITIONS: [(&str, &str); 4] =
    [("solved", "Solved"), ("follow_up", "Follow-up needed"), ("no_answer", "No answer"), ("spam", "Spam")];

/// Owns the floor.
pub(super) struct Writer {
    shared: Arc<Shared>,
    opener: Opener,
    clock: Clock,
    check_floor: bool,
    floor: Floor,
    head: u64,
    /// The number of the oldest event in the journal.
    tail: u64,
    /// When the floor wants a tick, and not before.
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
    pub(super) fn new(
        shared: Arc<Shared>,
        opener: Opener,
        clock: Clock,
        check_floor: bool,
    ) -> Result<Self, StoreError> {
        let floor = Floor::default();
        let mut writer = Self { shared, opener, clock, check_floor, floor, head: 0, tail: 1, tick_at: None };
        writer.load()?;
        Ok(writer)
    }

    /// Sets a new centre up, and tells the floor that the process is new.
    pub(super) fn start(&mut self) -> Result<(), StoreError> {
        let mut commands = Vec::new();
        if self.floor.rows().queues.is_empty() {
            commands.push(Command::SetSettings(Settings::default()));
            commands.push(Command::SetQueue(Queue::new(QueueId(0), "Support")));
            commands.extend(FIRST_DISPOSITIONS.map(|(code, label)| Command::AddDisposition {
                code: code.to_owned(),
                label: label.to_owned(),
                parent: None,
            }));
        }
        commands.push(Command::Restart);
        let commands: Vec<&Command> = commands.iter().collect();
        match self.attempt(&commands) {
            Ok(_) => Ok(()),
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Command(_)) => Err(StoreError::FloorDiffers),
        }
    }

    /// Works until told to stop, then closes the database.
    pub(super) fn run(&mut self, mail: &Receiver<Mail>) {
        loop {
            let mut envelopes = Vec::new();
            let mut next = Next::Receive;
            match mail.recv_timeout(self.patience()) {
                Ok(Mail::Envelope(envelope)) => next = gather(mail, envelope, &mut envelopes),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Mail::Stop) | Err(RecvTimeoutError::Disconnected) => next = Next::Stop,
            }
            if next == Next::Stop {
                envelopes.extend(mail.try_iter().filter_map(|mail| match mail {
                    Mail::Envelope(envelope) => Some(envelope),
                    Mail::Stop => None,
                }));
            }
            let tick = self.tick_at.is_some_and(|due| due <= self.now());
            if (tick || !envelopes.is_empty())
                && let Err(error) = self.work(envelopes, tick)
                && next == Next::Receive
            {
                next = self.recover(mail, error);
            }
            if next == Next::Stop {
                break;
            }
        }
        *self.shared.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The floor's time: the clock's, but never back.
    fn now(&self) -> Timestamp {
        self.clock.now().max(self.floor.at())
    }

    /// How long to wait for mail before the floor wants to be looked at.
    fn patience(&self) -> Duration {
        let due_ms = self.tick_at.map_or(i64::MAX, |due| due.since_ms(self.now()).max(0));
        Duration::from_millis(u64::try_from(due_ms).unwrap_or(0).min(WRITER_WAKE_MS_MAX))
    }

    /// Commits the envelopes, after a tick when one is due, and answers them. On an error all are answered too.
    fn work(&mut self, envelopes: Vec<Envelope>, tick: bool) -> Result<(), StoreError> {
        let mut faulty = BTreeSet::new();
        loop {
            let plan = Plan::new(&envelopes, tick, &faulty);
            match self.attempt(&plan.commands()) {
                Ok(answers) => {
                    let replies = plan.replies(answers, envelopes.len());
                    for (envelope, reply) in envelopes.into_iter().zip(replies) {
                        envelope.answer(reply);
                    }
                    return Ok(());
                }
                Err(Failure::Command(place)) => {
                    faulty.insert(plan.origin(place));
                    if let Err(error) = self.load() {
                        refuse(envelopes);
                        return Err(error);
                    }
                }
                Err(Failure::Store(error)) => {
                    refuse(envelopes);
                    return Err(error);
                }
            }
        }
    }

    /// One transaction. On any failure the floor may be ahead of the tables and must be loaded anew.
    fn attempt(&mut self, commands: &[&Command]) -> Result<Vec<Answer>, Failure> {
        let shared = Arc::clone(&self.shared);
        let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or(StoreError::Unavailable)?;
        let mut transaction = database.begin_write().map_err(StoreError::from)?;
        transaction.set_durability(Durability::Immediate).map_err(StoreError::from)?;
        transaction.set_quick_repair(true);
        let mut batch = Batch::new(Tables::new(&transaction), self.head);
        let at = self.now();
        let mut answers = Vec::with_capacity(commands.len());
        for (place, command) in commands.iter().enumerate() {
            answers.push(step(&mut self.floor, &mut batch, at, command).map_err(|failure| match failure {
                StepFailure::Fault => Failure::Command(place),
                StepFailure::Store(error) => Failure::Store(error),
            })?);
        }
        if batch.is_empty() {
            drop(batch);
            transaction.abort().map_err(StoreError::from)?;
        } else {
            let head = batch.head();
            batch.finish(&self.floor)?;
            let tail = journal::trim(&mut batch.tables, self.tail, head)?;
            drop(batch);
            transaction.commit().map_err(StoreError::from)?;
            self.head = head;
            self.tail = tail;
            shared.head.send_replace(head);
        }
        if self.check_floor {
            let snapshot = super::Snapshot::new(super::tables::begin_read(database)?);
            assert!(load::agrees(&snapshot, &self.floor)?, "the floor differs from the tables");
        }
        self.plan_tick(&answers);
        Ok(answers)
    }

    /// When a batch brought nothing although a tick was due, the next one waits a little.
    fn plan_tick(&mut self, answers: &[Answer]) {
        let idle = answers.iter().all(|answer| answer.as_ref().is_ok_and(|done| done.events.is_empty()));
        let earliest = if idle { self.now().plus_ms(TICK_MS_MIN) } else { self.floor.at() };
        self.tick_at = self.floor.next_deadline().map(|deadline| deadline.max(earliest));
    }

    /// The floor, head and tail as the tables show them.
    fn load(&mut self) -> Result<(), StoreError> {
        let (floor, head, tail) =
            self.shared.read(|snapshot| Ok((load::floor(snapshot)?, snapshot.head()?, snapshot.tail()?)))?;
        self.floor = floor;
        self.head = head;
        self.tail = tail;
        self.tick_at = self.floor.next_deadline();
        self.shared.head.send_replace(head);
        Ok(())
    }

    /// Opens the database anew until it can be written again; refuses what comes meanwhile.
    fn recover(&mut self, mail: &Receiver<Mail>, mut error: StoreError) -> Next {
        let mut wait_ms = REOPEN_WAIT_MS_MIN;
        loop {
            tracing::error!(error = %error, "the store cannot write; it is opened anew");
            self.shared.state.send_replace(StoreState::Unavailable(error.to_string()));
            match self.reopen() {
                Ok(()) => {
                    tracing::info!("the store writes again");
                    self.shared.state.send_replace(StoreState::Ready);
                    return Next::Receive;
                }
                Err(again) => error = again,
            }
            if pause(mail, Duration::from_millis(wait_ms)) == Next::Stop {
                return Next::Stop;
            }
            wait_ms = (wait_ms * 2).min(REOPEN_WAIT_MS_MAX);
        }
    }

    /// A commit that returned an error may be durable: what the tables show after opening is true.
    fn reopen(&mut self) -> Result<(), StoreError> {
        {
            let mut database = self.shared.database.write().unwrap_or_else(PoisonError::into_inner);
            // The old one must be gone before the file can be opened again.
            *database = None;
            *database = Some(migrate::open(&self.opener)?.0);
        }
        self.load()?;
        let database = self.shared.database.read().unwrap_or_else(PoisonError::into_inner);
        migrate::probe(database.as_ref().ok_or(StoreError::Unavailable)?)
    }
}

/// Why a step came to nothing.
enum StepFailure {
    Fault,
    Store(StoreError),
}

fn step(floor: &mut Floor, batch: &mut Batch<'_>, at: Timestamp, command: &Command) -> Result<Answer, StepFailure> {
    let facts = batch.prefetch(floor, at, command).map_err(step_failure)?;
    let stepped = catch_unwind(AssertUnwindSafe(|| floor.step(&facts, at, command)));
    let events = match stepped.map_err(|_| StepFailure::Fault)? {
        Ok(events) => events,
        Err(rejection) => return Ok(Err(rejection)),
    };
    batch.persist(floor, &events).map_err(step_failure)?;
    let known_message = facts.known_message.filter(|_| events.is_empty());
    Ok(Ok(Done { seq: batch.head(), at: floor.at(), events: events.into(), known_message }))
}

/// A damaged row is the fault of the command that meets it; anything else stops everybody.
fn step_failure(error: StoreError) -> StepFailure {
    match error {
        StoreError::Corrupt { .. } => {
            tracing::error!(error = %error, "a command met a damaged row");
            StepFailure::Fault
        }
        StoreError::Locked(_)
        | StoreError::NewerFormat { .. }
        | StoreError::NotAStore(_)
        | StoreError::JournalTrimmed { .. }
        | StoreError::FloorDiffers
        | StoreError::Io(_)
        | StoreError::Database(_)
        | StoreError::Unavailable => StepFailure::Store(error),
    }
}

/// Adds what waits already, up to the size of a commit.
fn gather(mail: &Receiver<Mail>, first: Envelope, envelopes: &mut Vec<Envelope>) -> Next {
    let mut commands = first.commands.len();
    envelopes.push(first);
    while commands < COMMANDS_PER_COMMIT_MAX {
        match mail.try_recv() {
            Ok(Mail::Envelope(envelope)) => {
                commands += envelope.commands.len();
                envelopes.push(envelope);
            }
            Ok(Mail::Stop) => return Next::Stop,
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
fn pause(mail: &Receiver<Mail>, wait: Duration) -> Next {
    let until = std::time::Instant::now() + wait;
    loop {
        match mail.recv_timeout(until.saturating_duration_since(std::time::Instant::now())) {
            Ok(Mail::Envelope(envelope)) => envelope.answer(Err(SubmitError::Unavailable)),
            Err(RecvTimeoutError::Timeout) => return Next::Receive,
            Ok(Mail::Stop) | Err(RecvTimeoutError::Disconnected) => return Next::Stop,
        }
    }
}

/// Which commands a batch carries out, and whose answers they bring.
struct Plan<'a> {
    steps: Vec<(Origin, std::borrow::Cow<'a, Command>)>,
    refused: BTreeSet<usize>,
}

/// Where a command comes from: `None` for the tick, else envelope and place in it.
type Origin = Option<(usize, usize)>;

impl<'a> Plan<'a> {
    /// A faulty command from a webhook is kept raw instead, because its sender would repeat it for days; with any
    /// other faulty command its whole envelope is left out and refused.
    fn new(envelopes: &'a [Envelope], tick: bool, faulty: &BTreeSet<Origin>) -> Self {
        let mut steps = Vec::new();
        let mut refused = BTreeSet::new();
        if tick && !faulty.contains(&None) {
            steps.push((None, std::borrow::Cow::Owned(Command::Tick)));
        }
        for (index, envelope) in envelopes.iter().enumerate() {
            let before = steps.len();
            for (place, command) in envelope.commands.iter().enumerate() {
                let origin = Some((index, place));
                if !faulty.contains(&origin) {
                    steps.push((origin, std::borrow::Cow::Borrowed(command)));
                } else if let Some(kept) = quarantine::kept(command) {
                    steps.push((origin, std::borrow::Cow::Owned(kept)));
                } else {
                    steps.truncate(before);
                    refused.insert(index);
                    break;
                }
            }
        }
        Self { steps, refused }
    }

    fn commands(&self) -> Vec<&Command> {
        self.steps.iter().map(|(_, command)| command.as_ref()).collect()
    }

    fn origin(&self, place: usize) -> Origin {
        self.steps.get(place).and_then(|(origin, _)| *origin)
    }

    /// What each envelope is told.
    fn replies(&self, answers: Vec<Answer>, envelopes: usize) -> Vec<Reply> {
        let mut replies: Vec<Reply> = vec![Ok(Vec::new()); envelopes];
        for index in &self.refused {
            replies[*index] = Err(SubmitError::Unavailable);
        }
        for ((origin, _), answer) in self.steps.iter().zip(answers) {
            if let Some((index, _)) = origin
                && let Ok(reply) = &mut replies[*index]
            {
                reply.push(answer);
            }
        }
        replies
    }
}
