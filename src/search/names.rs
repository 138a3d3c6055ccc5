//! The names of the contacts that hits were lately shown with.
//!
//! Two rows of the store are read for a name, twenty names are shown with a page, and the same people are found again
//! and again. Invariant: a name is here only as long as nothing happened to its contact or conversation; whoever follows
//! the journal forgets it before the next query asks.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use crate::domain::ids::{ContactId, ConversationId};
use crate::limits::SEARCH_NAMES_MAX;

/// A contact as hits show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) contact: ContactId,
    pub(super) name: Arc<str>,
}

/// Names by conversation, those that were asked for last.
#[derive(Debug)]
pub(super) struct Names(Mutex<LruCache<ConversationId, Named>>);

impl Default for Names {
    fn default() -> Self {
        let most = NonZeroUsize::new(SEARCH_NAMES_MAX).unwrap_or(NonZeroUsize::MIN);
        let mut names = LruCache::unbounded();
        // Memory is taken as names come.
        names.resize(most);
        Self(Mutex::new(names))
    }
}

impl Names {
    pub(super) fn get(&self, conversation: ConversationId) -> Option<Named> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&conversation).cloned()
    }

    pub(super) fn keep(&self, conversation: ConversationId, named: Named) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(conversation, named);
    }

    pub(super) fn forget(&self, conversation: ConversationId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop(&conversation);
    }
}
