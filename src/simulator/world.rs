//! The customers and their phones: who they are, what they wrote and got, and what their phones show.
//!
//! Apart from the network on both sides. Invariants: every collection is capped; a message's state only goes forward;
//! events for the phone page are published under the same lock as the change, so that a page which subscribes and
//! takes its snapshot under that lock misses nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::statuses::SentMessage;
use super::webhook::payload;
use super::{Customer, faults::mix, wamid};
use crate::limits;

/// How far a message came. For a customer's message: `Sent` = the business acknowledged it, `Read` = it marked it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MessageState {
    Sending,
    Sent,
    Delivered,
    Read,
    Failed,
}

/// Something that the customer can tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Choice {
    /// `button_reply`, `list_reply` or `button` (of a template).
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
}

/// A file as a phone shows it; its bytes lie on the shelf of media.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PhoneFile {
    pub(crate) id: String,
    pub(crate) mime_type: String,
    pub(crate) name: String,
}

/// A message as a phone shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PhoneMessage {
    #[serde(serialize_with = "as_text")]
    pub(crate) wamid: Arc<str>,
    pub(crate) from_customer: bool,
    pub(crate) at_ms: u64,
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) state: MessageState,
    pub(crate) choices: Vec<Choice>,
    /// The business's emoji.
    pub(crate) reaction: Option<String>,
    /// The customer's emoji.
    pub(crate) own_reaction: Option<String>,
    pub(crate) quoted: Option<String>,
    pub(crate) file: Option<PhoneFile>,
    #[serde(skip)]
    pub(crate) sent: Option<Arc<SentMessage>>,
}

/// One customer's phone.
pub(crate) struct Phone {
    pub(crate) wa_id: Arc<str>,
    pub(crate) user_id: Arc<str>,
    pub(crate) name: String,
    /// The `contacts[]` entry, written once.
    pub(crate) contact: String,
    pub(crate) wrote_at_ms: Option<u64>,
    pub(crate) read_receipts: bool,
    pub(crate) offline: bool,
    transcript: VecDeque<PhoneMessage>,
    withheld: VecDeque<Arc<SentMessage>>,
}

/// All phones.
pub(crate) struct World {
    phones: HashMap<Arc<str>, Phone>,
    /// Oldest first.
    listed: VecDeque<Arc<str>>,
    user_ids: HashMap<Arc<str>, Arc<str>>,
    /// Whose message came when, over all transcripts: the front goes first when there are too many.
    arrivals: VecDeque<Arc<str>>,
    live: broadcast::Sender<Arc<str>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            phones: HashMap::new(),
            listed: VecDeque::new(),
            user_ids: HashMap::new(),
            arrivals: VecDeque::new(),
            live: broadcast::channel(limits::SIMULATOR_LIVE_EVENTS_MAX).0,
        }
    }

    /// The phone of `customer`, made or renamed if need be.
    pub(crate) fn phone(&mut self, customer: &Customer) -> &mut Phone {
        let known = self.phones.get(customer.wa_id.as_str());
        if known.is_none_or(|phone| phone.name != customer.name) {
            self.introduce(customer);
        }
        self.phones.get_mut(customer.wa_id.as_str()).expect("just looked up or introduced")
    }

    /// The phone with this number, if there is one.
    pub(crate) fn known(&mut self, wa_id: &str) -> Option<&mut Phone> {
        self.phones.get_mut(wa_id)
    }

    /// The number behind a business-scoped user id.
    pub(crate) fn wa_id_of(&self, user_id: &str) -> Option<Arc<str>> {
        self.user_ids.get(user_id).cloned()
    }

    fn introduce(&mut self, customer: &Customer) {
        let wa_id: Arc<str> = customer.wa_id.as_str().into();
        let user_id: Arc<str> = user_id_of(&wa_id).into();
        let contact = payload::contact(&wa_id, &user_id, &customer.name);
        if let Some(phone) = self.phones.get_mut(&wa_id) {
            phone.name.clone_from(&customer.name);
            phone.contact = contact;
        } else {
            if self.listed.len() >= limits::SIMULATOR_CUSTOMERS_MAX
                && let Some(oldest) = self.listed.pop_front()
                && let Some(phone) = self.phones.remove(&oldest)
            {
                self.user_ids.remove(&phone.user_id);
            }
            self.listed.push_back(Arc::clone(&wa_id));
            self.user_ids.insert(Arc::clone(&user_id), Arc::clone(&wa_id));
            self.phones.insert(
                Arc::clone(&wa_id),
                Phone {
                    wa_id: Arc::clone(&wa_id),
                    user_id,
                    name: customer.name.clone(),
                    contact,
                    wrote_at_ms: None,
                    read_receipts: true,
                    offline: false,
                    transcript: VecDeque::new(),
                    withheld: VecDeque::new(),
                },
            );
        }
        self.publish_customer(&wa_id);
    }

    /// Adds a message to a phone's transcript.
    pub(crate) fn add_message(&mut self, wa_id: &str, message: PhoneMessage) {
        let Some(phone) = self.phones.get_mut(wa_id) else {
            return;
        };
        phone.transcript.push_back(message);
        if phone.transcript.len() > limits::SIMULATOR_TRANSCRIPT_MESSAGES_MAX {
            phone.transcript.pop_front();
        } else {
            self.arrivals.push_back(Arc::clone(&phone.wa_id));
        }
        if self.arrivals.len() > limits::SIMULATOR_TRANSCRIPTS_MESSAGES_MAX
            && let Some(wa_id) = self.arrivals.pop_front()
            && let Some(phone) = self.phones.get_mut(&wa_id)
        {
            phone.transcript.pop_front();
        }
        self.publish_message(wa_id, |transcript| transcript.back());
    }

    /// The business answered 200 to the webhook with this message.
    pub(crate) fn message_acknowledged(&mut self, wa_id: &str, wamid: &str) {
        self.advance(wa_id, wamid, MessageState::Sent);
    }

    /// Moves a message's state forward; `false` if it is not there or already as far.
    pub(crate) fn advance(&mut self, wa_id: &str, wamid: &str, state: MessageState) -> bool {
        let Some(message) = self.message(wa_id, wamid) else {
            return false;
        };
        if message.state >= state {
            return false;
        }
        message.state = state;
        self.publish_message(wa_id, |transcript| find(transcript, wamid));
        true
    }

    /// The business marked this message, and so all before it, as read.
    pub(crate) fn business_read(&mut self, wa_id: &str, wamid: &str) {
        let Some(phone) = self.phones.get_mut(wa_id) else {
            return;
        };
        let Some(last) = phone.transcript.iter().rposition(|message| *message.wamid == *wamid) else {
            return;
        };
        let newly: Vec<Arc<str>> = phone
            .transcript
            .range(..=last)
            .filter(|message| message.from_customer && message.state != MessageState::Read)
            .map(|message| Arc::clone(&message.wamid))
            .collect();
        for wamid in newly {
            self.advance(wa_id, &wamid, MessageState::Read);
        }
    }

    /// The business reacted to a message; an empty emoji takes the reaction back.
    pub(crate) fn business_reacted(&mut self, wa_id: &str, wamid: &str, emoji: &str) {
        let Some(message) = self.message(wa_id, wamid) else {
            return;
        };
        message.reaction = (!emoji.is_empty()).then(|| emoji.to_owned());
        self.publish_message(wa_id, |transcript| find(transcript, wamid));
    }

    /// The customer reacted to a message; an empty emoji takes the reaction back.
    pub(crate) fn customer_reacted(&mut self, wa_id: &str, wamid: &str, emoji: &str) {
        let Some(message) = self.message(wa_id, wamid) else {
            return;
        };
        message.own_reaction = (!emoji.is_empty()).then(|| emoji.to_owned());
        self.publish_message(wa_id, |transcript| find(transcript, wamid));
    }

    /// A message reaches the phone: `true` if it is delivered now, `false` if the phone is offline and it has to wait.
    pub(crate) fn deliver(&mut self, message: &Arc<SentMessage>) -> bool {
        if let Some(phone) = self.phones.get_mut(&message.customer)
            && phone.offline
        {
            phone.withheld.push_back(Arc::clone(message));
            if phone.withheld.len() > limits::SIMULATOR_TRANSCRIPT_MESSAGES_MAX {
                phone.withheld.pop_front();
            }
            return false;
        }
        self.advance(&message.customer, &message.wamid, MessageState::Delivered);
        true
    }

    /// Changes a phone's switches; gives back the messages that may now be delivered.
    pub(crate) fn switch(
        &mut self,
        wa_id: &str,
        read_receipts: Option<bool>,
        offline: Option<bool>,
    ) -> Option<Vec<Arc<SentMessage>>> {
        let phone = self.phones.get_mut(wa_id)?;
        phone.read_receipts = read_receipts.unwrap_or(phone.read_receipts);
        phone.offline = offline.unwrap_or(phone.offline);
        let released = if phone.offline { Vec::new() } else { phone.withheld.drain(..).collect() };
        self.publish_customer(wa_id);
        Some(released)
    }

    /// The customer looked at the chat: every delivered message of the business is read now. Gives back those whose
    /// `read` the business shall learn of (none without read receipts).
    pub(crate) fn customer_read(&mut self, wa_id: &str) -> Option<Vec<Arc<SentMessage>>> {
        let phone = self.phones.get_mut(wa_id)?;
        let receipts = phone.read_receipts;
        let newly: Vec<Arc<SentMessage>> = phone
            .transcript
            .iter()
            .filter(|message| message.state == MessageState::Delivered)
            .filter_map(|message| message.sent.clone())
            .collect();
        for sent in &newly {
            self.advance(wa_id, &sent.wamid, MessageState::Read);
        }
        Some(if receipts { newly } else { Vec::new() })
    }

    /// The business shows that it is typing.
    pub(crate) fn typing(&self, wa_id: &str) {
        self.publish(|| json!({"event": "typing", "wa_id": wa_id, "for_s": limits::SIMULATOR_TYPING_S}));
    }

    /// Tells the phone pages something.
    pub(crate) fn publish(&self, event: impl FnOnce() -> Value) {
        if self.live.receiver_count() > 0 {
            let _ = self.live.send(event().to_string().into());
        }
    }

    /// A stream of events together with the state that it starts from.
    pub(crate) fn watch(&self) -> (Value, broadcast::Receiver<Arc<str>>) {
        let customers: Vec<Value> = self
            .listed
            .iter()
            .skip(self.listed.len().saturating_sub(limits::SIMULATOR_PAGE_CUSTOMERS_MAX))
            .filter_map(|wa_id| self.phones.get(wa_id))
            .map(|phone| {
                let mut customer = phone.view();
                customer["messages"] = json!(phone.transcript);
                customer
            })
            .collect();
        (json!({"event": "snapshot", "customers": customers}), self.live.subscribe())
    }

    fn message(&mut self, wa_id: &str, wamid: &str) -> Option<&mut PhoneMessage> {
        let transcript = &mut self.phones.get_mut(wa_id)?.transcript;
        transcript.iter_mut().rev().find(|message| *message.wamid == *wamid)
    }

    fn publish_message(&self, wa_id: &str, which: impl FnOnce(&VecDeque<PhoneMessage>) -> Option<&PhoneMessage>) {
        if let Some(message) = self.phones.get(wa_id).and_then(|phone| which(&phone.transcript)) {
            self.publish(|| json!({"event": "message", "wa_id": wa_id, "message": message}));
        }
    }

    fn publish_customer(&self, wa_id: &str) {
        if let Some(phone) = self.phones.get(wa_id) {
            self.publish(|| json!({"event": "customer", "customer": phone.view()}));
        }
    }
}

impl Phone {
    /// Whether the transcript still holds this message.
    pub(crate) fn has(&self, wamid: &str) -> bool {
        find(&self.transcript, wamid).is_some()
    }

    /// What the phone page knows of the customer, without the transcript.
    pub(crate) fn view(&self) -> Value {
        json!({
            "wa_id": *self.wa_id,
            "user_id": *self.user_id,
            "name": self.name,
            "read_receipts": self.read_receipts,
            "offline": self.offline,
        })
    }
}

fn as_text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn find<'a>(transcript: &'a VecDeque<PhoneMessage>, wamid: &str) -> Option<&'a PhoneMessage> {
    transcript.iter().rev().find(|message| *message.wamid == *wamid)
}

/// The customer that a message id belongs to, if the customer wrote the message.
pub(crate) fn author_of(wamid: &str) -> Option<String> {
    match wamid::read(wamid)? {
        (wa_id, wamid::Direction::FromCustomer) => Some(wa_id),
        (_, wamid::Direction::FromBusiness) => None,
    }
}

/// The business-scoped user id of a number: made up, but always the same.
pub(crate) fn user_id_of(wa_id: &str) -> String {
    format!("US.{:020}", hash(wa_id))
}

/// A stable 64-bit hash of a text (FNV-1a, scattered).
pub(crate) fn hash(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(number: usize) -> Customer {
        Customer { wa_id: format!("4930{number:06}"), name: format!("Customer {number}") }
    }

    fn message(wamid: &str, from_customer: bool) -> PhoneMessage {
        PhoneMessage {
            wamid: wamid.into(),
            from_customer,
            at_ms: 0,
            kind: "text".to_owned(),
            text: "hello".to_owned(),
            state: MessageState::Sending,
            choices: Vec::new(),
            reaction: None,
            own_reaction: None,
            quoted: None,
            file: None,
            sent: None,
        }
    }

    fn states(world: &World, wa_id: &str) -> Vec<MessageState> {
        world.phones[wa_id].transcript.iter().map(|message| message.state).collect()
    }

    #[test]
    fn a_transcript_and_all_transcripts_together_are_capped() {
        let mut world = World::new();
        for number in 0..150 {
            world.phone(&customer(number));
            for at in 0..limits::SIMULATOR_TRANSCRIPT_MESSAGES_MAX + 10 {
                world.add_message(&customer(number).wa_id, message(&at.to_string(), true));
            }
        }
        let lengths: Vec<usize> = world.phones.values().map(|phone| phone.transcript.len()).collect();
        assert_eq!(lengths.iter().max(), Some(&limits::SIMULATOR_TRANSCRIPT_MESSAGES_MAX));
        assert_eq!(lengths.iter().sum::<usize>(), limits::SIMULATOR_TRANSCRIPTS_MESSAGES_MAX);
        assert_eq!(world.arrivals.len(), limits::SIMULATOR_TRANSCRIPTS_MESSAGES_MAX);
    }

    #[test]
    fn customers_are_capped_and_the_oldest_is_forgotten() {
        let mut world = World::new();
        for number in 0..=limits::SIMULATOR_CUSTOMERS_MAX {
            world.phone(&customer(number));
        }
        assert_eq!(world.phones.len(), limits::SIMULATOR_CUSTOMERS_MAX);
        assert_eq!(world.user_ids.len(), limits::SIMULATOR_CUSTOMERS_MAX);
        assert!(world.known(&customer(0).wa_id).is_none());
        assert!(world.known(&customer(1).wa_id).is_some());
    }

    #[test]
    fn marking_a_message_read_marks_the_earlier_ones_too_and_no_later_one() {
        let mut world = World::new();
        let wa_id = world.phone(&customer(1)).wa_id.to_string();
        for wamid in ["a", "b", "c"] {
            world.add_message(&wa_id, message(wamid, true));
        }
        world.message_acknowledged(&wa_id, "a");
        world.business_read(&wa_id, "b");
        assert_eq!(states(&world, &wa_id), [MessageState::Read, MessageState::Read, MessageState::Sending]);
    }

    #[test]
    fn a_state_never_goes_back() {
        let mut world = World::new();
        let wa_id = world.phone(&customer(1)).wa_id.to_string();
        world.add_message(&wa_id, message("a", true));
        world.business_read(&wa_id, "a");
        world.message_acknowledged(&wa_id, "a");
        assert_eq!(states(&world, &wa_id), [MessageState::Read]);
    }

    #[test]
    fn a_page_that_watches_sees_what_follows_its_snapshot() {
        let mut world = World::new();
        let wa_id = world.phone(&customer(1)).wa_id.to_string();
        let (snapshot, mut events) = world.watch();
        assert_eq!(snapshot["customers"][0]["wa_id"], *wa_id);
        world.add_message(&wa_id, message("a", true));
        let event: Value = serde_json::from_str(&events.try_recv().expect("an event")).expect("JSON");
        assert_eq!((event["event"].as_str(), event["message"]["wamid"].as_str()), (Some("message"), Some("a")));
    }
}
