//! Sign-ins, connections and presence (domain.md section 3).

use crate::limits::{SIGN_INS_PER_AGENT_MAX, UNCONFIRMED_MS_MAX};

use super::Decision;
use crate::domain::agent::{Presence, Reason};
use crate::domain::event::{Event, TransferOutcome};
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, TokenHash};
use crate::domain::interaction::State;
use crate::domain::rejection::Rejection;
use crate::domain::send::SendState;
use crate::domain::time::Timestamp;

impl Floor {
    /// The process is new: every stream is gone, and a call under way has lost its answer.
    pub(super) fn restart(&self, at: Timestamp) -> Vec<Event> {
        let connected = self.rows.agents.values().filter(|agent| agent.connected);
        let in_flight = self.rows.sends.values().filter(|send| send.state == SendState::InFlight);
        connected
            .map(|agent| Event::AgentDisconnected { agent: agent.id })
            .chain(
                in_flight.map(|send| Event::SendAwaitsStatus {
                    message: send.message,
                    until: at.plus_ms(UNCONFIRMED_MS_MAX),
                }),
            )
            .collect()
    }

    /// After a backup was restored nobody knows what became of what waited in it: a status tells, or a person is asked.
    pub(super) fn restored(&self, at: Timestamp) -> Vec<Event> {
        let until = at.plus_ms(UNCONFIRMED_MS_MAX);
        let due = self.rows.sends.values().filter(|send| matches!(send.state, SendState::Due(_)));
        due.map(|send| Event::SendAwaitsStatus { message: send.message, until }).collect()
    }

    pub(super) fn sign_in(&self, agent: AgentId, token: TokenHash) -> Decision {
        let found = self.agent(agent)?;
        let mut events = Vec::new();
        let mut earlier: Vec<_> = self.rows.sign_ins.iter().filter(|(_, sign_in)| sign_in.agent == agent).collect();
        earlier.sort_by_key(|(token, sign_in)| (sign_in.seen_at, **token));
        if earlier.len() >= SIGN_INS_PER_AGENT_MAX
            && let Some((oldest, _)) = earlier.first()
        {
            events.push(Event::SignInEnded { token: **oldest, agent });
        }
        events.push(Event::SignInStarted { token, agent });
        if found.presence == Presence::LoggedOff {
            let presence = if found.auto_ready { Presence::Ready } else { Presence::NotReady(Reason::SignedIn) };
            events.push(Event::PresenceChanged { agent, presence });
        }
        Ok(events)
    }

    pub(super) fn see_sign_in(&self, token: TokenHash) -> Decision {
        if self.rows.sign_ins.contains_key(&token) {
            Ok(vec![Event::SignInSeen { token }])
        } else {
            Err(Rejection::SignInEnded)
        }
    }

    /// Ends a sign-in; the agent's last one logs them off. An unknown one has ended already.
    pub(super) fn end_sign_in(&self, token: TokenHash) -> Vec<Event> {
        let Some(agent) = self.rows.sign_ins.get(&token).map(|sign_in| sign_in.agent) else {
            return Vec::new();
        };
        let mut events = vec![Event::SignInEnded { token, agent }];
        let others = self.rows.sign_ins.iter().any(|(other, sign_in)| *other != token && sign_in.agent == agent);
        if !others {
            events.extend(self.log_off(agent));
        }
        events
    }

    pub(super) fn connect(&self, agent: AgentId) -> Decision {
        let found = self.agent(agent)?;
        let mut events = Vec::new();
        if !found.connected {
            events.push(Event::AgentConnected { agent });
        }
        if found.presence == Presence::NotReady(Reason::Disconnected) && found.auto_ready {
            events.push(Event::PresenceChanged { agent, presence: Presence::Ready });
        }
        Ok(events)
    }

    pub(super) fn disconnect(&self, agent: AgentId) -> Decision {
        let found = self.rows.agents.get(&agent).ok_or(Rejection::UnknownAgent)?;
        Ok(found.connected.then_some(Event::AgentDisconnected { agent }).into_iter().collect())
    }

    pub(super) fn set_presence(&self, agent: AgentId, presence: &Presence) -> Decision {
        let found = self.agent(agent)?;
        if let Presence::NotReady(Reason::Chosen(Some(reason))) = presence
            && !self.rows.settings.reasons.contains(reason)
        {
            return Err(Rejection::UnknownReason);
        }
        if !self.rows.sign_ins.values().any(|sign_in| sign_in.agent == agent) {
            return Err(Rejection::WrongState);
        }
        if found.presence == *presence && found.after_work.is_none() {
            return Ok(Vec::new());
        }
        match presence {
            Presence::LoggedOff => Ok(self.log_off(agent)),
            Presence::Ready => Ok(vec![Event::PresenceChanged { agent, presence: Presence::Ready }]),
            Presence::NotReady(_) | Presence::DoNotDisturb | Presence::AfterCallWork => {
                Ok(self.stop_offers(agent, presence.clone()))
            }
        }
    }

    pub(super) fn set_after_work(&self, agent: AgentId, reason: Option<&Reason>) -> Decision {
        let found = self.agent(agent)?;
        if let Some(Reason::Chosen(Some(reason))) = reason
            && !self.rows.settings.reasons.contains(reason)
        {
            return Err(Rejection::UnknownReason);
        }
        if found.after_work.as_ref() == reason {
            return Ok(Vec::new());
        }
        if found.presence != Presence::Ready {
            return Err(Rejection::WrongState);
        }
        Ok(vec![Event::AfterWorkSet { agent, reason: reason.cloned() }])
    }

    /// The agent takes no more offers: those they were shown go back, then the presence changes.
    pub(super) fn stop_offers(&self, agent: AgentId, presence: Presence) -> Vec<Event> {
        let mut events = self.withdraw_offers(agent);
        events.push(Event::PresenceChanged { agent, presence });
        events
    }

    fn withdraw_offers(&self, agent: AgentId) -> Vec<Event> {
        self.held_by(agent)
            .filter(|interaction| interaction.offered().is_some_and(|(asked, _)| asked == agent))
            .map(|interaction| Event::OfferWithdrawn { interaction: interaction.id, agent })
            .collect()
    }

    /// The agent leaves: offers go back, live work is parked, ended work stays for their return.
    pub(super) fn log_off(&self, agent: AgentId) -> Vec<Event> {
        let mut events = self.withdraw_offers(agent);
        for interaction in self.held_by(agent).filter(|interaction| interaction.owner == Some(agent)) {
            let id = interaction.id;
            match &interaction.state {
                State::Active => events.push(Event::InteractionParked { interaction: id, agent }),
                State::Transferring(_) => {
                    events.push(Event::TransferEnded { interaction: id, agent, outcome: TransferOutcome::Cancelled });
                    events.push(Event::InteractionParked { interaction: id, agent });
                }
                State::Queued | State::Offered(..) | State::Parked | State::Ended(_) => {}
            }
        }
        if self.rows.agents.get(&agent).is_some_and(|agent| agent.presence != Presence::LoggedOff) {
            events.push(Event::PresenceChanged { agent, presence: Presence::LoggedOff });
        }
        events
    }
}
