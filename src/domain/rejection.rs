//! Every "no" of the core.
//!
//! A rejection changes nothing. The API gives each its stable code and a sentence. Invariant: one reason, one variant.

use super::case_data::CaseKind;
use super::ids::{AgentId, CaseKeyId, ContactId, InteractionId};

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The agent does not exist or is disabled.
    UnknownAgent,
    /// The interaction is not open.
    UnknownInteraction,
    /// The message does not exist, or is not the agent's to touch.
    UnknownMessage,
    /// The contact does not exist.
    UnknownContact,
    /// The conversation does not exist.
    UnknownConversation,
    /// The channel account does not exist.
    UnknownChannel,
    /// The channel account is switched off.
    ChannelDisabled,
    /// The queue does not exist.
    UnknownQueue,
    /// The outcome code does not exist.
    UnknownDisposition,
    /// The outcome code has others below it: one of those has to be chosen.
    DispositionNotALeaf,
    /// The interaction has ended, and its outcome may not be changed any more.
    DispositionReadOnly,
    /// The key is blank, too long, taken, or not plain.
    CaseKeyInvalid,
    /// The key is for reading only.
    CaseKeyReadOnly,
    /// Done needs a value of this key first.
    CaseValueRequired(CaseKeyId),
    /// The value is not of the key's kind.
    CaseValueInvalid(CaseKind),
    /// The interaction, or the administrator's list, has as many keys as it may.
    TooManyCaseKeys,
    /// The response does not exist.
    UnknownResponse,
    /// The shortcut is not plain, or too long.
    ShortcutInvalid,
    /// Another response has this shortcut.
    ShortcutTaken,
    /// The centre has as many responses as it may.
    TooManyResponses,
    /// Only supervisors and administrators may do this.
    NotSupervisor,
    /// Only administrators may do this.
    NotAdministrator,
    /// Somebody else has changed it in the meantime.
    SetUpChanged,
    /// Another outcome has this code.
    CodeTaken,
    /// The number has open interactions, or messages on their way.
    ChannelInUse,
    /// The message still has a field code that nobody filled in.
    UnresolvedFieldCode,
    /// The reason is not on the administrator's list.
    UnknownReason,
    /// Only the owner may do this.
    NotOwner,
    /// The interaction is offered to somebody else.
    NotOfferedToYou,
    /// The offer's time is over or somebody else took it.
    OfferExpired,
    /// Agents may not reject here.
    RejectNotAllowed,
    /// The interaction's state does not allow this.
    WrongState,
    /// The reply window is closed: templates only.
    WindowClosed,
    /// Done needs an outcome code first.
    DispositionRequired,
    /// A message of this conversation is still on its way: its fate is seen before the work is closed.
    SendPending,
    /// The agent holds as many interactions as they may.
    AtCapacity,
    /// The agent cannot take a transfer now.
    AgentUnavailable,
    /// As many colleagues take part as may.
    TooManyParticipants,
    /// The contact already has an open interaction, somebody else's or the agent's own.
    InteractionOpen {
        /// Which.
        interaction: InteractionId,
        /// Whose; `None` while it waits.
        owner: Option<AgentId>,
    },
    /// The message has no words.
    MessageEmpty,
    /// The message is longer than Meta allows.
    MessageTooLong,
    /// The note is too long.
    NoteTooLong,
    /// The note was changed elsewhere in the meantime.
    NoteChanged,
    /// The message was neither refused nor lost.
    NothingToRetry,
    /// The browser's key is empty or too long.
    BadClientKey,
    /// The login is taken.
    LoginTaken,
    /// Nobody could administer the centre any more.
    LastAdministrator,
    /// The code is wrong, or was used already.
    SecondFactorRefused,
    /// There is an administrator already.
    SetUpDone,
    /// The link is not the last one that was made, or its time is over.
    SetUpLinkInvalid,
    /// The phone-number id is taken.
    PhoneNumberIdTaken,
    /// A name, login, label, capacity or duration is out of bounds.
    BadValue,
    /// The sign-in has ended.
    SignInEnded,
    /// The contact wants no marketing.
    MarketingStopped,
    /// The contact is blocked.
    ContactBlocked,
    /// The centre holds as many open interactions as the floor may.
    FloorFull,
    /// The send is not in a state in which this can happen (the outbox's own bookkeeping).
    SendNotDue,
    /// The message has not reached the provider, so nothing can refer to it.
    NotAtProvider,
    /// The file is not on the shelf.
    UnknownFile,
    /// The file was here until a rule let it go.
    FileRemoved,
    /// The file is empty, or larger than the provider takes.
    FileTooLarge,
    /// The provider takes no reaction to a message so old.
    TooOld,
    /// There is no template with this name and language on this channel account.
    TemplateUnknown,
    /// The provider has not approved the template, has paused it, or it has parts that cannot be filled in here.
    TemplateNotApproved,
    /// A variable of the template has no value.
    TemplateVariableMissing,
    /// The provider would refuse a value's form: a new line, too many spaces, no address where one belongs.
    TemplateValueInvalid,
    /// A value, or the template with its values, is longer than the provider allows.
    TemplateTooLong,
    /// The channel account has no business account, so there are no templates to ask for.
    NoBusinessAccount,
    /// This channel account starts each conversation anew (asynchronous mode is off).
    AsynchronousOff,
    /// This contact has the address already.
    AddressTaken(ContactId),
    /// Without it nobody could write to the contact.
    LastAddress,
    /// The contact was changed elsewhere in the meantime.
    ContactChanged,
    /// A name, attribute or tag is blank, too long, there twice, or one too many.
    BadCard,
    /// The contact has as many addresses as one may have.
    TooManyAddresses,
    /// The draft is too long.
    DraftTooLong,
}
