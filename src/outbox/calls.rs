//! Graph calls under way.
//!
//! Apart from the loop because the set of running calls is what tells a send in flight here from one that a dead
//! process left. Invariant: every started call ends as exactly one [`Finished`], even when its task breaks.

use std::collections::BTreeMap;

use tokio::task::{Id, JoinError, JoinSet};

use crate::domain::channel::ChannelProfile;
use crate::domain::ids::{ChannelId, MessageId, Wamid};
use crate::domain::send::Send;
use crate::store::{Snapshot, StoreError};
use crate::whatsapp::client::{GraphClient, GraphError};
use crate::whatsapp::{opaque, outbound};

use super::verdict::CallError;

/// A send with all that its call needs.
pub(super) struct Job {
    pub(super) send: Send,
    profile: Option<ChannelProfile>,
    body: Result<Vec<u8>, String>,
}

impl Job {
    /// Reads what the call of this send needs. What cannot be sent becomes a job all the same, so that it ends as
    /// failed and not in silence.
    pub(super) fn read(snapshot: &Snapshot, store_tag: &str, send: &Send) -> Result<Self, StoreError> {
        match Self::whole(snapshot, store_tag, send) {
            // One damaged row is one message's misfortune.
            Err(error) if error.is_local() => Ok(Self { send: *send, profile: None, body: Err(error.to_string()) }),
            outcome => outcome,
        }
    }

    fn whole(snapshot: &Snapshot, store_tag: &str, send: &Send) -> Result<Self, StoreError> {
        let message = snapshot.message(send.message)?;
        let contact = match snapshot.conversation(send.conversation)? {
            Some(conversation) => snapshot.contact(conversation.contact)?,
            None => None,
        };
        let body = match (message, contact) {
            (Some(message), Some(contact)) => {
                let opaque = opaque(store_tag, send.message);
                outbound::message_body(&message, &contact, &opaque).map_err(|error| error.to_string())
            }
            _ => Err("the message or its contact is gone".to_owned()),
        };
        let profile = snapshot.channel(send.channel)?.map(|row| row.profile);
        Ok(Self { send: *send, profile, body })
    }
}

/// The end of a call.
pub(super) struct Finished {
    pub(super) message: MessageId,
    pub(super) channel: ChannelId,
    /// Which attempt this was, from 1.
    pub(super) attempt: u32,
    pub(super) outcome: Result<Wamid, CallError>,
}

/// The calls under way.
pub(super) struct Calls {
    client: GraphClient,
    tasks: JoinSet<Result<Wamid, CallError>>,
    sends: BTreeMap<Id, Send>,
}

impl Calls {
    pub(super) fn new(client: GraphClient) -> Self {
        Self { client, tasks: JoinSet::new(), sends: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.sends.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sends.is_empty()
    }

    /// How many calls each channel account has under way.
    pub(super) fn of_channels(&self) -> BTreeMap<ChannelId, usize> {
        let mut calls = BTreeMap::new();
        for send in self.sends.values() {
            *calls.entry(send.channel).or_default() += 1;
        }
        calls
    }

    pub(super) fn has(&self, message: MessageId) -> bool {
        self.sends.values().any(|send| send.message == message)
    }

    pub(super) fn start(&mut self, job: Job) {
        let client = self.client.clone();
        let task = self.tasks.spawn(async move {
            let profile = job.profile.ok_or_else(|| CallError::Unsendable("the channel is gone".to_owned()))?;
            let body = job.body.map_err(CallError::Unsendable)?;
            client.send(&profile, body).await.map_err(CallError::Graph)
        });
        self.sends.insert(task.id(), job.send);
    }

    /// The next call to end; waits for ever when there is none. Dropping the wait loses nothing.
    pub(super) async fn next(&mut self) -> Finished {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.finished(ended),
            None => std::future::pending().await,
        }
    }

    /// A call that has already ended.
    pub(super) fn try_next(&mut self) -> Option<Finished> {
        let ended = self.tasks.try_join_next_with_id()?;
        Some(self.finished(ended))
    }

    fn finished(&mut self, ended: Result<(Id, Result<Wamid, CallError>), JoinError>) -> Finished {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (id, outcome),
            Err(error) => {
                let broken = GraphError::Unknown { reason: "the task of the call broke".to_owned() };
                (error.id(), Err(CallError::Graph(broken)))
            }
        };
        let send = self.sends.remove(&id).expect("every task is started by `start`");
        Finished { message: send.message, channel: send.channel, attempt: send.attempt + 1, outcome }
    }
}
