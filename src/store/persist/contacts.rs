//! Contacts, their index, agents' lists of them, and drafts: events to rows.
//!
//! Apart from the other rows because every list of contacts hangs on them. Invariants: a contact stands in the index
//! under the terms of its row, and under no others; a conversation stands in `recent` once.

use redb::ReadableTable as _;

use crate::domain::contact::{Address, Contact};
use crate::domain::ids::{AgentId, ContactId, ConversationId};
use crate::domain::time::Timestamp;

use super::Pages;
use crate::store::StoreError;
use crate::store::codec;
use crate::store::query::decode;
use crate::store::record::Pointer;
use crate::store::record::contact::{Draft, kind_number};
use crate::store::words::Terms;

impl Pages<'_> {
    /// A contact; an erased one is nobody that a command can be about.
    pub(in crate::store) fn contact(&mut self, contact: ContactId) -> Result<Option<Contact>, StoreError> {
        let found = self.tables.contacts()?.get(contact.0)?;
        let found: Option<Contact> = found.map(|value| decode("contacts", contact, value.value())).transpose()?;
        Ok(found.filter(|contact| !contact.is_erased()))
    }

    /// The contact who has this address.
    pub(in crate::store) fn contact_at(&mut self, address: &Address) -> Result<Option<ContactId>, StoreError> {
        let key = (kind_number(address.kind), address.value.as_str());
        let found = self.tables.addresses()?.get(key)?;
        let pointer: Option<Pointer> = found.map(|value| decode("addresses", address, value.value())).transpose()?;
        Ok(pointer.map(|Pointer(id)| ContactId(id)))
    }

    /// The provider says something new about a contact.
    pub(super) fn renew_contact(&mut self, id: ContactId, name: &str, addresses: &[Address]) -> Result<(), StoreError> {
        let before = self.contact(id)?.ok_or(StoreError::Missing("a contact that changes"))?;
        let version = before.version.saturating_add(1);
        let (profile_name, addresses) = (name.to_owned(), addresses.to_vec());
        self.put_contact(&Contact { profile_name, addresses, version, ..before })
    }

    pub(super) fn set_marketing(&mut self, id: ContactId, marketing_stopped: bool) -> Result<(), StoreError> {
        let before = self.contact(id)?.ok_or(StoreError::Missing("a contact that changes"))?;
        let version = before.version.saturating_add(1);
        self.put_contact(&Contact { marketing_stopped, version, ..before })
    }

    pub(super) fn put_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        let before = self.contact(contact.id)?;
        self.tables.contacts()?.insert(contact.id.0, codec::encode(contact))?;
        let addresses_before = before.iter().flat_map(|before| &before.addresses);
        for address in addresses_before.filter(|address| !contact.addresses.contains(address)) {
            if self.contact_at(address)? == Some(contact.id) {
                self.tables.addresses()?.remove((kind_number(address.kind), address.value.as_str()))?;
            }
        }
        for address in &contact.addresses {
            // An address belongs to one contact: the one who had it first.
            if self.contact_at(address)?.is_none() {
                let key = (kind_number(address.kind), address.value.as_str());
                self.tables.addresses()?.insert(key, codec::encode(&Pointer(contact.id.0)))?;
            }
        }
        self.index_contact(contact.id, &before.as_ref().map(Terms::of).unwrap_or_default(), &Terms::of(contact))
    }

    pub(super) fn index_contact(
        &mut self,
        ContactId(id): ContactId,
        before: &Terms,
        now: &Terms,
    ) -> Result<(), StoreError> {
        for word in before.words.difference(&now.words) {
            self.tables.contact_words()?.remove((word.as_str(), id))?;
        }
        for word in now.words.difference(&before.words) {
            self.tables.contact_words()?.insert((word.as_str(), id), [])?;
        }
        for number in before.numbers.difference(&now.numbers) {
            self.tables.contact_numbers()?.remove((number.as_str(), id))?;
        }
        for number in now.numbers.difference(&before.numbers) {
            self.tables.contact_numbers()?.insert((number.as_str(), id), [])?;
        }
        Ok(())
    }

    pub(in crate::store) fn is_assigned(&mut self, agent: AgentId, contact: ContactId) -> Result<bool, StoreError> {
        Ok(self.tables.assigned()?.get((agent.0, contact.0))?.is_some())
    }

    pub(in crate::store) fn draft(
        &mut self,
        agent: AgentId,
        conversation: ConversationId,
    ) -> Result<Option<Draft>, StoreError> {
        let found = self.tables.drafts()?.get((agent.0, conversation.0))?;
        found.map(|value| decode("drafts", (agent, conversation), value.value())).transpose()
    }

    pub(super) fn put_draft(
        &mut self,
        agent: AgentId,
        conversation: ConversationId,
        text: &str,
        written_at: Timestamp,
    ) -> Result<(), StoreError> {
        let key = (agent.0, conversation.0);
        if text.is_empty() {
            self.tables.drafts()?.remove(key)?;
        } else {
            let draft = Draft { text: text.to_owned(), written_at };
            self.tables.drafts()?.insert(key, codec::encode(&draft))?;
        }
        Ok(())
    }
}
