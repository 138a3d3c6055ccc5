//! What administrators change: who may, whether it is still what they have seen, and the rules of each thing.
//!
//! The values themselves are checked where the same thing is set up without a person (`set_up.rs`, `case_data.rs`).
//! Invariant: nothing that somebody else has changed in the meantime is overwritten.

use std::collections::BTreeSet;

use crate::limits::SECRET_BYTES_MAX;

use super::Decision;
use super::set_up::{named, profile_fits};
use crate::domain::agent::Role;
use crate::domain::case_data::CaseKey;
use crate::domain::change::Change;
use crate::domain::channel::ChannelProfile;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, CaseKeyId, ChannelId};
use crate::domain::rejection::Rejection;
use crate::domain::settings::Disposition;

impl Floor {
    /// `by` is the administrator; the machine's own command line is nobody.
    pub(super) fn set_up_otherwise(&self, facts: &Facts, by: Option<AgentId>, change: &Change) -> Decision {
        if let Some(by) = by
            && self.agent(by)?.role != Role::Administrator
        {
            return Err(Rejection::NotAdministrator);
        }
        match change {
            Change::Queue { seen, queue } => {
                unchanged(seen.as_ref(), self.rows.queues.get(&queue.id))?;
                self.set_queue(queue)
            }
            Change::Settings { seen, settings } => {
                unchanged(Some(seen), Some(&self.rows.settings))?;
                self.set_settings(settings)
            }
            Change::AddDisposition { code, label, parent } => {
                if self.rows.dispositions.values().any(|other| other.code == *code) {
                    return Err(Rejection::CodeTaken);
                }
                self.add_disposition(code, label, *parent)
            }
            Change::Disposition { seen, disposition } => {
                unchanged(Some(seen), self.rows.dispositions.get(&disposition.id))?;
                self.change_disposition(seen, disposition)
            }
            Change::CaseKey { seen, case_key } => {
                unchanged(seen.as_ref(), self.rows.case_keys.get(&case_key.id))?;
                self.set_case_key(case_key)
            }
            Change::CaseKeyOrder(order) => self.order_case_keys(order),
            Change::AddChannel(profile) => self.connect_channel(facts, profile),
            Change::Channel { channel, seen, profile } => {
                unchanged(Some(seen), facts.profile.as_ref())?;
                self.change_channel(*channel, seen, profile)
            }
            Change::RemoveChannel(channel) => self.remove_channel(*channel),
        }
    }

    fn change_disposition(&self, seen: &Disposition, disposition: &Disposition) -> Decision {
        named(&disposition.label)?;
        if (&disposition.code, disposition.parent) != (&seen.code, seen.parent) {
            return Err(Rejection::BadValue);
        }
        let below =
            |other: &&Disposition| other.parent == Some(disposition.id) && !other.retired && other.id != disposition.id;
        let all = &self.rows.dispositions;
        if disposition.retired && all.values().any(|other| below(&other)) {
            return Err(Rejection::DispositionNotALeaf);
        }
        let above = disposition.parent.and_then(|parent| all.get(&parent));
        if !disposition.retired && above.is_some_and(|above| above.retired) {
            return Err(Rejection::UnknownDisposition);
        }
        Ok(vec![Event::DispositionChanged { disposition: disposition.clone() }])
    }

    fn order_case_keys(&self, order: &[CaseKeyId]) -> Decision {
        let known: BTreeSet<CaseKeyId> = self.rows.case_keys.keys().copied().collect();
        let named: BTreeSet<CaseKeyId> = order.iter().copied().collect();
        if named != known || order.len() != known.len() {
            return Err(Rejection::SetUpChanged);
        }
        let placed = order.iter().zip(1..).map(|(id, position)| (&self.rows.case_keys[id], position));
        let moved = placed.filter(|(case_key, position)| case_key.position != *position);
        Ok(moved
            .map(|(case_key, position)| Event::CaseKeySet { case_key: CaseKey { position, ..case_key.clone() } })
            .collect())
    }

    /// A number that was here before goes on where it was.
    fn connect_channel(&self, facts: &Facts, profile: &ChannelProfile) -> Decision {
        let before = facts.channel.and_then(|id| self.rows.channels.get(&id)).filter(|channel| !channel.enabled);
        let Some(before) = before else { return self.add_channel(facts, profile) };
        profile_fits(profile)?;
        Ok(vec![Event::ChannelAdded { channel: before.id, profile: profile.clone() }])
    }

    fn change_channel(&self, channel: ChannelId, seen: &ChannelProfile, profile: &ChannelProfile) -> Decision {
        let known = self.rows.channels.get(&channel).ok_or(Rejection::UnknownChannel)?;
        if !known.enabled {
            return Err(Rejection::ChannelDisabled);
        }
        profile_fits(profile)?;
        let secrets = [&profile.app_secret, &profile.verify_token, &profile.access_token];
        let too_long = secrets.iter().any(|secret| secret.len() > SECRET_BYTES_MAX);
        if too_long || profile.phone_number_id != seen.phone_number_id {
            return Err(Rejection::BadValue);
        }
        let mut events = vec![Event::ChannelChanged { channel, profile: profile.clone() }];
        if profile.access_token != seen.access_token {
            events.extend(self.mended(channel));
        }
        Ok(events)
    }

    /// Work that is open would have nobody to answer through, and a message on its way no fate.
    fn remove_channel(&self, channel: ChannelId) -> Decision {
        let known = self.rows.channels.get(&channel).ok_or(Rejection::UnknownChannel)?;
        let open = self.rows.interactions.values().any(|interaction| interaction.channel == channel);
        if open || self.rows.sends.values().any(|send| send.channel == channel) {
            return Err(Rejection::ChannelInUse);
        }
        Ok(if known.enabled { vec![Event::ChannelRemoved { channel }] } else { Vec::new() })
    }
}

/// Whether what was seen is what there is.
fn unchanged<T: PartialEq>(seen: Option<&T>, there: Option<&T>) -> Result<(), Rejection> {
    if seen == there { Ok(()) } else { Err(Rejection::SetUpChanged) }
}
