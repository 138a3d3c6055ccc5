//! The way of a message to the phone: the outbox's marks and the provider's statuses.

use crate::limits::{SECRET_BYTES_MAX, SEND_ATTEMPTS_MAX, UNCONFIRMED_MS_MAX};

use super::Decision;
use crate::domain::channel::Trouble;
use crate::domain::command::{DeliveryReport, SendFailure};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{ChannelId, MessageId, Wamid};
use crate::domain::message::{Author, Content, Delivery, Message};
use crate::domain::rejection::Rejection;
use crate::domain::send::{Send, SendState};
use crate::domain::time::Timestamp;

impl Floor {
    /// The mark that is on disk before the provider is called.
    pub(super) fn start_send(&self, at: Timestamp, message: MessageId) -> Decision {
        let send = self.rows.sends.get(&message).ok_or(Rejection::SendNotDue)?;
        let first = self.sends_of.get(&send.conversation).and_then(|sends| sends.first());
        match send.state {
            SendState::Due(due) if due <= at && first == Some(&message) => {
                Ok(vec![Event::SendStarted { message, attempt: send.attempt + 1 }])
            }
            SendState::Due(_) | SendState::InFlight | SendState::AwaitingStatus(_) => Err(Rejection::SendNotDue),
        }
    }

    /// The provider's answer; statuses that overtook it are applied now.
    pub(super) fn record_accepted(&self, facts: &Facts, id: MessageId, wamid: &Wamid) -> Decision {
        let message = facts.message.as_ref().ok_or(Rejection::UnknownMessage)?;
        let mut events = Vec::new();
        if let Some(send) = self.rows.sends.get(&id) {
            events.push(Event::SendAccepted { message: id, wamid: wamid.clone() });
            events.extend(self.mended(send.channel));
        }
        let mut delivery = message.delivery.clone().unwrap_or(Delivery::Queued);
        let reported = facts.parked_reports.iter().map(|report| report.delivery.clone());
        let mut named = message.wamid.is_some();
        for next in std::iter::once(Delivery::Sent).chain(reported) {
            if delivery.may_become(&next) {
                let wamid = (!named).then(|| wamid.clone());
                named = true;
                events.push(Event::DeliveryAdvanced { message: id, delivery: next.clone(), wamid });
                delivery = next;
            }
        }
        if !named {
            events.push(Event::DeliveryAdvanced { message: id, delivery, wamid: Some(wamid.clone()) });
        }
        Ok(events)
    }

    pub(super) fn record_send_failure(&self, at: Timestamp, message: MessageId, failure: &SendFailure) -> Decision {
        let send = self.rows.sends.get(&message).ok_or(Rejection::SendNotDue)?;
        if send.state != SendState::InFlight {
            return Err(Rejection::SendNotDue);
        }
        Ok(match failure {
            SendFailure::Retry(due, _) if send.attempt < SEND_ATTEMPTS_MAX => {
                vec![Event::SendRetried { message, due: *due }]
            }
            SendFailure::Retry(_, failure) | SendFailure::GiveUp(failure) => vec![
                Event::DeliveryAdvanced { message, delivery: Delivery::Failed(failure.clone()), wamid: None },
                Event::SendClosed { message },
            ],
            SendFailure::Halt(probe_at, failure) => {
                let since = self.trouble_of(send.channel).map_or(at, |trouble| trouble.since);
                let trouble = Trouble { code: failure.code, since, probe_at: *probe_at };
                vec![Event::SendHeld { message, due: at }, Event::ChannelTroubled { channel: send.channel, trouble }]
            }
            SendFailure::Unknown => {
                vec![Event::SendAwaitsStatus { message, until: at.plus_ms(UNCONFIRMED_MS_MAX) }]
            }
        })
    }

    /// A restriction of the account is seen before the first message is refused; one may try at once, because not every
    /// restriction is one of every message.
    pub(super) fn hear_of_account(&self, facts: &Facts, at: Timestamp, code: Option<u32>) -> Vec<Event> {
        let news = |channel: &ChannelId| match (code, self.trouble_of(*channel)) {
            (Some(code), None) => {
                let trouble = Trouble { code, since: at, probe_at: at };
                Some(Event::ChannelTroubled { channel: *channel, trouble })
            }
            (None, Some(_)) => Some(Event::ChannelMended { channel: *channel }),
            (Some(_), Some(_)) | (None, None) => None,
        };
        facts.channels.iter().filter_map(news).collect()
    }

    fn trouble_of(&self, channel: ChannelId) -> Option<Trouble> {
        self.rows.channels.get(&channel).and_then(|channel| channel.trouble)
    }

    /// What a number that works again has to be told.
    pub(super) fn mended(&self, channel: ChannelId) -> Option<Event> {
        self.trouble_of(channel).map(|_| Event::ChannelMended { channel })
    }

    pub(super) fn set_access_token(&self, channel: ChannelId, access_token: &str) -> Decision {
        if !self.rows.channels.contains_key(&channel) {
            return Err(Rejection::UnknownChannel);
        }
        if access_token.trim().is_empty() || access_token.len() > SECRET_BYTES_MAX {
            return Err(Rejection::BadValue);
        }
        let mut events = vec![Event::AccessTokenSet { channel, access_token: access_token.to_owned() }];
        events.extend(self.mended(channel));
        Ok(events)
    }

    /// A status: monotonic, at least once, in any order, perhaps before the provider's answer.
    pub(super) fn record_delivery(&self, facts: &Facts, at: Timestamp, report: &DeliveryReport) -> Vec<Event> {
        let Some(message) = &facts.message else {
            if facts.erased {
                return Vec::new();
            }
            return vec![Event::ReportParked { report: report.clone() }];
        };
        let mut events = Vec::new();
        if self.rows.sends.contains_key(&message.id) {
            events.push(match report.delivery {
                Delivery::Failed(_) => Event::SendClosed { message: message.id },
                Delivery::Queued
                | Delivery::Unconfirmed
                | Delivery::Sent
                | Delivery::Delivered
                | Delivery::Read
                | Delivery::Played => Event::SendAccepted { message: message.id, wamid: report.wamid.clone() },
            });
        }
        let advanced = advance(message, report);
        if advanced.is_some() && matches!(report.delivery, Delivery::Failed(_)) {
            events.extend(self.taken_up_again(facts, at, message));
        }
        events.extend(advanced);
        events
    }

    /// An agent's message failed after the work was Done: somebody has to see it, the last agent first.
    fn taken_up_again(&self, facts: &Facts, at: Timestamp, message: &Message) -> Option<Event> {
        let (contact, channel) = (facts.contact.as_ref()?, facts.channel?);
        // A reaction is no answer that somebody waits for.
        let by_agent =
            matches!(message.author, Author::Agent(_)) && !matches!(message.content, Content::Reaction { .. });
        if !by_agent || contact.blocked || self.open_of(message.conversation).is_some() {
            return None;
        }
        let interaction = self.fresh(facts, at, message.conversation, contact.id, channel).ok()?;
        Some(Event::InteractionQueued { interaction })
    }

    /// The fate stayed unknown: a person has to decide.
    pub(super) fn unconfirmed(send: &Send) -> Vec<Event> {
        vec![
            Event::DeliveryAdvanced { message: send.message, delivery: Delivery::Unconfirmed, wamid: None },
            Event::SendClosed { message: send.message },
        ]
    }
}

fn advance(message: &Message, report: &DeliveryReport) -> Option<Event> {
    let current = message.delivery.as_ref()?;
    let wamid = message.wamid.is_none().then(|| report.wamid.clone());
    if current.may_become(&report.delivery) {
        Some(Event::DeliveryAdvanced { message: message.id, delivery: report.delivery.clone(), wamid })
    } else if wamid.is_some() {
        Some(Event::DeliveryAdvanced { message: message.id, delivery: current.clone(), wamid })
    } else {
        None
    }
}
