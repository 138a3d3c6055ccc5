//! What a rehearsal found.
//!
//! Invariant: a mismatch is counted on the store's side and on the phone's side, and any makes the rehearsal fail.

use std::time::Duration;

use serde::Serialize;

use super::backups::BackupReport;
use super::browser::Browser;
use super::dialogues::Speaker;
use super::director::{Play, Played};

/// Figures of one latency, milliseconds.
#[derive(Serialize)]
pub(super) struct Spread {
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

/// What a rehearsal found.
#[derive(Serialize)]
pub(super) struct Report {
    dialogues: usize,
    messages: usize,
    mismatches: usize,
    sent_again: usize,
    phone_duplicates: usize,
    restarts: usize,
    seconds: f64,
    messages_per_s: f64,
    ack_ms: Spread,
    end_to_end_ms: Spread,
    restart_ms: Spread,
    rss_mib_max: f64,
    rss_mib_end: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    backups: Option<BackupReport>,
}

impl Report {
    pub(super) fn new(
        played: &Played,
        took: Duration,
        mismatches: usize,
        phone_duplicates: usize,
        (rss_mib_max, rss_mib_end): (f64, f64),
        restarts_ms: Vec<f64>,
        backups: Option<BackupReport>,
    ) -> Self {
        let messages: usize = played.plays.iter().map(|play| play.dialogue.turns.len()).sum();
        let seconds = took.as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
        let messages_per_s = messages as f64 / seconds;
        Self {
            dialogues: played.plays.len(),
            messages,
            mismatches,
            sent_again: played.plays.iter().map(|play| play.sent_again.len()).sum(),
            phone_duplicates,
            restarts: restarts_ms.len(),
            seconds,
            messages_per_s,
            ack_ms: spread(played.acks.iter().map(|(_, ms)| *ms).collect()),
            end_to_end_ms: spread(played.end_to_end_ms.clone()),
            restart_ms: spread(restarts_ms),
            rss_mib_max,
            rss_mib_end,
            backups,
        }
    }

    #[allow(clippy::print_stdout, reason = "the answer of a command")]
    pub(super) fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", serde_json::to_string(self).unwrap_or_default());
            return;
        }
        println!("dialogues         {:>10}", self.dialogues);
        println!("messages          {:>10}", self.messages);
        println!("mismatches        {:>10}", self.mismatches);
        println!("sent again        {:>10}   after the agent was asked", self.sent_again);
        println!("twice on a phone  {:>10}   of those: the first one had arrived", self.phone_duplicates);
        println!("server restarts   {:>10}   {}", self.restarts, shown(&self.restart_ms));
        println!("messages a second {:>10.0}   over {:.1} s", self.messages_per_s, self.seconds);
        println!("acknowledgement   {:>10}   {}", "", shown(&self.ack_ms));
        println!("to the browser    {:>10}   {}", "", shown(&self.end_to_end_ms));
        if let Some(backups) = &self.backups {
            backups.print();
        }
        println!("memory, most      {:>10.1}   MiB", self.rss_mib_max);
        println!("memory, at the end{:>10.1}   MiB", self.rss_mib_end);
    }

    /// Whether the box passed.
    pub(super) fn verdict(&self) -> Result<(), String> {
        if self.mismatches == 0 {
            return Ok(());
        }
        Err(format!("{} transcripts differ from their dialogues.", self.mismatches))
    }
}

/// Compares every transcript with its dialogue: the number that differ, and of messages that a phone got twice because
/// an agent sent again what had arrived.
pub(super) async fn compare(supervisor: &Browser, played: &Played) -> Result<(usize, usize), String> {
    let mut mismatches = 0;
    let mut duplicates = 0;
    for play in &played.plays {
        let same = stored_as_said(supervisor, play).await?;
        let surplus = surplus_on_phone(play);
        if !same || surplus.is_none() {
            mismatches += 1;
            tracing::error!(dialogue = %play.dialogue.name, stored = same, phone = ?surplus, "a transcript differs");
        }
        duplicates += surplus.unwrap_or_default();
    }
    Ok((mismatches, duplicates))
}

/// The store's transcript, without what was sent again, says what the dialogue says.
async fn stored_as_said(supervisor: &Browser, play: &Play) -> Result<bool, String> {
    let Some(conversation) = play.conversation else { return Ok(false) };
    let transcript = supervisor.transcript(conversation).await?;
    let said =
        transcript.iter().filter(|message| !play.sent_again.contains(&message.id)).filter_map(|message| match message
            .author
            .kind
            .as_str()
        {
            "contact" => Some((Speaker::Contact, message.content.text.as_str())),
            "agent" => Some((Speaker::Agent, message.content.text.as_str())),
            _ => None,
        });
    Ok(said.eq(play.dialogue.turns.iter().map(|turn| (turn.speaker, turn.text.as_str()))))
}

/// How many messages the phone got beyond the dialogue's; `None` when something is missing, in another order, or twice
/// without an agent having been asked.
fn surplus_on_phone(play: &Play) -> Option<usize> {
    let mut wanted = play.dialogue.turns.iter().filter(|turn| turn.speaker == Speaker::Agent).peekable();
    let mut surplus = 0;
    for text in &play.on_phone {
        if wanted.peek().is_some_and(|turn| turn.text == *text) {
            wanted.next();
        } else {
            surplus += 1;
        }
    }
    (wanted.next().is_none() && surplus <= play.sent_again.len()).then_some(surplus)
}

pub(super) fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    let at = |share: usize| values.get((values.len() * share / 100).min(values.len().saturating_sub(1))).copied();
    Spread {
        p50: at(50).unwrap_or_default(),
        p99: at(99).unwrap_or_default(),
        max: values.last().copied().unwrap_or_default(),
    }
}

pub(super) fn shown(spread: &Spread) -> String {
    format!("p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms", spread.p50, spread.p99, spread.max)
}
