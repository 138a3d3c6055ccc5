//! Takes files off the shelf that the store does not know any more.
//!
//! The store says which files there are; what lies beside them was let go, or came from a process that was stopped before
//! the store heard of it. Everything here blocks. Invariant: a file that is arriving is left alone.

use std::io;

use super::shelf::Shelf;
use crate::domain::media::FileHash;
use crate::store::Store;

/// Removes the files that nobody knows; gives how many went.
///
/// # Errors
/// The store or the folder cannot be read, or a file cannot be removed.
pub fn sweep(store: &Store, shelf: &Shelf) -> io::Result<u64> {
    let is_known = |hash: FileHash| {
        let known = store.read(|snapshot| Ok(snapshot.file(hash)?.is_some()));
        // A row that cannot be read is one all the same.
        known.or_else(|error| if error.is_local() { Ok(true) } else { Err(io::Error::other(error)) })
    };
    let mut removed = 0;
    shelf.each(&mut |hash| {
        if !is_known(hash)? && shelf.remove_unknown(hash, || is_known(hash))? {
            removed += 1;
        }
        Ok(())
    })?;
    Ok(removed)
}
