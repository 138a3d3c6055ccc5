//! A data directory of an earlier layout becomes one of this layout, when it is opened.
//!
//! Records of earlier shapes stay as they are (the codec reads them); here are only tables that did not exist and are
//! derived from others. Invariant: all of it and the new number are one transaction, so a cut leaves the old layout.

use std::collections::{BTreeMap, BTreeSet};

use redb::ReadableTable as _;

use crate::domain::contact::Contact;
use crate::domain::ids::{AgentId, ContactId, InteractionId, MessageId};
use crate::domain::interaction::Interaction;
use crate::domain::media::{Fetch, FetchState, MediaSource};
use crate::domain::message::{Author, Content, Message, Notice};

use super::StoreError;
use super::codec::Record;
use super::handled;
use super::query::decode;
use super::record::contact::ConversationRow;
use super::record::interaction::DoneInteraction;
use super::tables::Tables;
use super::words::Terms;

/// Fills what the layout of this number did not have. The tables themselves have been made.
pub(super) fn fill(tables: &mut Tables<'_>, format: u32) -> Result<(), StoreError> {
    if format < 2 {
        fill_handled(tables)?;
    }
    if format < 3 {
        fill_contacts(tables)?;
        fill_assigned(tables)?;
    }
    if format < 4 {
        fill_beside(tables)?;
        fill_file_uses(tables)?;
    }
    Ok(())
}

/// Format 4: reactions, which stand in no transcript, and the files that agents sent.
fn fill_beside(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let (mut reactions, mut files) = (Vec::new(), Vec::new());
    for row in tables.messages()?.iter()? {
        let (key, value) = row?;
        let Some(message) = readable::<Message>("messages", key.value(), value.value()) else { continue };
        match message.content {
            Content::Reaction { .. } => reactions.push((message.conversation.0, message.id.0)),
            Content::Media(media) => {
                if let MediaSource::Ours(hash) = media.source {
                    files.push((hash, message.id.0));
                }
            }
            Content::Text(_)
            | Content::Other { .. }
            | Content::Notice(_)
            | Content::Internal(_)
            | Content::Template(_) => {}
        }
    }
    for key in reactions {
        tables.beside()?.insert(key, [])?;
    }
    for (hash, message) in files {
        tables.file_uses()?.insert((&hash.0, message), [])?;
    }
    tables.take_changes();
    Ok(())
}

/// Format 4: the files that were fetched.
fn fill_file_uses(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let mut files = Vec::new();
    for row in tables.fetches()?.iter()? {
        let (key, value) = row?;
        let fetch: Option<Fetch> = readable("fetches", key.value(), value.value());
        if let Some(Fetch { message, state: FetchState::Ready(file), .. }) = fetch {
            files.push((file.hash, message.0));
        }
    }
    for (hash, message) in files {
        tables.file_uses()?.insert((&hash.0, message), [])?;
    }
    tables.take_changes();
    Ok(())
}

/// Format 2: who held what. Of the past only this is known: who wrote in it, who handed it over to whom, who was gone,
/// who has it or had it last.
fn fill_handled(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let mut conversations: BTreeMap<u64, Vec<InteractionId>> = BTreeMap::new();
    for row in tables.interactions_of()?.iter()? {
        let (conversation, interaction) = row?.0.value();
        conversations.entry(conversation).or_default().push(InteractionId(interaction));
    }
    for (conversation, interactions) in conversations {
        for (agent, interaction) in said(tables, conversation)? {
            handled::note(tables, agent, interaction)?;
        }
        for interaction in interactions {
            for agent in holders(tables, interaction)? {
                handled::note(tables, agent, interaction)?;
            }
        }
        // The log does not need to carry this: the transaction ends in a checkpoint.
        tables.take_changes();
    }
    Ok(())
}

/// Format 3: under what each contact is found, and the order of their conversations.
fn fill_contacts(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    for row in tables.contacts()?.iter()? {
        ids.push(row?.0.value());
    }
    for id in ids {
        let Some(value) = tables.contacts()?.get(id)? else { continue };
        let Some(contact) = readable::<Contact>("contacts", id, value.value()) else { continue };
        drop(value);
        let Terms { words, numbers } = Terms::of(&contact);
        for word in &words {
            tables.contact_words()?.insert((word.as_str(), id), [])?;
        }
        for number in &numbers {
            tables.contact_numbers()?.insert((number.as_str(), id), [])?;
        }
        tables.take_changes();
    }
    let mut places = Vec::new();
    for row in tables.conversations()?.iter()? {
        let (key, value) = row?;
        let row: Option<ConversationRow> = readable("conversations", key.value(), value.value());
        places.extend(row.map(|row| (row.active_at().0, row.contact.0, row.id.0)));
    }
    for place in places {
        tables.recent()?.insert(place, [])?;
    }
    tables.take_changes();
    Ok(())
}

/// Format 3: whoever held an interaction with a contact has them on their list.
fn fill_assigned(tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let mut held = Vec::new();
    for row in tables.handled()?.iter()? {
        held.push(row?.0.value());
    }
    for (agent, interaction) in held {
        if let Some(contact) = contact_of(tables, interaction)? {
            tables.assigned()?.insert((agent, contact.0), [])?;
        }
        tables.take_changes();
    }
    Ok(())
}

fn contact_of(tables: &mut Tables<'_>, interaction: u64) -> Result<Option<ContactId>, StoreError> {
    if let Some(value) = tables.interactions()?.get(interaction)? {
        let found: Option<Interaction> = readable("interactions", interaction, value.value());
        return Ok(found.map(|found| found.contact));
    }
    let Some(value) = tables.interactions_done()?.get(interaction)? else { return Ok(None) };
    let found: Option<DoneInteraction> = readable("interactions_done", interaction, value.value());
    Ok(found.map(|done| done.interaction.contact))
}

/// What the transcript tells of agents and interactions, in its order.
fn said(tables: &mut Tables<'_>, conversation: u64) -> Result<Vec<(AgentId, InteractionId)>, StoreError> {
    let mut order = Vec::new();
    let range = (conversation, i64::MIN, 0)..=(conversation, i64::MAX, u64::MAX);
    for row in tables.transcripts()?.range(range)? {
        order.push(MessageId(row?.0.value().2));
    }
    let messages = tables.messages()?;
    let (mut told, mut known) = (Vec::new(), BTreeSet::new());
    for id in order {
        let Some(value) = messages.get(id.0)? else { continue };
        let Some(message) = readable::<Message>("messages", id.0, value.value()) else { continue };
        let Some(interaction) = message.interaction else { continue };
        let agents = match (message.author, message.content) {
            (Author::Agent(agent), _) | (_, Content::Notice(Notice::RequeuedOwnerGone(agent))) => vec![agent],
            (_, Content::Notice(Notice::Transferred { from, to })) => vec![from, to],
            (Author::Contact | Author::System | Author::BusinessApp, _) => vec![],
        };
        told.extend(agents.into_iter().map(|agent| (agent, interaction)).filter(|pair| known.insert(*pair)));
    }
    Ok(told)
}

/// The owner, and who marked it Done.
fn holders(tables: &mut Tables<'_>, id: InteractionId) -> Result<Vec<AgentId>, StoreError> {
    if let Some(value) = tables.interactions()?.get(id.0)? {
        let found: Option<Interaction> = readable("interactions", id.0, value.value());
        return Ok(found.and_then(|interaction| interaction.owner).into_iter().collect());
    }
    let Some(value) = tables.interactions_done()?.get(id.0)? else { return Ok(Vec::new()) };
    let found: Option<DoneInteraction> = readable("interactions_done", id.0, value.value());
    Ok(found.into_iter().flat_map(|done| done.interaction.owner.into_iter().chain([done.agent])).collect())
}

/// A row, if it is whole: one that is damaged must not keep all the others from being opened.
fn readable<R: Record>(table: &'static str, key: u64, bytes: &[u8]) -> Option<R> {
    let row = decode(table, key, bytes);
    row.inspect_err(|error| tracing::warn!(%error, "a damaged row is left out of what the new layout derives")).ok()
}
