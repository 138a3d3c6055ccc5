//! Read marks and typing: told to the provider as well as may be.
//!
//! Apart from sends because nothing depends on them: they are not durable, not repeated, and the first to be dropped
//! when there is much to do. Invariant: nobody ever waits for a mark.

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

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
    wamid: Wamid,
    typing: bool,
}

impl OutboxHandle {
    /// Marks a contact's message and all before it as read; with `typing` also shows for a while that somebody writes.
    /// Dropped when too many wait.
    pub fn mark_read(&self, channel: ChannelId, wamid: Wamid, typing: bool) {
        if self.queue.try_send(Mark { channel, wamid, typing }).is_err() {
            tracing::debug!(channel.id = channel.0, "a read mark was dropped");
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
    let channel = super::read(move || store.read(|snapshot| snapshot.channel(mark.channel))).await;
    let Ok(Some(row)) = channel else {
        tracing::debug!(channel.id = mark.channel.0, "a read mark has no channel");
        return;
    };
    if let Err(error) = client.mark(&row.profile, outbound::read_body(&mark.wamid, mark.typing)).await {
        tracing::debug!(channel.id = mark.channel.0, %error, "a read mark was not taken");
    }
}
