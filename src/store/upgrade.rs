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

#[cfg(test)]
mod tests {
    use redb::{ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _};

    use crate::clock::Clock;
    use crate::domain::channel::ChannelProfile;
    use crate::domain::command::{Command, InboundMessage};
    use crate::domain::contact::{Address, AddressKind, Sender};
    use crate::domain::ids::{ContactId, MessageId, Wamid};
    use crate::domain::media::{FetchOutcome, FileHash, MediaFile, MediaKind, MediaMessage, MediaSource};
    use crate::domain::message::Content;
    use crate::domain::time::Timestamp;
    use crate::store::codec;
    use crate::store::record::Identity;
    use crate::store::tables::{BESIDE, FILE_USES, META};
    use crate::store::{Store, StoreOptions};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn says(wamid: &str, content: Content, quoted: Option<&str>) -> Command {
        let addresses = vec![Address { kind: AddressKind::Phone, value: "15550001".to_owned() }];
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: "100".to_owned(),
            sender: Sender { addresses, name: None },
            wamid: Wamid(wamid.to_owned()),
            sent_at: NOW,
            content,
            raw: None,
            quoted: quoted.map(|quoted| Wamid(quoted.to_owned())),
            system: false,
        }))
    }

    fn channel() -> Command {
        Command::AddChannel(ChannelProfile {
            name: "Main".to_owned(),
            phone_number_id: "100".to_owned(),
            business_account_id: None,
            display_number: "+1 555 0100".to_owned(),
            app_secret: "secret".to_owned(),
            verify_token: "word".to_owned(),
            access_token: "token".to_owned(),
            graph_url: "http://127.0.0.1:9".to_owned(),
            graph_version: "v1".to_owned(),
            messages_per_s_max: 80,
            asynchronous: true,
        })
    }

    fn open(folder: &std::path::Path) -> Store {
        Store::open(folder, StoreOptions::new(Clock::manual(NOW)).with_floor_checked()).expect("it opens")
    }

    /// How many rows the tables have that are new in format 4.
    fn rows(database: &redb::Database) -> (u64, u64) {
        let reading = database.begin_read().expect("readable");
        let beside = reading.open_table(BESIDE).expect("a table").len().expect("readable");
        (beside, reading.open_table(FILE_USES).expect("a table").len().expect("readable"))
    }

    /// What format 3 did not have is found in what it had.
    #[test]
    fn reactions_and_files_of_a_third_layout_are_known_in_the_fourth() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = open(folder.path());
        let media = MediaMessage {
            kind: MediaKind::Image,
            caption: String::new(),
            name: None,
            mime_type: "image/png".to_owned(),
            voice: false,
            source: MediaSource::Provider { id: "1".to_owned(), sha256: String::new() },
        };
        let file = MediaFile { hash: FileHash([7; 32]), mime_type: "image/png".to_owned(), bytes: 3 };
        let outcome = FetchOutcome::Stored(file);
        let reaction = |emoji: &str| Content::Reaction { emoji: emoji.to_owned() };
        let answers = store.submit_blocking(vec![
            channel(),
            says("wamid.1", Content::Media(Box::new(media)), None),
            Command::RecordFetch { message: MessageId(1), outcome },
            says("wamid.2", reaction("a"), Some("wamid.1")),
            says("wamid.3", reaction("b"), Some("wamid.1")),
        ]);
        assert!(answers.expect("it writes").iter().all(Result::is_ok));
        store.stop();
        drop(store);

        let database = redb::Database::open(folder.path().join("deskbell.redb")).expect("it opens");
        let written = rows(&database);
        assert_eq!(written, (2, 1), "two reactions, of which one is in nobody's way any more, and a file");
        let transaction = database.begin_write().expect("writable");
        transaction.delete_table(BESIDE).expect("writable");
        transaction.delete_table(FILE_USES).expect("writable");
        {
            let mut meta = transaction.open_table(META).expect("a table");
            let value = meta.get(0).expect("readable").expect("an identity").value().to_vec();
            let identity: Identity = codec::decode(&value).expect("an identity");
            let earlier = codec::encode(&Identity { format: 3, ..identity });
            meta.insert(0, earlier.as_slice()).expect("writable");
        }
        transaction.commit().expect("writable");
        drop(database);

        let store = open(folder.path());
        store.stop();
        drop(store);
        let database = redb::Database::open(folder.path().join("deskbell.redb")).expect("it opens");
        assert_eq!(rows(&database), written);
        drop(database);
        let known = open(folder.path()).read(|snapshot| Ok(snapshot.contact(ContactId(1))?.is_some()));
        assert!(known.expect("readable"), "and it goes on");
    }
}
