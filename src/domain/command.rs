//! Everything that can be asked of the floor.
//!
//! Commands come from webhooks, browsers, the outbox, the command line and the clock. Invariant: a command carries
//! what its sender says, never what the tables say; that comes as facts.

use super::agent::{AgentProfile, Presence, Reason};
use super::channel::ChannelProfile;
use super::contact::Sender;
use super::ids::{AgentId, ChannelId, ClientKey, ContactId, DispositionId, InteractionId, MessageId, TokenHash, Wamid};
use super::interaction::TransferTarget;
use super::message::{Author, Content, Delivery, Failure};
use super::queue::Queue;
use super::settings::Settings;
use super::time::Timestamp;

/// A message as a webhook brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// Meta's phone-number id: which channel account.
    pub phone_number_id: String,
    /// Who wrote.
    pub sender: Sender,
    /// Meta's id of the message.
    pub wamid: Wamid,
    /// Meta's time, whole seconds.
    pub sent_at: Timestamp,
    /// What it says.
    pub content: Content,
    /// The whole object, where `content` does not carry all of it.
    pub raw: Option<String>,
    /// The message it answers.
    pub quoted: Option<Wamid>,
    /// Written by the provider about the contact (number change and the like), not by the contact.
    pub system: bool,
}

/// A status as a webhook brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryReport {
    /// Meta's id of our message.
    pub wamid: Wamid,
    /// Our own id, where Meta echoed it and it is from this store.
    pub message: Option<MessageId>,
    /// What Meta says.
    pub delivery: Delivery,
    /// Meta's time.
    pub at: Timestamp,
}

/// How a Graph call went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// Surely not sent; try again at that time.
    Retry(Timestamp, Failure),
    /// Surely not sent, and trying again is useless.
    GiveUp(Failure),
    /// Nobody knows.
    Unknown,
}

/// A part of a conversation of the past, from another system; nobody has to do anything about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastTalk {
    /// The business number on which it was.
    pub channel: ChannelId,
    /// With whom: at least one address.
    pub sender: Sender,
    /// What was said. What carries a known `wamid` is left out, so that importing again adds nothing.
    pub said: Vec<PastMessage>,
}

/// One message of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastMessage {
    /// The other system's name of it, unique for ever.
    pub wamid: Wamid,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// Everything that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are named after what they hold")]
pub enum Command {
    /// The time has come for something.
    Tick,
    /// The process has started: nobody is connected, and calls under way have lost their answer.
    Restart,

    /// Add a person.
    AddAgent(AgentProfile),
    /// Set a person's password hash (PHC string); ends the sign-ins but the one given.
    SetPassword { agent: AgentId, password_hash: String, keep: Option<TokenHash> },
    /// Add a channel account.
    AddChannel(ChannelProfile),
    /// Change a queue's rules, or add the queue when its id is 0.
    SetQueue(Queue),
    /// Change the centre's rules.
    SetSettings(Settings),
    /// Add an outcome code.
    AddDisposition { code: String, label: String, parent: Option<DispositionId> },

    /// A browser has proved who its agent is.
    SignIn { agent: AgentId, token: TokenHash },
    /// A sign-in was used; sent at most every `SIGN_IN_SEEN_MS_MIN`.
    SeeSignIn { token: TokenHash },
    /// A browser signs out.
    SignOut { token: TokenHash },
    /// The agent's first event stream opened.
    Connect { agent: AgentId },
    /// The agent's last event stream closed.
    Disconnect { agent: AgentId },
    /// The agent (or a supervisor for them) chooses a presence.
    SetPresence { agent: AgentId, presence: Presence },
    /// "Not Ready after current work": set or cleared.
    SetAfterWork { agent: AgentId, reason: Option<Reason> },

    /// A contact's message.
    Receive(Box<InboundMessage>),
    /// Add what was said before Deskbell was there.
    Import(Box<PastTalk>),
    /// A status of our message.
    RecordDelivery(DeliveryReport),
    /// Something signed that we do not understand: kept as it came. `kind` says what it is, for people.
    KeepRaw { kind: String, raw: String },

    /// Take an offered interaction.
    Accept { agent: AgentId, interaction: InteractionId },
    /// Decline an offered interaction.
    Reject { agent: AgentId, interaction: InteractionId },
    /// Send a message; on an ended interaction this reactivates it.
    Send { agent: AgentId, interaction: InteractionId, client_key: ClientKey, content: Content, quoted: Option<Wamid> },
    /// Send a failed or unconfirmed message again, as a new message.
    Retry { agent: AgentId, message: MessageId, client_key: ClientKey },
    /// Put aside.
    Park { agent: AgentId, interaction: InteractionId },
    /// Take up again what was parked.
    Open { agent: AgentId, interaction: InteractionId },
    /// End; stays on the desktop.
    End { agent: AgentId, interaction: InteractionId },
    /// Close for good; an active one is ended first.
    MarkDone { agent: AgentId, interaction: InteractionId },
    /// Begin a hand-over.
    Transfer { agent: AgentId, interaction: InteractionId, target: TransferTarget, note: String },
    /// Stop a hand-over that the owner began.
    CancelTransfer { agent: AgentId, interaction: InteractionId },
    /// Begin work with a contact on the agent's own initiative.
    CreateInteraction { agent: AgentId, contact: ContactId, channel: ChannelId },
    /// The owner has looked at everything up to this message.
    MarkRead { agent: AgentId, interaction: InteractionId, message: MessageId },
    /// Replace the note whose version the agent saw.
    SetNote { agent: AgentId, interaction: InteractionId, text: String, version: u32 },
    /// Set or clear the outcome.
    SetDisposition { agent: AgentId, interaction: InteractionId, disposition: Option<DispositionId> },

    /// The outbox is about to call the provider.
    StartSend { message: MessageId },
    /// The provider took it.
    RecordAccepted { message: MessageId, wamid: Wamid },
    /// The call went wrong.
    RecordSendFailure { message: MessageId, failure: SendFailure },
}
