//! What an administrator asks to be set up otherwise, and what they had before their eyes when they asked.
//!
//! Apart from the commands of machines, which overwrite. Invariant: a change of something that exists names the whole of
//! what was seen, so that of two people who change the same thing the second is told and nobody's work is lost.

use super::case_data::CaseKey;
use super::channel::ChannelProfile;
use super::ids::{CaseKeyId, ChannelId, DispositionId};
use super::queue::Queue;
use super::settings::{Disposition, Settings};

/// What is to be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are named after what they hold")]
pub enum Change {
    /// Add a queue (`seen` is `None`, its id 0), or change its rules.
    Queue { seen: Option<Queue>, queue: Queue },
    /// The centre's rules.
    Settings { seen: Settings, settings: Settings },
    /// Add an outcome code.
    AddDisposition { code: String, label: String, parent: Option<DispositionId> },
    /// Rename an outcome code, retire it, or take it up again. Its code and its place stay.
    Disposition { seen: Disposition, disposition: Disposition },
    /// Add a key of case data (`seen` is `None`, its id 0), or change it.
    CaseKey { seen: Option<CaseKey>, case_key: CaseKey },
    /// The keys in this order: each of them once.
    CaseKeyOrder(Vec<CaseKeyId>),
    /// Connect a number.
    AddChannel(ChannelProfile),
    /// Change what is said about a number, or its secrets. Meta's id of it stays.
    Channel { channel: ChannelId, seen: ChannelProfile, profile: ChannelProfile },
    /// Disconnect a number. What was said on it stays; connecting it again goes on with it.
    RemoveChannel(ChannelId),
}
