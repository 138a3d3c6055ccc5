//! A message as the page sees it: what it says, how far it has come, what it answers, and who reacted.
//!
//! Apart from the other shapes because everything that can be said ends here. Invariant: the version grows with each
//! piece of news: delivery, reactions.

use serde::Serialize;

use crate::domain::interaction::Part;
use crate::domain::media::MediaFile;
use crate::domain::message::{Author, Content, Delivery, Failure, Message, Notice};
use crate::limits::QUOTE_CHARS_MAX;
use crate::media::is_inline;
use crate::whatsapp::codes;

use crate::http::api::templates::HeaderView;
use crate::http::view::detail::{self, DetailView, OriginView};

#[derive(Serialize)]
pub(in crate::http) struct MessageView {
    id: u64,
    conversation_id: u64,
    interaction_id: Option<u64>,
    author: AuthorView,
    at: i64,
    content: ContentView,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<OriginView>,
    delivery: Option<&'static str>,
    failure: Option<FailureView>,
    client_key: Option<String>,
    reactions: Vec<ReactionView>,
    /// Whoever wrote it has changed it or taken it back since.
    #[serde(skip_serializing_if = "Option::is_none")]
    revised: Option<&'static str>,
    quoted_id: Option<u64>,
    quoted: Option<QuotedView>,
    /// The failed or unconfirmed message that this one repeats, and the one that repeats this one.
    retry_of_id: Option<u64>,
    resent_as_id: Option<u64>,
    version: u64,
}

#[derive(Serialize)]
struct AuthorView {
    kind: &'static str,
    agent_id: Option<u64>,
}

/// Somebody's emoji on a message.
#[derive(Serialize)]
struct ReactionView {
    author: AuthorView,
    emoji: String,
    /// Of ours: how far it has come.
    delivery: Option<&'static str>,
}

/// The message that another one answers, as far as it is shown above the answer.
#[derive(Serialize)]
struct QuotedView {
    id: u64,
    author: AuthorView,
    /// `text`, `template`, or Meta's word for what it carries.
    kind: String,
    text: String,
}

/// What has become of a file that is not here.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) enum FileFate {
    /// It may come.
    #[default]
    Awaited,
    /// It was given up, and can be asked for again.
    GivenUp,
    /// A rule let it go.
    Removed,
}

/// The messages that a message points to, and those that point to it.
#[derive(Default)]
pub(in crate::http) struct Related {
    /// The message that it answers.
    pub(in crate::http) quoted: Option<Message>,
    /// The one that repeats it.
    pub(in crate::http) resent_as_id: Option<u64>,
    /// Its file: `None` while it is not here.
    pub(in crate::http) file: Option<MediaFile>,
    /// Why it is not here.
    pub(in crate::http) fate: FileFate,
    /// The latest reaction of each side.
    pub(in crate::http) reactions: Vec<Message>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ContentView {
    Text {
        text: String,
    },
    Other {
        #[serde(rename = "type")]
        kind: String,
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<DetailView>,
    },
    Media {
        #[serde(rename = "type")]
        kind: &'static str,
        text: String,
        name: Option<String>,
        mime_type: String,
        bytes: Option<u64>,
        /// `pending`, `ready` or `failed`.
        state: &'static str,
        /// It was here until a rule let it go.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        removed: bool,
        /// The browser may show it.
        inline: bool,
        voice: bool,
    },
    Internal {
        text: String,
    },
    Notice {
        code: &'static str,
        text: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        agent_id: Option<u64>,
    },
    Template {
        name: String,
        language: String,
        text: String,
        header: Option<HeaderView>,
        footer: Option<String>,
        buttons: Vec<String>,
    },
}

#[derive(Serialize)]
struct FailureView {
    code: u32,
    title: &'static str,
    detail: &'static str,
    retry: bool,
}

impl MessageView {
    pub(in crate::http) fn of(message: Message, related: Related) -> Self {
        let Related { quoted, resent_as_id, file, fate, reactions } = related;
        let arrived = match (&file, fate) {
            (Some(_), _) => 2,
            (None, FileFate::Awaited) => 0,
            (None, FileFate::GivenUp) => 1,
            (None, FileFate::Removed) => 3,
        };
        let (delivery, rank, failure) = delivery(message.delivery.as_ref());
        Self {
            id: message.id.0,
            conversation_id: message.conversation.0,
            interaction_id: message.interaction.map(|interaction| interaction.0),
            author: AuthorView::of(message.author),
            at: message.at.0,
            origin: detail::origin(message.raw.as_deref()),
            content: ContentView::of(message.content, message.raw.as_deref(), file, fate),
            delivery,
            failure,
            client_key: message.client_key.map(|key| key.0),
            version: u64::from(rank) + 8 * arrived + news_of(&reactions),
            revised: revised(message.author, &reactions),
            reactions: reactions.into_iter().filter_map(ReactionView::of).collect(),
            quoted_id: quoted.as_ref().map(|quoted| quoted.id.0),
            quoted: quoted.map(QuotedView::of),
            retry_of_id: message.retry_of.map(|message| message.0),
            resent_as_id,
        }
    }
}

/// The latest change or deletion by the author: nobody revises the words of others.
fn revised(author: Author, reactions: &[Message]) -> Option<&'static str> {
    let latest = reactions.iter().rev().find(|other| other.content.revises() && other.author == author)?;
    let taken_back = matches!(&latest.content, Content::Other { kind, .. } if kind == "revoke");
    Some(if taken_back { "revoke" } else { "edit" })
}

/// A newer reaction has a higher number than the one it replaces, and its delivery rises: both count, the number for
/// more than any delivery, and all of it for more than the delivery of the message.
fn news_of(reactions: &[Message]) -> u64 {
    let ranks: u64 = reactions.iter().map(|reaction| u64::from(delivery(reaction.delivery.as_ref()).1)).sum();
    let numbers: u64 = reactions.iter().map(|reaction| reaction.id.0).sum();
    ranks * 32 + numbers * 1_024
}

impl AuthorView {
    fn of(author: Author) -> Self {
        let (kind, agent_id) = match author {
            Author::Contact => ("contact", None),
            Author::Agent(agent) => ("agent", Some(agent.0)),
            Author::System => ("system", None),
            Author::BusinessApp => ("business_app", None),
        };
        Self { kind, agent_id }
    }
}

impl ReactionView {
    /// Nothing where the reaction was taken back.
    fn of(reaction: Message) -> Option<Self> {
        let emoji = reaction.content.emoji().filter(|emoji| !emoji.is_empty())?.to_owned();
        let (delivery, ..) = delivery(reaction.delivery.as_ref());
        Some(Self { author: AuthorView::of(reaction.author), emoji, delivery })
    }
}

impl QuotedView {
    fn of(quoted: Message) -> Self {
        let (kind, text) = match quoted.content {
            Content::Text(text) | Content::Internal(text) => ("text".to_owned(), text),
            Content::Other { kind, text } => (kind, text),
            Content::Template(template) => ("template".to_owned(), template.text),
            Content::Media(media) => (media.kind.word().to_owned(), media.words()),
            Content::Reaction { emoji } => ("reaction".to_owned(), emoji),
            Content::Notice(_) => ("notice".to_owned(), String::new()),
        };
        let text = text.chars().take(QUOTE_CHARS_MAX).collect();
        Self { id: quoted.id.0, author: AuthorView::of(quoted.author), kind, text }
    }
}

/// Name, version and failure: delivery only rises, so its place in the order is the version.
fn delivery(delivery: Option<&Delivery>) -> (Option<&'static str>, u32, Option<FailureView>) {
    let Some(delivery) = delivery else { return (None, 1, None) };
    let (version, failure) = match delivery {
        Delivery::Queued => (1, None),
        Delivery::Unconfirmed => (2, None),
        Delivery::Sent => (3, None),
        Delivery::Failed(failure) => (4, Some(FailureView::of(failure))),
        Delivery::Delivered => (5, None),
        Delivery::Read => (6, None),
        Delivery::Played => (7, None),
    };
    (Some(delivery.word()), version, failure)
}

impl FailureView {
    fn of(failure: &Failure) -> Self {
        let explanation = codes::explain(failure.code);
        Self { code: failure.code, title: explanation.title, detail: explanation.way_out, retry: explanation.retry }
    }
}

impl ContentView {
    fn of(content: Content, raw: Option<&str>, file: Option<MediaFile>, fate: FileFate) -> Self {
        match content {
            Content::Text(text) => Self::Text { text },
            Content::Other { kind, text } => Self::Other { detail: detail::of(&kind, raw), kind, text },
            Content::Media(media) => Self::Media {
                kind: media.kind.word(),
                text: media.caption,
                name: media.name,
                state: match (&file, fate) {
                    (Some(_), _) => "ready",
                    // The page offers to ask again, and shows the sentence of the refusal.
                    (None, FileFate::GivenUp | FileFate::Removed) => "failed",
                    (None, FileFate::Awaited) => "pending",
                },
                removed: fate == FileFate::Removed,
                inline: file.as_ref().is_some_and(|file| is_inline(&file.mime_type)),
                bytes: file.as_ref().map(|file| file.bytes),
                mime_type: file.map_or(media.mime_type, |file| file.mime_type),
                voice: media.voice,
            },
            Content::Template(template) => Self::Template {
                name: template.name,
                language: template.language,
                text: template.text,
                header: template.header.map(HeaderView::of),
                footer: template.footer,
                buttons: template.buttons,
            },
            Content::Notice(Notice::RequeuedOwnerGone(agent)) => Self::Notice {
                code: "requeued_owner_gone",
                text: "The owner was away too long, so the interaction went back to the queue.",
                agent_id: Some(agent.0),
            },
            Content::Notice(Notice::Transferred { from: _, to }) => {
                Self::Notice { code: "transferred", text: "Handed over to a colleague.", agent_id: Some(to.0) }
            }
            Content::Notice(Notice::IdleAlert) => Self::Notice {
                code: "idle_alert",
                text: "Nobody has written for a long time. The interaction will be closed if this stays so.",
                agent_id: None,
            },
            Content::Notice(Notice::IdleClosed) => {
                Self::Notice { code: "idle_closed", text: "Closed because nobody wrote any more.", agent_id: None }
            }
            Content::Notice(Notice::Joined(agent, Part::Consult)) => {
                Self::Notice { code: "joined_consult", text: "A colleague was asked in.", agent_id: Some(agent.0) }
            }
            Content::Notice(Notice::Joined(agent, Part::Conference)) => Self::Notice {
                code: "joined_conference",
                text: "A colleague was asked in and may write to the contact.",
                agent_id: Some(agent.0),
            },
            Content::Notice(Notice::Left(agent)) => {
                Self::Notice { code: "left", text: "A colleague has left.", agent_id: Some(agent.0) }
            }
            Content::Internal(text) => Self::Internal { text },
            // Shown at its target and nowhere else.
            Content::Reaction { emoji } => Self::Other { kind: "reaction".to_owned(), text: emoji, detail: None },
        }
    }
}
