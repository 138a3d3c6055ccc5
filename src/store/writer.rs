//! The writer: gather, step, persist, commit, acknowledge, publish.
//!
//! One thread owns the floor. While one commit is under way the next batch gathers by itself, so nothing is delayed on
//! purpose. Invariants: answers leave after durability; when a write fails, the floor is read anew from the tables,
//! because a commit that returned an error may have become durable all the same.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use redb::Database;

use crate::clock::Clock;
use crate::domain::command::Command;
use crate::domain::floor::Floor;
use crate::domain::ids::QueueId;
use crate::domain::message::Content;
use crate::domain::queue::Queue;
use crate::domain::rejection::Rejection;
use crate::domain::settings::Settings;
use crate::limits::{COMMANDS_PER_COMMIT_MAX, REOPEN_WAIT_MS_MAX, REOPEN_WAIT_MS_MIN, TICK_MS_MIN, WRITER_WAKE_MS_MAX};

use super::database::Shared;
use super::journal;
use super::load;
use super::mailbox::{Envelope, Letter};
use super::persist::Pages;
use super::prefetch;
use super::record::JournalEvent;
use super::tables::Tables;
use super::{Answer, Done, StoreError, StoreOptions, StoreState, SubmitError};

/// What a new centre starts with.
const DISPOSITIONS: [(&str, &str); 4] =
    [("solved", "Solved"), ("follow_up", "Follow-up needed"), ("no_answer", "No answer"), ("spam", "Spam")];

/// Loads the floor and starts the thread.
pub(super) fn start(
    shared: Arc<Shared>,
    letters: Receiver<Letter>,
    options: StoreOptions,
) -> Result<JoinHandle<()>, StoreError> {
    let (floor, head) = read_floor(&shared)?;
    let mut writer = Writer {
        shared,
        clock: options.clock,
        floor_checked: options.floor_checked,
        floor,
        head,
        vain_tick_at: i64::MIN,
    };
    let mut commands = vec![Command::Restart];
    if writer.floor.rows().queues.is_empty() {
        commands.extend(first_commands());
    }
    writer.carry_out(&[commands])?;
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

fn read_floor(shared: &Shared) -> Result<(Floor, u64), StoreError> {
    let (rows, head) = shared.read(load::load)?;
    Ok((Floor::restore(rows), head))
}

struct Writer {
    shared: Arc<Shared>,
    clock: Clock,
    floor_checked: bool,
    floor: Floor,
    head: u64,
    /// When a tick last found nothing to do.
    vain_tick_at: i64,
}

impl Writer {
    fn run(mut self, letters: &Receiver<Letter>) {
        let mut stopping = false;
        while !stopping {
            let mut envelopes = Vec::new();
            match letters.recv_timeout(self.wait()) {
                Ok(Letter::Envelope(envelope)) => envelopes.push(envelope),
                Ok(Letter::Stop) | Err(RecvTimeoutError::Disconnected) => stopping = true,
                Err(RecvTimeoutError::Timeout) => {}
            }
            stopping |= gather(letters, &mut envelopes, stopping);
            self.batch(envelopes);
        }
        self.shared.close();
    }

    /// How long nothing has to be done, as far as the clock tells.
    fn wait(&self) -> Duration {
        let now = self.clock.now();
        let due_in = self.floor.next_deadline().map_or(i64::MAX, |deadline| deadline.since_ms(now));
        let due_in = if self.vain_tick_at == i64::MIN { due_in } else { due_in.max(TICK_MS_MIN) };
        Duration::from_millis(u64::try_from(due_in).unwrap_or(0).min(WRITER_WAKE_MS_MAX))
    }

    fn batch(&mut self, envelopes: Vec<Envelope>) {
        let mut work: Vec<Vec<Command>> = Vec::with_capacity(envelopes.len() + 1);
        let mut replies = Vec::with_capacity(envelopes.len());
        let now = self.clock.now();
        let tick = self.floor.next_deadline().is_some_and(|deadline| deadline <= now);
        if tick && now.0.saturating_sub(self.vain_tick_at) >= TICK_MS_MIN {
            work.push(vec![Command::Tick]);
        }
        let ticks = work.len();
        for envelope in envelopes {
            work.push(envelope.commands);
            replies.push((envelope.reply, envelope.permit));
        }
        if work.is_empty() {
            return;
        }
        match self.carry_out(&work) {
            Ok(mut answers) => {
                if ticks == 1 {
                    let vain = answers[0].iter().all(|answer| answer.as_ref().is_ok_and(|done| done.events.is_empty()));
                    self.vain_tick_at = if vain { now.0 } else { i64::MIN };
                }
                for ((reply, _permit), answers) in replies.into_iter().zip(answers.drain(ticks..)) {
                    // Nobody waits any more: what was asked is done all the same.
                    drop(reply.send(Ok(answers)));
                }
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; the store is opened anew");
                self.shared.state.send_replace(StoreState::Unavailable(error.to_string()));
                for (reply, _permit) in replies {
                    drop(reply.send(Err(SubmitError::Unavailable)));
                }
                self.recover();
            }
        }
    }

    /// Opens the database anew and reads the floor from it, until that works and a write goes through.
    fn recover(&mut self) {
        let mut wait_ms = REOPEN_WAIT_MS_MIN;
        loop {
            thread::sleep(Duration::from_millis(wait_ms));
            wait_ms = (wait_ms * 2).min(REOPEN_WAIT_MS_MAX);
            let outcome = self.shared.reopen().and_then(|()| read_floor(&self.shared));
            match outcome {
                Ok((floor, head)) => {
                    (self.floor, self.head) = (floor, head);
                    self.shared.head.send_replace(head);
                    self.shared.state.send_replace(StoreState::Ready);
                    tracing::info!("the store is open again");
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, "the store could not be opened anew");
                    self.shared.state.send_replace(StoreState::Unavailable(error.to_string()));
                }
            }
        }
    }

    /// One commit for everything that was gathered.
    fn carry_out(&mut self, work: &[Vec<Command>]) -> Result<Vec<Vec<Answer>>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let (answers, head) = shared.with(|database| self.transact(database, work))?;
        if self.floor_checked {
            let (floor, _) = read_floor(&self.shared)?;
            assert_eq!(floor.rows(), self.floor.rows(), "load(tables) == floor");
        }
        if head != self.head {
            self.head = head;
            self.shared.head.send_replace(head);
        }
        Ok(answers)
    }

    fn transact(&mut self, database: &Database, work: &[Vec<Command>]) -> Result<(Vec<Vec<Answer>>, u64), StoreError> {
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        let mut events = Vec::new();
        let mut answers = Vec::with_capacity(work.len());
        let mut head = self.head;
        {
            let mut pages = Pages::new(Tables::new(&transaction));
            for commands in work {
                let answer = |command| self.command(&mut pages, &mut events, command);
                answers.push(commands.iter().map(answer).collect::<Result<Vec<_>, StoreError>>()?);
            }
            if !events.is_empty() {
                pages.finish(&self.floor)?;
                head = journal::append(&mut pages.tables, self.head, &events, &self.floor)?;
            }
        }
        if events.is_empty() {
            transaction.abort()?;
        } else {
            transaction.commit()?;
        }
        Ok((answers, head))
    }

    fn command(
        &mut self,
        pages: &mut Pages<'_>,
        noted: &mut Vec<JournalEvent>,
        command: &Command,
    ) -> Result<Answer, StoreError> {
        let now = self.clock.now();
        let facts = prefetch::facts(pages, &self.floor, now, command)?;
        let known_message = facts.known_message;
        let floor = &mut self.floor;
        let events = match catch_unwind(AssertUnwindSafe(|| floor.step(&facts, now, command))) {
            Ok(Ok(events)) => events,
            Ok(Err(rejection)) => return Ok(Err(rejection)),
            Err(_) => self.quarantine(command)?,
        };
        let at = self.floor.at();
        for event in &events {
            pages.event(&self.floor, at, event)?;
            noted.push(journal::noted(at, event));
        }
        let seq = self.head + noted.len() as u64;
        Ok(Ok(Done { seq, at, events: events.into(), known_message }))
    }

    /// A command that made the core panic. The decision is made without touching the floor, so the floor is whole: a
    /// webhook's words are kept raw, and Meta is not asked to send them for days; all else is refused.
    fn quarantine(&mut self, command: &Command) -> Result<Vec<crate::domain::event::Event>, StoreError> {
        tracing::error!("a command made the core panic; it is kept for a person to look at");
        let raw = if let Command::Receive(inbound) = command {
            inbound.raw.clone().unwrap_or_else(|| match &inbound.content {
                Content::Text(text) | Content::Other { text, .. } => text.clone(),
                Content::Notice(_) => String::new(),
            })
        } else {
            format!("{command:?}")
        };
        let kept = Command::KeepRaw { kind: "quarantine".to_owned(), raw };
        let outcome = self.floor.step(&crate::domain::facts::Facts::default(), self.clock.now(), &kept);
        outcome.map_err(|_: Rejection| StoreError::Missing("room for a quarantined command"))
    }
}

/// Takes what waits, up to a full commit; `true` when the writer is to stop.
fn gather(letters: &Receiver<Letter>, envelopes: &mut Vec<Envelope>, stopping: bool) -> bool {
    let mut commands: usize = envelopes.iter().map(|envelope| envelope.commands.len()).sum();
    // A stopping writer does all that was posted before.
    while stopping || commands < COMMANDS_PER_COMMIT_MAX {
        match letters.try_recv() {
            Ok(Letter::Envelope(envelope)) => {
                commands += envelope.commands.len();
                envelopes.push(envelope);
            }
            Ok(Letter::Stop) => return true,
            Err(_) => return false,
        }
    }
    false
}
