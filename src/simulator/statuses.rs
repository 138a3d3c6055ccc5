//! The life of a message that the business sent: sent, delivered, read, or failed, each told by webhook in its time.
//!
//! Apart from accepting messages, because everything here happens after Graph's answer. Invariant: a message has at
//! most one step due; what is due is bounded by the messages that Graph accepts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::webhook::escape::meta_json;
use super::webhook::payload::{Fragment, Status};
use super::webhook::post;
use super::world::MessageState;
use super::{Shared, now_ms};

/// What has to be known of an accepted message for its statuses.
#[derive(Debug)]
pub(crate) struct SentMessage {
    pub(crate) wamid: Arc<str>,
    pub(crate) customer: Arc<str>,
    pub(crate) callback_data: Option<String>,
    /// `service`, or the template's category.
    pub(crate) category: &'static str,
    /// A reaction gets `sent` and no more.
    pub(crate) is_reaction: bool,
}

/// What happens next to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Sent,
    Delivered,
    /// The phone reads by itself.
    Read,
    /// The person looked: the phone already shows it as read, only the business has to learn of it.
    ReadSeen,
    Failed(u32),
}

/// A step and its time.
pub(crate) struct Due {
    pub(crate) at: Instant,
    pub(crate) step: Step,
    pub(crate) message: Arc<SentMessage>,
}

/// Performs steps when they are due, until the simulator stops.
pub(crate) async fn run(shared: Arc<Shared>, mut incoming: mpsc::UnboundedReceiver<Due>) {
    let mut waiting: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
    let mut number = 0;
    loop {
        let next_at = waiting.peek().map(|Reverse(waiting)| waiting.due.at);
        let due = tokio::select! {
            biased;
            () = sleep_until(next_at.unwrap_or_else(Instant::now)), if next_at.is_some() => None,
            due = incoming.recv() => match due {
                Some(due) => Some(due),
                None => return,
            },
        };
        if let Some(due) = due {
            number += 1;
            waiting.push(Reverse(Waiting { number, due }));
        } else if let Some(Reverse(Waiting { due, .. })) = waiting.pop() {
            match perform(&shared, due.step, &due.message, None).await {
                Some(step) => {
                    number += 1;
                    let at = Instant::now() + shared.config.status_delay;
                    waiting.push(Reverse(Waiting { number, due: Due { at, step, message: due.message } }));
                }
                None if due.step != Step::ReadSeen => shared.statuses_pending.subtract(1),
                None => {}
            }
        }
    }
}

/// Performs one step; gives back what follows. `told` learns when the business acknowledged the status.
pub(crate) async fn perform(
    shared: &Shared,
    step: Step,
    message: &Arc<SentMessage>,
    told: Option<oneshot::Sender<()>>,
) -> Option<Step> {
    let (status, failed_code) = match step {
        Step::Sent => ("sent", None),
        Step::Delivered => ("delivered", None),
        Step::Read | Step::ReadSeen => ("read", None),
        Step::Failed(code) => ("failed", Some(code)),
    };
    let (contact, next) = {
        let mut world = shared.world();
        let next = match step {
            Step::Sent => {
                world.advance(&message.customer, &message.wamid, MessageState::Sent);
                (!message.is_reaction).then_some(Step::Delivered)
            }
            Step::Delivered if !world.deliver(message) => return None,
            Step::Delivered => {
                let receipts = world.known(&message.customer).is_none_or(|phone| phone.read_receipts);
                (shared.config.read_automatically && receipts).then_some(Step::Read)
            }
            Step::Read => {
                if !world.advance(&message.customer, &message.wamid, MessageState::Read)
                    && world.known(&message.customer).is_some_and(|phone| phone.has(&message.wamid))
                {
                    // The person was faster: that read is already on its way.
                    return None;
                }
                None
            }
            Step::ReadSeen => None,
            Step::Failed(_) => {
                world.advance(&message.customer, &message.wamid, MessageState::Failed);
                None
            }
        };
        let contact = world.known(&message.customer).map(|phone| phone.contact.clone());
        (contact.filter(|_| failed_code.is_none()), next)
    };
    if !shared.dice().faults().statuses_withheld {
        let json = meta_json(&Status {
            wamid: &message.wamid,
            status,
            at_ms: now_ms(),
            recipient_id: &message.customer,
            recipient_user_id: &super::world::user_id_of(&message.customer),
            callback_data: message.callback_data.as_deref(),
            category: (shared.config.status_prices && failed_code.is_none()).then_some(message.category),
            failed_code,
        });
        let fragment = Fragment { customer: Arc::clone(&message.customer), is_status: true, contact, json };
        post::enqueue(shared, fragment, Arc::clone(&message.wamid), told).await;
    }
    next
}

struct Waiting {
    number: u64,
    due: Due,
}

impl Waiting {
    fn key(&self) -> (Instant, u64) {
        (self.due.at, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}
