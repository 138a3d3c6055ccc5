//! Canned replies: supervisors and administrators keep them.

use crate::limits::{MESSAGE_CHARS_MAX, RESPONSE_ATTACHMENTS_MAX, RESPONSES_MAX};

use super::Decision;
use super::set_up::named;
use crate::domain::event::Event;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ResponseId};
use crate::domain::rejection::Rejection;
use crate::domain::response::{Response, is_shortcut};

impl Floor {
    /// Adds a response, or changes one.
    pub(super) fn set_response(&self, agent: AgentId, response: &Response) -> Decision {
        self.supervisor(agent)?;
        named(&response.title)?;
        for category in &response.category {
            named(category)?;
        }
        if !response.is_placed() {
            return Err(Rejection::BadValue);
        }
        for attachment in &response.attachments {
            named(&attachment.name)?;
        }
        if response.attachments.len() > RESPONSE_ATTACHMENTS_MAX {
            return Err(Rejection::BadValue);
        }
        if response.text.trim().is_empty() && response.attachments.is_empty() {
            return Err(Rejection::MessageEmpty);
        }
        if response.text.chars().count() > MESSAGE_CHARS_MAX {
            return Err(Rejection::MessageTooLong);
        }
        let mut response = response.clone();
        if response.id == ResponseId(0) {
            if self.rows.responses.len() >= RESPONSES_MAX {
                return Err(Rejection::TooManyResponses);
            }
            response.id = ResponseId(self.rows.counters.response);
        } else if !self.rows.responses.contains_key(&response.id) {
            return Err(Rejection::UnknownResponse);
        }
        if let Some(shortcut) = &response.shortcut {
            if !is_shortcut(shortcut) {
                return Err(Rejection::ShortcutInvalid);
            }
            let taken =
                |(id, other): (&ResponseId, &Option<String>)| *id != response.id && other.as_ref() == Some(shortcut);
            if self.rows.responses.iter().any(taken) {
                return Err(Rejection::ShortcutTaken);
            }
        }
        Ok(vec![Event::ResponseSet { agent, response }])
    }

    pub(super) fn remove_response(&self, agent: AgentId, response: ResponseId) -> Decision {
        self.supervisor(agent)?;
        if self.rows.responses.contains_key(&response) {
            Ok(vec![Event::ResponseRemoved { agent, response }])
        } else {
            Err(Rejection::UnknownResponse)
        }
    }

    fn supervisor(&self, agent: AgentId) -> Result<(), Rejection> {
        if self.agent(agent)?.role.supervises() { Ok(()) } else { Err(Rejection::NotSupervisor) }
    }
}
