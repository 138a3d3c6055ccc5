//! Read marks, typing and blocked people: told to the provider as well as may be.
//!
//! Apart from sends because nothing depends on them: they are not durable, not repeated, and the first to be dropped
//! when there is much to do. Invariant: nobody ever waits for a mark.

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::domain::contact::Contact;
use crate::domain::ids::{ChannelId, Wamid};
use crate::limits::{MARKS_IN_FLIGHT_MAX, MARKS_WAITING_MAX};
use crate::store::Store;
use crate::whatsapp::client::GraphClient;
use crate::whatsapp::outbound;

/// The way in for read marks; cheap to clone.
#[derive(Clone)]
pub struct OutboxHandle {
    queue: mpsc::Sender<Mark>,
}

struct Mark {
    channel: ChannelId,
    what: What,
}

enum What {
    Read { wamid: Wamid, typing: bool },
    Blocked { contact: Box<Contact>, blocked: bool },
}

impl OutboxHandle {
    /// Marks a contact's message and all before it as read; with `typing` also shows for a while that somebody writes.
    /// Dropped when too many wait.
    pub fn mark_read(&self, channel: ChannelId, wamid: Wamid, typing: bool) {
        self.tell(Mark { channel, what: What::Read { wamid, typing } });
    }

    /// Lets the provider hold back what a person writes to this number, or no longer. What still comes is kept and
    /// shown to nobody, so nothing depends on it.
    pub fn set_blocked(&self, channel: ChannelId, contact: Contact, blocked: bool) {
        self.tell(Mark { channel, what: What::Blocked { contact: Box::new(contact), blocked } });
    }

    fn tell(&self, mark: Mark) {
        if let Err(error) = self.queue.try_send(mark) {
            tracing::debug!(channel.id = error.into_inner().channel.0, "a mark was dropped");
        }
    }
}

pub(super) fn start(store: Store, client: GraphClient) -> (OutboxHandle, JoinHandle<()>) {
    let (queue, waiting) = mpsc::channel(MARKS_WAITING_MAX);
    (OutboxHandle { queue }, tokio::spawn(run(store, client, waiting)))
}

async fn run(store: Store, client: GraphClient, mut waiting: mpsc::Receiver<Mark>) {
    let mut calls = JoinSet::new();
    while let Some(mark) = waiting.recv().await {
        while calls.len() >= MARKS_IN_FLIGHT_MAX {
            calls.join_next().await;
        }
        calls.spawn(tell(store.clone(), client.clone(), mark));
    }
}

async fn tell(store: Store, client: GraphClient, mark: Mark) {
    let Mark { channel, what } = mark;
    let found = super::read(move || store.read(|snapshot| snapshot.channel(channel))).await;
    let Ok(Some(row)) = found else {
        tracing::debug!(channel.id = channel.0, "a mark has no channel");
        return;
    };
    let outcome = match what {
        What::Read { wamid, typing } => client.mark(&row.profile, outbound::read_body(&wamid, typing)).await,
        What::Blocked { contact, blocked } => match outbound::block_body(&contact) {
            Some(body) => client.block(&row.profile, blocked, body).await,
            None => Ok(()),
        },
    };
    if let Err(error) = outcome {
        tracing::debug!(channel.id = channel.0, %error, "a mark was not taken");
    }
}
