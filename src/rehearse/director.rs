//! Who speaks next, in every dialogue at once.
//!
//! A customer goes on when the agent's words are on the phone; an agent goes on when the customer's words are in the
//! browser. Invariant: a turn is taken once, and the next one only after it has arrived.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, mpsc};

use crate::limits::REHEARSAL_STALL_MS_MAX;
use crate::simulator::{Acknowledgement, Customer, Outbound, Simulator};

use super::browser::{Browser, Change, InteractionView, MessageView};
use super::dialogues::{Dialogue, Speaker, Turn};

/// A dialogue that was played, and what came of it.
pub(super) struct Play {
    pub(super) dialogue: Dialogue,
    /// The conversation in the centre's store.
    pub(super) conversation: Option<u64>,
    /// What the business said, as the phone got it.
    pub(super) on_phone: Vec<String>,
    /// Messages that the server called unconfirmed or failed, and that were sent again.
    pub(super) sent_again: BTreeSet<u64>,
    next: usize,
    under_way: bool,
    written_at: Option<Instant>,
    seen: BTreeSet<u64>,
    owner: Option<(usize, u64)>,
}

/// Everything that was measured.
pub(super) struct Played {
    pub(super) plays: Vec<Play>,
    /// Webhook acknowledgements: when, and after how many milliseconds.
    pub(super) acks: Vec<(Instant, f64)>,
    /// From the customer's writing to the agent's browser, milliseconds.
    pub(super) end_to_end_ms: Vec<f64>,
}

pub(super) struct Director {
    simulator: Simulator,
    browsers: Vec<Browser>,
    plays: BTreeMap<String, Play>,
    waiting: VecDeque<String>,
    places: usize,
    playing: usize,
    finished: usize,
    pace: Pace,
    due: VecDeque<String>,
    acks: Vec<(Instant, f64)>,
    end_to_end_ms: Vec<f64>,
    done: (mpsc::UnboundedSender<Outcome>, mpsc::UnboundedReceiver<Outcome>),
}

/// How an agent's call ended.
type Outcome = (String, Step, Result<(), String>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Said,
    Finished,
}

impl Director {
    pub(super) fn new(
        simulator: Simulator,
        browsers: Vec<Browser>,
        dialogues: Vec<Dialogue>,
        places: usize,
        rate_per_s: Option<f64>,
    ) -> Self {
        let named = dialogues.into_iter().enumerate().map(|(number, dialogue)| {
            let play = Play {
                dialogue,
                conversation: None,
                on_phone: Vec::new(),
                sent_again: BTreeSet::new(),
                next: 0,
                under_way: false,
                written_at: None,
                seen: BTreeSet::new(),
                owner: None,
            };
            (format!("1555{number:07}"), play)
        });
        let plays: BTreeMap<_, _> = named.collect();
        let waiting = plays.keys().cloned().collect();
        Self {
            simulator,
            browsers,
            plays,
            waiting,
            places,
            playing: 0,
            finished: 0,
            pace: Pace::new(rate_per_s),
            due: VecDeque::new(),
            acks: Vec::new(),
            end_to_end_ms: Vec::new(),
            done: mpsc::unbounded_channel(),
        }
    }

    /// Plays every dialogue to its end.
    pub(super) async fn play(mut self) -> Result<Played, String> {
        let mut phone = self.simulator.outbound();
        let mut acknowledged = self.simulator.acknowledgements();
        let (to, mut changes) = mpsc::unbounded_channel();
        for (index, browser) in self.browsers.iter().enumerate() {
            tokio::spawn(browser.clone().follow(index, to.clone()));
        }
        let stall = Duration::from_millis(REHEARSAL_STALL_MS_MAX);
        let mut progress = Instant::now();
        while self.finished < self.plays.len() {
            self.begin_more();
            self.write_due().await;
            tokio::select! {
                change = changes.recv() => {
                    if let Some((index, change)) = change {
                        self.changed(index, &change);
                        progress = Instant::now();
                    }
                }
                outbound = phone.recv() => {
                    self.reached(&*received(outbound)?);
                    progress = Instant::now();
                }
                acknowledgement = acknowledged.recv() => self.acknowledged(&*received(acknowledgement)?),
                Some(outcome) = self.done.1.recv() => {
                    self.ended(outcome)?;
                    progress = Instant::now();
                }
                () = self.pace.wait(), if !self.due.is_empty() => {}
                () = tokio::time::sleep(stall.saturating_sub(progress.elapsed())) => return Err(self.stuck()),
            }
        }
        // Statuses of the last messages are still on their way; they are not waited for.
        while let Ok(acknowledgement) = acknowledged.try_recv() {
            self.acknowledged(&acknowledgement);
        }
        Ok(Played { plays: self.plays.into_values().collect(), acks: self.acks, end_to_end_ms: self.end_to_end_ms })
    }

    fn begin_more(&mut self) {
        while self.playing < self.places
            && let Some(number) = self.waiting.pop_front()
        {
            self.playing += 1;
            self.due.push_back(number);
        }
    }

    /// Writes what customers have to say, at the pace asked for.
    async fn write_due(&mut self) {
        while self.pace.may_go() {
            let Some(number) = self.due.pop_front() else { return };
            let Some(play) = self.plays.get_mut(&number) else { continue };
            let Some(turn) = play.dialogue.turns.get(play.next) else { continue };
            let text = turn.text.clone();
            play.written_at = Some(Instant::now());
            let customer = Customer { name: format!("Customer {number}"), wa_id: number };
            self.simulator.customer_writes(customer, text).await;
        }
    }

    fn changed(&mut self, index: usize, change: &Change) {
        let Some(interaction) = &change.interaction else {
            if let Some(message) = &change.message {
                self.delivery(index, message);
            }
            return;
        };
        let Some(number) = number_of(interaction) else { return };
        let Some(browser) = self.browsers.get(index) else { return };
        if interaction.offered_to_id == Some(browser.agent()) {
            let (browser, id) = (browser.clone(), interaction.id);
            tokio::spawn(async move { browser.accept(id).await });
        }
        let owned = interaction.owner_id == Some(browser.agent()) && interaction.state == "active";
        let Some(play) = self.plays.get_mut(&number) else { return };
        play.conversation = Some(interaction.conversation_id);
        if owned {
            play.owner = Some((index, interaction.id));
        }
        let messages = [change.message.as_ref(), interaction.last_message.as_ref()];
        for message in messages.into_iter().flatten() {
            self.seen(&number, message);
        }
        self.speak(&number);
        if let Some(message) = &change.message {
            self.delivery(index, message);
        }
    }

    /// A customer's words are in a browser.
    fn seen(&mut self, number: &str, message: &MessageView) {
        let Some(play) = self.plays.get_mut(number) else { return };
        if message.author.kind != "contact" || !play.seen.insert(message.id) {
            return;
        }
        let expected = play.dialogue.turns.get(play.next);
        if !expected.is_some_and(|turn| turn.speaker == Speaker::Contact && turn.text == message.content.text) {
            return;
        }
        if let Some(written) = play.written_at.take() {
            self.end_to_end_ms.push(written.elapsed().as_secs_f64() * 1_000.0);
        }
        self.advance(number);
    }

    /// The business's words are on a phone.
    fn reached(&mut self, outbound: &Outbound) {
        let Some(play) = self.plays.get_mut(&outbound.to) else { return };
        play.on_phone.push(outbound.text.clone());
        let expected = play.dialogue.turns.get(play.next);
        if expected.is_some_and(|turn| turn.speaker == Speaker::Agent && turn.text == outbound.text) {
            self.advance(&outbound.to);
        }
    }

    fn advance(&mut self, number: &str) {
        let Some(play) = self.plays.get_mut(number) else { return };
        play.next += 1;
        play.under_way = false;
        match play.dialogue.turns.get(play.next) {
            Some(Turn { speaker: Speaker::Contact, .. }) => self.due.push_back(number.to_owned()),
            Some(Turn { speaker: Speaker::Agent, .. }) | None => self.speak(number),
        }
    }

    /// The agent takes their turn, or closes the work after the last one.
    fn speak(&mut self, number: &str) {
        let Some(play) = self.plays.get_mut(number) else { return };
        let Some((index, interaction)) = play.owner.filter(|_| !play.under_way) else { return };
        let Some(browser) = self.browsers.get(index).cloned() else { return };
        let (done, number) = (self.done.0.clone(), number.to_owned());
        match play.dialogue.turns.get(play.next) {
            Some(Turn { speaker: Speaker::Contact, .. }) => {}
            Some(Turn { speaker: Speaker::Agent, text }) => {
                play.under_way = true;
                let (text, key) = (text.clone(), format!("{number}-{}", play.next));
                tokio::spawn(async move {
                    let outcome = browser.send(interaction, &key, &text).await;
                    drop(done.send((number, Step::Said, outcome)));
                });
            }
            None => {
                play.under_way = true;
                tokio::spawn(async move {
                    let outcome = browser.finish(interaction).await;
                    drop(done.send((number, Step::Finished, outcome)));
                });
            }
        }
    }

    /// The server does not know whether a message arrived, or knows that it did not: the agent sends it again, unless
    /// the phone has it.
    fn delivery(&mut self, index: usize, message: &MessageView) {
        let again = matches!(message.delivery.as_deref(), Some("unconfirmed" | "failed"));
        let Some(browser) = self.browsers.get(index).filter(|_| again).cloned() else { return };
        let play = self.plays.iter_mut().find(|(_, play)| play.conversation == Some(message.conversation_id));
        let Some((number, play)) = play else { return };
        let waits = play.dialogue.turns.get(play.next).is_some_and(|turn| turn.text == message.content.text);
        if !play.sent_again.insert(message.id) || !waits {
            return;
        }
        let (done, number, message) = (self.done.0.clone(), number.clone(), message.id);
        tokio::spawn(async move {
            let outcome = browser.retry(message, &format!("again-{message}")).await;
            drop(done.send((number, Step::Said, outcome)));
        });
    }

    fn acknowledged(&mut self, acknowledgement: &Acknowledgement) {
        if !acknowledgement.is_status {
            self.acks.push((Instant::now(), acknowledgement.latency.as_secs_f64() * 1_000.0));
        }
    }

    fn ended(&mut self, (number, step, outcome): Outcome) -> Result<(), String> {
        outcome.map_err(|problem| format!("Customer {number}: {problem}"))?;
        if step == Step::Finished {
            self.finished += 1;
            self.playing -= 1;
        }
        Ok(())
    }

    fn stuck(&self) -> String {
        let open = self.plays.iter().filter(|(_, play)| play.next > 0 && play.next <= play.dialogue.turns.len());
        let shown: Vec<String> = open
            .filter(|(_, play)| !(play.under_way && play.next == play.dialogue.turns.len()))
            .take(3)
            .map(|(number, play)| format!("{number} ({}) at turn {}", play.dialogue.name, play.next))
            .collect();
        format!(
            "The rehearsal stands still: {} of {} dialogues are finished; stuck: {}.",
            self.finished,
            self.plays.len(),
            shown.join(", ")
        )
    }
}

/// What a simulator's channel brings; one that ran over would make the figures untrue.
fn received<T>(received: Result<Arc<T>, broadcast::error::RecvError>) -> Result<Arc<T>, String> {
    received.map_err(|error| format!("The rehearsal could not keep up with the simulator: {error}."))
}

fn number_of(interaction: &InteractionView) -> Option<String> {
    let phone = interaction.contact.addresses.iter().find(|address| address.kind == "phone")?;
    Some(phone.value.trim_start_matches('+').to_owned())
}

/// Customers' messages a second.
struct Pace {
    every: Option<Duration>,
    next: Instant,
}

impl Pace {
    fn new(rate_per_s: Option<f64>) -> Self {
        Self { every: rate_per_s.map(|rate| Duration::from_secs_f64(1.0 / rate)), next: Instant::now() }
    }

    fn may_go(&mut self) -> bool {
        let Some(every) = self.every else { return true };
        if Instant::now() < self.next {
            return false;
        }
        self.next = (self.next + every).max(Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or(self.next));
        true
    }

    async fn wait(&self) {
        tokio::time::sleep_until(self.next.into()).await;
    }
}
