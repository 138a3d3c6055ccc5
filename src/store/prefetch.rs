//! Command to facts, read inside the write transaction, so that later commands of a batch see the earlier ones.
//!
//! Invariant: reads only what the command needs (see the comments of `Facts`).

use redb::ReadableTable as _;

use crate::domain::before_sender;
use crate::domain::change::Change;
use crate::domain::command::{Command, DeliveryReport, InboundMessage, PastMessage};
use crate::domain::contact::{Address, AddressKind, Contact, Sender};
use crate::domain::facts::{ConversationFacts, Facts, Merging};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, ChannelId, ClientKey, ContactId, InteractionId, MessageId, Wamid};
use crate::domain::media::MediaSource;
use crate::domain::message::{Content, Delivery, Message};
use crate::domain::queue::Queue;
use crate::domain::time::Timestamp;

use super::StoreError;
use super::persist::{ANYBODY, Pages};
use super::query::decode;
use super::record::Pointer;
use super::record::contact::ConversationRow;

/// What has to be done before a command whose sender has addresses of several contacts.
pub(super) fn first(pages: &mut Pages<'_>, command: &Command) -> Result<Option<Command>, StoreError> {
    let Some(sender) = command.sender().filter(|sender| sender.addresses.len() > 1) else { return Ok(None) };
    let mut ids: Vec<ContactId> = Vec::new();
    for address in sender.addresses.iter().filter(|address| address.kind != AddressKind::Username) {
        ids.extend(pages.contact_at(address)?.filter(|id| !ids.contains(id)));
    }
    if ids.len() < 2 {
        return Ok(None);
    }
    let mut known: Vec<Contact> = Vec::new();
    for id in ids {
        known.extend(pages.contact(id)?);
    }
    Ok(before_sender(sender, &known))
}

/// The message of a provider's id that was erased: no message has this number.
const NO_MESSAGE: MessageId = MessageId(0);

/// The facts of a command.
pub(super) fn facts(
    pages: &mut Pages<'_>,
    floor: &Floor,
    at: Timestamp,
    command: &Command,
) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    match command {
        Command::Receive(inbound) | Command::ReceiveEcho(inbound) => receive(pages, floor, at, inbound, &mut facts)?,
        Command::Accept { agent, interaction } => handling(pages, floor, *agent, *interaction, &mut facts)?,
        Command::AddContact { address, .. } => facts.address_of = pages.contact_at(address)?,
        Command::HearOfPreference { sender, .. } | Command::HearOfAddresses { sender, .. } => {
            facts.contact = contact(pages, sender)?
        }
        Command::MergeContacts { kept, gone } => facts.merging = merging(pages, *kept, *gone)?,
        Command::EditContact { contact, .. }
        | Command::PassOnAddress { contact, .. }
        | Command::RemoveAddress { contact, .. }
        | Command::SetBlocked { contact, .. } => {
            facts.contact = pages.contact(*contact)?;
        }
        Command::EraseContact { contact, .. } => {
            facts.contact = pages.contact(*contact)?;
            facts.conversations = conversations(pages, *contact)?;
        }
        Command::ExpireConversation { conversation } => {
            let found = pages.find_conversation(conversation.0)?.map(|row| (known(row), row.contact));
            if let Some((conversation, contact)) = found {
                facts.conversation = Some(conversation);
                facts.contact = pages.contact(contact)?;
                facts.conversations = conversations(pages, contact)?;
            }
        }
        Command::ExpireMedia { message } => {
            facts.message = pages.message(*message)?;
            facts.fetch = pages.fetch(*message)?;
        }
        Command::ImportContact { addresses, .. } => importing(pages, addresses, &mut facts)?,
        Command::AddAddress { contact, address, .. } => {
            facts.contact = pages.contact(*contact)?;
            facts.address_of = pages.contact_at(address)?;
        }
        Command::UnassignContact { agent, contact } => facts.assigned = pages.is_assigned(*agent, *contact)?,
        Command::SetDraft { agent, conversation, .. } => {
            let found = pages.find_conversation(conversation.0)?.map(|row| (known(row), row.contact));
            if let Some((conversation, contact)) = found {
                facts.conversation = pages.contact(contact)?.map(|_| conversation);
            }
            facts.draft_written_at = pages.draft(*agent, *conversation)?.map(|draft| draft.written_at);
        }
        Command::SendInternal { agent, client_key, .. } => {
            facts.known_message = known_key(pages, *agent, client_key)?;
        }
        Command::Send { agent, interaction, client_key, content, quoted, .. } => {
            if let Content::Media(media) = content
                && let MediaSource::Ours(hash) = media.source
            {
                facts.file = pages.file(hash)?;
            }
            facts.known_message = known_key(pages, *agent, client_key)?;
            facts.quoted = quoted.map_or(Ok(None), |quoted| pages.message(quoted))?;
            handling(pages, floor, *agent, *interaction, &mut facts)?;
        }
        Command::SendObject { agent, interaction, client_key, quoted, .. } => {
            facts.known_message = known_key(pages, *agent, client_key)?;
            facts.quoted = quoted.map_or(Ok(None), |quoted| pages.message(quoted))?;
            handling(pages, floor, *agent, *interaction, &mut facts)?;
        }
        Command::SendTemplate { agent, interaction, client_key, choice, quoted } => {
            facts.known_message = known_key(pages, *agent, client_key)?;
            facts.quoted = quoted.map_or(Ok(None), |quoted| pages.message(quoted))?;
            facts.file = choice.file().map_or(Ok(None), |hash| pages.file(hash))?;
            handling(pages, floor, *agent, *interaction, &mut facts)?;
            if let Some(interaction) = floor.rows().interactions.get(interaction) {
                facts.template = pages.template(interaction.channel, &choice.name, &choice.language)?;
                facts.contact = pages.contact(interaction.contact)?;
            }
        }
        Command::RecordFetch { message, .. } | Command::FetchAgain { message, .. } => {
            facts.fetch = pages.fetch(*message)?;
        }
        Command::AddFile { file, .. } => facts.file = pages.file(file.hash)?,
        Command::React { message, .. } => {
            facts.message = pages.message(*message)?;
            let reaction = pages.our_reaction(*message)?.filter(|reaction| !failed_delivery(reaction));
            facts.reaction = reaction.and_then(|reaction| reaction.content.emoji().map(str::to_owned));
        }
        Command::AskTemplates { business_account_id }
        | Command::HearOfAccount { business_account_id, .. }
        | Command::HearOfTemplates { business_account_id: Some(business_account_id), .. } => {
            facts.channels = pages.channels_of(business_account_id)?;
        }
        Command::Retry { agent: _, message, client_key } => {
            facts.known_message = known_key(pages, ANYBODY, client_key)?;
            facts.message = pages.message(*message)?;
        }
        Command::Import(talk) => past(pages, talk.channel, &talk.sender, &talk.said, &mut facts)?,
        Command::ReceivePast { phone_number_id, sender, said } => {
            facts.channel = channel(pages, phone_number_id)?;
            if let Some(channel) = facts.channel {
                past(pages, channel, sender, said, &mut facts)?;
            }
        }
        Command::RecordDelivery(report) => {
            facts.message = reported(pages, report)?;
            facts.erased = facts.message.is_none() && was_erased(pages, floor, report)?;
            if matches!(report.delivery, Delivery::Failed(_)) {
                failed(pages, &mut facts)?;
            }
        }
        Command::RecordAccepted { message, wamid } => {
            facts.message = pages.message(*message)?;
            facts.parked_reports = pages.parked_reports(wamid)?;
        }
        Command::StartSend { message } | Command::RecordSendFailure { message, .. } => {
            facts.message = pages.message(*message)?;
        }
        Command::CreateInteraction { agent, contact, channel } => {
            facts.assigned = pages.is_assigned(*agent, *contact)?;
            facts.contact = pages.contact(*contact)?;
            facts.conversation = conversation(pages, *contact, *channel)?;
        }
        Command::AddAgent(profile) | Command::InviteAgent(profile) | Command::SetUp { profile, .. } => {
            let login = profile.login.to_lowercase();
            facts.login_taken = pages.tables.logins()?.get(login.as_str())?.is_some();
            facts.set_up_link = pages.set_up_link()?;
        }
        Command::SetCaseValue { interaction, .. } => facts.case_data = pages.case_data(*interaction)?,
        Command::MarkDone { interaction, .. } => {
            if floor.rows().case_keys.values().any(|case_key| case_key.required) {
                facts.case_data = pages.case_data(*interaction)?;
            }
        }
        Command::Change { change, .. } => match change.as_ref() {
            Change::AddChannel(profile) => facts.channel = channel(pages, &profile.phone_number_id)?,
            Change::Channel { channel, .. } => facts.profile = pages.profile(*channel)?,
            Change::Queue { .. }
            | Change::Settings { .. }
            | Change::AddDisposition { .. }
            | Change::Disposition { .. }
            | Change::CaseKey { .. }
            | Change::CaseKeyOrder(_)
            | Change::RemoveChannel(_) => {}
        },
        Command::AddChannel(profile) => facts.channel = channel(pages, &profile.phone_number_id)?,
        Command::UseSecondFactor { agent, .. } | Command::RemoveSecondFactor { agent } => {
            facts.second_factor = pages.second_factor(*agent)?;
        }
        Command::Tick
        | Command::Restart
        | Command::ChangeAgent { .. }
        | Command::SetDisabled { .. }
        | Command::EndSignIns { .. }
        | Command::SetSecondFactor { .. }
        | Command::SetSecurity(_)
        | Command::OfferSetUp { .. }
        | Command::NoteDeed(_)
        | Command::NoteSignInFailure { .. }
        | Command::Restored
        | Command::SetPassword { .. }
        | Command::SetQueue(_)
        | Command::SetAccessToken { .. }
        | Command::SetSettings(_)
        | Command::SetBackupSchedule(_)
        | Command::RecordBackup(_)
        | Command::AddDisposition { .. }
        | Command::SetCaseKey(_)
        | Command::SetResponse { .. }
        | Command::RemoveResponse { .. }
        | Command::SignIn { .. }
        | Command::SeeSignIn { .. }
        | Command::SignOut { .. }
        | Command::Connect { .. }
        | Command::Disconnect { .. }
        | Command::SetPresence { .. }
        | Command::SetAfterWork { .. }
        | Command::KeepRaw { .. }
        | Command::HearOfTemplates { business_account_id: None, .. }
        | Command::RecordTemplates { .. }
        | Command::RecordTemplateFailure { .. }
        | Command::Reject { .. }
        | Command::Park { .. }
        | Command::Open { .. }
        | Command::End { .. }
        | Command::Transfer { .. }
        | Command::CancelTransfer { .. }
        | Command::Invite { .. }
        | Command::Leave { .. }
        | Command::MarkRead { .. }
        | Command::SetNote { .. }
        | Command::SetDisposition { .. } => {}
    }
    Ok(facts)
}

fn receive(
    pages: &mut Pages<'_>,
    floor: &Floor,
    at: Timestamp,
    inbound: &InboundMessage,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    facts.channel = channel(pages, &inbound.phone_number_id)?;
    facts.known_message = message_of(pages, &inbound.wamid)?;
    if facts.known_message.is_none() && pages.was_erased(&inbound.wamid)? {
        facts.known_message = Some(NO_MESSAGE);
    }
    if let Some(id) = facts.known_message {
        let known = pages.message(id)?;
        facts.known_differs =
            known.is_some_and(|known| (&known.content, &known.raw) != (&inbound.content, &inbound.raw));
    }
    let Some(channel) = facts.channel.filter(|_| facts.known_message.is_none()) else { return Ok(()) };
    facts.contact = contact(pages, &inbound.sender)?;
    if let Some(contact) = &facts.contact {
        facts.conversation = conversation(pages, contact.id, channel)?;
    }
    if let (Content::Reaction { .. }, Some(wamid)) = (&inbound.content, &inbound.quoted) {
        facts.reacted_to = message_of(pages, wamid)?;
    }
    facts.away = floor.rows().queues.values().next().is_some_and(|queue| !open_at(queue, at));
    Ok(())
}

/// What is known of a part of the past.
fn past(
    pages: &mut Pages<'_>,
    channel: ChannelId,
    sender: &Sender,
    said: &[PastMessage],
    facts: &mut Facts,
) -> Result<(), StoreError> {
    for said in said {
        if message_of(pages, &said.wamid)?.is_some() || pages.was_erased(&said.wamid)? {
            facts.known_wamids.insert(said.wamid.clone());
        }
    }
    facts.contact = contact(pages, sender)?;
    if let Some(contact) = &facts.contact {
        facts.conversation = conversation(pages, contact.id, channel)?;
    }
    Ok(())
}

/// The contact who has one of these addresses, and which of them others have.
fn importing(pages: &mut Pages<'_>, addresses: &[Address], facts: &mut Facts) -> Result<(), StoreError> {
    for address in addresses {
        let Some(id) = pages.contact_at(address)? else { continue };
        match &facts.contact {
            None => facts.contact = pages.contact(id)?,
            Some(contact) if contact.id != id => {
                facts.taken_addresses.insert(address.clone());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether a status is about a message that is no more.
fn was_erased(pages: &mut Pages<'_>, floor: &Floor, report: &DeliveryReport) -> Result<bool, StoreError> {
    if let Some(id) = report.message
        && id.0 < floor.rows().counters.message
        && pages.message(id)?.is_none()
    {
        return Ok(true);
    }
    pages.was_erased(&report.wamid)
}

/// Whether the agent has the contact of an interaction on their list, and what they have written there and not sent.
fn handling(
    pages: &mut Pages<'_>,
    floor: &Floor,
    agent: AgentId,
    interaction: InteractionId,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let Some(interaction) = floor.rows().interactions.get(&interaction) else { return Ok(()) };
    facts.assigned = pages.is_assigned(agent, interaction.contact)?;
    facts.draft_written_at = pages.draft(agent, interaction.conversation)?.map(|draft| draft.written_at);
    Ok(())
}

fn channel(pages: &mut Pages<'_>, phone_number_id: &str) -> Result<Option<ChannelId>, StoreError> {
    let found = pages.tables.phone_number_ids()?.get(phone_number_id)?;
    let pointer: Option<Pointer> =
        found.map(|value| decode("phone_number_ids", phone_number_id, value.value())).transpose()?;
    Ok(pointer.map(|Pointer(id)| ChannelId(id)))
}

pub(super) fn message_of(pages: &mut Pages<'_>, wamid: &Wamid) -> Result<Option<MessageId>, StoreError> {
    let found = pages.tables.wamids()?.get(wamid.0.as_str())?;
    let pointer: Option<Pointer> = found.map(|value| decode("wamids", wamid, value.value())).transpose()?;
    Ok(pointer.map(|Pointer(id)| MessageId(id)))
}

fn known_key(pages: &mut Pages<'_>, agent: AgentId, key: &ClientKey) -> Result<Option<MessageId>, StoreError> {
    let found = pages.tables.client_keys()?.get((agent.0, key.0.as_str()))?;
    let pointer: Option<Pointer> = found.map(|value| decode("client_keys", key, value.value())).transpose()?;
    Ok(pointer.map(|Pointer(id)| MessageId(id)))
}

/// The contact with the first known address. A username may pass to another person, so it finds nobody.
fn contact(pages: &mut Pages<'_>, sender: &Sender) -> Result<Option<Contact>, StoreError> {
    for address in sender.addresses.iter().filter(|address| address.kind != AddressKind::Username) {
        if let Some(contact) = pages.contact_at(address)? {
            return pages.contact(contact);
        }
    }
    Ok(None)
}

fn conversation(
    pages: &mut Pages<'_>,
    contact: ContactId,
    channel: ChannelId,
) -> Result<Option<ConversationFacts>, StoreError> {
    let found = pages.tables.conversations_of()?.get((contact.0, channel.0))?;
    let pointer: Option<Pointer> = found.map(|value| decode("conversations_of", contact, value.value())).transpose()?;
    let Some(Pointer(id)) = pointer else { return Ok(None) };
    Ok(Some(known(pages.conversation(id)?)))
}

fn merging(pages: &mut Pages<'_>, kept: ContactId, gone: ContactId) -> Result<Option<Merging>, StoreError> {
    let (Some(kept), Some(gone)) = (pages.contact(kept)?, pages.contact(gone)?) else { return Ok(None) };
    let mut conversations = |contact: ContactId| {
        let rows = pages.conversations_with(contact)?;
        rows.into_iter().map(|(channel, id)| Ok((channel, known(pages.conversation(id)?)))).collect()
    };
    let conversations_kept: Result<Vec<_>, StoreError> = conversations(kept.id);
    let conversations_gone: Result<Vec<_>, StoreError> = conversations(gone.id);
    let (conversations_kept, conversations_gone) = (conversations_kept?, conversations_gone?);
    Ok(Some(Merging { kept, gone, conversations_kept, conversations_gone }))
}

/// All conversations of a contact.
fn conversations(pages: &mut Pages<'_>, contact: ContactId) -> Result<Vec<ConversationFacts>, StoreError> {
    let ids = pages.conversations_with(contact)?;
    ids.into_iter().map(|(_, id)| Ok(known(pages.conversation(id)?))).collect()
}

fn known(row: &ConversationRow) -> ConversationFacts {
    ConversationFacts {
        id: row.id,
        window_until: row.window_until,
        last_agent: row.last_agent,
        last_message: row.last_message,
        last_message_at: row.last_message_at,
        active_at: row.active_at(),
    }
}

/// The message of a status: by our own id unless it has another provider's id already, else by the provider's id.
fn reported(pages: &mut Pages<'_>, report: &DeliveryReport) -> Result<Option<Message>, StoreError> {
    if let Some(id) = report.message
        && let Some(message) = pages.message(id)?
        && message.delivery.is_some()
        && message.wamid.as_ref().is_none_or(|wamid| *wamid == report.wamid)
    {
        return Ok(Some(message));
    }
    match message_of(pages, &report.wamid)? {
        Some(id) => pages.message(id),
        None => Ok(None),
    }
}

/// A reaction that never arrived may be set again.
fn failed_delivery(reaction: &Message) -> bool {
    matches!(reaction.delivery, Some(Delivery::Failed(_) | Delivery::Unconfirmed))
}

/// With whom and where a failed message was said, in case it has to be taken up again.
fn failed(pages: &mut Pages<'_>, facts: &mut Facts) -> Result<(), StoreError> {
    let Some(message) = &facts.message else { return Ok(()) };
    // An old reaction may name a conversation that was joined with another.
    let Some(row) = pages.find_conversation(message.conversation.0)? else { return Ok(()) };
    let (contact, channel) = (row.contact, row.channel);
    facts.channel = Some(channel);
    facts.contact = pages.contact(contact)?;
    facts.conversation = conversation(pages, contact, channel)?;
    Ok(())
}

/// Whether somebody is there, by the queue's business hours. A time zone that this machine does not know counts as
/// open: a wrong away text is worse than none.
fn open_at(queue: &Queue, at: Timestamp) -> bool {
    let Some(hours) = &queue.hours else { return true };
    let (Ok(zone), Ok(instant)) = (jiff::tz::TimeZone::get(&hours.time_zone), jiff::Timestamp::from_millisecond(at.0))
    else {
        return true;
    };
    let local = instant.to_zoned(zone);
    let weekday = local.weekday().to_monday_zero_offset();
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    hours.spans.iter().any(|(day, from, until)| {
        i16::from(*day) == i16::from(weekday) && i32::from(*from) <= minute && minute < i32::from(*until)
    })
}
