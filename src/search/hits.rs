//! Places in the index to what a person is shown: text from the store, marked.
//!
//! Personal text is in the store only, so that it is erased in one place. Invariant: a hit whose row is gone is left
//! out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::contact::Contact;
use crate::domain::ids::{AgentId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::message::Author;
use crate::domain::time::Timestamp;
use crate::store::{Snapshot, StoreError};

use super::analyzer::Analysis;
use super::entry::{HitKind, Key};
use super::expression::Expression;
use super::names::Named;
use super::newest::Place;
use super::snippet::snippet;
use super::source;
use super::tail::Tail;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// The message, where it is one.
    pub message: Option<MessageId>,
    /// The interaction, where there is one.
    pub interaction: Option<InteractionId>,
    /// Where it was said.
    pub conversation: ConversationId,
    /// With whom.
    pub contact: ContactId,
    /// Their name, possibly empty.
    pub contact_name: Arc<str>,
    /// Who wrote it.
    pub author: HitAuthor,
    /// When.
    pub at: Timestamp,
    /// A piece of its text.
    pub snippet: String,
    /// Ranges of the snippet that were looked for, UTF-16 units.
    pub marks: Vec<[u32; 2]>,
}

/// Who wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitAuthor {
    /// The contact.
    Contact,
    /// An agent, where known.
    Agent(Option<AgentId>),
    /// Deskbell.
    System,
    /// Somebody with the business's phone app.
    BusinessApp,
}

/// The hits of a page.
pub(super) fn hits(
    snapshot: &Snapshot,
    tail: &Tail,
    places: &[Place],
    expression: &Expression,
) -> Result<Vec<Hit>, StoreError> {
    let messages: Vec<MessageId> = numbers(places, HitKind::Message).map(|(_, number)| MessageId(number)).collect();
    let mut messages = if messages.is_empty() { BTreeMap::new() } else { snapshot.messages(&messages)? };
    let mut reader = Reader { snapshot, tail, analysis: Analysis::default() };
    let mut hits = Vec::with_capacity(places.len());
    for (at, key) in places {
        let hit = match key.kind() {
            HitKind::Message => match messages.remove(&MessageId(key.number())) {
                Some(message) => {
                    let author = match message.author {
                        Author::Contact => HitAuthor::Contact,
                        Author::Agent(agent) => HitAuthor::Agent(Some(agent)),
                        Author::System => HitAuthor::System,
                        Author::BusinessApp => HitAuthor::BusinessApp,
                    };
                    let shown = snippet(&mut reader.analysis, &source::message_text(&message), expression);
                    reader.hit(*key, *at, message.conversation, message.interaction, author, shown)?
                }
                None => None,
            },
            HitKind::Note => match snapshot.interaction(InteractionId(key.number()))? {
                Some(row) => {
                    let author = HitAuthor::Agent(row.done.map(|(_, agent)| agent).or(row.interaction.owner));
                    let shown = snippet(&mut reader.analysis, &source::note_text(&row, &tail.outcomes), expression);
                    let interaction = row.interaction;
                    reader.hit(*key, *at, interaction.conversation, Some(interaction.id), author, shown)?
                }
                None => None,
            },
            HitKind::Contact => {
                let conversation = ConversationId(key.number());
                match reader.contact(conversation)? {
                    Some(contact) => {
                        let text = source::contact_text(&contact);
                        let shown = snippet(&mut reader.analysis, &text, expression);
                        reader.hit(*key, *at, conversation, None, HitAuthor::Contact, shown)?
                    }
                    None => None,
                }
            }
        };
        hits.extend(hit);
    }
    Ok(hits)
}

fn numbers(places: &[Place], kind: HitKind) -> impl Iterator<Item = (HitKind, u64)> {
    places.iter().map(|(_, key)| (key.kind(), key.number())).filter(move |(found, _)| *found == kind)
}

/// Reads what hits are shown with.
struct Reader<'a> {
    snapshot: &'a Snapshot,
    tail: &'a Tail,
    analysis: Analysis,
}

impl Reader<'_> {
    fn contact(&self, conversation: ConversationId) -> Result<Option<Contact>, StoreError> {
        match self.snapshot.conversation(conversation)? {
            Some(row) => self.snapshot.contact(row.contact),
            None => Ok(None),
        }
    }

    fn named(&self, conversation: ConversationId) -> Result<Option<Named>, StoreError> {
        let names = &self.tail.names;
        if let Some(named) = names.get(conversation) {
            return Ok(Some(named));
        }
        let Some(contact) = self.contact(conversation)? else { return Ok(None) };
        let named = Named { contact: contact.id, name: contact.name().into() };
        names.keep(conversation, named.clone());
        Ok(Some(named))
    }

    fn hit(
        &self,
        key: Key,
        at: Timestamp,
        conversation: ConversationId,
        interaction: Option<InteractionId>,
        author: HitAuthor,
        shown: super::snippet::Snippet,
    ) -> Result<Option<Hit>, StoreError> {
        let Some(named) = self.named(conversation)? else { return Ok(None) };
        let message = (key.kind() == HitKind::Message).then(|| MessageId(key.number()));
        Ok(Some(Hit {
            kind: key.kind(),
            message,
            interaction,
            conversation,
            contact: named.contact,
            contact_name: named.name,
            author,
            at,
            snippet: shown.text,
            marks: shown.marks,
        }))
    }
}
