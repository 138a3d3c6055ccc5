//! Every "no" of the core.
//!
//! A rejection changes nothing. The API gives each its stable code and a sentence. Invariant: one reason, one variant.

use super::ids::{AgentId, ContactId, InteractionId};

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
    /// The phone-number id is taken.
    PhoneNumberIdTaken,
    /// A name, login, label, capacity or duration is out of bounds.
    BadValue,
    /// The sign-in has ended.
    SignInEnded,
    /// The contact is blocked.
    ContactBlocked,
    /// The centre holds as many open interactions as the floor may.
    FloorFull,
    /// The send is not in a state in which this can happen (the outbox's own bookkeeping).
    SendNotDue,
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
