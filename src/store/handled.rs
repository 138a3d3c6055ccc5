//! Who held which interaction: written when somebody takes one, read as histories.
//!
//! Two tables say it from both ends. Invariant: every agent who held an interaction at some time is in both, once.

use redb::ReadableTable as _;

use crate::domain::ids::{AgentId, ChannelId, ContactId, DispositionId, InteractionId, QueueId};
use crate::domain::interaction::Interaction;
use crate::domain::time::Timestamp;
use crate::limits::HISTORY_SCAN_MAX;

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{InteractionRow, Snapshot, decode};
use super::record::Numbers;
use super::tables::{CONVERSATIONS_OF, HANDLED, HANDLERS, INTERACTIONS_OF, Tables};
use super::words::{Query, Terms};

/// Which interactions of a history are wanted; `None` = any.
#[derive(Clone, Debug, Default)]
pub struct HistoryFilter {
    /// On this channel account.
    pub channel: Option<ChannelId>,
    /// In this queue, the last one that it was in.
    pub queue: Option<QueueId>,
    /// Held by this agent at some time.
    pub agent: Option<AgentId>,
    /// With this outcome.
    pub disposition: Option<DispositionId>,
    /// Open, or done.
    pub open: Option<bool>,
    /// Begun at this time or later.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// With a contact whose name or number contains this.
    pub contact: Option<String>,
}

/// Part of a history, newest first.
pub struct HistoryPage {
    /// What was found.
    pub interactions: Vec<InteractionRow>,
    /// Where to go on; `None` when there is nothing more.
    pub before: Option<InteractionId>,
}

/// Notes that an agent holds, or held, an interaction.
pub(super) fn note(tables: &mut Tables<'_>, agent: AgentId, interaction: InteractionId) -> Result<(), StoreError> {
    if tables.handled()?.get((agent.0, interaction.0))?.is_some() {
        return Ok(());
    }
    tables.handled()?.insert((agent.0, interaction.0), [])?;
    let found = tables.handlers()?.get(interaction.0)?;
    let handlers: Option<Numbers> = found.map(|value| decode("handlers", interaction, value.value())).transpose()?;
    let mut handlers = handlers.unwrap_or_default();
    handlers.0.push(agent.0);
    tables.handlers()?.insert(interaction.0, codec::encode(&handlers))?;
    Ok(())
}

impl Pages<'_> {
    /// The agent has taken the interaction.
    pub(super) fn handle(&mut self, agent: AgentId, interaction: InteractionId) -> Result<(), StoreError> {
        note(&mut self.tables, agent, interaction)
    }
}

impl Snapshot {
    /// Everybody who held the interaction at some time, in order.
    pub(super) fn handled_by(&self, interaction: InteractionId) -> Result<Vec<AgentId>, StoreError> {
        let Numbers(agents) = self.row(HANDLERS, interaction.0)?.unwrap_or_default();
        Ok(agents.into_iter().map(AgentId).collect())
    }

    /// A page of the interactions with a contact, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn history_of_contact(
        &self,
        contact: ContactId,
        filter: &HistoryFilter,
        before: Option<InteractionId>,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let conversations = self.table(CONVERSATIONS_OF)?;
        let interactions = self.table(INTERACTIONS_OF)?;
        let before = before.map_or(u64::MAX, |before| before.0);
        let mut found = Vec::new();
        for row in conversations.range((contact.0, 0)..=(contact.0, u64::MAX))? {
            let pointer: super::record::Pointer = decode("conversations_of", contact, row?.1.value())?;
            let newest = interactions.range((pointer.0, 0)..(pointer.0, before))?.rev().take(HISTORY_SCAN_MAX + 1);
            for row in newest {
                found.push(row?.0.value().1);
            }
        }
        found.sort_unstable_by(|left, right| right.cmp(left));
        self.history(found.into_iter().map(Ok), filter, limit)
    }

    /// A page of the interactions that an agent held at some time, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn history_of_agent(
        &self,
        agent: AgentId,
        filter: &HistoryFilter,
        before: Option<InteractionId>,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let handled = self.table(HANDLED)?;
        let before = before.map_or(u64::MAX, |before| before.0);
        let newest = handled.range((agent.0, 0)..(agent.0, before))?.rev();
        self.history(newest.map(|row| Ok(row?.0.value().1)), filter, limit)
    }

    /// The first `limit` of these that the filter keeps. Ids grow with time, so the newest come first.
    fn history(
        &self,
        ids: impl Iterator<Item = Result<u64, StoreError>>,
        filter: &HistoryFilter,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        let mut page = HistoryPage { interactions: Vec::new(), before: None };
        let mut last = None;
        for (looked, id) in ids.enumerate() {
            if page.interactions.len() >= limit || looked >= HISTORY_SCAN_MAX {
                page.before = last;
                break;
            }
            let id = InteractionId(id?);
            last = Some(id);
            let Some((interaction, done)) = self.bare_interaction(id)? else { continue };
            if filter.from.is_some_and(|from| interaction.created_at < from) {
                break;
            }
            if self.keeps(filter, &interaction, done.is_none())? {
                page.interactions.push(self.with_note(interaction, done)?);
            }
        }
        Ok(page)
    }

    fn keeps(&self, filter: &HistoryFilter, interaction: &Interaction, open: bool) -> Result<bool, StoreError> {
        let plain = filter.channel.is_none_or(|channel| interaction.channel == channel)
            && filter.queue.is_none_or(|queue| interaction.queue == queue)
            && filter.disposition.is_none_or(|disposition| interaction.disposition == Some(disposition))
            && filter.open.is_none_or(|wanted| open == wanted)
            && filter.until.is_none_or(|until| interaction.created_at < until);
        if !plain {
            return Ok(false);
        }
        if let Some(agent) = filter.agent
            && self.table(HANDLED)?.get((agent.0, interaction.id.0))?.is_none()
        {
            return Ok(false);
        }
        let Some(words) = &filter.contact else { return Ok(true) };
        let asked = Query::of(words);
        Ok(self.contact(interaction.contact)?.is_some_and(|contact| asked.finds(&Terms::of(&contact))))
    }
}
