//! What an owner writes: messages, the note, the outcome, and having looked.

use crate::limits::{CLIENT_KEY_CHARS_MAX, MESSAGE_CHARS_MAX, NOTE_CHARS_MAX, OBJECT_BYTES_MAX};

use super::contacts::assigned;
use super::media::check_media;
use super::{Decision, outbound};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ClientKey, DispositionId, InteractionId, MessageId, Wamid};
use crate::domain::interaction::{EndReason, Interaction, State};
use crate::domain::message::{Author, Content, Delivery, Message};
use crate::domain::rejection::Rejection;
use crate::domain::response::has_field_code;
use crate::domain::settings::Disposition;
use crate::domain::template::TemplateChoice;
use crate::domain::time::Timestamp;

/// What the browser asks to be sent.
pub(super) struct Words<'a> {
    pub(super) client_key: &'a ClientKey,
    pub(super) content: &'a Content,
    /// The whole object, of a kind that `content` does not carry.
    pub(super) raw: Option<&'a str>,
    pub(super) quoted: Option<MessageId>,
}

impl Floor {
    /// The same client key again changes nothing: the caller is answered with the message that is already there.
    pub(super) fn send(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        words: Words<'_>,
    ) -> Decision {
        self.agent(agent)?;
        if facts.known_message.is_some() {
            return Ok(Vec::new());
        }
        let found = self.writable(agent, interaction)?;
        check_key(words.client_key)?;
        check_words(facts, words.content, words.raw)?;
        let message = Message {
            raw: words.raw.map(str::to_owned),
            quoted: quoted(facts, found, words.quoted)?,
            client_key: Some(words.client_key.clone()),
            ..outbound(self.next_message(), found, Author::Agent(agent), at, words.content.clone())
        };
        let mut events = self.queue_message(at, agent, found, message)?;
        events.extend(assigned(facts, agent, found.contact));
        if facts.draft_written_at.is_some() {
            let conversation = found.conversation;
            events.push(Event::DraftChanged { agent, conversation, text: String::new(), written_at: at });
        }
        Ok(events)
    }

    /// A template with its values: checked here, because the provider counts what it refuses against the number.
    #[allow(clippy::too_many_arguments, reason = "the command's fields")]
    pub(super) fn send_template(
        &self,
        facts: &Facts,
        at: Timestamp,
        agent: AgentId,
        interaction: InteractionId,
        client_key: &ClientKey,
        choice: &TemplateChoice,
        quote: Option<MessageId>,
    ) -> Decision {
        self.agent(agent)?;
        if facts.known_message.is_some() {
            return Ok(Vec::new());
        }
        let found = self.writable(agent, interaction)?;
        check_key(client_key)?;
        let template = facts.template.as_ref().ok_or(Rejection::TemplateUnknown)?;
        if choice.values.iter().any(|value| has_field_code(&value.value)) {
            return Err(Rejection::UnresolvedFieldCode);
        }
        let is_marketing = template.category.eq_ignore_ascii_case("marketing");
        if is_marketing && facts.contact.as_ref().is_some_and(|contact| contact.marketing_stopped) {
            return Err(Rejection::MarketingStopped);
        }
        let content = Content::Template(Box::new(template.fill_in(&choice.values)?));
        let message = Message {
            quoted: quoted(facts, found, quote)?,
            client_key: Some(client_key.clone()),
            ..outbound(self.next_message(), found, Author::Agent(agent), at, content)
        };
        let mut events = self.queue_message(at, agent, found, message)?;
        events.extend(assigned(facts, agent, found.contact));
        Ok(events)
    }

    /// A person has decided that a failed or unconfirmed message is sent again.
    pub(super) fn retry(&self, facts: &Facts, at: Timestamp, agent: AgentId, client_key: &ClientKey) -> Decision {
        self.agent(agent)?;
        if facts.known_message.is_some() {
            return Ok(Vec::new());
        }
        check_key(client_key)?;
        let earlier = facts.message.as_ref().ok_or(Rejection::UnknownMessage)?;
        let found = self.open_of(earlier.conversation).ok_or(Rejection::UnknownInteraction)?;
        if !found.may_write(agent) {
            return Err(Rejection::NotOwner);
        }
        if matches!(earlier.content, Content::Reaction { .. }) {
            return Err(Rejection::NothingToRetry);
        }
        match earlier.delivery {
            Some(Delivery::Failed(_) | Delivery::Unconfirmed) => {}
            Some(Delivery::Queued | Delivery::Sent | Delivery::Delivered | Delivery::Read | Delivery::Played)
            | None => {
                return Err(Rejection::NothingToRetry);
            }
        }
        let message = Message {
            quoted: earlier.quoted.clone(),
            client_key: Some(client_key.clone()),
            retry_of: Some(earlier.id),
            raw: earlier.raw.clone(),
            ..outbound(self.next_message(), found, Author::Agent(agent), at, earlier.content.clone())
        };
        self.queue_message(at, agent, found, message)
    }

    fn queue_message(&self, at: Timestamp, agent: AgentId, interaction: &Interaction, message: Message) -> Decision {
        let channel = self.rows.channels.get(&interaction.channel).ok_or(Rejection::UnknownChannel)?;
        let mut events = Vec::new();
        match interaction.state {
            State::Active | State::Transferring(_) => {}
            State::Ended(EndReason::Blocked) => return Err(Rejection::ContactBlocked),
            // Only the owner makes it live again.
            State::Ended(EndReason::Agent | EndReason::Idle) if interaction.owner != Some(agent) => {
                return Err(Rejection::WrongState);
            }
            State::Ended(EndReason::Agent | EndReason::Idle) if channel.asynchronous => {
                events.push(Event::InteractionReactivated { interaction: interaction.id, agent });
            }
            State::Ended(EndReason::Agent | EndReason::Idle) => return Err(Rejection::AsynchronousOff),
            State::Queued | State::Offered(..) | State::Parked => return Err(Rejection::WrongState),
        }
        if !channel.enabled {
            return Err(Rejection::ChannelDisabled);
        }
        let needs_window = !matches!(message.content, Content::Template(_));
        if needs_window && !interaction.window_open(at) {
            return Err(Rejection::WindowClosed);
        }
        events.push(Event::MessageQueued { message, channel: interaction.channel });
        Ok(events)
    }

    pub(super) fn mark_read(&self, agent: AgentId, interaction: InteractionId, message: MessageId) -> Decision {
        let found = self.owned(agent, interaction)?;
        if found.unread == 0 || found.last_message > Some(message) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::MessageReadByAgent { interaction, agent, message }])
    }

    pub(super) fn set_note(
        &self,
        agent: AgentId,
        interaction: InteractionId,
        text: &str,
        version: u32,
        mentions: &[AgentId],
    ) -> Decision {
        let found = self.owned(agent, interaction)?;
        if text.chars().count() > NOTE_CHARS_MAX {
            return Err(Rejection::NoteTooLong);
        }
        if version != found.note_version {
            return Err(Rejection::NoteChanged);
        }
        let mut events = vec![Event::NoteSet { interaction, agent, text: text.to_owned() }];
        events.extend(self.mentioned(interaction, agent, mentions));
        Ok(events)
    }

    pub(super) fn set_disposition(
        &self,
        agent: AgentId,
        interaction: InteractionId,
        disposition: Option<DispositionId>,
    ) -> Decision {
        let found = self.owned(agent, interaction)?;
        if disposition.is_some_and(|chosen| !self.may_be_chosen(chosen)) {
            return Err(Rejection::UnknownDisposition);
        }
        if found.disposition == disposition {
            return Ok(Vec::new());
        }
        let below = |other: &Disposition| other.parent == disposition && !other.retired;
        if disposition.is_some() && self.rows.dispositions.values().any(below) {
            return Err(Rejection::DispositionNotALeaf);
        }
        // The first choice may still be made: a mandatory outcome must not become impossible by ending.
        let ended = matches!(found.state, State::Ended(_));
        if ended && self.rows.settings.disposition_read_only_after_end && found.disposition.is_some() {
            return Err(Rejection::DispositionReadOnly);
        }
        Ok(vec![Event::DispositionSet { interaction, agent, disposition }])
    }

    /// Whether the outcome code is on the list, and not retired.
    fn may_be_chosen(&self, disposition: DispositionId) -> bool {
        self.rows.dispositions.get(&disposition).is_some_and(|found| !found.retired)
    }
}

pub(super) fn check_key(client_key: &ClientKey) -> Result<(), Rejection> {
    if client_key.0.is_empty() || client_key.0.chars().count() > CLIENT_KEY_CHARS_MAX {
        return Err(Rejection::BadClientKey);
    }
    Ok(())
}

/// The provider's id of the message that is to be quoted: one of this conversation that has reached the provider.
fn quoted(facts: &Facts, interaction: &Interaction, quote: Option<MessageId>) -> Result<Option<Wamid>, Rejection> {
    if quote.is_none() {
        return Ok(None);
    }
    let message = facts.quoted.as_ref().filter(|message| message.conversation == interaction.conversation);
    let wamid = message.ok_or(Rejection::UnknownMessage)?.wamid.clone();
    wamid.map(Some).ok_or(Rejection::NotAtProvider)
}

fn check_words(facts: &Facts, content: &Content, raw: Option<&str>) -> Result<(), Rejection> {
    match content {
        Content::Other { text, .. } if raw.is_some_and(|raw| raw.len() <= OBJECT_BYTES_MAX) => {
            if has_field_code(text) {
                Err(Rejection::UnresolvedFieldCode)
            } else {
                Ok(())
            }
        }
        Content::Text(text) if text.trim().is_empty() => Err(Rejection::MessageEmpty),
        Content::Text(text) if text.chars().count() > MESSAGE_CHARS_MAX => Err(Rejection::MessageTooLong),
        Content::Text(text) if has_field_code(text) => Err(Rejection::UnresolvedFieldCode),
        Content::Text(_) => Ok(()),
        Content::Media(media) if has_field_code(&media.caption) => Err(Rejection::UnresolvedFieldCode),
        Content::Media(media) => check_media(facts, media),
        Content::Other { .. }
        | Content::Notice(_)
        | Content::Internal(_)
        | Content::Template(_)
        | Content::Reaction { .. } => Err(Rejection::BadValue),
    }
}
