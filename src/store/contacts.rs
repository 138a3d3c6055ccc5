//! Lists of contacts: everybody, one agent's, and those who are searched; the latest first.
//!
//! Apart from the other readers because it walks tables made for it. Few contacts are looked up one by one; for many the
//! walk goes back in time over `recent`, whose keys say all that is needed to pass a contact over. Invariant: a contact
//! stands in a list once, at their newest conversation.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Bound;

use redb::{ReadOnlyTable, ReadableTable as _};

use crate::domain::contact::Contact;
use crate::domain::ids::{AgentId, ContactId, ConversationId, InteractionId};
use crate::domain::time::Timestamp;
use crate::limits::CONTACTS_LOOKED_UP_MAX;

use super::StoreError;
use super::query::{InteractionRow, Snapshot, decode};
use super::record::Pointer;
use super::record::contact::{ConversationRow, Draft};
use super::tables::{
    ASSIGNED, CONTACT_NUMBERS, CONTACT_WORDS, CONVERSATIONS_OF, DRAFTS, INTERACTIONS, INTERACTIONS_OF, RECENT, Value,
};
use super::words::Query;

/// A key of `recent`.
type Place = (i64, u64, u64);

/// A place in the order of contacts: the time of the last message, the contact, and their newest conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactPlace {
    /// When something happened with them last.
    pub at: Timestamp,
    /// Who.
    pub contact: ContactId,
    /// Where; `None` for a contact whom an agent added and to whom nobody has written.
    pub conversation: Option<ConversationId>,
}

/// A contact in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Who.
    pub contact: Contact,
    /// On the agent's list.
    pub assigned: bool,
    /// Their conversations, the latest first.
    pub conversations: Vec<ConversationRow>,
    /// The interaction under way with them, where there is one; of several the latest.
    pub open: Option<InteractionRow>,
}

/// Which contacts a list is to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactFilter {
    /// Whose assigned contacts; else everybody.
    pub assigned_to: Option<AgentId>,
    /// What was typed: words of the name, or digits of a number; nothing shows all.
    pub query: String,
}

impl Snapshot {
    /// Up to `limit` contacts after a place, the latest first, as `agent` sees them; and the place of the last one when
    /// there are more.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn contacts(
        &self,
        agent: AgentId,
        filter: &ContactFilter,
        after: Option<ContactPlace>,
        limit: usize,
    ) -> Result<(Vec<ContactRow>, Option<ContactPlace>), StoreError> {
        let wanted = self.wanted(filter)?;
        let all = wanted.as_ref().map_or(usize::MAX, HashSet::len);
        let end = after.map_or((i64::MAX, u64::MAX, u64::MAX), |place| {
            (place.at.0, place.contact.0, place.conversation.map_or(0, |conversation| conversation.0))
        });
        let places: Box<dyn Iterator<Item = Result<Place, StoreError>>> = match self.few(wanted.as_ref())? {
            Some(few) => Box::new(few.into_iter().filter(|place| *place < end).map(Ok)),
            None => {
                let walk = self.table(RECENT)?.range((i64::MIN, 0, 0)..end)?.rev();
                Box::new(walk.map(|row| Ok(row?.0.value())))
            }
        };
        let (mut rows, mut last) = (Vec::new(), None);
        for place in places {
            // What is wanted may be few and far back; once all are found there is nothing more to walk for.
            if rows.len() == all {
                break;
            }
            let (at, contact, conversation) = place?;
            if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&contact)) {
                continue;
            }
            let contact = ContactId(contact);
            let conversations = self.conversations_with(contact)?;
            if conversations.first().map_or(0, |newest| newest.id.0) != conversation {
                continue;
            }
            // Somebody whom an agent added, and who was merged with another.
            if conversation == 0 && self.contact(contact)?.is_none() {
                continue;
            }
            if rows.len() == limit {
                return Ok((rows, last));
            }
            // Whom an agent had added and nobody wrote to keeps their place when erased.
            let Some(row) = self.with_work(agent, contact, conversations)? else { continue };
            rows.push(row);
            let conversation = (conversation > 0).then_some(ConversationId(conversation));
            last = Some(ContactPlace { at: Timestamp(at), contact, conversation });
        }
        Ok((rows, None))
    }

    /// One contact, as `agent` sees them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn contact_row(&self, agent: AgentId, id: ContactId) -> Result<Option<ContactRow>, StoreError> {
        let conversations = self.conversations_with(id)?;
        self.with_work(agent, id, conversations)
    }

    /// A contact who can still be worked with.
    fn with_work(
        &self,
        agent: AgentId,
        id: ContactId,
        conversations: Vec<ConversationRow>,
    ) -> Result<Option<ContactRow>, StoreError> {
        let Some(contact) = self.contact(id)?.filter(|contact| !contact.is_erased()) else { return Ok(None) };
        let assigned = self.table(ASSIGNED)?.get((agent.0, id.0))?.is_some();
        let mut open = None;
        for conversation in &conversations {
            open = match self.newest_interaction(conversation.id)? {
                Some(newest) => self.interaction(newest)?.filter(|row| row.done.is_none()),
                None => None,
            };
            if open.is_some() {
                break;
            }
        }
        Ok(Some(ContactRow { contact, assigned, conversations, open }))
    }

    /// The conversations with a contact, the latest first.
    fn conversations_with(&self, contact: ContactId) -> Result<Vec<ConversationRow>, StoreError> {
        let mut rows = Vec::new();
        for row in self.table(CONVERSATIONS_OF)?.range((contact.0, 0)..=(contact.0, u64::MAX))? {
            let Pointer(id) = decode("conversations_of", contact, row?.1.value())?;
            rows.push(self.conversation(ConversationId(id))?.ok_or(StoreError::Missing("a conversation"))?);
        }
        rows.sort_by_key(|row| Reverse((row.active_at(), row.id)));
        Ok(rows)
    }

    /// The open interaction of a conversation, else its newest.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn newest_interaction(&self, conversation: ConversationId) -> Result<Option<InteractionId>, StoreError> {
        let (table, open) = (self.table(INTERACTIONS_OF)?, self.table(INTERACTIONS)?);
        let mut newest = None;
        // The open one has the highest number, unless two conversations were joined.
        for row in table.range((conversation.0, 0)..=(conversation.0, u64::MAX))?.rev() {
            let id = row?.0.value().1;
            if open.get(id)?.is_some() {
                return Ok(Some(InteractionId(id)));
            }
            newest = newest.or(Some(InteractionId(id)));
        }
        Ok(newest)
    }

    /// The places of a few contacts, the latest first; `None` when a walk is needed: for many, and for one to whom
    /// nobody has written.
    fn few(&self, wanted: Option<&HashSet<u64>>) -> Result<Option<Vec<Place>>, StoreError> {
        let Some(wanted) = wanted.filter(|wanted| wanted.len() <= CONTACTS_LOOKED_UP_MAX) else { return Ok(None) };
        let mut places = Vec::with_capacity(wanted.len());
        for contact in wanted {
            let conversations = self.conversations_with(ContactId(*contact))?;
            let Some(newest) = conversations.first() else { return Ok(None) };
            places.push((newest.active_at().0, *contact, newest.id.0));
        }
        places.sort_unstable_by_key(|place| Reverse(*place));
        Ok(Some(places))
    }

    /// Whom the list shows; `None` for everybody.
    fn wanted(&self, filter: &ContactFilter) -> Result<Option<HashSet<u64>>, StoreError> {
        let mut sets = Vec::new();
        if let Some(agent) = filter.assigned_to {
            let table = self.table(ASSIGNED)?;
            let rows = table.range((agent.0, 0)..=(agent.0, u64::MAX))?;
            sets.push(rows.map(|row| Ok(row?.0.value().1)).collect::<Result<_, StoreError>>()?);
        }
        if !filter.query.trim().is_empty() {
            match Query::of(&filter.query) {
                Query::Nothing => sets.push(HashSet::new()),
                Query::Digits(digits) => sets.push(beginning(&self.table(CONTACT_NUMBERS)?, &digits)?),
                Query::Words(words) => {
                    let table = self.table(CONTACT_WORDS)?;
                    for word in words {
                        sets.push(beginning(&table, &word)?);
                    }
                }
            }
        }
        Ok(sets.into_iter().reduce(|wanted, found| wanted.intersection(&found).copied().collect()))
    }

    /// When something happened with any contact last.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_activity(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.table(RECENT)?.last()?.map(|(key, _)| Timestamp(key.value().0)))
    }

    /// Up to `limit` conversations on which nothing has happened since a moment, after a place in that order, and the
    /// place of the last one that was looked at.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn conversations_quiet_since(
        &self,
        before: Timestamp,
        after: Option<ContactPlace>,
        limit: usize,
    ) -> Result<(Vec<ConversationId>, Option<ContactPlace>), StoreError> {
        let from = after.map_or(Bound::Unbounded, |place| {
            let conversation = place.conversation.map_or(0, |conversation| conversation.0);
            Bound::Excluded((place.at.0, place.contact.0, conversation))
        });
        let (mut found, mut last) = (Vec::new(), None);
        let range = (from, Bound::Excluded((before.0, 0, 0)));
        for row in self.table(RECENT)?.range::<Place>(range)?.take(limit) {
            let (at, contact, conversation) = row?.0.value();
            let conversation = (conversation > 0).then_some(ConversationId(conversation));
            found.extend(conversation);
            last = Some(ContactPlace { at: Timestamp(at), contact: ContactId(contact), conversation });
        }
        Ok((found, last))
    }

    /// Up to `limit` drafts of an agent.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn drafts(&self, agent: AgentId, limit: usize) -> Result<Vec<(ConversationId, Draft)>, StoreError> {
        let table = self.table(DRAFTS)?;
        let rows = table.range((agent.0, 0)..=(agent.0, u64::MAX))?.take(limit);
        rows.map(|row| {
            let (key, value) = row?;
            let conversation = ConversationId(key.value().1);
            Ok((conversation, decode("drafts", conversation, value.value())?))
        })
        .collect()
    }

    /// What an agent has written on a conversation and not sent.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn draft(&self, agent: AgentId, conversation: ConversationId) -> Result<Option<Draft>, StoreError> {
        let found = self.table(DRAFTS)?.get((agent.0, conversation.0))?;
        found.map(|value| decode("drafts", conversation, value.value())).transpose()
    }
}

/// The contacts under a term that begins like this.
fn beginning(table: &ReadOnlyTable<(&'static str, u64), Value>, start: &str) -> Result<HashSet<u64>, StoreError> {
    let mut found = HashSet::new();
    for row in table.range((start, 0)..)? {
        let key = row?.0;
        let (term, contact) = key.value();
        if !term.starts_with(start) {
            break;
        }
        found.insert(contact);
    }
    Ok(found)
}
