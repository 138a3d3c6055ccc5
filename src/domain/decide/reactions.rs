//! Reactions: an emoji on a message, one of the contact's and one of ours.
//!
//! Apart from messages because a reaction is no work: it wakes nobody, answers nothing and stands in no transcript.

use super::{Decision, outbound};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::AgentId;
use crate::domain::interaction::State;
use crate::domain::message::{Author, Content, Message};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::limits::{REACTION_AGE_MS_MAX, REACTION_CHARS_MAX};

impl Floor {
    /// Sets our reaction to a message, changes it, or takes it back (an empty emoji). Saying what is so already changes
    /// nothing.
    pub(super) fn react(&self, facts: &Facts, at: Timestamp, agent: AgentId, emoji: &str) -> Decision {
        self.agent(agent)?;
        let target = facts.message.as_ref().ok_or(Rejection::UnknownMessage)?;
        match target.content {
            Content::Text(_) | Content::Other { .. } | Content::Template(_) | Content::Media(_) => {}
            Content::Notice(_) | Content::Internal(_) | Content::Reaction { .. } => return Err(Rejection::BadValue),
        }
        if !is_emoji(emoji) {
            return Err(Rejection::BadValue);
        }
        let found = self.open_of(target.conversation).ok_or(Rejection::UnknownInteraction)?;
        if !found.may_write(agent) {
            return Err(Rejection::NotOwner);
        }
        let live = matches!(found.state, State::Active | State::Transferring(_));
        let channel = self.rows.channels.get(&found.channel).ok_or(Rejection::UnknownChannel)?;
        let wamid = target.wamid.as_ref().ok_or(Rejection::NotAtProvider)?;
        if facts.reaction.as_deref().unwrap_or_default() == emoji {
            return Ok(Vec::new());
        }
        if !live {
            return Err(Rejection::WrongState);
        }
        if !channel.enabled {
            return Err(Rejection::ChannelDisabled);
        }
        if !found.window_open(at) {
            return Err(Rejection::WindowClosed);
        }
        if at.since_ms(target.at) > REACTION_AGE_MS_MAX {
            return Err(Rejection::TooOld);
        }
        let content = Content::Reaction { emoji: emoji.to_owned() };
        let message = Message {
            quoted: Some(wamid.clone()),
            ..outbound(self.next_message(), found, Author::Agent(agent), at, content)
        };
        Ok(vec![Event::ReactionQueued { message, channel: found.channel, target: target.id }])
    }

    /// A contact's reaction to a message, which may not have come yet.
    pub(super) fn reaction_received(&self, facts: &Facts, message: Message) -> Event {
        let interaction = self.open_of(message.conversation).map(|interaction| interaction.id);
        Event::ReactionReceived { message: Message { interaction, ..message }, target: facts.reacted_to }
    }
}

/// One emoji or none. Nobody can list all emojis, but words can be told from them.
fn is_emoji(text: &str) -> bool {
    let short = text.chars().count() <= REACTION_CHARS_MAX;
    let plain = text.chars().any(|letter| letter.is_alphabetic() || letter.is_whitespace() || letter.is_control());
    short && !plain && (text.is_empty() || !text.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::is_emoji;

    #[test]
    fn words_are_told_from_emojis() {
        for fine in ["", "👍", "👩‍👩‍👧‍👦", "❤️", "👍🏽", "🏳️‍🌈", "1️⃣", "🇩🇪"]
        {
            assert!(is_emoji(fine), "{fine}");
        }
        for wrong in ["ok", "né", "1", " ", "👍 👍", "\n", "日本"] {
            assert!(!is_emoji(wrong), "{wrong}");
        }
    }
}
