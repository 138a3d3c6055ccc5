//! The door to the writer.
//!
//! A permit for each command is held from submission to answer; without one the caller hears so at once, instead of
//! waiting in a queue without end. Invariant: every letter that was taken is answered.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot};

use crate::domain::command::Command;
use crate::limits::COMMANDS_WAITING_MAX;

use super::origin::Origin;
use super::{Answer, SubmitError};

/// What the writer receives.
pub(super) enum Letter {
    /// Commands of one transaction.
    Envelope(Envelope),
    /// Do what is here, then end.
    Stop,
}

impl Letter {
    pub(super) fn into_envelope(self) -> Option<Envelope> {
        match self {
            Self::Envelope(envelope) => Some(envelope),
            Self::Stop => None,
        }
    }
}

/// Commands of one transaction, and who wants to know.
pub(super) struct Envelope {
    pub(super) commands: Vec<Command>,
    pub(super) origin: Origin,
    reply: oneshot::Sender<Result<Vec<Answer>, SubmitError>>,
    /// Given back when the letter is answered.
    permit: OwnedSemaphorePermit,
}

impl Envelope {
    /// Answers. Perhaps nobody waits any more: what was asked is done all the same.
    pub(super) fn answer(self, reply: Result<Vec<Answer>, SubmitError>) {
        let Self { reply: sender, permit, .. } = self;
        // First the place, then the answer: whoever is answered may submit again.
        drop(permit);
        drop(sender.send(reply));
    }
}

#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    letters: Sender<Letter>,
    permits: Arc<Semaphore>,
}

pub(super) fn open() -> (Mailbox, Receiver<Letter>) {
    let (letters, receiver) = mpsc::channel();
    let permits = Arc::new(Semaphore::new(usize::try_from(COMMANDS_WAITING_MAX).unwrap_or(usize::MAX)));
    (Mailbox { letters, permits }, receiver)
}

impl Mailbox {
    pub(super) fn submit(
        &self,
        commands: Vec<Command>,
    ) -> impl Future<Output = Result<Vec<Answer>, SubmitError>> + Send + use<> {
        // Posted now, so that the order of calls is the order of letters.
        let posted = self.post(commands);
        async move { posted?.await.map_err(|_| SubmitError::Stopped)? }
    }

    pub(super) fn submit_blocking(&self, commands: Vec<Command>) -> Result<Vec<Answer>, SubmitError> {
        self.post(commands)?.blocking_recv().map_err(|_| SubmitError::Stopped)?
    }

    pub(super) fn stop(&self) {
        self.permits.close();
        // A writer that is gone has stopped already.
        drop(self.letters.send(Letter::Stop));
    }

    fn post(&self, commands: Vec<Command>) -> Result<oneshot::Receiver<Result<Vec<Answer>, SubmitError>>, SubmitError> {
        let places = u32::try_from(commands.len()).unwrap_or(u32::MAX).clamp(1, COMMANDS_WAITING_MAX);
        let permit = Arc::clone(&self.permits).try_acquire_many_owned(places).map_err(|error| match error {
            TryAcquireError::Closed => SubmitError::Stopped,
            TryAcquireError::NoPermits => SubmitError::Overloaded,
        })?;
        let (reply, answer) = oneshot::channel();
        let envelope = Envelope { commands, origin: Origin::current(), reply, permit };
        self.letters.send(Letter::Envelope(envelope)).map_err(|_| SubmitError::Stopped)?;
        Ok(answer)
    }
}
