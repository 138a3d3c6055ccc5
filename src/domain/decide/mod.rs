//! What a command leads to: `&self`, so that a refusal or a panic cannot harm the floor.
//!
//! One file for each reason to change. Invariant: events come out in the order in which they are applied, and the
//! same floor, facts, time and command give the same events.

mod delivery;
mod import;
mod inbound;
mod messages;
mod offers;
mod presence;
mod set_up;
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
            Command::AddAgent(profile) => self.add_agent(facts, profile),
            Command::SetPassword { agent, password_hash, keep } => self.set_password(*agent, password_hash, *keep),
            Command::AddChannel(profile) => self.add_channel(facts, profile),
            Command::SetQueue(queue) => self.set_queue(queue),
            Command::SetSettings(settings) => self.set_settings(settings),
            Command::AddDisposition { code, label, parent } => self.add_disposition(code, label, *parent),
            Command::SignIn { agent, token } => self.sign_in(*agent, *token),
            Command::SeeSignIn { token } => self.see_sign_in(*token),
            Command::SignOut { token } => Ok(self.end_sign_in(*token)),
            Command::Connect { agent } => self.connect(*agent),
            Command::Disconnect { agent } => self.disconnect(*agent),
            Command::SetPresence { agent, presence } => self.set_presence(*agent, presence),
            Command::SetAfterWork { agent, reason } => self.set_after_work(*agent, reason.as_ref()),
            Command::Receive(inbound) => self.receive(facts, at, inbound),
            Command::Import(talk) => self.import(facts, talk),
            Command::RecordDelivery(report) => Ok(self.record_delivery(facts, at, report)),
            Command::KeepRaw { kind, raw } => Ok(vec![Event::RawKept { kind: kind.clone(), raw: raw.clone() }]),
            Command::Accept { agent, interaction } => self.accept(at, *agent, *interaction),
            Command::Reject { agent, interaction } => self.reject(at, *agent, *interaction),
            Command::Send { agent, interaction, client_key, content, quoted } => self.send(
                facts,
                at,
                *agent,
                *interaction,
                messages::Words { client_key, content, quoted: quoted.as_ref() },
            ),
            Command::Retry { agent, message: _, client_key } => self.retry(facts, at, *agent, client_key),
            Command::Park { agent, interaction } => self.park(*agent, *interaction),
            Command::Open { agent, interaction } => self.open(*agent, *interaction),
            Command::End { agent, interaction } => self.end(*agent, *interaction),
            Command::MarkDone { agent, interaction } => self.mark_done(at, *agent, *interaction),
            Command::Transfer { agent, interaction, target, note } => {
                self.transfer(at, *agent, *interaction, *target, note)
            }
            Command::CancelTransfer { agent, interaction } => self.cancel_transfer(*agent, *interaction),
            Command::CreateInteraction { agent, contact: _, channel } => {
                self.create_interaction(facts, at, *agent, *channel)
            }
            Command::MarkRead { agent, interaction, message } => self.mark_read(*agent, *interaction, *message),
            Command::SetNote { agent, interaction, text, version } => {
                self.set_note(*agent, *interaction, text, *version)
            }
            Command::SetDisposition { agent, interaction, disposition } => {
                self.set_disposition(*agent, *interaction, *disposition)
            }
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
