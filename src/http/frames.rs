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
use crate::domain::ids::{AgentId, ContactId, ConversationId, InteractionId, MessageId};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::store::{JournalEntry, Snapshot, StoreError};

use super::api::agents::AgentView;
use super::api::collaboration::MentionView;
use super::api::drafts::DraftView;
use super::desktops::{Counts, desktops};
use super::reading::{Viewer, interaction_view, message_view};
use super::view::{ChangeView, ContactView, QueueView};

/// One event, ready to be sent.
pub(super) struct Frame {
    pub(super) seq: u64,
    /// It stands beside the event of its number: a stream that had that event may not have had this.
    pub(super) beside: bool,
    audience: Audience,
    whole: Bytes,
    /// What others get instead: that it has left their desktop, or the part that is for everybody.
    others: Option<(Bytes, Others)>,
}

enum Audience {
    Everybody,
    /// Nobody else, not even a supervisor.
    Only(AgentId),
    /// These agents, and whoever supervises.
    Concerned(Vec<AgentId>),
}

enum Others {
    These(Vec<AgentId>),
    /// Whoever is not concerned.
    All,
}

impl Frame {
    /// For everybody, still without words.
    fn of(entry: &JournalEntry) -> Self {
        Self { seq: entry.seq, beside: false, audience: Audience::Everybody, whole: Bytes::new(), others: None }
    }

    /// What this viewer gets.
    pub(super) fn bytes_for(&self, viewer: Viewer) -> Option<&Bytes> {
        let concerned = match &self.audience {
            Audience::Everybody => true,
            Audience::Only(agent) => viewer.agent == *agent,
            Audience::Concerned(agents) => viewer.supervises || agents.contains(&viewer.agent),
        };
        if concerned {
            return Some(&self.whole);
        }
        let (bytes, others) = self.others.as_ref()?;
        let told = match others {
            Others::These(agents) => agents.contains(&viewer.agent),
            Others::All => true,
        };
        told.then_some(bytes)
    }

    /// Bytes that it holds.
    pub(super) fn len(&self) -> usize {
        self.whole.len() + self.others.as_ref().map_or(0, |(bytes, _)| bytes.len())
    }
}

/// An interaction as a batch shows it.
pub(super) struct Shown {
    json: Box<RawValue>,
    /// On whose desktop it stands.
    desktops: Vec<AgentId>,
    done: bool,
}

/// Renders the entries of one batch from one snapshot.
pub(super) struct Renderer<'a> {
    snapshot: &'a Snapshot,
    shown: HashMap<InteractionId, Option<Rc<Shown>>>,
    counts: &'a Counts,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, counts: &'a Counts) -> Self {
        Self { snapshot, shown: HashMap::new(), counts }
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
            Topic::Responses => {
                let responses_version = Some(self.snapshot.responses_version()?);
                let whole = framed(&ChangeView { responses_version, ..bare(entry) });
                Ok(Some(Frame { whole, ..Frame::of(entry) }))
            }
            Topic::Contact => self.contact(entry),
            Topic::Private => self.private(entry),
            Topic::Mention => self.mention(entry),
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
        let others = left.map_or(Others::All, |left| {
            let named = entry.subjects.iter().filter_map(agent_of).chain(left.iter().copied());
            Others::These(named.filter(|agent| !shown.desktops.contains(agent)).collect())
        });
        let nobody = matches!(&others, Others::These(agents) if agents.is_empty());
        Ok(Some(Frame {
            audience: Audience::Concerned(shown.desktops.clone()),
            whole: framed(&whole),
            others: (!nobody).then(|| (framed(&gone), others)),
            ..Frame::of(entry)
        }))
    }

    fn message(&mut self, entry: &JournalEntry, with_interaction: bool) -> Result<Option<Frame>, StoreError> {
        let id = entry.subjects.iter().find_map(message_of);
        let Some(message) = id.map(|id| self.snapshot.message(id)).transpose()?.flatten() else { return Ok(None) };
        // News of a reaction is news of the message that it is about.
        let Some(message) = self.target(message)? else { return Ok(None) };
        let shown = self.interaction_of(&message)?;
        let whole = ChangeView {
            message: Some(message_view(self.snapshot, message)?),
            interaction: shown.as_ref().filter(|_| with_interaction).map(|shown| &*shown.json),
            ..bare(entry)
        };
        let desktops = shown.as_ref().map_or_else(Vec::new, |shown| shown.desktops.clone());
        Ok(Some(Frame { audience: Audience::Concerned(desktops), whole: framed(&whole), ..Frame::of(entry) }))
    }

    /// Who is named in a note or an internal message is told by whom and where.
    fn mention(&mut self, entry: &JournalEntry) -> Result<Option<Frame>, StoreError> {
        let mut agents = entry.subjects.iter().filter_map(agent_of);
        let interaction = entry.subjects.iter().find_map(interaction_of);
        let (Some(by), Some(agent), Some(id)) = (agents.next(), agents.next(), interaction) else { return Ok(None) };
        let Some(row) = self.snapshot.interaction(id)? else { return Ok(None) };
        let contact = self.snapshot.contact(row.interaction.contact)?;
        let contact = contact.ok_or_else(|| StoreError::missing("the contact of an interaction"))?;
        let mention = MentionView::of(&row.interaction, by, contact);
        let whole = framed(&ChangeView { mention: Some(mention), ..bare(entry) });
        Ok(Some(Frame { audience: Audience::Only(agent), whole, ..Frame::of(entry) }))
    }

    fn target(&self, message: Message) -> Result<Option<Message>, StoreError> {
        if message.content.emoji().is_none() {
            return Ok(Some(message));
        }
        let target = message.quoted.as_ref().map(|wamid| self.snapshot.message_by_wamid(wamid)).transpose()?;
        target.flatten().map_or(Ok(None), |id| self.snapshot.message(id))
    }

    /// A contact is new or has changed. Whoever has an open interaction with them also gets that; there is at most one
    /// of each channel account, and a frame shows one.
    fn contact(&mut self, entry: &JournalEntry) -> Result<Option<Frame>, StoreError> {
        let Some(id) = entry.subjects.iter().find_map(contact_of) else { return Ok(None) };
        let Some(contact) = self.snapshot.contact(id)? else { return Ok(None) };
        let alone = framed(&ChangeView { contact: Some(ContactView::of(contact.clone())), ..bare(entry) });
        if entry.kind != EventKind::ContactAdded && entry.kind != EventKind::ContactCreated {
            for channel in self.snapshot.channels()? {
                let Some(conversation) = self.snapshot.conversation_of(id, channel.channel.id)? else { continue };
                let Some(newest) = self.snapshot.newest_interaction(conversation.id)? else { continue };
                let Some(shown) = self.shown(newest)?.filter(|shown| !shown.done) else { continue };
                let contact = Some(ContactView::of(contact));
                let whole = framed(&ChangeView { interaction: Some(&shown.json), contact, ..bare(entry) });
                let audience = Audience::Concerned(shown.desktops.clone());
                return Ok(Some(Frame { audience, whole, others: Some((alone, Others::All)), ..Frame::of(entry) }));
            }
        }
        Ok(Some(Frame { whole: alone, ..Frame::of(entry) }))
    }

    /// For one agent alone: their list of contacts, their drafts.
    fn private(&self, entry: &JournalEntry) -> Result<Option<Frame>, StoreError> {
        let Some(agent) = entry.subjects.iter().find_map(agent_of) else { return Ok(None) };
        let draft = match entry.subjects.iter().find_map(conversation_of) {
            Some(conversation) => Some(match self.snapshot.draft(agent, conversation)? {
                Some(draft) => DraftView::of(conversation, draft),
                None => DraftView::gone(conversation, entry.at),
            }),
            None => None,
        };
        let contact_id = entry.subjects.iter().find_map(contact_of).map(|contact| contact.0);
        let whole = framed(&ChangeView { contact_id, draft, ..bare(entry) });
        Ok(Some(Frame { audience: Audience::Only(agent), whole, ..Frame::of(entry) }))
    }

    fn interaction_of(&mut self, message: &Message) -> Result<Option<Rc<Shown>>, StoreError> {
        // News of an old message concerns those who have the conversation now.
        let newest = self.snapshot.newest_interaction(message.conversation)?;
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
        Ok(self.snapshot.agent(agent)?.map(|row| AgentView::of(&row, self.counts.load(agent))))
    }
}

/// What a kind of event is about, as far as the page can show it.
enum Topic {
    Nothing,
    /// Something that everybody's page may have to fetch anew.
    Everything,
    Agent,
    Responses,
    Contact,
    /// One agent's own.
    Private,
    Mention,
    Message,
    MessageAndInteraction,
    Interaction,
}

fn topic(kind: EventKind) -> Topic {
    use EventKind as K;
    match kind {
        K::PasswordSet
        | K::SecondFactorSet
        | K::SecondFactorRemoved
        | K::SecondFactorUsed
        | K::SignInFailed
        | K::SecuritySet
        | K::SetUpOffered
        | K::SetUpUsed
        | K::DeedNoted
        | K::SignInStarted
        | K::SignInSeen
        | K::SignInEnded
        | K::ConversationOpened
        | K::ConversationMoved
        | K::WindowOpened
        | K::RawKept
        | K::SendStarted
        | K::SendAccepted
        | K::SendRetried
        | K::SendHeld
        | K::AccessTokenSet
        | K::SendAwaitsStatus
        | K::SendClosed
        | K::ReportParked
        | K::MediaDelayed
        | K::FileAdded
        | K::ConversationErased
        | K::TracesErased
        | K::MessageImported
        | K::BackupScheduleSet
        | K::BackupRecorded
        | K::TemplatesAsked => Topic::Nothing,
        K::ResponseSet | K::ResponseRemoved => Topic::Responses,
        K::ChannelAdded
        | K::ChannelChanged
        | K::ChannelRemoved
        | K::DispositionChanged
        | K::ChannelTroubled
        | K::ChannelMended
        | K::QueueSet
        | K::SettingsSet
        | K::DispositionAdded
        | K::CaseKeySet
        | K::ConversationJoined
        | K::TemplatesSynced
        | K::TemplateSyncFailed => Topic::Everything,
        K::ContactCreated
        | K::ContactChanged
        | K::ContactsMerged
        | K::ContactAdded
        | K::ContactEdited
        | K::ContactImported
        | K::ContactErased
        | K::MarketingPreferenceSet => Topic::Contact,
        K::AgentAdded
        | K::AgentChanged
        | K::AgentDisabled
        | K::AgentConnected
        | K::AgentDisconnected
        | K::PresenceChanged
        | K::AfterWorkSet => Topic::Agent,
        K::ContactAssigned | K::ContactUnassigned | K::DraftChanged => Topic::Private,
        K::AgentMentioned => Topic::Mention,
        K::DeliveryAdvanced
        | K::MediaStored
        | K::MediaFailed
        | K::MediaRemoved
        | K::ReactionQueued
        | K::ReactionReceived => Topic::Message,
        K::MessageReceived | K::EchoReceived | K::MessageQueued | K::NoticeAdded | K::InternalMessageAdded => {
            Topic::MessageAndInteraction
        }
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
        | K::ParticipantJoined
        | K::ParticipantLeft
        | K::CaseValueSet
        | K::AwayTextSent => Topic::Interaction,
    }
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

fn conversation_of(subject: &Subject) -> Option<ConversationId> {
    match subject {
        Subject::Conversation(id) => Some(*id),
        Subject::Interaction(_)
        | Subject::Message(_)
        | Subject::Contact(_)
        | Subject::Agent(_)
        | Subject::Channel(_) => None,
    }
}

fn bare<'v>(entry: &JournalEntry) -> ChangeView<'v> {
    ChangeView { seq: entry.seq, at: entry.at.0, event: entry.kind.name(), ..ChangeView::default() }
}

fn everybody(entry: &JournalEntry, agent: Option<AgentView>) -> Frame {
    Frame { whole: framed(&ChangeView { agent, ..bare(entry) }), ..Frame::of(entry) }
}

/// The loads of these agents, and with `queues` how many wait in each: they follow from many events, and are told
/// beside the one numbered `seq`.
pub(super) fn counted(
    snapshot: &Snapshot,
    counts: &Counts,
    agents: impl IntoIterator<Item = AgentId>,
    queues: bool,
    (seq, at): (u64, Timestamp),
) -> Result<Vec<Frame>, StoreError> {
    let bare = |event| ChangeView { seq, at: at.0, event, ..ChangeView::default() };
    let mut views = Vec::new();
    for agent in agents {
        let Some(row) = snapshot.agent(agent)? else { continue };
        views.push(ChangeView { agent: Some(AgentView::of(&row, counts.load(agent))), ..bare("load_changed") });
    }
    if queues {
        let queues = snapshot.queues()?.into_iter().map(|queue| {
            let waiting = counts.waiting(queue.id);
            QueueView::of(queue, waiting)
        });
        views.push(ChangeView { queues: Some(queues.collect()), ..bare("waiting_changed") });
    }
    let frames = views.iter().map(|view| {
        let whole = framed(view);
        Frame { seq, beside: true, audience: Audience::Everybody, whole, others: None }
    });
    Ok(frames.collect())
}

/// A server-sent event; JSON has no line breaks.
fn framed(change: &ChangeView<'_>) -> Bytes {
    let json = serde_json::to_string(change).expect("our shapes cannot fail to serialise");
    format!("id: {}\nevent: change\ndata: {json}\n\n", change.seq).into()
}

/// A frame for nobody: only moves the number from which a stream resumes.
pub(super) fn caught_up(seq: u64, at: i64) -> Bytes {
    framed(&ChangeView { seq, at, event: "caught_up", ..ChangeView::default() })
}
