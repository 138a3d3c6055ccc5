//! Command to facts: what the core needs from the tables, read inside the write transaction.
//!
//! Apart from `query`, because here the earlier commands of the same batch are seen. Invariant: reads only what the
//! command needs (the doc comments of `Facts` say what), and never more than a few rows.

use jiff::tz::TimeZone;

use super::StoreError;
use super::persist::Batch;
use super::query::{get, login_key, read};
use super::record::Pointer;
use super::record::contact::address_key;
use super::record::message::ParkedReport;
use crate::domain::command::{Command, DeliveryReport, InboundMessage};
use crate::domain::contact::{Contact, Sender};
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ClientKey, ContactId, MessageId, Wamid};
use crate::domain::message::Message;
use crate::domain::queue::BusinessHours;
use crate::domain::time::Timestamp;

impl Batch<'_> {
    /// The facts of a command.
    pub(super) fn prefetch(&mut self, floor: &Floor, at: Timestamp, command: &Command) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        match command {
            Command::AddAgent(profile) => {
                let login = login_key(&profile.login);
                facts.login_taken = get::<Pointer, _>(self.tables.logins()?, login.as_str())?.is_some();
            }
            Command::AddChannel(profile) => facts.channel = self.channel(&profile.phone_number_id)?,
            Command::Receive(inbound) => self.receive(floor, at, inbound, &mut facts)?,
            Command::RecordDelivery(report) => facts.message = self.reported(report)?,
            Command::Send { agent, client_key, .. } => facts.known_message = self.keyed(*agent, client_key)?,
            Command::Retry { agent, message, client_key } => {
                facts.known_message = self.keyed(*agent, client_key)?;
                facts.message = self.message(*message)?;
                let open = facts.message.as_ref().and_then(|message| floor.open_of(message.conversation));
                facts.interaction = open.map(|interaction| interaction.id);
            }
            Command::CreateInteraction { contact, channel, .. } => {
                facts.contact = self.contact(*contact)?;
                self.conversation_facts(*contact, *channel, &mut facts)?;
            }
            Command::StartSend { message } | Command::RecordSendFailure { message, .. } => {
                facts.message = self.message(*message)?;
            }
            Command::RecordAccepted { message, wamid } => {
                facts.message = self.message(*message)?;
                facts.parked_reports = self.parked(wamid)?;
            }
            Command::Tick
            | Command::Restart
            | Command::SetPassword { .. }
            | Command::SetQueue(_)
            | Command::SetSettings(_)
            | Command::AddDisposition { .. }
            | Command::SignIn { .. }
            | Command::SeeSignIn { .. }
            | Command::SignOut { .. }
            | Command::Connect { .. }
            | Command::Disconnect { .. }
            | Command::SetPresence { .. }
            | Command::SetAfterWork { .. }
            | Command::KeepRaw { .. }
            | Command::Accept { .. }
            | Command::Reject { .. }
            | Command::Park { .. }
            | Command::Open { .. }
            | Command::End { .. }
            | Command::MarkDone { .. }
            | Command::Transfer { .. }
            | Command::CancelTransfer { .. }
            | Command::MarkRead { .. }
            | Command::SetNote { .. }
            | Command::SetDisposition { .. } => {}
        }
        Ok(facts)
    }

    fn receive(
        &mut self,
        floor: &Floor,
        at: Timestamp,
        inbound: &InboundMessage,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        facts.channel = self.channel(&inbound.phone_number_id)?;
        let Some(channel) = facts.channel else { return Ok(()) };
        facts.known_message = self.by_wamid(&inbound.wamid)?;
        if facts.known_message.is_some() {
            return Ok(());
        }
        facts.contact = self.sender(&inbound.sender)?;
        if let Some(contact) = facts.contact.as_ref().map(|contact| contact.id) {
            self.conversation_facts(contact, channel, facts)?;
        }
        let queue = floor.rows().queues.values().next();
        facts.away = queue.and_then(|queue| queue.hours.as_ref()).is_some_and(|hours| !open(hours, at));
        Ok(())
    }

    fn channel(&mut self, phone_number_id: &str) -> Result<Option<ChannelId>, StoreError> {
        let found = get::<Pointer, _>(self.tables.phone_number_ids()?, phone_number_id)?;
        Ok(found.map(|pointer| ChannelId(pointer.0)))
    }

    fn by_wamid(&mut self, wamid: &Wamid) -> Result<Option<MessageId>, StoreError> {
        let found = get::<Pointer, _>(self.tables.wamids()?, wamid.0.as_str())?;
        Ok(found.map(|pointer| MessageId(pointer.0)))
    }

    fn keyed(&mut self, agent: AgentId, key: &ClientKey) -> Result<Option<MessageId>, StoreError> {
        let found = get::<Pointer, _>(self.tables.client_keys()?, (agent.0, key.0.as_str()))?;
        Ok(found.map(|pointer| MessageId(pointer.0)))
    }

    pub(super) fn message(&mut self, message: MessageId) -> Result<Option<Message>, StoreError> {
        get(self.tables.messages()?, message.0)
    }

    pub(super) fn contact(&mut self, contact: ContactId) -> Result<Option<Contact>, StoreError> {
        get(self.tables.contacts()?, contact.0)
    }

    /// Whoever has the first of the addresses that is known.
    fn sender(&mut self, sender: &Sender) -> Result<Option<Contact>, StoreError> {
        for key in sender.addresses.iter().filter_map(address_key) {
            if let Some(Pointer(contact)) = get(self.tables.addresses()?, key)? {
                return self.contact(ContactId(contact));
            }
        }
        Ok(None)
    }

    fn conversation_facts(
        &mut self,
        contact: ContactId,
        channel: ChannelId,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        if let Some(Pointer(conversation)) = get(self.tables.conversations_of()?, (contact.0, channel.0))? {
            facts.conversation = self.conversation(conversation)?.map(|row| row.facts());
        }
        Ok(())
    }

    /// The message that a status is about: by our own id, unless that message has another provider's id.
    fn reported(&mut self, report: &DeliveryReport) -> Result<Option<Message>, StoreError> {
        if let Some(id) = report.message
            && let Some(message) = self.message(id)?
            && message.wamid.as_ref().is_none_or(|wamid| *wamid == report.wamid)
        {
            return Ok(Some(message));
        }
        match self.by_wamid(&report.wamid)? {
            Some(id) => self.message(id),
            None => Ok(None),
        }
    }

    fn parked(&mut self, wamid: &Wamid) -> Result<Vec<DeliveryReport>, StoreError> {
        let table = self.tables.parked_reports()?;
        let wamid = wamid.0.as_str();
        let rows = redb::ReadableTable::range(table, (wamid, 0)..=(wamid, u64::MAX))?;
        rows.map(|row| {
            let (key, value) = row?;
            Ok(read::<ParkedReport>(table, key.value(), value.value())?.report)
        })
        .collect()
    }
}

/// Whether somebody is there. An unknown time zone closes nothing: better an answer late than none promised.
fn open(hours: &BusinessHours, at: Timestamp) -> bool {
    let (Ok(zone), Ok(instant)) = (TimeZone::get(&hours.time_zone), jiff::Timestamp::from_millisecond(at.0)) else {
        return true;
    };
    let local = instant.to_zoned(zone);
    let day = local.weekday().to_monday_zero_offset();
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let spans = || hours.spans.iter().filter(|(span_day, _, _)| i32::from(*span_day) == i32::from(day));
    spans().any(|(_, from, until)| (i32::from(*from)..i32::from(*until)).contains(&minute))
}

#[cfg(test)]
mod tests {
    use super::open;
    use crate::domain::queue::BusinessHours;
    use crate::domain::time::Timestamp;

    /// 2026-01-05 was a Monday.
    fn monday(hour: i64, minute: i64) -> Timestamp {
        let midnight = 1_767_571_200_000;
        Timestamp(midnight + (hour * 60 + minute) * 60_000)
    }

    #[test]
    fn a_span_opens_at_its_first_minute_and_closes_at_its_last() {
        let hours = BusinessHours { time_zone: "UTC".to_owned(), spans: vec![(0, 9 * 60, 17 * 60)] };
        assert!(!open(&hours, monday(8, 59)));
        assert!(open(&hours, monday(9, 0)));
        assert!(open(&hours, monday(16, 59)));
        assert!(!open(&hours, monday(17, 0)));
        assert!(!open(&hours, monday(24 + 10, 0)), "Tuesday is closed");
    }

    #[test]
    fn an_unknown_time_zone_closes_nothing() {
        let hours = BusinessHours { time_zone: "Nowhere/At_All".to_owned(), spans: vec![] };
        assert!(open(&hours, monday(3, 0)));
    }
}
