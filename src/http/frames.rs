//! Journal entries to frames of the event stream: what happened, as the people concerned may see it.
//!
//! Apart because a resumed stream renders the past with the same code as the live one. Entities are shown as the
//! snapshot has them, so a frame may show a newer state than its event; versions let the page ignore older ones.
//! Invariant: an agent's frame never carries an interaction that is not on their desktop.

use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::domain::event::{EventKind, Subject};
use crate::domain::ids::{AgentId, ContactId, InteractionId, MessageId};
use crate::domain::interaction::Interaction;
use crate::domain::message::Message;
use crate::store::{InteractionRow, JournalEntry, Snapshot, StoreError};

use super::reading::{Viewer, interaction_view, message_view};
use super::view::{AgentView, ChangeView};

/// One event, ready to be sent.
pub(super) struct Frame {
    pub(super) seq: u64,
    audience: Audience,
    whole: Bytes,
    /// Tells agents that it has left their desktop.
    gone: Option<(Bytes, Leaving)>,
}

enum Audience {
    Everybody,
    /// These agents, and whoever supervises.
    Concerned(Vec<AgentId>),
}

enum Leaving {
    These(Vec<AgentId>),
    /// Nobody knows who had it: whoever is not concerned.
    Others,
}

impl Frame {
    /// What this viewer gets.
    pub(super) fn bytes_for(&self, viewer: Viewer) -> Option<&Bytes> {
        let concerned = match &self.audience {
            Audience::Everybody => true,
            Audience::Concerned(agents) => viewer.supervises || agents.contains(&viewer.agent),
        };
        if concerned {
            return Some(&self.whole);
        }
        let (bytes, leaving) = self.gone.as_ref()?;
        let told = match leaving {
            Leaving::These(agents) => agents.contains(&viewer.agent),
            Leaving::Others => true,
        };
        told.then_some(bytes)
    }

    /// Bytes that it holds.
    pub(super) fn len(&self) -> usize {
        self.whole.len() + self.gone.as_ref().map_or(0, |(bytes, _)| bytes.len())
    }
}

/// An interaction as a batch shows it.
pub(super) struct Shown {
    json: Box<RawValue>,
    /// On whose desktop it stands.
    desktops: Vec<AgentId>,
    done: bool,
}

/// Who had which interaction when the last batch ended: tells whom it has left, and how loaded each agent is.
#[derive(Default)]
pub(super) struct Desktops {
    placed: HashMap<InteractionId, (Vec<AgentId>, Vec<AgentId>)>,
    loads: HashMap<AgentId, u32>,
}

impl Desktops {
    /// Takes over where an interaction stands now; returns the agents whom it has left.
    pub(super) fn place(&mut self, row: &InteractionRow) -> Vec<AgentId> {
        let id = row.interaction.id;
        let (desktops_before, holders_before) = self.placed.remove(&id).unwrap_or_default();
        for agent in &holders_before {
            if let Some(load) = self.loads.get_mut(agent) {
                *load = load.saturating_sub(1);
            }
        }
        if row.done.is_some() {
            return desktops_before;
        }
        let (desktops, holders) = (desktops(&row.interaction), row.interaction.holders().collect::<Vec<_>>());
        for agent in &holders {
            *self.loads.entry(*agent).or_default() += 1;
        }
        let left = desktops_before.into_iter().filter(|agent| !desktops.contains(agent)).collect();
        if !desktops.is_empty() {
            self.placed.insert(id, (desktops, holders));
        }
        left
    }

    /// How many interactions take up each agent's capacity.
    pub(super) fn loads(&self) -> &HashMap<AgentId, u32> {
        &self.loads
    }
}

/// Renders the entries of one batch from one snapshot.
pub(super) struct Renderer<'a> {
    snapshot: &'a Snapshot,
    shown: HashMap<InteractionId, Option<Rc<Shown>>>,
    loads: &'a HashMap<AgentId, u32>,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, loads: &'a HashMap<AgentId, u32>) -> Self {
        Self { snapshot, shown: HashMap::new(), loads }
    }

    /// The frame of an entry, if anybody is to see it. `left` lists the agents whose desktop the interaction has
    /// left; `None` when that is not known.
    pub(super) fn frame(
        &mut self,
        entry: &JournalEntry,
        left: Option<&[AgentId]>,
    ) -> Result<Option<Frame>, StoreError> {
        match topic(entry.kind) {
            Topic::Nothing => Ok(None),
            Topic::Everything => Ok(Some(everybody(entry, None))),
            Topic::Agent => {
                let agent = self.agent_of(entry)?;
                Ok(Some(everybody(entry, agent)))
            }
            Topic::Contact => self.contact(entry),
            Topic::Message => self.message(entry, false),
            Topic::MessageAndInteraction => self.message(entry, true),
            Topic::Interaction => {
                let id = entry.subjects.iter().find_map(interaction_of);
                let Some(id) = id else { return Ok(None) };
                let agent = self.agent_of(entry)?;
                self.interaction(entry, id, left, agent)
            }
        }
    }

    fn interaction(
        &mut self,
        entry: &JournalEntry,
        id: InteractionId,
        left: Option<&[AgentId]>,
        agent: Option<AgentView>,
    ) -> Result<Option<Frame>, StoreError> {
        let Some(shown) = self.shown(id)? else { return Ok(None) };
        let whole = ChangeView {
            interaction: Some(&shown.json),
            interaction_gone: shown.done.then_some(id.0),
            agent,
            ..bare(entry)
        };
        let gone = ChangeView { interaction_gone: Some(id.0), ..bare(entry) };
        let leaving = left.map_or(Leaving::Others, |left| {
            let named = entry.subjects.iter().filter_map(agent_of).chain(left.iter().copied());
            Leaving::These(named.filter(|agent| !shown.desktops.contains(agent)).collect())
        });
        let nobody = matches!(&leaving, Leaving::These(agents) if agents.is_empty());
        Ok(Some(Frame {
            seq: entry.seq,
            audience: Audience::Concerned(shown.desktops.clone()),
            whole: framed(&whole),
            gone: (!nobody).then(|| (framed(&gone), leaving)),
        }))
    }

    fn message(&mut self, entry: &JournalEntry, with_interaction: bool) -> Result<Option<Frame>, StoreError> {
        let id = entry.subjects.iter().find_map(message_of);
        let Some(message) = id.map(|id| self.snapshot.message(id)).transpose()?.flatten() else { return Ok(None) };
        let shown = self.interaction_of(&message)?;
        let whole = ChangeView {
            message: Some(message_view(self.snapshot, message)?),
            interaction: shown.as_ref().filter(|_| with_interaction).map(|shown| &*shown.json),
            ..bare(entry)
        };
        let desktops = shown.as_ref().map_or_else(Vec::new, |shown| shown.desktops.clone());
        Ok(Some(Frame { seq: entry.seq, audience: Audience::Concerned(desktops), whole: framed(&whole), gone: None }))
    }

    /// The open interactions with a contact, whose name or addresses are new: at most one of each channel account, and
    /// a frame shows one.
    fn contact(&mut self, entry: &JournalEntry) -> Result<Option<Frame>, StoreError> {
        let Some(contact) = entry.subjects.iter().find_map(contact_of) else { return Ok(None) };
        for channel in self.snapshot.channels()? {
            let Some(conversation) = self.snapshot.conversation_of(contact, channel.channel.id)? else { continue };
            let Some(id) = self.snapshot.interactions_of(conversation.id)?.last().copied() else { continue };
            let Some(shown) = self.shown(id)?.filter(|shown| !shown.done) else { continue };
            let whole = ChangeView { interaction: Some(&shown.json), ..bare(entry) };
            return Ok(Some(Frame {
                seq: entry.seq,
                audience: Audience::Concerned(shown.desktops.clone()),
                whole: framed(&whole),
                gone: None,
            }));
        }
        Ok(None)
    }

    fn interaction_of(&mut self, message: &Message) -> Result<Option<Rc<Shown>>, StoreError> {
        // News of an old message concerns those who have the conversation now.
        let newest = self.snapshot.interactions_of(message.conversation)?.last().copied();
        newest.map_or(Ok(None), |id| self.shown(id))
    }

    /// The interaction as this batch shows it; rendered once.
    fn shown(&mut self, id: InteractionId) -> Result<Option<Rc<Shown>>, StoreError> {
        if let Some(shown) = self.shown.get(&id) {
            return Ok(shown.clone());
        }
        let shown = match self.snapshot.interaction(id)? {
            None => None,
            Some(row) => {
                let (desktops, done) = (desktops(&row.interaction), row.done.is_some());
                let view = interaction_view(self.snapshot, row)?;
                let json = serde_json::value::to_raw_value(&view).expect("our shapes cannot fail to serialise");
                Some(Rc::new(Shown { json, desktops, done }))
            }
        };
        self.shown.insert(id, shown.clone());
        Ok(shown)
    }

    /// The last agent that the entry names, with what they carry.
    fn agent_of(&self, entry: &JournalEntry) -> Result<Option<AgentView>, StoreError> {
        let Some(agent) = entry.subjects.iter().filter_map(agent_of).next_back() else { return Ok(None) };
        Ok(self.snapshot.agent(agent)?.map(|row| AgentView::of(&row, self.loads.get(&agent).copied().unwrap_or(0))))
    }
}

/// What a kind of event is about, as far as the page can show it.
enum Topic {
    Nothing,
    /// Something that everybody's page may have to fetch anew.
    Everything,
    Agent,
    Contact,
    Message,
    MessageAndInteraction,
    Interaction,
}

fn topic(kind: EventKind) -> Topic {
    use EventKind as K;
    match kind {
        K::PasswordSet
        | K::SignInStarted
        | K::SignInSeen
        | K::SignInEnded
        | K::ContactCreated
        | K::ConversationOpened
        | K::WindowOpened
        | K::RawKept
        | K::SendStarted
        | K::SendAccepted
        | K::SendRetried
        | K::SendAwaitsStatus
        | K::SendClosed
        | K::ReportParked
        | K::MessageImported => Topic::Nothing,
        K::ChannelAdded | K::QueueSet | K::SettingsSet | K::DispositionAdded => Topic::Everything,
        K::AgentAdded | K::AgentConnected | K::AgentDisconnected | K::PresenceChanged | K::AfterWorkSet => Topic::Agent,
        K::ContactChanged => Topic::Contact,
        K::DeliveryAdvanced => Topic::Message,
        K::MessageReceived | K::MessageQueued | K::NoticeAdded => Topic::MessageAndInteraction,
        K::InteractionQueued
        | K::InteractionOffered
        | K::OfferAccepted
        | K::OfferRejected
        | K::OfferExpired
        | K::OfferWithdrawn
        | K::AutoAnswered
        | K::InteractionParked
        | K::InteractionOpened
        | K::InteractionRequeued
        | K::TransferStarted
        | K::TransferOffered
        | K::TransferAccepted
        | K::TransferEnded
        | K::InteractionEnded
        | K::InteractionReactivated
        | K::InteractionDone
        | K::IdleAlerted
        | K::InteractionCreated
        | K::MessageReadByAgent
        | K::NoteSet
        | K::DispositionSet
        | K::AwayTextSent => Topic::Interaction,
    }
}

/// On whose desktop an interaction stands: its owner's, and that of the agent who is asked.
fn desktops(interaction: &Interaction) -> Vec<AgentId> {
    interaction.owner.into_iter().chain(interaction.offered().map(|(agent, _)| agent)).collect()
}

/// The interaction that a subject names.
pub(super) fn interaction_of(subject: &Subject) -> Option<InteractionId> {
    match subject {
        Subject::Interaction(id) => Some(*id),
        Subject::Agent(_)
        | Subject::Contact(_)
        | Subject::Conversation(_)
        | Subject::Message(_)
        | Subject::Channel(_) => None,
    }
}

fn agent_of(subject: &Subject) -> Option<AgentId> {
    match subject {
        Subject::Agent(id) => Some(*id),
        Subject::Interaction(_)
        | Subject::Contact(_)
        | Subject::Conversation(_)
        | Subject::Message(_)
        | Subject::Channel(_) => None,
    }
}

fn message_of(subject: &Subject) -> Option<MessageId> {
    match subject {
        Subject::Message(id) => Some(*id),
        Subject::Interaction(_)
        | Subject::Contact(_)
        | Subject::Conversation(_)
        | Subject::Agent(_)
        | Subject::Channel(_) => None,
    }
}

fn contact_of(subject: &Subject) -> Option<ContactId> {
    match subject {
        Subject::Contact(id) => Some(*id),
        Subject::Interaction(_)
        | Subject::Message(_)
        | Subject::Conversation(_)
        | Subject::Agent(_)
        | Subject::Channel(_) => None,
    }
}

fn bare<'v>(entry: &JournalEntry) -> ChangeView<'v> {
    ChangeView {
        seq: entry.seq,
        at: entry.at.0,
        event: entry.kind.name(),
        interaction: None,
        interaction_gone: None,
        message: None,
        agent: None,
    }
}

fn everybody(entry: &JournalEntry, agent: Option<AgentView>) -> Frame {
    let whole = framed(&ChangeView { agent, ..bare(entry) });
    Frame { seq: entry.seq, audience: Audience::Everybody, whole, gone: None }
}

/// A server-sent event; JSON has no line breaks.
fn framed(change: &ChangeView<'_>) -> Bytes {
    let json = serde_json::to_string(change).expect("our shapes cannot fail to serialise");
    format!("id: {}\nevent: change\ndata: {json}\n\n", change.seq).into()
}

/// A frame for nobody: only moves the number from which a stream resumes.
pub(super) fn caught_up(seq: u64, at: i64) -> Bytes {
    framed(&ChangeView {
        seq,
        at,
        event: "caught_up",
        interaction: None,
        interaction_gone: None,
        message: None,
        agent: None,
    })
}
