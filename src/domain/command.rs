//! Everything that can be asked of the floor.
//!
//! Commands come from webhooks, browsers, the outbox, the command line and the clock. Invariant: a command carries
//! what its sender says, never what the tables say; that comes as facts.

use super::agent::{AgentChange, AgentProfile, Presence, Reason};
use super::backup::{BackupOutcome, BackupSchedule};
use super::case_data::CaseKey;
use super::change::Change;
use super::channel::ChannelProfile;
use super::contact::{Address, Card, Sender};
use super::ids::{
    AgentId, ChannelId, ClientKey, ContactId, ConversationId, DispositionId, InteractionId, MessageId, ResponseId,
    TokenHash, Wamid,
};
use super::interaction::{Part, TransferTarget};
use super::media::{FetchOutcome, MediaFile};
use super::message::{Author, Content, Delivery, Failure, Object};
use super::queue::Queue;
use super::response::Response;
use super::second_factor::{Proof, Secret};
use super::security::{Deed, SecurityRules};
use super::settings::Settings;
use super::template::{Template, TemplateChoice};
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
    /// Surely not sent, and nothing else of this number can be: all wait; one may try again at that time.
    Halt(Timestamp, Failure),
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
    /// The provider's whole object, where `content` does not carry all of it.
    pub raw: Option<String>,
    /// The provider's id of the message that it answers.
    pub quoted: Option<Wamid>,
}

/// Everything that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are named after what they hold")]
pub enum Command {
    /// The time has come for something.
    Tick,
    /// The process has started: nobody is connected, and calls under way have lost their answer.
    Restart,
    /// The store is a copy of the past: what waits to be sent in it may have been sent since.
    Restored,

    /// Add a person.
    AddAgent(AgentProfile),
    /// Add a person who is to choose another password at the first sign-in.
    InviteAgent(AgentProfile),
    /// Change a person.
    ChangeAgent { agent: AgentId, change: AgentChange },
    /// Keep a person out, or let them in again.
    SetDisabled { agent: AgentId, disabled: bool },
    /// Set a person's password hash (PHC string); ends the sign-ins but the one given. A temporary one has to be changed
    /// at the next sign-in.
    SetPassword { agent: AgentId, password_hash: String, keep: Option<TokenHash>, temporary: bool },
    /// Ask for a code besides the password from now on. `step` is that of the code that confirmed it.
    SetSecondFactor { agent: AgentId, secret: Secret, recovery: Vec<TokenHash>, step: u64 },
    /// Ask for the password alone from now on.
    RemoveSecondFactor { agent: AgentId },
    /// A person shows a code or a recovery code; each counts once.
    UseSecondFactor { agent: AgentId, proof: Proof },
    /// Change the rules about who gets in.
    SetSecurity(SecurityRules),
    /// A link for the first administrator, in place of an earlier one.
    OfferSetUp { token: TokenHash },
    /// The holder of the link becomes the first administrator.
    SetUp { token: TokenHash, profile: AgentProfile },
    /// Write into the audit log what changes no row.
    NoteDeed(Deed),
    /// Somebody did not get in: known or not, at the password or at the second factor. `left_out` earlier failures were
    /// not written down.
    NoteSignInFailure { agent: Option<AgentId>, at_second_factor: bool, left_out: u64 },
    /// Add a channel account.
    AddChannel(ChannelProfile),
    /// Change a queue's rules, or add the queue when its id is 0.
    SetQueue(Queue),
    /// Change the centre's rules.
    SetSettings(Settings),
    /// Change when backups are made by themselves; `None`: never.
    SetBackupSchedule(Option<BackupSchedule>),
    /// Note how a backup went.
    RecordBackup(BackupOutcome),
    /// Add an outcome code.
    AddDisposition { code: String, label: String, parent: Option<DispositionId> },

    /// Set up something otherwise, as an administrator has asked; the machine's own command line is nobody.
    Change { by: Option<AgentId>, change: Box<Change> },

    /// Add a key of case data when its id is 0, or change it.
    SetCaseKey(CaseKey),
    /// Add a canned reply when its id is 0, or change it.
    SetResponse { agent: AgentId, response: Response },
    /// Remove a canned reply.
    RemoveResponse { agent: AgentId, response: ResponseId },

    /// A browser has proved who its agent is.
    SignIn { agent: AgentId, token: TokenHash },
    /// A sign-in was used; sent at most every `SIGN_IN_SEEN_MS_MIN`.
    SeeSignIn { token: TokenHash },
    /// A browser signs out.
    SignOut { token: TokenHash },
    /// An agent's browsers are signed out, but the one given.
    EndSignIns { agent: AgentId, keep: Option<TokenHash> },
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
    /// Somebody has written to a contact with the business's phone app; `sender` is whom they wrote to.
    ReceiveEcho(Box<InboundMessage>),
    /// What was said on a number before it came here, as the provider tells it.
    ReceivePast { phone_number_id: String, sender: Sender, said: Vec<PastMessage> },
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
    Send {
        agent: AgentId,
        interaction: InteractionId,
        client_key: ClientKey,
        content: Content,
        /// The provider's own words for it, where `content` does not say all of it.
        raw: Option<String>,
        quoted: Option<MessageId>,
    },
    /// Send a place, a card or a question; on an ended interaction this reactivates it.
    SendObject {
        agent: AgentId,
        interaction: InteractionId,
        client_key: ClientKey,
        object: Box<Object>,
        quoted: Option<MessageId>,
    },
    /// Send a template; the reply window may be closed.
    SendTemplate {
        agent: AgentId,
        interaction: InteractionId,
        client_key: ClientKey,
        choice: TemplateChoice,
        quoted: Option<MessageId>,
    },
    /// A try to fetch a message's file has ended.
    RecordFetch { message: MessageId, outcome: FetchOutcome },
    /// Try again to fetch a file that was given up.
    FetchAgain { agent: AgentId, message: MessageId },
    /// A file that an agent wants to send is on the shelf.
    AddFile { agent: AgentId, file: MediaFile },
    /// Set our reaction to a message; an empty emoji takes it back.
    React { agent: AgentId, message: MessageId, emoji: String },
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
    /// Ask a colleague in, or change what they may do there; a supervisor may also join by themselves.
    Invite { agent: AgentId, interaction: InteractionId, colleague: AgentId, part: Part },
    /// Leave, or ask a colleague to leave.
    Leave { agent: AgentId, interaction: InteractionId, colleague: AgentId },
    /// Say something to the colleagues who take part. `mentions` are those whom the words name.
    SendInternal {
        agent: AgentId,
        interaction: InteractionId,
        client_key: ClientKey,
        text: String,
        mentions: Vec<AgentId>,
    },
    /// Begin work with a contact on the agent's own initiative.
    CreateInteraction { agent: AgentId, contact: ContactId, channel: ChannelId },
    /// The owner has looked at everything up to this message.
    MarkRead { agent: AgentId, interaction: InteractionId, message: MessageId },
    /// Replace the note whose version the agent saw. `mentions` are colleagues whom the words name anew.
    SetNote { agent: AgentId, interaction: InteractionId, text: String, version: u32, mentions: Vec<AgentId> },
    /// Set or clear the outcome.
    SetDisposition { agent: AgentId, interaction: InteractionId, disposition: Option<DispositionId> },

    /// Add a person to write to, by an agent.
    AddContact { agent: AgentId, card: Card, address: Address },
    /// Replace what agents wrote about a contact, whose version the agent saw.
    EditContact { agent: AgentId, contact: ContactId, card: Card, version: u32 },
    /// Take nothing more from a contact, or take what they write again.
    SetBlocked { agent: AgentId, contact: ContactId, blocked: bool },
    /// A contact is known by other addresses from now on, the newest first; the provider's object is kept.
    HearOfAddresses { sender: Sender, raw: String },
    /// Two contacts are one person: everything of `gone` becomes that of `kept`.
    MergeContacts { kept: ContactId, gone: ContactId },
    /// An address is another person's from now on, as the provider shows.
    PassOnAddress { contact: ContactId, address: Address },
    /// A contact has told the provider whether they want marketing; the provider's object is kept.
    HearOfPreference { sender: Sender, marketing_stopped: bool, raw: String },
    /// One more address of a contact.
    AddAddress { agent: AgentId, contact: ContactId, address: Address },
    /// An address is no longer the contact's.
    RemoveAddress { agent: AgentId, contact: ContactId, address: Address },
    /// Take a contact off the agent's list of assigned contacts.
    UnassignContact { agent: AgentId, contact: ContactId },
    /// What the agent has written and not sent; an empty text removes it. `at` is the browser's time.
    SetDraft { agent: AgentId, conversation: ConversationId, text: String, at: Timestamp },
    /// Set or remove a value of the case data.
    SetCaseValue { agent: AgentId, interaction: InteractionId, key: String, value: Option<String> },
    /// Somebody asks for a new look at the templates of a WhatsApp Business Account.
    AskTemplates { business_account_id: String },
    /// The provider tells by webhook that something about a business account's templates has changed; kept as it came.
    HearOfTemplates { business_account_id: Option<String>, kind: String, raw: String },
    /// The provider tells that a business account may not be used, or may be used again; kept as it came. `code` is the
    /// error with which it would refuse messages.
    HearOfAccount { business_account_id: String, code: Option<u32>, raw: String },
    /// The provider's whole list of templates, as a look that began then found it.
    RecordTemplates { channel: ChannelId, looked_at: Timestamp, templates: Vec<Template> },
    /// The provider's list could not be had.
    RecordTemplateFailure { channel: ChannelId, looked_at: Timestamp, failure: String },

    /// Another access token for a number; what waits for one is tried at once.
    SetAccessToken { channel: ChannelId, access_token: String },

    /// Forget a person; by an administrator, or (`None`) from the machine itself.
    EraseContact { agent: Option<AgentId>, contact: ContactId },
    /// Let a conversation go if it is older than the rule allows.
    ExpireConversation { conversation: ConversationId },
    /// Let a message's file go if it is older than the rule allows.
    ExpireMedia { message: MessageId },
    /// Add a person from a file, or add to what is known of them. At least one address.
    ImportContact { card: Card, addresses: Vec<Address> },

    /// The outbox is about to call the provider.
    StartSend { message: MessageId },
    /// The provider took it.
    RecordAccepted { message: MessageId, wamid: Wamid },
    /// The call went wrong.
    RecordSendFailure { message: MessageId, failure: SendFailure },
}

impl Command {
    /// Whose addresses the provider puts together in it.
    #[must_use]
    #[allow(clippy::wildcard_enum_match_arm, reason = "few carry one")]
    pub fn sender(&self) -> Option<&Sender> {
        match self {
            Self::Receive(inbound) | Self::ReceiveEcho(inbound) => Some(&inbound.sender),
            Self::HearOfAddresses { sender, .. } | Self::HearOfPreference { sender, .. } => Some(sender),
            _ => None,
        }
    }
}
