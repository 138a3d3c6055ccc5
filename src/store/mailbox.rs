//! The bounded door to the writer: a permit for each command, a channel, and a reply.
//!
//! The only place of the store that is asynchronous. Invariant: a permit is held from submission to reply, so that
//! what waits is bounded; who finds none is refused at once instead of waiting for longer than the reply would take.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Answer, SubmitError};
use crate::domain::command::Command;
use crate::limits::COMMANDS_WAITING_MAX;

/// The answers of an envelope.
pub(super) type Reply = Result<Vec<Answer>, SubmitError>;

/// Commands that belong together, and the way back.
pub(super) struct Envelope {
    /// In order.
    pub(super) commands: Vec<Command>,
    reply: oneshot::Sender<Reply>,
    _permit: OwnedSemaphorePermit,
}

impl Envelope {
    /// Answers; nobody may be listening any more.
    pub(super) fn answer(self, reply: Reply) {
        let _ = self.reply.send(reply);
    }
}

/// What the writer finds in its mailbox.
pub(super) enum Mail {
    /// Something to do.
    Envelope(Envelope),
    /// Nothing more comes.
    Stop,
}

/// The sending half.
pub(super) struct Mailbox {
    permits: Arc<Semaphore>,
    sender: Sender<Mail>,
}

/// A new mailbox.
pub(super) fn open() -> (Mailbox, Receiver<Mail>) {
    let (sender, receiver) = channel();
    let permits = Arc::new(Semaphore::new(usize::try_from(COMMANDS_WAITING_MAX).unwrap_or(usize::MAX)));
    (Mailbox { permits, sender }, receiver)
}

impl Mailbox {
    pub(super) fn submit(&self, commands: Vec<Command>) -> impl Future<Output = Reply> + Send + 'static + use<> {
        let posted = self.post(commands);
        async move { posted?.await.unwrap_or(Err(SubmitError::Stopped)) }
    }

    pub(super) fn submit_blocking(&self, commands: Vec<Command>) -> Reply {
        self.post(commands)?.blocking_recv().unwrap_or(Err(SubmitError::Stopped))
    }

    /// Nothing is taken any more; what was posted before is still answered.
    pub(super) fn stop(&self) {
        self.permits.close();
        let _ = self.sender.send(Mail::Stop);
    }

    fn post(&self, commands: Vec<Command>) -> Result<oneshot::Receiver<Reply>, SubmitError> {
        let wanted = u32::try_from(commands.len()).unwrap_or(u32::MAX).clamp(1, COMMANDS_WAITING_MAX);
        let permit = Arc::clone(&self.permits).try_acquire_many_owned(wanted).map_err(|error| match error {
            tokio::sync::TryAcquireError::Closed => SubmitError::Stopped,
            tokio::sync::TryAcquireError::NoPermits => SubmitError::Overloaded,
        })?;
        let (reply, answered) = oneshot::channel();
        let envelope = Envelope { commands, reply, _permit: permit };
        self.sender.send(Mail::Envelope(envelope)).map_err(|_| SubmitError::Stopped)?;
        Ok(answered)
    }
}
