//! What the time has brought, one thing at a time, and when it will bring the next.
//!
//! Invariant: everything found here is no longer due once its events are applied, so a tick comes to an end.

use super::{notice, outbound};
use crate::domain::agent::{Agent, Presence, Reason};
use crate::domain::event::{Event, TransferOutcome};
use crate::domain::floor::Floor;
use crate::domain::ids::AgentId;
use crate::domain::interaction::{EndReason, Interaction, State, TransferTarget};
use crate::domain::message::{Author, Content, Notice};
use crate::domain::queue::AutoAnswer;
use crate::domain::send::{Send, SendState};
use crate::domain::time::Timestamp;

impl Floor {
    /// The first thing that is due, as events; nothing when all is done.
    pub(in crate::domain) fn tick(&self, at: Timestamp) -> Vec<Event> {
        let rows = &self.rows;
        let sign_in = || {
            rows.sign_ins.iter().find(|(_, sign_in)| sign_in.ends_at() <= at).map(|(token, _)| self.end_sign_in(*token))
        };
        let send = || {
            let due = |send: &&Send| awaits_until(send).is_some_and(|until| until <= at);
            rows.sends.values().find(due).map(Self::unconfirmed)
        };
        let agent = || {
            let due = |agent: &&Agent| self.vanishes_at(agent).is_some_and(|vanishes| vanishes <= at);
            let vanished = Presence::NotReady(Reason::Disconnected);
            rows.agents.values().find(due).map(|agent| self.stop_offers(agent.id, vanished))
        };
        let interaction = || {
            rows.interactions
                .values()
                .find(|interaction| self.interaction_deadline(interaction).is_some_and(|deadline| deadline <= at))
                .map(|interaction| self.interaction_due(at, interaction))
        };
        sign_in().or_else(send).or_else(agent).or_else(interaction).unwrap_or_default()
    }

    /// When the floor wants a `Tick`; perhaps already past.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let rows = &self.rows;
        let interactions = rows
            .interactions
            .values()
            .flat_map(|interaction| [self.interaction_deadline(interaction), self.routing_deadline(interaction)]);
        let others = rows
            .agents
            .values()
            .map(|agent| self.vanishes_at(agent))
            .chain(rows.sends.values().map(awaits_until))
            .chain(rows.sign_ins.values().map(|sign_in| Some(sign_in.ends_at())));
        interactions.chain(others).flatten().min()
    }

    /// When a disconnected agent counts as not ready.
    fn vanishes_at(&self, agent: &Agent) -> Option<Timestamp> {
        match &agent.presence {
            Presence::LoggedOff | Presence::NotReady(Reason::Disconnected) => None,
            Presence::Ready | Presence::NotReady(_) | Presence::DoNotDisturb | Presence::AfterCallWork => {
                Some(agent.disconnected_at?.plus_ms(self.rows.settings.disconnect_grace_ms))
            }
        }
    }

    /// When something happens to an interaction by itself.
    fn interaction_deadline(&self, interaction: &Interaction) -> Option<Timestamp> {
        match &interaction.state {
            State::Queued | State::Ended(_) => None,
            State::Offered(_, deadline) => Some(*deadline),
            State::Transferring(transfer) => {
                let offer = transfer.offered.map_or(transfer.deadline, |(_, deadline)| deadline);
                Some(offer.min(transfer.deadline).min(self.abandoned_at(interaction).unwrap_or(offer)))
            }
            State::Active => self.abandoned_at(interaction).into_iter().chain(self.idle_at(interaction)).min(),
            State::Parked if interaction.pending_since.is_some() => self.abandoned_at(interaction),
            State::Parked => None,
        }
    }

    /// When live work whose owner is gone goes back to the queue.
    fn abandoned_at(&self, interaction: &Interaction) -> Option<Timestamp> {
        let owner = self.rows.agents.get(&interaction.owner?)?;
        Some(owner.gone_since()?.plus_ms(self.rows.settings.owner_grace_ms))
    }

    /// When the idle policy acts next. A contact who waits for an answer is never closed on.
    fn idle_at(&self, interaction: &Interaction) -> Option<Timestamp> {
        let settings = &self.rows.settings;
        match (interaction.pending_since, interaction.alerted_at) {
            (Some(_), _) => None,
            (None, None) => Some(interaction.active_at.plus_ms(settings.idle_alert_ms)),
            (None, Some(alerted)) => Some(alerted.plus_ms(settings.idle_close_ms)),
        }
    }

    /// When waiting work may go to somebody to whom it could not go before.
    fn routing_deadline(&self, interaction: &Interaction) -> Option<Timestamp> {
        let waits = match &interaction.state {
            State::Queued => true,
            State::Transferring(transfer) => transfer.offered.is_none(),
            State::Offered(..) | State::Active | State::Parked | State::Ended(_) => false,
        };
        let reserved = interaction.prefer.map(|(_, until)| until);
        let passed_over = interaction.passed_over.values().copied();
        reserved.into_iter().chain(passed_over).filter(|until| waits && *until > self.now).min()
    }

    fn interaction_due(&self, at: Timestamp, interaction: &Interaction) -> Vec<Event> {
        let id = interaction.id;
        if let State::Offered(agent, _) = interaction.state {
            if self.opens_by_itself(interaction, agent) {
                let contact = interaction.contact;
                return vec![Event::AutoAnswered { interaction: id, agent }, Event::ContactAssigned { agent, contact }];
            }
            let mut events = vec![Event::OfferExpired { interaction: id, agent }];
            events.extend(self.no_answer(interaction, agent));
            return events;
        }
        if self.abandoned_at(interaction).is_some_and(|abandoned| abandoned <= at) {
            return self.requeue_abandoned(at, interaction);
        }
        match &interaction.state {
            State::Transferring(transfer) => {
                let asked = transfer.offered.map(|(agent, _)| agent);
                let expired = transfer.offered.is_some_and(|(_, deadline)| deadline <= at);
                let mut events = Vec::new();
                let over = transfer.deadline <= at || matches!(transfer.target, TransferTarget::Agent(_));
                match (asked, interaction.owner) {
                    (Some(agent), _) if !over => {
                        events.push(Event::OfferExpired { interaction: id, agent });
                    }
                    (_, Some(owner)) => events.push(Event::TransferEnded {
                        interaction: id,
                        agent: owner,
                        outcome: TransferOutcome::TimedOut,
                    }),
                    (_, None) => {}
                }
                if expired && let Some(agent) = asked {
                    events.extend(self.no_answer(interaction, agent));
                }
                events
            }
            State::Active => self.idle(at, interaction),
            State::Queued | State::Offered(..) | State::Parked | State::Ended(_) => Vec::new(),
        }
    }

    /// Auto-answer with preview: the agent has seen it coming and is there.
    fn opens_by_itself(&self, interaction: &Interaction, agent: AgentId) -> bool {
        let preview =
            self.rows.queues.get(&interaction.queue).is_some_and(|queue| queue.auto_answer == AutoAnswer::Preview);
        preview && self.rows.agents.get(&agent).is_some_and(|agent| agent.connected)
    }

    /// The agent asked did not answer: they are not there, so their other offers go back too.
    fn no_answer(&self, interaction: &Interaction, agent: AgentId) -> Vec<Event> {
        // Somebody whose connection dropped could not answer: the grace period decides about them.
        if self.rows.agents.get(&agent).is_some_and(|agent| !agent.connected) {
            return Vec::new();
        }
        let mut events = self.stop_offers(agent, Presence::NotReady(Reason::NoAnswer));
        events.retain(|event| {
            !matches!(event, Event::OfferWithdrawn { interaction: withdrawn, .. } if *withdrawn == interaction.id)
        });
        events
    }

    fn requeue_abandoned(&self, at: Timestamp, interaction: &Interaction) -> Vec<Event> {
        let Some(owner) = interaction.owner else { return Vec::new() };
        let mut events = Vec::new();
        if matches!(interaction.state, State::Transferring(_)) {
            events.push(Event::TransferEnded {
                interaction: interaction.id,
                agent: owner,
                outcome: TransferOutcome::Cancelled,
            });
        }
        events.push(Event::InteractionRequeued { interaction: interaction.id, agent: owner, prefer: None });
        events.push(notice(self.next_message(), interaction, at, Notice::RequeuedOwnerGone(owner)));
        events
    }

    fn idle(&self, at: Timestamp, interaction: &Interaction) -> Vec<Event> {
        let id = self.next_message();
        if interaction.alerted_at.is_some() {
            return vec![
                Event::InteractionEnded { interaction: interaction.id, reason: EndReason::Idle },
                notice(id, interaction, at, Notice::IdleClosed),
            ];
        }
        let said = match &self.rows.settings.idle_alert_text {
            Some(text) if interaction.window_open(at) => {
                let message = outbound(id, interaction, Author::System, at, Content::Text(text.clone()));
                Event::MessageQueued { message, channel: interaction.channel }
            }
            Some(_) | None => notice(id, interaction, at, Notice::IdleAlert),
        };
        vec![said, Event::IdleAlerted { interaction: interaction.id }]
    }
}

fn awaits_until(send: &Send) -> Option<Timestamp> {
    match send.state {
        SendState::AwaitingStatus(until) => Some(until),
        SendState::Due(_) | SendState::InFlight => None,
    }
}
