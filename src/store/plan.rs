//! What one commit carries out, and who hears of it.
//!
//! Apart from the writer because of the commands that fail by a fault of ours: the batch is carried out again without
//! them. Invariant: every envelope gets one answer for each of its commands, or one refusal.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::command::Command;

use super::mailbox::Envelope;
use super::{Answer, SubmitError, quarantine};

/// Where a command comes from: `None` for the tick, else envelope and place in it.
pub(super) type Origin = Option<(usize, usize)>;

/// The commands of one commit, in order.
pub(super) struct Plan<'a> {
    steps: Vec<(Origin, Cow<'a, Command>)>,
    refused: BTreeSet<usize>,
}

impl<'a> Plan<'a> {
    /// A faulty command from a webhook is kept raw instead, because its sender would repeat it for days; with any
    /// other faulty command its whole envelope is left out and refused.
    pub(super) fn new(envelopes: &'a [Envelope], tick: bool, faulty: &BTreeSet<Origin>) -> Self {
        let mut steps = Vec::new();
        let mut refused = BTreeSet::new();
        if tick && !faulty.contains(&None) {
            steps.push((None, Cow::Owned(Command::Tick)));
        }
        for (index, envelope) in envelopes.iter().enumerate() {
            let before = steps.len();
            for (place, command) in envelope.commands.iter().enumerate() {
                let origin = Some((index, place));
                if !faulty.contains(&origin) {
                    steps.push((origin, Cow::Borrowed(command)));
                } else if let Some(kept) = quarantine::kept(command) {
                    steps.push((origin, Cow::Owned(kept)));
                } else {
                    steps.truncate(before);
                    refused.insert(index);
                    break;
                }
            }
        }
        Self { steps, refused }
    }

    pub(super) fn commands(&self) -> Vec<&Command> {
        self.steps.iter().map(|(_, command)| command.as_ref()).collect()
    }

    /// Where the command at this place of the commit comes from.
    pub(super) fn origin(&self, place: usize) -> Origin {
        self.steps.get(place).and_then(|(origin, _)| *origin)
    }

    /// What each envelope is told.
    pub(super) fn replies(&self, answers: Vec<Answer>, envelopes: usize) -> Vec<Result<Vec<Answer>, SubmitError>> {
        let mut replies = vec![Ok(Vec::new()); envelopes];
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
