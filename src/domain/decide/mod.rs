//! What a command leads to: `&self`, so that a refusal or a panic cannot harm the floor.
//!
//! One file for each reason to change. Invariant: events come out in the order in which they are applied, and the
//! same floor, facts, time and command give the same events.

mod case_data;
mod change;
mod collaboration;
mod contacts;
mod delivery;
mod erasure;
mod import;
mod inbound;
mod media;
pub(super) mod merging;
mod messages;
mod offers;
mod people;
mod presence;
mod reactions;
mod responses;
mod set_up;
mod templates;
mod tick;
mod transfer;
mod work;

use super::agent::Agent;
use super::command::Command;
use super::event::Event;
use super::facts::Facts;
use super::floor::Floor;
use super::ids::{AgentId, ConversationId, InteractionId, MessageId};
use super::interaction::Interaction;
use super::message::{Author, Content, Delivery, Message, Notice};
use super::rejection::Rejection;
use super::time::Timestamp;

type Decision = Result<Vec<Event>, Rejection>;

impl Floor {
    pub(super) fn decide(&self, facts: &Facts, at: Timestamp, command: &Command) -> Decision {
        match command {
            // What the time has brought is found by `tick`, one thing after the other.
            Command::Tick => Ok(Vec::new()),
            Command::Restart => Ok(self.restart(at)),
            Command::Restored => Ok(self.restored(at)),
            Command::AddAgent(profile) => self.add_agent(facts, profile),
            Command::InviteAgent(profile) => self.invite_agent(facts, profile),
            Command::ChangeAgent { agent, change } => self.change_person(*agent, change),
            Command::SetDisabled { agent, disabled } => self.set_disabled(*agent, *disabled),
            Command::SetPassword { agent, password_hash, keep, temporary } => {
                self.set_password(*agent, password_hash, *keep, *temporary)
            }
            Command::EndSignIns { agent, keep } => Ok(self.end_sign_ins(*agent, *keep)),
            Command::SetSecondFactor { agent, secret, recovery, step } => {
                self.set_second_factor(*agent, secret, recovery, *step)
            }
            Command::RemoveSecondFactor { agent } => self.remove_second_factor(facts, *agent),
            Command::UseSecondFactor { agent, proof } => self.use_second_factor(facts, *agent, *proof),
            Command::SetSecurity(rules) => self.set_security(*rules),
            Command::OfferSetUp { token } => self.offer_set_up(at, *token),
            Command::SetUp { token, profile } => self.set_up(facts, at, *token, profile),
            Command::NoteDeed(deed) => Self::note_deed(deed),
            Command::NoteSignInFailure { agent, at_second_factor, left_out } => Ok(vec![Event::SignInFailed {
                agent: *agent,
                at_second_factor: *at_second_factor,
                left_out: *left_out,
            }]),
            Command::AddChannel(profile) => self.add_channel(facts, profile),
            Command::SetQueue(queue) => self.set_queue(queue),
            Command::SetSettings(settings) => self.set_settings(settings),
            Command::SetBackupSchedule(schedule) => set_up::set_backup_schedule(schedule.as_ref()),
            Command::RecordBackup(outcome) => Ok(vec![Event::BackupRecorded { outcome: outcome.clone() }]),
            Command::AddDisposition { code, label, parent } => self.add_disposition(code, label, *parent),
            Command::Change { by, change } => self.set_up_otherwise(facts, *by, change),
            Command::SetCaseKey(case_key) => self.set_case_key(case_key),
            Command::SetResponse { agent, response } => self.set_response(*agent, response),
            Command::RemoveResponse { agent, response } => self.remove_response(*agent, *response),
            Command::SignIn { agent, token } => self.sign_in(*agent, *token),
            Command::SeeSignIn { token } => self.see_sign_in(*token),
            Command::SignOut { token } => Ok(self.end_sign_in(*token)),
            Command::Connect { agent } => self.connect(*agent),
            Command::Disconnect { agent } => self.disconnect(*agent),
            Command::SetPresence { agent, presence } => self.set_presence(*agent, presence),
            Command::SetAfterWork { agent, reason } => self.set_after_work(*agent, reason.as_ref()),
            Command::Receive(inbound) => self.receive(facts, at, inbound),
            Command::ReceiveEcho(inbound) => self.receive_echo(facts, at, inbound),
            Command::ReceivePast { phone_number_id: _, sender, said } => self.receive_past(facts, sender, said),
            Command::Import(talk) => self.import(facts, talk),
            Command::RecordDelivery(report) => Ok(self.record_delivery(facts, at, report)),
            Command::KeepRaw { kind, raw } => Ok(vec![Event::RawKept { kind: kind.clone(), raw: raw.clone() }]),
            Command::Accept { agent, interaction } => self.accept(facts, at, *agent, *interaction),
            Command::Reject { agent, interaction } => self.reject(at, *agent, *interaction),
            Command::Send { agent, interaction, client_key, content, raw, quoted } => {
                let words = messages::Words { client_key, content, raw: raw.as_deref(), quoted: *quoted };
                self.send(facts, at, *agent, *interaction, words)
            }
            Command::SendObject { agent, interaction, client_key, object, quoted } => {
                let content = Content::Other { kind: object.kind.clone(), text: object.text.clone() };
                let words = messages::Words { client_key, content: &content, raw: Some(&object.raw), quoted: *quoted };
                self.send(facts, at, *agent, *interaction, words)
            }
            Command::SendTemplate { agent, interaction, client_key, choice, quoted } => {
                self.send_template(facts, at, *agent, *interaction, client_key, choice, *quoted)
            }
            Command::Retry { agent, message: _, client_key } => self.retry(facts, at, *agent, client_key),
            Command::SetAccessToken { channel, access_token } => self.set_access_token(*channel, access_token),
            Command::Park { agent, interaction } => self.park(*agent, *interaction),
            Command::Open { agent, interaction } => self.open(*agent, *interaction),
            Command::End { agent, interaction } => self.end(*agent, *interaction),
            Command::MarkDone { agent, interaction } => self.mark_done(facts, at, *agent, *interaction),
            Command::Transfer { agent, interaction, target, note } => {
                self.transfer(at, *agent, *interaction, *target, note)
            }
            Command::CancelTransfer { agent, interaction } => self.cancel_transfer(*agent, *interaction),
            Command::CreateInteraction { agent, contact: _, channel } => {
                self.create_interaction(facts, at, *agent, *channel)
            }
            Command::MarkRead { agent, interaction, message } => self.mark_read(*agent, *interaction, *message),
            Command::Invite { agent, interaction, colleague, part } => {
                self.invite(at, *agent, *interaction, *colleague, *part)
            }
            Command::Leave { agent, interaction, colleague } => self.leave(at, *agent, *interaction, *colleague),
            Command::SendInternal { agent, interaction, client_key, text, mentions } => {
                self.send_internal(facts, at, *agent, *interaction, collaboration::Said { client_key, text, mentions })
            }
            Command::SetNote { agent, interaction, text, version, mentions } => {
                self.set_note(*agent, *interaction, text, *version, mentions)
            }
            Command::SetDisposition { agent, interaction, disposition } => {
                self.set_disposition(*agent, *interaction, *disposition)
            }
            Command::AddContact { agent, card, address } => self.add_contact(facts, *agent, card, address),
            Command::SetBlocked { agent, contact: _, blocked } => self.set_blocked(facts, *agent, *blocked),
            Command::HearOfAddresses { sender, raw } => {
                let news = facts.contact.as_ref().and_then(|contact| inbound::contact_change(contact, sender));
                let kept = Event::RawKept { kind: "user_id_update".to_owned(), raw: raw.clone() };
                Ok(std::iter::once(kept).chain(news).collect())
            }
            Command::PassOnAddress { .. } => self.pass_on_address(facts, command),
            Command::MergeContacts { kept, gone } => self.merge_contacts(facts, at, *kept, *gone),
            Command::HearOfPreference { sender: _, marketing_stopped, raw } => {
                let contact = facts.contact.as_ref().filter(|contact| contact.marketing_stopped != *marketing_stopped);
                let news = contact
                    .map(|contact| Event::MarketingPreferenceSet { contact: contact.id, stopped: *marketing_stopped });
                let kept = Event::RawKept { kind: "user_preferences".to_owned(), raw: raw.clone() };
                Ok(std::iter::once(kept).chain(news).collect())
            }
            Command::EditContact { agent, contact: _, card, version } => {
                self.edit_contact(facts, *agent, card, *version)
            }
            Command::AddAddress { agent, contact: _, address } => self.add_address(facts, *agent, address),
            Command::RemoveAddress { agent, contact: _, address } => self.remove_address(facts, *agent, address),
            Command::UnassignContact { agent, contact } => self.unassign_contact(facts, *agent, *contact),
            Command::SetDraft { agent, conversation: _, text, at: written_at } => {
                self.set_draft(facts, at, *agent, text, *written_at)
            }
            Command::SetCaseValue { agent, interaction, key, value } => {
                self.set_case_value(facts, *agent, *interaction, key, value.as_deref())
            }
            Command::RecordFetch { message, outcome } => Self::record_fetch(facts, *message, outcome),
            Command::FetchAgain { agent, message } => self.fetch_again(facts, at, *agent, *message),
            Command::AddFile { agent, file } => self.add_file(facts, *agent, file),
            Command::React { agent, message: _, emoji } => self.react(facts, at, *agent, emoji),
            Command::AskTemplates { business_account_id: _ } => Ok(self.ask_templates(facts)),
            Command::HearOfTemplates { business_account_id: _, kind, raw } => {
                let kept = Event::RawKept { kind: kind.clone(), raw: raw.clone() };
                Ok(std::iter::once(kept).chain(self.ask_templates(facts)).collect())
            }
            Command::HearOfAccount { business_account_id: _, code, raw } => {
                let kept = Event::RawKept { kind: "account_update".to_owned(), raw: raw.clone() };
                Ok(std::iter::once(kept).chain(self.hear_of_account(facts, at, *code)).collect())
            }
            Command::RecordTemplates { channel, looked_at, templates } => {
                self.record_templates(*channel, *looked_at, templates)
            }
            Command::RecordTemplateFailure { channel, looked_at, failure } => {
                self.record_template_failure(*channel, *looked_at, failure)
            }
            Command::EraseContact { agent, contact: _ } => self.erase_contact(facts, at, *agent),
            Command::ExpireConversation { conversation: _ } => Ok(self.expire_conversation(facts, at)),
            Command::ExpireMedia { message: _ } => Ok(self.expire_media(facts, at)),
            Command::ImportContact { card, addresses } => self.import_contact(facts, card, addresses),
            Command::StartSend { message } => self.start_send(at, *message),
            Command::RecordAccepted { message, wamid } => self.record_accepted(facts, *message, wamid),
            Command::RecordSendFailure { message, failure } => self.record_send_failure(at, *message, failure),
        }
    }

    fn agent(&self, agent: AgentId) -> Result<&Agent, Rejection> {
        self.rows.agents.get(&agent).filter(|agent| !agent.disabled).ok_or(Rejection::UnknownAgent)
    }

    fn interaction(&self, interaction: InteractionId) -> Result<&Interaction, Rejection> {
        self.rows.interactions.get(&interaction).ok_or(Rejection::UnknownInteraction)
    }

    /// The interaction, if the agent is its owner.
    fn owned(&self, agent: AgentId, interaction: InteractionId) -> Result<&Interaction, Rejection> {
        self.agent(agent)?;
        let interaction = self.interaction(interaction)?;
        if interaction.owner == Some(agent) { Ok(interaction) } else { Err(Rejection::NotOwner) }
    }

    /// What takes up the agent's capacity, in the order of ids.
    fn held_by(&self, agent: AgentId) -> impl Iterator<Item = &Interaction> {
        self.held.get(&agent).into_iter().flatten().filter_map(|id| self.rows.interactions.get(id))
    }

    fn next_message(&self) -> MessageId {
        MessageId(self.rows.counters.message)
    }
}

/// A transcript entry of our own, to be completed by its maker.
fn own_message(
    id: MessageId,
    conversation: ConversationId,
    author: Author,
    at: Timestamp,
    content: Content,
) -> Message {
    Message {
        id,
        conversation,
        interaction: None,
        author,
        at,
        content,
        raw: None,
        wamid: None,
        quoted: None,
        client_key: None,
        retry_of: None,
        delivery: None,
    }
}

/// A message that goes out in this interaction; it stands after all that was said before.
fn outbound(id: MessageId, interaction: &Interaction, author: Author, at: Timestamp, content: Content) -> Message {
    let at = at.max(interaction.last_message_at);
    Message {
        interaction: Some(interaction.id),
        delivery: Some(Delivery::Queued),
        ..own_message(id, interaction.conversation, author, at, content)
    }
}

/// A line for the people of the centre.
fn notice(id: MessageId, interaction: &Interaction, at: Timestamp, notice: Notice) -> Event {
    let at = at.max(interaction.last_message_at);
    let content = Content::Notice(notice);
    let message = own_message(id, interaction.conversation, Author::System, at, content);
    Event::NoticeAdded { message: Message { interaction: Some(interaction.id), ..message } }
}
