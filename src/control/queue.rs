//! Where interactions wait, set up from the command line.

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::ids::QueueId;
use crate::domain::queue::{AutoAnswer, Queue};
use crate::store::Store;

/// How an offer is answered, as the command line writes it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum AutoAnswerName {
    /// The agent accepts or rejects.
    Off,
    /// Interactions open by themselves.
    On,
    /// The pop-up shows what comes, and it opens by itself when the time to answer is over.
    Preview,
}

/// A queue's rules; what is not named stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct QueueRequest {
    /// Its name; one that is not there yet is made.
    pub name: String,
    /// How an offer is answered.
    pub auto_answer: Option<AutoAnswerName>,
    /// Time to answer an offer, seconds.
    pub offer_timeout_s: Option<u32>,
}

/// The command, and what is told when it was done.
pub(super) fn set(store: &Store, request: QueueRequest) -> Result<(Command, String), String> {
    let queues = store.read(|snapshot| snapshot.queues()).map_err(|error| error.to_string())?;
    let known = queues.into_iter().find(|queue| queue.name.to_lowercase() == request.name.to_lowercase());
    let told = match &known {
        Some(queue) => format!("The queue {} has these rules from now on.", queue.name),
        None => format!("There is a new queue, {}.", request.name),
    };
    let mut queue = known.unwrap_or_else(|| Queue::new(QueueId(0), &request.name));
    if let Some(mode) = request.auto_answer {
        queue.auto_answer = match mode {
            AutoAnswerName::Off => AutoAnswer::Off,
            AutoAnswerName::On => AutoAnswer::On,
            AutoAnswerName::Preview => AutoAnswer::Preview,
        };
    }
    if let Some(timeout_s) = request.offer_timeout_s {
        queue.offer_timeout_ms = i64::from(timeout_s) * 1_000;
    }
    Ok((Command::SetQueue(queue), told))
}
