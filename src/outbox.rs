//! The outbox: durable sends become Graph calls, and what is known about the calls becomes commands.
//!
//! One loop decides, many calls run beside it. Each round gathers the results of finished calls and the sends that are
//! due into one envelope, so that a busy outbox costs one commit a round and not two a message.
//! Invariants: a call is made only after its `StartSend` is durable, and once for each; sends of one conversation go
//! one after the other, oldest first; a call of unknown fate is reported as such and never repeated; a result is held
//! until the store has it.

mod calls;
mod marks;
mod pace;
mod refusals;
mod templates;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::domain::channel::Trouble;
use crate::domain::command::{Command, SendFailure};
use crate::domain::ids::{ChannelId, MessageId};
use crate::domain::message::Failure;
use crate::domain::send::{Send, SendState};
use crate::limits::{
    OUTBOX_PAUSE_MS, OUTBOX_REST_FACTOR, OUTBOX_ROUND_MS_MIN, OUTBOX_STOP_MS_MAX, OUTBOX_WAKE_MS_MAX,
    SENDS_IN_FLIGHT_MAX, SENDS_IN_FLIGHT_PER_CHANNEL_MAX,
};
use crate::measure::SendResult;
use crate::media::Shelf;
use crate::store::{Answer, ChannelRow, Store, StoreError, SubmitError};
use crate::whatsapp::client::{GraphClient, Timeouts};
use crate::whatsapp::media::GraphHosts;

use self::calls::{Calls, Finished, Job};
use self::pace::{Pace, PairPaces};
use self::refusals::Refusals;

pub use self::marks::OutboxHandle;

/// The running outbox.
pub struct Outbox {
    handle: OutboxHandle,
    stop: watch::Sender<bool>,
    sends: JoinHandle<()>,
    marks: JoinHandle<()>,
    templates: JoinHandle<()>,
}

impl Outbox {
    /// Starts sending what is due in the store. Needs a tokio runtime.
    #[must_use]
    pub fn start(store: Store, clock: Clock, hosts: GraphHosts) -> Self {
        Self::calling(store, clock, GraphClient::new(Timeouts::default()).allowing(hosts))
    }

    /// [`Outbox::start`] with other times for Graph calls, which go to this machine only.
    #[must_use]
    pub fn start_with(store: Store, clock: Clock, timeouts: Timeouts) -> Self {
        Self::calling(store, clock, GraphClient::new(timeouts))
    }

    fn calling(store: Store, clock: Clock, client: GraphClient) -> Self {
        let shelf = Shelf::of(store.directory());
        let (handle, marks) = marks::start(store.clone(), client.clone());
        let stop = watch::Sender::new(false);
        let templates = templates::start(store.clone(), clock.clone(), client.clone(), stop.subscribe());
        let sends = Sends {
            store,
            clock,
            calls: Calls::new(client, shelf),
            paces: BTreeMap::new(),
            pairs: PairPaces::default(),
            results: BTreeMap::new(),
            unsure: BTreeSet::new(),
            refusals: Refusals::default(),
        };
        let sends = tokio::spawn(sends.run(stop.subscribe()));
        Self { handle, stop, sends, marks, templates }
    }

    /// Where read marks go in.
    #[must_use]
    pub fn handle(&self) -> OutboxHandle {
        self.handle.clone()
    }

    /// Starts no more calls and waits for those under way, at most `OUTBOX_STOP_MS_MAX`. What has no answer by then is
    /// found in flight at the next start, as after a crash.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.marks.abort();
        self.templates.abort();
        if self.sends.await.is_err() {
            tracing::error!("the outbox ended in disorder");
        }
    }
}

/// What one look at the store shows.
struct Survey {
    /// The oldest send of each conversation, oldest first.
    heads: Vec<Send>,
    /// What each channel account may send, messages a second.
    rates: BTreeMap<ChannelId, u32>,
    /// The numbers of which the provider takes nothing.
    troubles: BTreeMap<ChannelId, Trouble>,
}

/// The loop's state.
struct Sends {
    store: Store,
    clock: Clock,
    calls: Calls,
    paces: BTreeMap<ChannelId, Pace>,
    pairs: PairPaces,
    /// What finished calls have to report, until it is durable.
    results: BTreeMap<MessageId, Command>,
    /// Sends whose `StartSend` brought no answer: they may look in flight, but no call was made.
    unsure: BTreeSet<MessageId>,
    refusals: Refusals,
}

impl Sends {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut head = self.store.head();
        loop {
            head.borrow_and_update();
            let began = Instant::now();
            let (wake_at, rest) = match self.round().await {
                Ok(round) => round,
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot read the store");
                    let pause = Duration::from_millis(OUTBOX_PAUSE_MS);
                    (began + pause, pause)
                }
            };
            let rested_at = Instant::now() + rest;
            let wait = async {
                tokio::select! {
                    Ok(()) = head.changed() => {}
                    finished = self.calls.next() => self.settle(finished),
                    () = tokio::time::sleep_until(wake_at) => {}
                }
                tokio::time::sleep_until(rested_at).await;
            };
            tokio::select! {
                biased;
                // An error means that the outbox was dropped, which stops it as well.
                _ = stop.wait_for(|stop| *stop) => break,
                () = wait => {}
            }
        }
        let deadline = Instant::now() + Duration::from_millis(OUTBOX_STOP_MS_MAX);
        if tokio::time::timeout_at(deadline, self.finish()).await.is_err() {
            tracing::warn!(calls = self.calls.len(), "calls without an answer were cut at the stop");
        }
    }

    /// Waits for the calls under way and reports them.
    async fn finish(&mut self) {
        while !self.calls.is_empty() || !self.results.is_empty() {
            self.settle_all();
            self.submit(Vec::new(), Vec::new()).await;
            tokio::select! {
                finished = self.calls.next() => self.settle(finished),
                () = tokio::time::sleep(Duration::from_millis(OUTBOX_ROUND_MS_MIN)) => {}
            }
        }
    }

    /// Reports what is finished and starts what is due. Tells when to come back even if nothing happens, and how long
    /// to rest in any case: a long queue makes rounds long, and they must not fill the machine.
    async fn round(&mut self) -> Result<(Instant, Duration), StoreError> {
        self.settle_all();
        let began = Instant::now();
        let survey = self.survey().await?;
        let strays = self.strays(&survey);
        let (due, wake_at) = self.pick(&survey);
        let jobs = if due.is_empty() { Vec::new() } else { self.jobs(due).await? };
        let rest = (began.elapsed() * OUTBOX_REST_FACTOR).max(Duration::from_millis(OUTBOX_ROUND_MS_MIN));
        self.submit(strays, jobs).await;
        Ok((self.refusals.next(Instant::now()).map_or(wake_at, |until| until.min(wake_at)), rest))
    }

    async fn survey(&self) -> Result<Survey, StoreError> {
        let store = self.store.clone();
        read(move || {
            store.read(|snapshot| {
                let mut seen = BTreeSet::new();
                let heads = snapshot.sends()?.into_iter().filter(|send| seen.insert(send.conversation)).collect();
                let channels = snapshot.channels()?;
                let trouble = |row: &ChannelRow| row.channel.trouble.map(|trouble| (row.channel.id, trouble));
                let troubles = channels.iter().filter_map(trouble).collect();
                let rates = channels.into_iter().map(|row| (row.channel.id, row.profile.messages_per_s_max)).collect();
                Ok(Survey { heads, rates, troubles })
            })
        })
        .await
    }

    /// Sends that are in flight in the store but not here. One whose `StartSend` brought no answer was never called;
    /// any other belongs to a process that is gone, and nobody knows its fate.
    fn strays(&mut self, survey: &Survey) -> Vec<(MessageId, Command)> {
        let in_flight = survey.heads.iter().filter(|send| send.state == SendState::InFlight).map(|send| send.message);
        let strays = in_flight.filter(|message| !self.calls.has(*message) && !self.results.contains_key(message));
        let due = self.clock.now();
        let reported = strays
            .map(|message| {
                let failure = if self.unsure.contains(&message) {
                    SendFailure::Retry(due, Failure { code: 0, title: "the call was not made".to_owned() })
                } else {
                    SendFailure::Unknown
                };
                (message, Command::RecordSendFailure { message, failure })
            })
            .collect();
        let heads: BTreeSet<_> = survey.heads.iter().map(|send| send.message).collect();
        self.unsure.retain(|message| heads.contains(message));
        reported
    }

    /// What may start now, and the earliest time at which something else may.
    fn pick(&mut self, survey: &Survey) -> (Vec<Send>, Instant) {
        let (now, instant) = (self.clock.now(), Instant::now());
        let mut wake_at = instant + Duration::from_millis(OUTBOX_WAKE_MS_MAX);
        let mut picked = Vec::new();
        let mut calls_of = self.calls.of_channels();
        for send in &survey.heads {
            let SendState::Due(due) = send.state else {
                continue;
            };
            if self.refusals.holds(send.message, instant) || self.results.contains_key(&send.message) {
                continue;
            }
            if due > now {
                let wait = u64::try_from(due.since_ms(now)).unwrap_or_default();
                wake_at = wake_at.min(instant + Duration::from_millis(wait.min(OUTBOX_WAKE_MS_MAX)));
                continue;
            }
            let of_channel = calls_of.entry(send.channel).or_default();
            // One message at a time tries whether the trouble is over, and what it found has to be durable before the
            // next one; the others wait. A finished call and a durable result wake the loop.
            if let Some(trouble) = survey.troubles.get(&send.channel) {
                if trouble.probe_at > now {
                    let wait = u64::try_from(trouble.probe_at.since_ms(now)).unwrap_or_default();
                    wake_at = wake_at.min(instant + Duration::from_millis(wait.min(OUTBOX_WAKE_MS_MAX)));
                    continue;
                }
                if *of_channel > 0 || !self.results.is_empty() {
                    continue;
                }
            }
            // A finished call wakes the loop, so a full house needs no time.
            if self.calls.len() + picked.len() >= SENDS_IN_FLIGHT_MAX || *of_channel >= SENDS_IN_FLIGHT_PER_CHANNEL_MAX
            {
                continue;
            }
            let free_at = self.pairs.free_at(send.conversation, instant);
            if free_at > instant {
                wake_at = wake_at.min(free_at);
                continue;
            }
            let rate = survey.rates.get(&send.channel).copied().unwrap_or_default();
            match self.paces.entry(send.channel).or_insert_with(|| Pace::new(instant)).take(instant, rate) {
                Ok(()) => {
                    self.pairs.take(send.conversation, instant);
                    *of_channel += 1;
                    picked.push(*send);
                }
                Err(free_at) => wake_at = wake_at.min(free_at),
            }
        }
        (picked, wake_at)
    }

    async fn jobs(&self, due: Vec<Send>) -> Result<Vec<Job>, StoreError> {
        let store = self.store.clone();
        read(move || store.read(|snapshot| due.iter().map(|send| Job::read(snapshot, store.tag(), send)).collect()))
            .await
    }

    /// Writes results, strays and starts. Calls begin after the durable answer.
    async fn submit(&mut self, strays: Vec<(MessageId, Command)>, jobs: Vec<Job>) {
        let now = Instant::now();
        let reports = self.results.iter().map(|(message, command)| (*message, command.clone())).chain(strays);
        let mut commands: Vec<_> = reports.filter(|(message, _)| !self.refusals.holds(*message, now)).collect();
        let mut jobs: BTreeMap<_, _> = jobs.into_iter().map(|job| (job.send.message, job)).collect();
        commands.extend(jobs.keys().map(|message| (*message, Command::StartSend { message: *message })));
        let (messages, commands): (Vec<_>, Vec<_>) = commands.into_iter().unzip();
        for (message, reply) in messages.into_iter().zip(self.replies(commands).await) {
            let job = jobs.remove(&message);
            match reply {
                Ok(answer) => {
                    self.refusals.remove(message);
                    self.answered(message, answer, job);
                }
                Err(error) => {
                    tracing::warn!(message.id = message.0, %error, "the outbox waits for the store");
                    self.refusals.add(message, Instant::now());
                    if job.is_some() {
                        self.unsure.insert(message);
                    }
                }
            }
        }
    }

    /// One reply for each command. All go in one envelope; after a refusal each goes alone, so that one that can never
    /// be carried out is told from the others.
    async fn replies(&self, commands: Vec<Command>) -> Vec<Result<Answer, SubmitError>> {
        if commands.is_empty() {
            return Vec::new();
        }
        let count = commands.len();
        if self.refusals.is_empty() {
            return match self.store.submit(commands).await {
                Ok(answers) => answers.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error); count],
            };
        }
        // They are posted at once and share a commit all the same.
        let posted: Vec<_> = commands.into_iter().map(|command| self.store.submit(vec![command])).collect();
        let mut replies = Vec::with_capacity(count);
        for reply in posted {
            let answers = reply.await;
            replies.push(answers.and_then(|answers| answers.into_iter().next().ok_or(SubmitError::Unavailable)));
        }
        replies
    }

    /// The store has it. A refused report is one that the floor no longer waits for: a status was faster.
    fn answered(&mut self, message: MessageId, answer: Answer, job: Option<Job>) {
        self.unsure.remove(&message);
        match (job, answer) {
            (Some(job), Ok(_)) => self.calls.start(job),
            (Some(_), Err(rejection)) => {
                tracing::debug!(message.id = message.0, ?rejection, "a send was not due");
            }
            (None, _) => {
                self.results.remove(&message);
            }
        }
    }

    fn settle_all(&mut self) {
        while let Some(finished) = self.calls.try_next() {
            self.settle(finished);
        }
    }

    /// Turns a finished call into its report, and slows its channel down where the provider asks for it.
    fn settle(&mut self, finished: Finished) {
        let Finished { message, channel, attempt, outcome } = finished;
        let command = match outcome {
            Ok(wamid) => {
                self.store.measures().sent(SendResult::Accepted);
                Command::RecordAccepted { message, wamid }
            }
            Err(error) => {
                tracing::warn!(message.id = message.0, channel.id = channel.0, attempt, %error, "a call brought no success");
                if let Some(pause) = verdict::pause(&error, attempt)
                    && let Some(pace) = self.paces.get_mut(&channel)
                {
                    pace.pause(Instant::now() + pause);
                }
                let failure = verdict::failure(&error, attempt, self.clock.now());
                self.store.measures().sent(verdict::counted_as(&failure));
                Command::RecordSendFailure { message, failure }
            }
        };
        self.results.insert(message, command);
    }
}

/// Reads beside the runtime's threads, because a read may have to wait for the disk.
async fn read<T: std::marker::Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + std::marker::Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
