//! Cold data that one command needs from the tables, read by the store inside the write transaction.
//!
//! The floor holds open work only; what was before comes in here. Invariant: a fact that a command does not need is
//! left at its default, and no fact is read twice.

use std::collections::BTreeSet;

use super::case_data::CaseData;
use super::channel::ChannelProfile;
use super::command::DeliveryReport;
use super::contact::{Address, Contact};
use super::ids::{AgentId, ChannelId, ContactId, ConversationId, InteractionId, MessageId, TokenHash, Wamid};
use super::media::{Fetch, MediaFile};
use super::message::Message;
use super::second_factor::SecondFactor;
use super::template::Template;
use super::time::Timestamp;

/// A conversation as the tables know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationFacts {
    /// Which.
    pub id: ConversationId,
    /// The end of the reply window.
    pub window_until: Option<Timestamp>,
    /// Who handled it last.
    pub last_agent: Option<AgentId>,
    /// The newest message.
    pub last_message: Option<MessageId>,
    /// The latest place in time of any message.
    pub last_message_at: Timestamp,
    /// When something happened on it last.
    pub active_at: Timestamp,
}

/// Two contacts who are to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merging {
    /// Who stays.
    pub kept: Contact,
    /// Who goes.
    pub gone: Contact,
    /// The conversations with the one who stays, and on which numbers.
    pub conversations_kept: Vec<(ChannelId, ConversationFacts)>,
    /// The conversations with the one who goes.
    pub conversations_gone: Vec<(ChannelId, ConversationFacts)>,
}

/// What one command needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The channel account of the webhook's phone-number id, of a failed message, or of the profile to add (then a
    /// conflict, unless it was disconnected).
    pub channel: Option<ChannelId>,
    /// `Receive`: the message that already carries this provider id. `Send`, `Retry`: the one with this client key.
    pub known_message: Option<MessageId>,
    /// `Receive`: that message says something else than this one, which the provider never does on purpose.
    pub known_differs: bool,
    /// The contact with one of the sender's addresses, or the contact of the command, or of a
    /// failed message.
    pub contact: Option<Contact>,
    /// The conversation of that contact on that channel. `SetDraft`: that conversation.
    pub conversation: Option<ConversationFacts>,
    /// `Import`: those of its messages that are there.
    pub known_wamids: BTreeSet<Wamid>,
    /// `RecordDelivery`, `Retry`, outbox commands: the message.
    pub message: Option<Message>,
    /// `Retry`: the interaction's id when it is still open.
    pub interaction: Option<InteractionId>,
    /// `RecordAccepted`: statuses that came before the answer.
    pub parked_reports: Vec<DeliveryReport>,
    /// `Change` of a channel account: what the tables say about it.
    pub profile: Option<ChannelProfile>,
    /// `SetCaseValue`, `MarkDone`: what the interaction has.
    pub case_data: CaseData,
    /// `UseSecondFactor`, `RemoveSecondFactor`: the person's.
    pub second_factor: Option<SecondFactor>,
    /// `SetUp`: the link that was offered last, and when it ends.
    pub set_up_link: Option<(TokenHash, Timestamp)>,
    /// `AddAgent`, `InviteAgent`, `SetUp`: the login is taken.
    pub login_taken: bool,
    /// `Accept`, `Send`, `CreateInteraction`, `UnassignContact`: the contact is one of the agent's assigned contacts.
    pub assigned: bool,
    /// `AddContact`, `AddAddress`: the contact who has the address.
    pub address_of: Option<ContactId>,
    /// `Send`, `SetDraft`: when the agent's draft of the conversation was written, where there is one.
    pub draft_written_at: Option<Timestamp>,
    /// `Send`, `SendTemplate`: the message that is to be quoted.
    pub quoted: Option<Message>,
    /// `React`: the emoji of our reaction to the message, if there is one.
    pub reaction: Option<String>,
    /// `Receive` of a reaction: the message that it is about.
    pub reacted_to: Option<MessageId>,
    /// `RecordFetch`, `FetchAgain`: what is known about the fetching.
    pub fetch: Option<Fetch>,
    /// `Send` of a file, `SendTemplate` with one, `AddFile`: the file on the shelf.
    pub file: Option<MediaFile>,
    /// `SendTemplate`: the template of that name and language on the interaction's channel account.
    pub template: Option<Template>,
    /// `AskTemplates`, `HearOfTemplates`, `HearOfAccount`: the channel accounts of that business account.
    pub channels: Vec<ChannelId>,
    /// `MergeContacts`: both, where both exist.
    pub merging: Option<Merging>,
    /// `Receive`: the queue's business hours say that nobody is there.
    pub away: bool,
    /// `EraseContact`, `ExpireConversation`: all conversations of the contact.
    pub conversations: Vec<ConversationFacts>,
    /// `RecordDelivery`: what it is about was erased.
    pub erased: bool,
    /// `ImportContact`: those of its addresses that other contacts have.
    pub taken_addresses: BTreeSet<Address>,
}
