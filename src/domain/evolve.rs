//! What events do to the floor: total, so that it cannot fail.
//!
//! Apart from `floor.rs` because every new event changes this file and no other of the floor's. Invariant: rows change
//! here and nowhere else, by an event and the time at which it happened.

use super::agent::{Agent, Presence};
use super::channel::Channel;
use super::contact::Contact;
use super::event::{Event, Joined};
use super::floor::Floor;
use super::ids::{AgentId, ContactId, ConversationId, InteractionId, MessageId};
use super::interaction::{Interaction, State, Transfer};
use super::message::Author;
use super::send::{Send, SendState};
use super::sign_in::SignIn;

impl Floor {
    pub(super) fn evolve(&mut self, event: &Event) {
        let at = self.rows.at;
        match event {
            // Nothing on the floor.
            Event::BackupScheduleSet { .. } | Event::BackupRecorded { .. } => {}
            Event::AgentAdded { .. }
            | Event::AgentChanged { .. }
            | Event::AgentDisabled { .. }
            | Event::PasswordSet { .. }
            | Event::ChannelAdded { .. }
            | Event::ChannelChanged { .. }
            | Event::ChannelRemoved { .. }
            | Event::DispositionChanged { .. }
            | Event::QueueSet { .. }
            | Event::SettingsSet { .. }
            | Event::DispositionAdded { .. }
            | Event::CaseKeySet { .. }
            | Event::ResponseSet { .. }
            | Event::ResponseRemoved { .. } => self.evolve_set_up(event),
            Event::SignInStarted { .. }
            | Event::SignInSeen { .. }
            | Event::SignInEnded { .. }
            | Event::AgentConnected { .. }
            | Event::AgentDisconnected { .. }
            | Event::PresenceChanged { .. }
            | Event::AfterWorkSet { .. } => self.evolve_presence(event),
            Event::ContactCreated { contact: ContactId(id), .. }
            | Event::ContactAdded { contact: Contact { id: ContactId(id), .. }, .. }
            | Event::ContactImported { contact: Contact { id: ContactId(id), .. } } => {
                self.rows.counters.contact = self.rows.counters.contact.max(id + 1);
            }
            Event::ConversationOpened { conversation, .. } => {
                self.rows.counters.conversation = self.rows.counters.conversation.max(conversation.0 + 1);
            }
            Event::WindowOpened { conversation, until } => {
                self.change_of(*conversation, |interaction| interaction.window_until = Some(*until));
            }
            Event::MessageReceived { message } => {
                self.count_message(message.id);
                self.change_of(message.conversation, |interaction| {
                    interaction.active_at = at;
                    interaction.alerted_at = None;
                    interaction.pending_since.get_or_insert(at);
                    interaction.unread = interaction.unread.saturating_add(1);
                    interaction.last_message = Some(message.id);
                    interaction.last_message_at = interaction.last_message_at.max(message.at);
                });
            }
            Event::MessageQueued { message, channel } => {
                self.count_message(message.id);
                self.place_send(Send {
                    message: message.id,
                    conversation: message.conversation,
                    channel: *channel,
                    state: SendState::Due(at),
                    attempt: 0,
                });
                self.change_of(message.conversation, |interaction| {
                    interaction.last_message = Some(message.id);
                    interaction.last_message_at = interaction.last_message_at.max(message.at);
                    if let Author::Agent(agent) = message.author {
                        interaction.active_at = at;
                        interaction.alerted_at = None;
                        interaction.pending_since = None;
                        if interaction.owner == Some(agent) {
                            interaction.unread = 0;
                        }
                    }
                });
            }
            Event::ReactionReceived { message, .. } => {
                self.count_message(message.id);
                self.change_of(message.conversation, |interaction| {
                    interaction.active_at = at;
                    interaction.alerted_at = None;
                });
            }
            Event::ReactionQueued { message, channel, .. } => {
                self.count_message(message.id);
                self.place_send(Send {
                    message: message.id,
                    conversation: message.conversation,
                    channel: *channel,
                    state: SendState::Due(at),
                    attempt: 0,
                });
            }
            Event::EchoReceived { message } => {
                self.count_message(message.id);
                self.change_of(message.conversation, |interaction| {
                    interaction.active_at = at;
                    interaction.alerted_at = None;
                    interaction.pending_since = None;
                    interaction.last_message = Some(message.id);
                    interaction.last_message_at = interaction.last_message_at.max(message.at);
                });
            }
            Event::MessageImported { message } => self.count_message(message.id),
            Event::NoticeAdded { message } => {
                self.count_message(message.id);
                self.change_of(message.conversation, |interaction| {
                    interaction.last_message = Some(message.id);
                    interaction.last_message_at = interaction.last_message_at.max(message.at);
                });
            }
            Event::InternalMessageAdded { message } => {
                self.count_message(message.id);
                self.change_of(message.conversation, |interaction| {
                    interaction.active_at = at;
                    interaction.last_message = Some(message.id);
                    interaction.last_message_at = interaction.last_message_at.max(message.at);
                    if interaction.owner.is_none_or(|owner| message.author != Author::Agent(owner)) {
                        interaction.unread = interaction.unread.saturating_add(1);
                    }
                });
            }
            Event::InteractionQueued { interaction } | Event::InteractionCreated { interaction } => {
                self.rows.counters.interaction = self.rows.counters.interaction.max(interaction.id.0 + 1);
                if let Some(owner) = interaction.owner {
                    self.make_busy(owner);
                }
                self.place(interaction.clone());
            }
            Event::InteractionOffered { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferRejected { .. }
            | Event::OfferExpired { .. }
            | Event::OfferWithdrawn { .. }
            | Event::AutoAnswered { .. }
            | Event::InteractionParked { .. }
            | Event::InteractionOpened { .. }
            | Event::InteractionRequeued { .. }
            | Event::TransferStarted { .. }
            | Event::TransferOffered { .. }
            | Event::TransferAccepted { .. }
            | Event::TransferEnded { .. }
            | Event::InteractionEnded { .. }
            | Event::InteractionReactivated { .. }
            | Event::IdleAlerted { .. }
            | Event::MessageReadByAgent { .. }
            | Event::NoteSet { .. }
            | Event::DispositionSet { .. }
            | Event::ParticipantJoined { .. }
            | Event::ParticipantLeft { .. }
            | Event::CaseValueSet { .. }
            | Event::AwayTextSent { .. } => self.evolve_interaction(event),
            Event::InteractionDone { interaction, .. } => {
                for holder in interaction.holders() {
                    self.make_busy(holder);
                }
                self.remove(interaction.id);
            }
            Event::SendStarted { message, attempt } => {
                self.change_send(*message, |send| {
                    send.state = SendState::InFlight;
                    send.attempt = *attempt;
                });
            }
            Event::SendRetried { message, due } => {
                self.change_send(*message, |send| send.state = SendState::Due(*due));
            }
            Event::SendHeld { message, due } => {
                self.change_send(*message, |send| {
                    send.state = SendState::Due(*due);
                    send.attempt = send.attempt.saturating_sub(1);
                });
            }
            Event::ChannelTroubled { channel, trouble } => {
                if let Some(channel) = self.rows.channels.get_mut(channel) {
                    channel.trouble = Some(*trouble);
                }
            }
            Event::ChannelMended { channel } => {
                if let Some(channel) = self.rows.channels.get_mut(channel) {
                    channel.trouble = None;
                }
            }
            Event::SendAwaitsStatus { message, until } => {
                self.change_send(*message, |send| send.state = SendState::AwaitingStatus(*until));
            }
            Event::SendAccepted { message, .. } | Event::SendClosed { message } => self.remove_send(*message),
            Event::ContactsMerged { contact, gone } => {
                let of_gone = self.rows.interactions.values().filter(|interaction| interaction.contact == *gone);
                for id in of_gone.map(|interaction| interaction.id).collect::<Vec<_>>() {
                    self.change(id, |interaction| interaction.contact = contact.id);
                }
            }
            Event::ConversationJoined { joined } => self.join_conversations(joined),
            Event::ContactChanged { .. }
            | Event::ConversationMoved { .. }
            | Event::ContactEdited { .. }
            | Event::MarketingPreferenceSet { .. }
            | Event::ContactAssigned { .. }
            | Event::ContactUnassigned { .. }
            | Event::DraftChanged { .. }
            | Event::RawKept { .. }
            | Event::AgentMentioned { .. }
            | Event::DeliveryAdvanced { .. }
            | Event::ReportParked { .. }
            | Event::MediaStored { .. }
            | Event::MediaDelayed { .. }
            | Event::MediaFailed { .. }
            | Event::MediaRemoved { .. }
            | Event::ConversationErased { .. }
            | Event::ContactErased { .. }
            | Event::TracesErased { .. }
            | Event::FileAdded { .. }
            | Event::TemplatesAsked { .. }
            | Event::TemplatesSynced { .. }
            | Event::TemplateSyncFailed { .. }
            | Event::SecondFactorSet { .. }
            | Event::SecondFactorRemoved { .. }
            | Event::SecondFactorUsed { .. }
            | Event::SignInFailed { .. }
            | Event::SecuritySet { .. }
            | Event::SetUpOffered { .. }
            | Event::SetUpUsed { .. }
            | Event::DeedNoted { .. }
            | Event::AccessTokenSet { .. } => {}
        }
    }

    /// Work and sends of the one conversation become the other's.
    fn join_conversations(&mut self, joined: &Joined) {
        self.change_of(joined.from, |interaction| interaction.conversation = joined.into);
        self.change_of(joined.into, |interaction| {
            interaction.window_until = joined.window_until;
            interaction.last_message = joined.last_message;
            interaction.last_message_at = joined.last_message_at;
            interaction.unread = interaction.unread.saturating_add(joined.unread);
            let waited = interaction.pending_since.into_iter().chain(joined.pending_since).min();
            interaction.pending_since = waited;
        });
        for message in self.sends_of.remove(&joined.from).into_iter().flatten() {
            if let Some(send) = self.rows.sends.remove(&message) {
                self.place_send(Send { conversation: joined.into, ..send });
            }
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over the right kinds, exhaustively")]
    fn evolve_set_up(&mut self, event: &Event) {
        let at = self.rows.at;
        let counters = &mut self.rows.counters;
        match event {
            Event::AgentAdded { agent: id, profile } => {
                counters.agent = counters.agent.max(id.0 + 1);
                self.rows.agents.insert(*id, Agent::new(*id, profile, at));
            }
            Event::AgentChanged { agent, change } => self.change_agent(*agent, |agent| agent.take_over(change)),
            Event::AgentDisabled { agent, disabled } => self.change_agent(*agent, |agent| agent.disabled = *disabled),
            Event::ChannelAdded { channel: id, profile } => {
                counters.channel = counters.channel.max(id.0 + 1);
                let channel = Channel { id: *id, asynchronous: profile.asynchronous, enabled: true, trouble: None };
                self.rows.channels.insert(*id, channel);
            }
            Event::ChannelChanged { channel, profile } => {
                if let Some(channel) = self.rows.channels.get_mut(channel) {
                    channel.asynchronous = profile.asynchronous;
                }
            }
            Event::ChannelRemoved { channel } => {
                if let Some(channel) = self.rows.channels.get_mut(channel) {
                    (channel.enabled, channel.trouble) = (false, None);
                }
            }
            Event::QueueSet { queue } => {
                counters.queue = counters.queue.max(queue.id.0 + 1);
                self.rows.queues.insert(queue.id, queue.clone());
            }
            Event::SettingsSet { settings } => self.rows.settings = settings.clone(),
            Event::DispositionAdded { disposition } | Event::DispositionChanged { disposition } => {
                counters.disposition = counters.disposition.max(disposition.id.0 + 1);
                self.rows.dispositions.insert(disposition.id, disposition.clone());
            }
            Event::CaseKeySet { case_key } => {
                counters.case_key = counters.case_key.max(case_key.id.0 + 1);
                self.rows.case_keys.insert(case_key.id, case_key.clone());
            }
            Event::ResponseSet { response, .. } => {
                counters.response += 1;
                self.rows.responses.insert(response.id, response.shortcut.clone());
            }
            Event::ResponseRemoved { response, .. } => {
                counters.response += 1;
                self.rows.responses.remove(response);
            }
            _ => {}
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over the right kinds, exhaustively")]
    fn evolve_presence(&mut self, event: &Event) {
        let at = self.rows.at;
        match event {
            Event::SignInStarted { token, agent } => {
                self.rows.sign_ins.insert(*token, SignIn { agent: *agent, started_at: at, seen_at: at });
                self.change_agent(*agent, |agent| {
                    if !agent.connected {
                        agent.disconnected_at = Some(at);
                    }
                });
            }
            Event::SignInSeen { token } => {
                if let Some(sign_in) = self.rows.sign_ins.get_mut(token) {
                    sign_in.seen_at = at;
                }
            }
            Event::SignInEnded { token, .. } => {
                self.rows.sign_ins.remove(token);
            }
            Event::AgentConnected { agent } => self.change_agent(*agent, |agent| {
                agent.connected = true;
                agent.disconnected_at = None;
            }),
            Event::AgentDisconnected { agent } => self.change_agent(*agent, |agent| {
                agent.connected = false;
                agent.disconnected_at = Some(at);
            }),
            Event::PresenceChanged { agent, presence } => self.change_agent(*agent, |agent| {
                if *presence == Presence::Ready {
                    agent.idle_since = at;
                }
                agent.presence = presence.clone();
                agent.presence_since = at;
                agent.after_work = None;
            }),
            Event::AfterWorkSet { agent, reason } => {
                self.change_agent(*agent, |agent| agent.after_work.clone_from(reason));
            }
            _ => {}
        }
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "`evolve` hands over the right kinds, exhaustively")]
    fn evolve_interaction(&mut self, event: &Event) {
        let at = self.rows.at;
        match event {
            Event::InteractionOffered { interaction, agent, deadline } => {
                self.make_busy(*agent);
                self.change(*interaction, |interaction| interaction.state = State::Offered(*agent, *deadline));
            }
            Event::OfferAccepted { interaction, agent } | Event::AutoAnswered { interaction, agent } => {
                self.change(*interaction, |interaction| interaction.take(*agent, at));
            }
            Event::OfferRejected { interaction, agent, passed_over_until } => {
                self.change(*interaction, |interaction| {
                    interaction.passed_over.insert(*agent, *passed_over_until);
                    interaction.withdraw(*agent);
                });
            }
            Event::OfferExpired { interaction, agent } | Event::OfferWithdrawn { interaction, agent } => {
                self.change(*interaction, |interaction| interaction.withdraw(*agent));
            }
            Event::InteractionParked { interaction, .. } => {
                self.change(*interaction, |interaction| {
                    interaction.state = State::Parked;
                    interaction.participants.clear();
                });
            }
            Event::InteractionOpened { interaction, agent } | Event::InteractionReactivated { interaction, agent } => {
                self.change(*interaction, |interaction| interaction.take(*agent, at));
            }
            Event::InteractionRequeued { interaction, prefer, .. } => {
                self.change(*interaction, |interaction| interaction.requeue(*prefer, at));
            }
            Event::TransferStarted { interaction, target, deadline, .. } => {
                self.change(*interaction, |interaction| {
                    interaction.passed_over.clear();
                    interaction.state =
                        State::Transferring(Transfer { target: *target, offered: None, deadline: *deadline });
                });
            }
            Event::TransferOffered { interaction, agent, deadline } => {
                self.make_busy(*agent);
                self.change(*interaction, |interaction| {
                    if let State::Transferring(transfer) = &mut interaction.state {
                        transfer.offered = Some((*agent, *deadline));
                    }
                });
            }
            Event::TransferAccepted { interaction, to, .. } => {
                self.change(*interaction, |interaction| {
                    interaction.participants.remove(to);
                    interaction.take(*to, at);
                });
            }
            Event::TransferEnded { interaction, .. } => {
                self.change(*interaction, |interaction| interaction.state = State::Active);
            }
            Event::InteractionEnded { interaction, reason } => {
                self.change(*interaction, |interaction| {
                    interaction.state = State::Ended(*reason);
                    interaction.ended_at = Some(at);
                    interaction.pending_since = None;
                });
            }
            Event::IdleAlerted { interaction } => {
                self.change(*interaction, |interaction| interaction.alerted_at = Some(at));
            }
            Event::MessageReadByAgent { interaction, message, .. } => {
                self.change(*interaction, |interaction| {
                    if interaction.last_message <= Some(*message) {
                        interaction.unread = 0;
                    }
                });
            }
            Event::NoteSet { interaction, .. } => {
                self.change(*interaction, |interaction| interaction.note_version += 1);
            }
            Event::DispositionSet { interaction, disposition, .. } => {
                self.change(*interaction, |interaction| interaction.disposition = *disposition);
            }
            Event::ParticipantJoined { interaction, agent, part } => {
                self.change(*interaction, |interaction| {
                    interaction.participants.insert(*agent, *part);
                });
            }
            Event::ParticipantLeft { interaction, agent } => {
                self.change(*interaction, |interaction| {
                    interaction.participants.remove(agent);
                });
            }
            // The values are in the tables; the interaction is another one all the same.
            Event::CaseValueSet { interaction, .. } => self.change(*interaction, |_| {}),
            Event::AwayTextSent { interaction } => {
                self.change(*interaction, |interaction| interaction.away_sent = true);
            }
            _ => {}
        }
    }

    fn count_message(&mut self, message: MessageId) {
        self.rows.counters.message = self.rows.counters.message.max(message.0 + 1);
    }

    fn change_agent(&mut self, agent: AgentId, change: impl FnOnce(&mut Agent)) {
        if let Some(agent) = self.rows.agents.get_mut(&agent) {
            change(agent);
        }
    }

    /// The agent got or finished work now: others have been idle longer.
    fn make_busy(&mut self, agent: AgentId) {
        let at = self.rows.at;
        self.change_agent(agent, |agent| agent.idle_since = at);
    }

    fn change_of(&mut self, conversation: ConversationId, change: impl FnOnce(&mut Interaction)) {
        if let Some(interaction) = self.open.get(&conversation).copied() {
            self.change(interaction, change);
        }
    }

    fn change(&mut self, interaction: InteractionId, change: impl FnOnce(&mut Interaction)) {
        if let Some(mut interaction) = self.remove(interaction) {
            change(&mut interaction);
            interaction.version += 1;
            self.place(interaction);
        }
    }
}
