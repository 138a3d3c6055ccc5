//! Graph calls under way.
//!
//! Apart from the loop because the set of running calls is what tells a send in flight here from one that a dead
//! process left. Invariant: every started call ends as exactly one [`Finished`], even when its task breaks.

use std::collections::BTreeMap;

use tokio::task::{Id, JoinError, JoinSet};

use crate::domain::channel::ChannelProfile;
use crate::domain::contact::Contact;
use crate::domain::ids::{ChannelId, MessageId, Wamid};
use crate::domain::media::MediaFile;
use crate::domain::message::Message;
use crate::domain::send::Send;
use crate::media::Shelf;
use crate::store::{Snapshot, StoreError};
use crate::whatsapp::client::{GraphClient, GraphError, Upload};
use crate::whatsapp::{opaque, outbound};

use super::verdict::CallError;

/// A send with all that its call needs.
pub(super) struct Job {
    pub(super) send: Send,
    profile: Option<ChannelProfile>,
    body: Result<Out, String>,
}

/// What the call says.
enum Out {
    /// The body.
    Body(Vec<u8>),
    /// A file has to be uploaded first.
    File(Box<FileOut>),
}

struct FileOut {
    message: Message,
    contact: Contact,
    opaque: String,
    file: MediaFile,
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
                match file_of(snapshot, &message)? {
                    Some(file) => Ok(Out::File(Box::new(FileOut { message, contact, opaque, file }))),
                    None => outbound::message_body(&message, &contact, &opaque)
                        .map(Out::Body)
                        .map_err(|error| error.to_string()),
                }
            }
            _ => Err("the message or its contact is gone".to_owned()),
        };
        let profile = snapshot.channel(send.channel)?.map(|row| row.profile);
        Ok(Self { send: *send, profile, body })
    }
}

/// The file that a message of ours takes along.
fn file_of(snapshot: &Snapshot, message: &Message) -> Result<Option<MediaFile>, StoreError> {
    message.content.own_file().map_or(Ok(None), |hash| snapshot.file(hash))
}

/// Uploads the file; then the body names it. A call that breaks off here has sent nothing to anybody.
async fn uploaded(
    client: &GraphClient,
    shelf: &Shelf,
    profile: &ChannelProfile,
    out: FileOut,
) -> Result<Vec<u8>, CallError> {
    let FileOut { message, contact, opaque, file } = out;
    let parts = shelf.chunks(file.hash, 0, file.bytes).map_err(|error| CallError::Unsendable(error.to_string()))?;
    let upload = Upload { mime_type: file.mime_type, bytes: file.bytes, parts };
    let id = client.upload(profile, upload).await.map_err(|error| {
        CallError::Graph(match error {
            GraphError::Unknown { reason } => GraphError::NotSent { reason },
            refused @ (GraphError::Refused { .. } | GraphError::NotSent { .. }) => refused,
        })
    })?;
    outbound::file_body(&message, &contact, &opaque, &id).map_err(|error| CallError::Unsendable(error.to_string()))
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
    shelf: Shelf,
    tasks: JoinSet<Result<Wamid, CallError>>,
    sends: BTreeMap<Id, Send>,
}

impl Calls {
    pub(super) fn new(client: GraphClient, shelf: Shelf) -> Self {
        Self { client, shelf, tasks: JoinSet::new(), sends: BTreeMap::new() }
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
        let (client, shelf) = (self.client.clone(), self.shelf.clone());
        let task = self.tasks.spawn(async move {
            let profile = job.profile.ok_or_else(|| CallError::Unsendable("the channel is gone".to_owned()))?;
            let body = match job.body.map_err(CallError::Unsendable)? {
                Out::Body(body) => body,
                Out::File(out) => uploaded(&client, &shelf, &profile, *out).await?,
            };
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
