//! Everything that can happen; what is journaled, stored and shown.
//!
//! Events are facts of the past: applying one cannot fail. They carry texts on their way to the tables; the journal on
//! disk keeps the name and the subjects only. Invariant: floor and tables change by events and by nothing else.

use super::agent::{AgentChange, AgentProfile, Presence, Reason};
use super::backup::{BackupOutcome, BackupSchedule};
use super::case_data::CaseKey;
use super::channel::{ChannelProfile, Trouble};
use super::command::DeliveryReport;
use super::contact::{Address, Contact};
use super::ids::{
    AgentId, ChannelId, ContactId, ConversationId, DispositionId, InteractionId, MessageId, ResponseId, TokenHash,
    Wamid,
};
use super::interaction::{EndReason, Interaction, Part, TransferTarget};
use super::media::MediaFile;
use super::message::{Delivery, Message};
use super::queue::Queue;
use super::response::Response;
use super::second_factor::{Proof, Secret};
use super::security::{Deed, SecurityRules};
use super::settings::{Disposition, Settings};
use super::template::Template;
use super::time::Timestamp;

/// How a hand-over ended without a new owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferOutcome {
    /// The agent asked declined.
    Rejected,
    /// The owner took it back.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
}

/// What becomes of two conversations with one person on one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The one that is no more.
    pub from: ConversationId,
    /// The one in which everything stands from now on.
    pub into: ConversationId,
    /// The number.
    pub channel: ChannelId,
    /// The end of the reply window.
    pub window_until: Option<Timestamp>,
    /// Who handled either last.
    pub last_agent: Option<AgentId>,
    /// The newest message.
    pub last_message: Option<MessageId>,
    /// The latest place in time of any message.
    pub last_message_at: Timestamp,
    /// What nobody has looked at in an interaction that was closed for it.
    pub unread: u32,
    /// Since when the contact waited for an answer there.
    pub pending_since: Option<Timestamp>,
}

/// What an event is about: the key of fan-out and of readers that follow the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An agent: the one who acted, was asked, or changed.
    Agent(AgentId),
    /// A contact.
    Contact(ContactId),
    /// A conversation.
    Conversation(ConversationId),
    /// An interaction.
    Interaction(InteractionId),
    /// A message.
    Message(MessageId),
    /// A channel account.
    Channel(ChannelId),
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident { $($field:ident : $type:ty),* $(,)? } = $code:literal $name:literal
        [$($subject:ident($subject_field:expr)),*]),+ $(,)?) => {
        /// Everything that can happen.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "fields are named after what they hold")]
        pub enum Event {$($(#[$doc])* $variant { $($field: $type),* }),+}

        /// The kind of an event: its number in the journal for ever, and its name in the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum EventKind {$($(#[$doc])* $variant = $code),+}

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in the API and in the page.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {$(Self::$variant => $name),+}
            }

            /// The kind with this number in the journal.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {$($code => Some(Self::$variant),)+ _ => None}
            }
        }

        impl Event {
            /// Which kind this is.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self {$(Self::$variant {..} => EventKind::$variant),+}
            }

            /// What it is about.
            #[must_use]
            #[allow(unused_variables, reason = "not every field is a subject")]
            pub fn subjects(&self) -> Vec<Subject> {
                match self {$(Self::$variant {$($field),*} => vec![$(Subject::$subject($subject_field)),*]),+}
            }
        }
    };
}

events! {
    /// A person was added.
    AgentAdded { agent: AgentId, profile: AgentProfile } = 1 "agent_changed" [Agent(*agent)],
    /// A password was set.
    PasswordSet { agent: AgentId, password_hash: String, temporary: bool } = 2 "password_set" [Agent(*agent)],
    /// A channel account was added.
    ChannelAdded { channel: ChannelId, profile: ChannelProfile } = 3 "channel_changed" [Channel(*channel)],
    /// A queue was added or changed.
    QueueSet { queue: Queue } = 4 "queue_changed" [],
    /// The centre's rules changed.
    SettingsSet { settings: Settings } = 5 "settings_changed" [],
    /// Backups are made by themselves at another time, or not at all.
    BackupScheduleSet { schedule: Option<BackupSchedule> } = 170 "backup_schedule_changed" [],
    /// A backup was made, or failed.
    BackupRecorded { outcome: BackupOutcome } = 171 "backup_recorded" [],
    /// An outcome code was added.
    DispositionAdded { disposition: Disposition } = 6 "disposition_changed" [],
    /// An outcome code was renamed, retired or taken up again.
    DispositionChanged { disposition: Disposition } = 150 "disposition_changed" [],
    /// What is said about a channel account has changed, or its secrets.
    ChannelChanged { channel: ChannelId, profile: ChannelProfile } = 151 "channel_changed" [Channel(*channel)],
    /// A channel account was disconnected; its secrets are forgotten.
    ChannelRemoved { channel: ChannelId } = 152 "channel_changed" [Channel(*channel)],

    /// A browser signed in.
    SignInStarted { token: TokenHash, agent: AgentId } = 10 "sign_in_started" [Agent(*agent)],
    /// A sign-in was used.
    SignInSeen { token: TokenHash } = 11 "sign_in_seen" [],
    /// A sign-in ended.
    SignInEnded { token: TokenHash, agent: AgentId } = 12 "sign_in_ended" [Agent(*agent)],
    /// An agent's first stream opened.
    AgentConnected { agent: AgentId } = 13 "agent_connected" [Agent(*agent)],
    /// An agent's last stream closed.
    AgentDisconnected { agent: AgentId } = 14 "agent_disconnected" [Agent(*agent)],
    /// An agent's presence changed.
    PresenceChanged { agent: AgentId, presence: Presence } = 15 "presence_changed" [Agent(*agent)],
    /// "Not Ready after current work" was set or cleared.
    AfterWorkSet { agent: AgentId, reason: Option<Reason> } = 16 "after_work_set" [Agent(*agent)],

    /// A contact wrote for the first time.
    ContactCreated { contact: ContactId, name: String, addresses: Vec<Address> } = 20 "contact_changed" [Contact(*contact)],
    /// A contact's name or addresses are new.
    ContactChanged { contact: ContactId, name: String, addresses: Vec<Address> } = 21 "contact_changed" [Contact(*contact)],
    /// Contact and channel account met for the first time.
    ConversationOpened { conversation: ConversationId, contact: ContactId, channel: ChannelId } = 22 "conversation_opened"
        [Conversation(*conversation), Contact(*contact)],
    /// The contact wrote: the reply window is open until then.
    WindowOpened { conversation: ConversationId, until: Timestamp } = 23 "window_opened" [Conversation(*conversation)],
    /// The contact's message.
    MessageReceived { message: Message } = 24 "message_received"
        [Message(message.id), Conversation(message.conversation)],
    /// Written with the business's phone app.
    EchoReceived { message: Message } = 28 "message_received"
        [Message(message.id), Conversation(message.conversation)],
    /// A message goes to the outbox.
    MessageQueued { message: Message, channel: ChannelId } = 25 "message_queued"
        [Message(message.id), Conversation(message.conversation)],
    /// A line for the people of the centre.
    NoticeAdded { message: Message } = 26 "system_message_added"
        [Message(message.id), Conversation(message.conversation)],
    /// Something not understood was kept.
    RawKept { kind: String, raw: String } = 27 "raw_kept" [],

    /// A new interaction: queued, or active when an agent created it.
    InteractionQueued { interaction: Interaction } = 30 "interaction_queued"
        [Interaction(interaction.id), Conversation(interaction.conversation)],
    /// An agent is being asked.
    InteractionOffered { interaction: InteractionId, agent: AgentId, deadline: Timestamp } = 31 "interaction_offered"
        [Interaction(*interaction), Agent(*agent)],
    /// The agent took it.
    OfferAccepted { interaction: InteractionId, agent: AgentId } = 32 "offer_accepted"
        [Interaction(*interaction), Agent(*agent)],
    /// The agent declined and is passed over until then.
    OfferRejected { interaction: InteractionId, agent: AgentId, passed_over_until: Timestamp } = 33 "offer_rejected"
        [Interaction(*interaction), Agent(*agent)],
    /// The agent let the deadline pass.
    OfferExpired { interaction: InteractionId, agent: AgentId } = 34 "offer_expired"
        [Interaction(*interaction), Agent(*agent)],
    /// The agent can no longer take it.
    OfferWithdrawn { interaction: InteractionId, agent: AgentId } = 35 "offer_withdrawn"
        [Interaction(*interaction), Agent(*agent)],
    /// Opened on the agent's desktop without a click.
    AutoAnswered { interaction: InteractionId, agent: AgentId } = 36 "interaction_auto_answered"
        [Interaction(*interaction), Agent(*agent)],
    /// Put aside.
    InteractionParked { interaction: InteractionId, agent: AgentId } = 37 "interaction_parked"
        [Interaction(*interaction), Agent(*agent)],
    /// Taken up again by its owner.
    InteractionOpened { interaction: InteractionId, agent: AgentId } = 38 "interaction_opened"
        [Interaction(*interaction), Agent(*agent)],
    /// Back in the queue; kept for an agent until then.
    InteractionRequeued { interaction: InteractionId, agent: AgentId, prefer: Option<(AgentId, Timestamp)> } = 39
        "interaction_requeued" [Interaction(*interaction), Agent(*agent)],
    /// A hand-over began.
    TransferStarted { interaction: InteractionId, agent: AgentId, target: TransferTarget, note: String, deadline: Timestamp } = 40
        "transfer_started" [Interaction(*interaction), Agent(*agent)],
    /// Somebody is asked to take a hand-over.
    TransferOffered { interaction: InteractionId, agent: AgentId, deadline: Timestamp } = 41 "interaction_offered"
        [Interaction(*interaction), Agent(*agent)],
    /// A new owner.
    TransferAccepted { interaction: InteractionId, from: AgentId, to: AgentId } = 42 "transfer_accepted"
        [Interaction(*interaction), Agent(*from), Agent(*to)],
    /// No new owner.
    TransferEnded { interaction: InteractionId, agent: AgentId, outcome: TransferOutcome } = 43 "transfer_ended"
        [Interaction(*interaction), Agent(*agent)],
    /// Over, still on the desktop.
    InteractionEnded { interaction: InteractionId, reason: EndReason } = 44 "interaction_ended" [Interaction(*interaction)],
    /// Live again, same id.
    InteractionReactivated { interaction: InteractionId, agent: AgentId } = 45 "interaction_reactivated"
        [Interaction(*interaction), Agent(*agent)],
    /// Closed for good: its last state, because it has left the floor.
    InteractionDone { interaction: Interaction, agent: AgentId } = 46 "interaction_done"
        [Interaction(interaction.id), Agent(*agent)],
    /// Quiet for the idle time.
    IdleAlerted { interaction: InteractionId } = 47 "idle_alerted" [Interaction(*interaction)],
    /// A new interaction that an agent began.
    InteractionCreated { interaction: Interaction } = 48 "interaction_created"
        [Interaction(interaction.id), Conversation(interaction.conversation)],
    /// The owner has looked.
    MessageReadByAgent { interaction: InteractionId, agent: AgentId, message: MessageId } = 49 "message_read_by_agent"
        [Interaction(*interaction), Agent(*agent)],
    /// A new note.
    NoteSet { interaction: InteractionId, agent: AgentId, text: String } = 50 "note_changed"
        [Interaction(*interaction), Agent(*agent)],
    /// An outcome, or none.
    DispositionSet { interaction: InteractionId, agent: AgentId, disposition: Option<DispositionId> } = 51 "disposition_set"
        [Interaction(*interaction), Agent(*agent)],
    /// The away text went out.
    AwayTextSent { interaction: InteractionId } = 52 "away_text_sent" [Interaction(*interaction)],

    /// The provider is about to be called.
    SendStarted { message: MessageId, attempt: u32 } = 60 "send_started" [Message(*message)],
    /// The provider took it and gave it this id.
    SendAccepted { message: MessageId, wamid: Wamid } = 61 "send_accepted" [Message(*message)],
    /// Surely not sent; again at that time.
    SendRetried { message: MessageId, due: Timestamp } = 62 "send_retried" [Message(*message)],
    /// No answer; a status may tell until then.
    SendAwaitsStatus { message: MessageId, until: Timestamp } = 63 "send_awaits_status" [Message(*message)],
    /// It has left the outbox: nobody will try again by itself.
    SendClosed { message: MessageId } = 64 "send_closed" [Message(*message)],
    /// Surely not sent, for a reason that holds up the whole number; it waits without counting as tried.
    SendHeld { message: MessageId, due: Timestamp } = 67 "send_held" [Message(*message)],
    /// The provider takes nothing of this number.
    ChannelTroubled { channel: ChannelId, trouble: Trouble } = 68 "channel_changed" [Channel(*channel)],
    /// The provider takes messages of this number again, or a person says that it should.
    ChannelMended { channel: ChannelId } = 69 "channel_changed" [Channel(*channel)],
    /// The access token was replaced.
    AccessTokenSet { channel: ChannelId, access_token: String } = 7 "access_token_set" [Channel(*channel)],
    /// Delivery advanced.
    DeliveryAdvanced { message: MessageId, delivery: Delivery, wamid: Option<Wamid> } = 65 "delivery_advanced" [Message(*message)],
    /// A status of a message that nobody knows yet.
    ReportParked { report: DeliveryReport } = 66 "report_parked" [],

    /// An agent added a person to write to.
    ContactAdded { agent: AgentId, contact: Contact } = 80 "contact_changed" [Agent(*agent), Contact(contact.id)],
    /// An agent changed a contact: the whole of it.
    ContactEdited { agent: AgentId, contact: Contact } = 81 "contact_changed" [Agent(*agent), Contact(contact.id)],
    /// The contact has told the provider whether they want marketing.
    MarketingPreferenceSet { contact: ContactId, stopped: bool } = 85 "contact_changed" [Contact(*contact)],
    /// The contact is one of the agent's assigned contacts from now on.
    ContactAssigned { agent: AgentId, contact: ContactId } = 82 "contact_assigned" [Agent(*agent), Contact(*contact)],
    /// The contact has left the agent's list.
    ContactUnassigned { agent: AgentId, contact: ContactId } = 83 "contact_unassigned"
        [Agent(*agent), Contact(*contact)],
    /// What the agent has written and not sent; empty when there is nothing any more.
    DraftChanged { agent: AgentId, conversation: ConversationId, text: String, written_at: Timestamp } = 84
        "draft_changed" [Agent(*agent), Conversation(*conversation)],
    /// Two contacts were one person: this is who is left.
    ContactsMerged { contact: Contact, gone: ContactId } = 86 "contact_changed" [Contact(contact.id), Contact(*gone)],
    /// A conversation is with the contact who is left.
    ConversationMoved { conversation: ConversationId, from: ContactId, contact: ContactId, channel: ChannelId } = 87
        "conversation_opened" [Conversation(*conversation), Contact(*contact)],
    /// Two conversations on one number are one.
    ConversationJoined { joined: Joined } = 88 "conversation_joined"
        [Conversation(joined.from), Conversation(joined.into)],
    /// A colleague takes part.
    ParticipantJoined { interaction: InteractionId, agent: AgentId, part: Part } = 110 "participant_joined"
        [Interaction(*interaction), Agent(*agent)],
    /// A colleague no longer takes part.
    ParticipantLeft { interaction: InteractionId, agent: AgentId } = 111 "participant_left"
        [Interaction(*interaction), Agent(*agent)],
    /// Said among those who take part; the contact never sees it.
    InternalMessageAdded { message: Message } = 112 "internal_message_added"
        [Message(message.id), Conversation(message.conversation)],
    /// A colleague is named in a note or an internal message.
    AgentMentioned { interaction: InteractionId, by: AgentId, agent: AgentId } = 113 "agent_mentioned"
        [Interaction(*interaction), Agent(*by), Agent(*agent)],
    /// A value of the case data, or none any more.
    CaseValueSet { interaction: InteractionId, agent: AgentId, key: String, value: Option<String> } = 70 "case_data_changed"
        [Interaction(*interaction), Agent(*agent)],
    /// A key of case data was added or changed.
    CaseKeySet { case_key: CaseKey } = 71 "case_key_changed" [],
    /// A canned reply was added or changed.
    ResponseSet { agent: AgentId, response: Response } = 72 "response_changed" [Agent(*agent)],
    /// A canned reply was removed.
    ResponseRemoved { agent: AgentId, response: ResponseId } = 73 "response_changed" [Agent(*agent)],
    /// Somebody asked for a new look at the templates.
    TemplatesAsked { channel: ChannelId } = 90 "templates_asked" [Channel(*channel)],
    /// The provider's list of templates is here.
    TemplatesSynced { channel: ChannelId, looked_at: Timestamp, templates: Vec<Template> } = 91 "templates_changed" [Channel(*channel)],
    /// The provider's list of templates could not be had.
    TemplateSyncFailed { channel: ChannelId, looked_at: Timestamp, failure: String } = 92 "template_sync_failed"
        [Channel(*channel)],
    /// We react to a message: the reaction goes to the outbox.
    ReactionQueued { message: Message, channel: ChannelId, target: MessageId } = 93 "reaction_changed"
        [Message(message.id), Conversation(message.conversation)],
    /// The contact's reaction; without a target its message has not come yet.
    ReactionReceived { message: Message, target: Option<MessageId> } = 94 "reaction_changed"
        [Message(message.id), Conversation(message.conversation)],

    /// A message's file is here.
    MediaStored { message: MessageId, file: MediaFile } = 100 "media_changed" [Message(*message)],
    /// A message's file is tried again at that time.
    MediaDelayed { message: MessageId, due: Timestamp, attempt: u32 } = 101 "media_delayed" [Message(*message)],
    /// A message's file was given up.
    MediaFailed { message: MessageId, reason: String } = 102 "media_changed" [Message(*message)],
    /// An agent put a file on the shelf.
    FileAdded { agent: AgentId, file: MediaFile } = 103 "file_added" [Agent(*agent)],

    /// A message's file was removed, because a rule lets files go after a time.
    MediaRemoved { message: MessageId } = 104 "media_changed" [Message(*message)],
    /// Nothing that was said, noted or sent on this conversation is kept any more.
    ConversationErased { conversation: ConversationId } = 161 "conversation_erased" [Conversation(*conversation)],
    /// Names, addresses and all that was written about a contact are gone; an empty row stays.
    ContactErased { contact: ContactId } = 160 "contact_changed" [Contact(*contact)],
    /// What was kept raw and names a contact or their messages is gone.
    TracesErased { contact: ContactId } = 162 "traces_erased" [],
    /// A contact came from a file: the whole of them, new or changed.
    ContactImported { contact: Contact } = 163 "contact_changed" [Contact(contact.id)],

    /// A message of the past was added.
    MessageImported { message: Message } = 120 "message_imported"
        [Message(message.id), Conversation(message.conversation)],

    /// A person was changed.
    AgentChanged { agent: AgentId, change: AgentChange } = 140 "agent_changed" [Agent(*agent)],
    /// A person may no longer come in, or may again.
    AgentDisabled { agent: AgentId, disabled: bool } = 141 "agent_changed" [Agent(*agent)],
    /// A person has a second factor from now on.
    SecondFactorSet { agent: AgentId, secret: Secret, recovery: Vec<TokenHash>, step: u64 } = 142 "second_factor_set"
        [Agent(*agent)],
    /// A person has no second factor any more.
    SecondFactorRemoved { agent: AgentId } = 143 "second_factor_removed" [Agent(*agent)],
    /// A code or a recovery code was used.
    SecondFactorUsed { agent: AgentId, proof: Proof } = 144 "second_factor_used" [Agent(*agent)],
    /// Somebody did not get in.
    SignInFailed { agent: Option<AgentId>, at_second_factor: bool, left_out: u64 } = 145 "sign_in_failed" [],
    /// The rules about who gets in changed.
    SecuritySet { rules: SecurityRules } = 146 "security_changed" [],
    /// There is a link for the first administrator.
    SetUpOffered { token: TokenHash, until: Timestamp } = 147 "set_up_offered" [],
    /// The link was used.
    SetUpUsed { agent: AgentId } = 148 "set_up_used" [Agent(*agent)],
    /// Something was done that changes no row.
    DeedNoted { deed: Deed } = 149 "deed_noted" [],
}

impl Event {
    /// Whether words of a person are gone with it, so that nothing of them may be left behind anywhere.
    #[must_use]
    pub fn erases(&self) -> bool {
        matches!(self.kind(), EventKind::ConversationErased | EventKind::ContactErased | EventKind::TracesErased)
    }
}
