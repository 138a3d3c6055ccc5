//! The names of things: small numbers minted by the floor, and the provider's own strings.
//!
//! Numbers are counters, so people can say them aloud and replays mint the same ones. Invariant: strings that
//! identify a person show themselves masked in debug output.

use std::fmt;

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )+};
}

number_id! {
    /// An agent, supervisor or administrator.
    AgentId,
    /// A person who writes to the centre.
    ContactId,
    /// Contact and channel account together.
    ConversationId,
    /// One piece of handled work.
    InteractionId,
    /// One entry of a transcript; also its place in the order of arrival.
    MessageId,
    /// A queue.
    QueueId,
    /// A channel account: one business number.
    ChannelId,
    /// An outcome code.
    DispositionId,
    /// A key of case data on the administrator's list.
    CaseKeyId,
    /// A canned reply.
    ResponseId,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub String);

        impl fmt::Debug for $name {
            /// Shows the last two characters only: these strings identify people.
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let tail: String = self.0.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
                write!(formatter, "{}(*{tail})", stringify!($name))
            }
        }
    )+};
}

text_id! {
    /// Meta's message id, `wamid.…`; any characters.
    Wamid,
    /// The key that a browser made for one message, so that a repeated click sends once.
    ClientKey,
}

impl ClientKey {
    /// The key under which a failed message is sent again: not the browser's, for two tabs have two, and it is sent
    /// again once.
    #[must_use]
    pub fn of_retry(message: MessageId) -> Self {
        Self(format!("retry-{message}"))
    }
}

/// SHA-256 of a secret that we made: a sign-in's, which is only in the browser's cookie, a recovery code, a set-up link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(*)")
    }
}
