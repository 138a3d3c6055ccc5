//! What happened since the index was last committed, in memory.
//!
//! Whoever searches first lets the tail catch up with the journal, so that a message is found from the moment it is
//! acknowledged. Invariant: index up to its cursor and tail after it are together exactly what the store has up to the
//! tail's cursor.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::domain::event::{EventKind, Subject};
use crate::domain::ids::{ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::language::Language;
use crate::domain::message::Delivery;
use crate::limits::SEARCH_JOURNAL_PAGE_MAX;
use crate::store::{JournalEntry, Snapshot, StoreError};

use super::analyzer::Analysis;
use super::entry::{Entry, HitKind, Key};
use super::expression::Expression;
use super::interactions::Interactions;
use super::names::Names;
use super::newest::Place;
use super::scan;
use super::source::{self, Outcomes};

/// An entry that is new, changed or (`None`) gone.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The journal's number.
    pub(super) seq: u64,
    /// The conversation that it belongs to, also when it is gone.
    pub(super) conversation: u64,
    pub(super) entry: Option<Arc<Entry>>,
}

/// What is not in the index yet.
#[derive(Debug, Default)]
pub(super) struct Tail {
    changes: BTreeMap<Key, Change>,
    /// Keys that the index may have in an older form.
    hidden: HashSet<Key>,
    /// Conversations of which the index may still have what was erased, with the journal's number.
    erased: BTreeMap<u64, u64>,
    /// Everything up to this number of the journal has been taken over.
    pub(super) cursor: u64,
    pub(super) interactions: Interactions,
    pub(super) outcomes: Outcomes,
    pub(super) names: Names,
    /// The centre's, where it has named one.
    pub(super) main_language: Option<Language>,
    analysis: Analysis,
}

impl Tail {
    /// An empty tail at the snapshot's end of the journal.
    pub(super) fn at_head(snapshot: &Snapshot) -> Result<Self, StoreError> {
        Self::at(snapshot, snapshot.head()?)
    }

    /// An empty tail at a number of the journal.
    pub(super) fn at(snapshot: &Snapshot, cursor: u64) -> Result<Self, StoreError> {
        let interactions = Interactions::read(snapshot)?;
        let outcomes = Outcomes::new(snapshot.dispositions()?);
        let main_language = snapshot.settings()?.main_language;
        Ok(Self { cursor, interactions, outcomes, main_language, ..Self::default() })
    }

    /// Takes over the next page of the journal. `frontier`: messages with smaller numbers are left to the rebuilding,
    /// which has yet to come to them. Gives whether there may be more.
    pub(super) fn catch_up(&mut self, snapshot: &Snapshot, frontier: MessageId) -> Result<bool, StoreError> {
        let entries = snapshot.journal(self.cursor, SEARCH_JOURNAL_PAGE_MAX)?;
        let Some(last) = entries.last() else { return Ok(false) };
        for entry in &entries {
            match self.take(snapshot, entry, frontier) {
                Ok(()) => {}
                // One damaged row must not silence the others; whoever reads it hears of it.
                Err(error) if error.is_local() => tracing::error!(seq = entry.seq, %error, "a change cannot be found"),
                Err(error) => return Err(error),
            }
        }
        self.cursor = last.seq;
        Ok(entries.len() == SEARCH_JOURNAL_PAGE_MAX)
    }

    fn take(&mut self, snapshot: &Snapshot, entry: &JournalEntry, frontier: MessageId) -> Result<(), StoreError> {
        if matches!(entry.kind, EventKind::DispositionAdded | EventKind::DispositionChanged) {
            self.outcomes = Outcomes::new(snapshot.dispositions()?);
        }
        if entry.kind == EventKind::SettingsSet {
            self.main_language = snapshot.settings()?.main_language;
        }
        if entry.kind == EventKind::ConversationJoined {
            return self.take_joined(snapshot, entry, frontier);
        }
        for subject in &entry.subjects {
            if let (EventKind::ConversationErased, Subject::Conversation(id)) = (entry.kind, *subject) {
                self.erase(snapshot, entry.seq, id)?;
            }
            match *subject {
                Subject::Message(id) => self.take_message(snapshot, entry, id, frontier)?,
                Subject::Interaction(id) => self.take_interaction(snapshot, entry, id)?,
                Subject::Contact(id) => self.take_contact(snapshot, entry.seq, id)?,
                Subject::Conversation(id) => self.names.forget(id),
                Subject::Agent(_) | Subject::Channel(_) => {}
            }
        }
        Ok(())
    }

    fn take_message(
        &mut self,
        snapshot: &Snapshot,
        entry: &JournalEntry,
        id: MessageId,
        frontier: MessageId,
    ) -> Result<(), StoreError> {
        let new = matches!(
            entry.kind,
            EventKind::MessageReceived
                | EventKind::EchoReceived
                | EventKind::MessageQueued
                | EventKind::InternalMessageAdded
                | EventKind::MessageImported
        );
        if !new && entry.kind != EventKind::DeliveryAdvanced || id < frontier {
            return Ok(());
        }
        let Some(message) = snapshot.message(id)? else { return Ok(()) };
        // A delivery that came further changes nothing that can be searched for.
        if !new && !matches!(message.delivery, Some(Delivery::Failed(_))) {
            return Ok(());
        }
        let found = source::message_entry(&mut self.analysis, &message);
        self.put(Key::new(HitKind::Message, id.0), entry.seq, message.conversation.0, found, !new);
        Ok(())
    }

    fn take_interaction(
        &mut self,
        snapshot: &Snapshot,
        entry: &JournalEntry,
        id: InteractionId,
    ) -> Result<(), StoreError> {
        let Some(row) = snapshot.interaction(id)? else { return Ok(()) };
        self.interactions.put(&row);
        if matches!(entry.kind, EventKind::NoteSet | EventKind::DispositionSet | EventKind::CaseValueSet) {
            let found = source::note_entry(&mut self.analysis, &row, &self.outcomes);
            self.put(Key::new(HitKind::Note, id.0), entry.seq, row.interaction.conversation.0, found, true);
        }
        Ok(())
    }

    /// Everything of two conversations stands in one; which of it was in the other nobody knows any more.
    fn take_joined(
        &mut self,
        snapshot: &Snapshot,
        entry: &JournalEntry,
        frontier: MessageId,
    ) -> Result<(), StoreError> {
        let [Subject::Conversation(from), Subject::Conversation(into)] = *entry.subjects.as_slice() else {
            return Ok(());
        };
        let seq = entry.seq;
        self.names.forget(from);
        self.erase(snapshot, seq, from)?;
        for id in snapshot.interactions_of(into)? {
            let Some(row) = snapshot.interaction(id)? else { continue };
            self.interactions.put(&row);
            let found = source::note_entry(&mut self.analysis, &row, &self.outcomes);
            self.put(Key::new(HitKind::Note, id.0), seq, into.0, found, true);
        }
        let mut before = None;
        loop {
            let page = snapshot.transcript(into, before, SEARCH_JOURNAL_PAGE_MAX)?;
            let Some(first) = page.first() else { return Ok(()) };
            before = Some((first.at, first.id));
            for message in page.iter().filter(|message| message.id >= frontier) {
                let found = source::message_entry(&mut self.analysis, message);
                self.put(Key::new(HitKind::Message, message.id.0), seq, into.0, found, true);
            }
        }
    }

    /// Nothing of the conversation is found any more; the contact is, while there is one.
    fn erase(&mut self, snapshot: &Snapshot, seq: u64, id: ConversationId) -> Result<(), StoreError> {
        self.changes.retain(|_, change| change.conversation != id.0);
        let changes = &self.changes;
        self.hidden.retain(|key| changes.contains_key(key));
        self.erased.insert(id.0, seq);
        match snapshot.conversation(id)? {
            Some(conversation) => self.take_contact(snapshot, seq, conversation.contact),
            None => Ok(()),
        }
    }

    fn take_contact(&mut self, snapshot: &Snapshot, seq: u64, id: ContactId) -> Result<(), StoreError> {
        let conversations = snapshot.conversations_of(id)?;
        conversations.iter().for_each(|conversation| self.names.forget(conversation.id));
        let Some(contact) = snapshot.contact(id)?.filter(|contact| !contact.is_erased()) else { return Ok(()) };
        for conversation in conversations {
            let found = source::contact_entry(&mut self.analysis, &conversation, &contact);
            self.put(Key::new(HitKind::Contact, conversation.id.0), seq, conversation.id.0, Some(found), true);
        }
        Ok(())
    }

    fn put(&mut self, key: Key, seq: u64, conversation: u64, entry: Option<Entry>, replaces: bool) {
        let change = Change { seq, conversation, entry: entry.map(Arc::new) };
        if self.changes.insert(key, change).is_some() || replaces {
            self.hidden.insert(key);
        }
    }

    /// Entries of the index that count no longer.
    pub(super) fn hidden(&self) -> &HashSet<Key> {
        &self.hidden
    }

    /// How many changes there are.
    pub(super) fn len(&self) -> usize {
        self.changes.len() + self.erased.len()
    }

    /// Conversations of which nothing that the index has counts any more (sorted).
    pub(super) fn erased(&self) -> Vec<u64> {
        self.erased.keys().copied().collect()
    }

    /// The changes, with whether the index may have each in an older form.
    pub(super) fn changes(&self) -> Vec<(Key, Change, bool)> {
        let changes = self.changes.iter();
        changes.map(|(key, change)| (*key, change.clone(), self.hidden.contains(key))).collect()
    }

    /// Forgets what the index has up to this number of the journal.
    pub(super) fn forget(&mut self, cursor: u64) {
        self.changes.retain(|_, change| change.seq > cursor);
        self.erased.retain(|_, seq| *seq > cursor);
        let changes = &self.changes;
        self.hidden.retain(|key| changes.contains_key(key));
    }

    /// The entries that meet the expression.
    pub(super) fn matching<'a>(&'a self, expression: &'a Expression) -> impl Iterator<Item = &'a Entry> {
        let entries = self.changes.values().filter_map(|change| change.entry.as_deref());
        entries.filter(move |entry| scan::meets(entry, expression, &self.interactions))
    }

    /// The places of the entries that meet the expression.
    pub(super) fn places(&self, expression: &Expression) -> Vec<Place> {
        self.matching(expression).map(|entry| (entry.at, entry.key)).collect()
    }
}
