//! What one commit carries out, and who hears of it.
//!
//! Apart from the writer because of the commands that fail by a fault of ours: the batch is carried out again without
//! them. Invariant: every envelope gets one answer for each of its commands, or one refusal.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::domain::command::Command;

use super::mailbox::Envelope;
use super::origin::Origin;
use super::{Answer, SubmitError, quarantine};

/// Which command: `None` for the tick, else envelope and place in it.
pub(super) type Source = Option<(usize, usize)>;

/// The commands of one commit, in order.
pub(super) struct Plan<'a> {
    steps: Vec<(Source, Cow<'a, Origin>, Cow<'a, Command>)>,
    refused: BTreeSet<usize>,
}

impl<'a> Plan<'a> {
    /// A faulty command from a webhook is kept raw instead, because its sender would repeat it for days; with any
    /// other faulty command its whole envelope is left out and refused.
    pub(super) fn new(envelopes: &'a [Envelope], tick: bool, faulty: &BTreeSet<Source>) -> Self {
        let mut steps = Vec::new();
        let mut refused = BTreeSet::new();
        if tick && !faulty.contains(&None) {
            steps.push((None, Cow::Owned(Origin::default()), Cow::Owned(Command::Tick)));
        }
        for (index, envelope) in envelopes.iter().enumerate() {
            let before = steps.len();
            for (place, command) in envelope.commands.iter().enumerate() {
                let source = Some((index, place));
                if !faulty.contains(&source) {
                    steps.push((source, Cow::Borrowed(&envelope.origin), Cow::Borrowed(command)));
                } else if let Some(kept) = quarantine::kept(command) {
                    steps.push((source, Cow::Borrowed(&envelope.origin), Cow::Owned(kept)));
                } else {
                    steps.truncate(before);
                    refused.insert(index);
                    break;
                }
            }
        }
        Self { steps, refused }
    }

    pub(super) fn commands(&self) -> Vec<(&Origin, &Command)> {
        self.steps.iter().map(|(_, from, command)| (from.as_ref(), command.as_ref())).collect()
    }

    /// Where the command at this place of the commit comes from.
    pub(super) fn source(&self, place: usize) -> Source {
        self.steps.get(place).and_then(|(source, ..)| *source)
    }

    /// What each envelope is told.
    pub(super) fn replies(&self, answers: Vec<Answer>, envelopes: usize) -> Vec<Result<Vec<Answer>, SubmitError>> {
        let mut replies = vec![Ok(Vec::new()); envelopes];
        for index in &self.refused {
            replies[*index] = Err(SubmitError::Unavailable);
        }
        for ((source, ..), answer) in self.steps.iter().zip(answers) {
            if let Some((index, _)) = source
                && let Ok(reply) = &mut replies[*index]
            {
                reply.push(answer);
            }
        }
        replies
    }
}
