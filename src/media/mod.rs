//! Files beside the database: the shelf where they lie, and the worker that fetches them from the provider.
//!
//! Apart from the store because bytes of this size do not belong in a transaction, and from the outbox because fetching
//! loses nothing by being late. Invariants: a file stands under the hash of its bytes, whole or not at all; a row about a
//! file is written after the file.

mod fetch;
mod shelf;
mod sniff;
mod sweep;
mod thumbnail;
mod voice;

pub use self::fetch::Fetcher;
pub use self::shelf::{Draft, Kept, Shelf};
pub use self::sniff::{is_inline, trusted_type};
pub use self::sweep::sweep;
