//! Rows of the store to entries: what of each row can be found.
//!
//! The only place that decides that. Invariant: an entry depends on rows alone, never on when it is made.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::contact::{AddressKind, Contact};
use crate::domain::ids::DispositionId;
use crate::domain::media::MediaKind;
use crate::domain::message::{Author, Content, Delivery, Message};
use crate::domain::settings::Disposition;
use crate::store::{ConversationRow, InteractionRow};

use super::analyzer::Analysis;
use super::entry::{Entry, Facet, HitKind, Key, Property};

/// What outcomes are called, with those above them.
#[derive(Debug, Default)]
pub(super) struct Outcomes(BTreeMap<DispositionId, Disposition>);

impl Outcomes {
    pub(super) fn new(rows: Vec<Disposition>) -> Self {
        Self(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The label, after those above it.
    pub(super) fn label(&self, id: DispositionId) -> String {
        let mut labels = Vec::new();
        let mut next = Some(id);
        // A tree that turned into a ring ends here too.
        while let Some(row) = next.and_then(|id| self.0.get(&id)).filter(|_| labels.len() < self.0.len()) {
            labels.push(row.label.as_str());
            next = row.parent;
        }
        labels.reverse();
        labels.join(" / ")
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Disposition> {
        self.0.values()
    }
}

/// The words of a message that people can read.
pub(super) fn message_text(message: &Message) -> Cow<'_, str> {
    match &message.content {
        Content::Text(text) | Content::Other { text, .. } | Content::Internal(text) => text.into(),
        Content::Template(template) => template.text.as_str().into(),
        Content::Media(media) => media.words().into(),
        Content::Notice(_) | Content::Reaction { .. } => "".into(),
    }
}

/// The note, the outcome and the case data of an interaction, as one text.
pub(super) fn note_text(row: &InteractionRow, outcomes: &Outcomes) -> String {
    let outcome = row.interaction.disposition.map(|id| outcomes.label(id)).filter(|label| !label.is_empty());
    let values = row.case_data.values.iter().map(|(_, value)| value.clone());
    let parts = [Some(row.note.trim().to_owned()), outcome].into_iter().flatten().chain(values);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// Names, numbers, attributes and tags of a contact, as one text.
pub(super) fn contact_text(contact: &Contact) -> String {
    let shown = contact.addresses.iter().filter_map(|address| match address.kind {
        AddressKind::Phone => Some(format!("+{}", address.value.trim_start_matches('+'))),
        AddressKind::Username => Some(address.value.clone()),
        AddressKind::UserId | AddressKind::ParentUserId => None,
    });
    let name = contact.name();
    let profile_name = (contact.profile_name != name).then(|| contact.profile_name.clone());
    let attributes = contact.card.attributes.iter().map(|attribute| format!("{}: {}", attribute.key, attribute.value));
    let all = std::iter::once(name).chain(profile_name).chain(shown).chain(attributes).chain(contact.card.tags.clone());
    let parts: Vec<String> = all.filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// A message; `None` where it says nothing to people.
pub(super) fn message_entry(analysis: &mut Analysis, message: &Message) -> Option<Entry> {
    let text = &message_text(message);
    let mut facets = vec![Facet::conversation(message.conversation.0)];
    match message.author {
        Author::Contact => facets.push(Facet::FROM_CONTACT),
        Author::Agent(agent) => facets.extend([Facet::FROM_AGENTS, Facet::from_agent(agent.0)]),
        Author::System | Author::BusinessApp => {}
    }
    facets.extend(properties(message).map(Facet::property));
    if text.is_empty() && !matches!(message.content, Content::Other { .. }) {
        return None;
    }
    let mut entry = Entry {
        key: Key::new(HitKind::Message, message.id.0),
        at: message.at,
        conversation: message.conversation.0,
        interaction: message.interaction.map_or(0, |interaction| interaction.0),
        facets,
        words: String::new(),
        length: 0,
    };
    entry.set_text(analysis, text);
    Some(entry)
}

fn properties(message: &Message) -> impl Iterator<Item = Property> {
    let kind = match &message.content {
        Content::Other { kind, .. } => match kind.as_str() {
            "image" | "sticker" => Some(Property::Image),
            "document" => Some(Property::File),
            "audio" | "voice" => Some(Property::Audio),
            "video" => Some(Property::Video),
            "location" => Some(Property::Location),
            "contacts" => Some(Property::Card),
            _ => None,
        },
        Content::Media(media) => Some(match media.kind {
            MediaKind::Image | MediaKind::Sticker => Property::Image,
            MediaKind::Document => Property::File,
            MediaKind::Audio => Property::Audio,
            MediaKind::Video => Property::Video,
        }),
        Content::Text(_)
        | Content::Notice(_)
        | Content::Internal(_)
        | Content::Template(_)
        | Content::Reaction { .. } => None,
    };
    let text = message_text(message);
    let link = is_link_in(&text);
    let failed = matches!(message.delivery, Some(Delivery::Failed(_)));
    [kind, link.then_some(Property::Link), failed.then_some(Property::Failed)].into_iter().flatten()
}

/// Whether somebody wrote an address on the web.
fn is_link_in(text: &str) -> bool {
    let scheme = |at: usize| text[..at].ends_with("http") || text[..at].ends_with("https");
    text.match_indices("://").any(|(at, _)| scheme(at)) || text.contains("www.")
}

/// The note of an interaction; `None` where nothing is written.
pub(super) fn note_entry(analysis: &mut Analysis, row: &InteractionRow, outcomes: &Outcomes) -> Option<Entry> {
    let text = note_text(row, outcomes);
    if text.is_empty() {
        return None;
    }
    let interaction = &row.interaction;
    let mut entry = Entry {
        key: Key::new(HitKind::Note, interaction.id.0),
        at: interaction.created_at,
        conversation: interaction.conversation.0,
        interaction: interaction.id.0,
        facets: vec![Facet::conversation(interaction.conversation.0), Facet::kind(HitKind::Note)],
        words: String::new(),
        length: 0,
    };
    entry.set_text(analysis, &text);
    Some(entry)
}

/// A contact in one of their conversations.
pub(super) fn contact_entry(analysis: &mut Analysis, conversation: &ConversationRow, contact: &Contact) -> Entry {
    let mut entry = Entry {
        key: Key::new(HitKind::Contact, conversation.id.0),
        at: conversation.opened_at,
        conversation: conversation.id.0,
        interaction: 0,
        facets: vec![Facet::conversation(conversation.id.0), Facet::kind(HitKind::Contact)],
        words: String::new(),
        length: 0,
    };
    entry.set_text(analysis, &contact_text(contact));
    entry
}
