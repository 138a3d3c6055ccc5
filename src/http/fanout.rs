//! The thread that follows the journal and feeds the streams.
//!
//! It has its own thread because it reads the store and renders, which must not hold up connections. It also renews
//! what requests need in memory: sign-ins, channel accounts, loads. Invariant: the feed's number moves on only after
//! everything up to it was taken over and handed out.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::domain::event::{EventKind, Subject};
use crate::domain::ids::{AgentId, InteractionId};
use crate::limits::{COUNTS_MS_MIN, FANOUT_RETRY_MS, JOURNAL_PAGE_MAX};
use crate::store::{JournalEntry, Snapshot, StoreError};

use super::App;
use super::desktops::{Counts, Desktops};
use super::frames::{Frame, Renderer, counted, interaction_of};
use super::reading::Viewer;

/// Takes over the present state, then follows what happens until the process stops.
pub(super) fn start(app: &Arc<App>) -> Result<(), StoreError> {
    let desktops = begin(app)?;
    let (app, runtime) = (Arc::clone(app), Handle::current());
    thread::Builder::new()
        .name("fan-out".to_owned())
        .spawn(move || runtime.block_on(follow(&app, desktops)))
        .map_err(StoreError::from)?;
    Ok(())
}

/// Reads everything that is kept in memory from one snapshot; streams begin after it.
fn begin(app: &App) -> Result<Desktops, StoreError> {
    app.store.read(|snapshot| {
        let mut desktops = Desktops::default();
        for row in snapshot.interactions_open()? {
            desktops.place(&row);
        }
        app.channels.renew(snapshot.channels()?);
        app.set_up.renew(snapshot)?;
        app.feed.end_streams_of(&app.sign_ins.renew(snapshot.sign_ins()?));
        app.feed.set_counts(desktops.counts());
        app.feed.reset(snapshot.head()?);
        Ok(desktops)
    })
}

async fn follow(app: &App, mut desktops: Desktops) {
    let mut told = desktops.counts().clone();
    let mut tell_at: Option<Instant> = None;
    let mut head = app.store.head();
    let mut stopping = app.stopping.subscribe();
    let mut failing = false;
    loop {
        let outcome = catch_up(app, &mut desktops);
        // One line for each outage: the store has its own words on the cause.
        if let Err(error) = &outcome
            && !failing
        {
            tracing::error!(error = %error, "the fan-out cannot follow the journal and tries again");
        }
        failing = outcome.is_err();
        if tell_at.is_some_and(|due| due <= Instant::now()) {
            tell_at = None;
            match tell_counts(app, desktops.counts(), &told) {
                Ok(()) => told.clone_from(desktops.counts()),
                Err(error) => tracing::error!(%error, "loads and waiting counts cannot be shown"),
            }
        }
        let counts = desktops.counts();
        let news = counts.queues_differ(&told) || !counts.agents_differing(&told).is_empty();
        if news && tell_at.is_none() && app.feed.has_streams() {
            tell_at = Some(Instant::now() + Duration::from_millis(COUNTS_MS_MIN));
        }
        let more = async {
            match &outcome {
                Ok(()) => head.changed().await.is_ok(),
                Err(_) => {
                    sleep(Duration::from_millis(FANOUT_RETRY_MS)).await;
                    true
                }
            }
        };
        tokio::select! {
            more = more => if !more { return },
            () = async { sleep_until(tell_at.unwrap_or_else(Instant::now)).await }, if tell_at.is_some() => {}
            () = app.feed.joined(), if news && tell_at.is_none() => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// Tells everybody what has changed since `told`.
fn tell_counts(app: &App, counts: &Counts, told: &Counts) -> Result<(), StoreError> {
    let beside = (app.feed.cursor(), app.clock.now());
    let (agents, queues) = (counts.agents_differing(told), counts.queues_differ(told));
    let frames = app.store.read(|snapshot| counted(snapshot, counts, agents, queues, beside))?;
    app.feed.publish_beside(frames);
    Ok(())
}

/// Takes over page after page until the journal has no more.
fn catch_up(app: &App, desktops: &mut Desktops) -> Result<(), StoreError> {
    loop {
        let after = app.feed.cursor();
        let outcome = app.store.read(|snapshot| {
            let entries = snapshot.journal(after, JOURNAL_PAGE_MAX)?;
            let Some(last) = entries.last() else { return Ok(false) };
            take_over(app, desktops, snapshot, &entries, last.seq)?;
            Ok(entries.len() == JOURNAL_PAGE_MAX)
        });
        match outcome {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(StoreError::JournalTrimmed) => *desktops = begin(app)?,
            Err(error) => return Err(error),
        }
    }
}

fn take_over(
    app: &App,
    desktops: &mut Desktops,
    snapshot: &Snapshot,
    entries: &[JournalEntry],
    cursor: u64,
) -> Result<(), StoreError> {
    if entries.iter().any(|entry| matches!(entry.kind, EventKind::SignInStarted | EventKind::SignInEnded)) {
        app.feed.end_streams_of(&app.sign_ins.renew(snapshot.sign_ins()?));
    }
    if entries.iter().any(|entry| entry.kind == EventKind::AgentAdded) {
        app.set_up.renew(snapshot)?;
    }
    let connected = [EventKind::ChannelAdded, EventKind::ChannelChanged, EventKind::ChannelRemoved];
    if entries.iter().any(|entry| connected.contains(&entry.kind)) {
        app.channels.renew(snapshot.channels()?);
    }
    let mut left: HashMap<InteractionId, Vec<AgentId>> = HashMap::new();
    for id in entries.iter().flat_map(|entry| &entry.subjects).filter_map(interaction_of) {
        if !left.contains_key(&id)
            && let Some(row) = snapshot.interaction(id)?
        {
            left.insert(id, desktops.place(&row));
        }
    }
    if !left.is_empty() {
        app.feed.set_counts(desktops.counts());
    }
    if app.feed.pass(cursor) {
        return Ok(());
    }
    let mut renderer = Renderer::new(snapshot, desktops.counts());
    let mut frames = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = entry.subjects.iter().find_map(interaction_of);
        let agents = id.and_then(|id| left.get(&id)).map_or(&[] as &[_], Vec::as_slice);
        match renderer.frame(entry, Some(agents)) {
            Ok(frame) => frames.extend(frame),
            // One damaged row must not silence everybody.
            Err(error) if error.is_local() => tracing::error!(seq = entry.seq, %error, "an event cannot be shown"),
            Err(error) => return Err(error),
        }
    }
    app.feed.publish(frames, cursor);
    let changed = entries.iter().filter(|entry| entry.kind == EventKind::AgentChanged);
    let changed = changed.flat_map(|entry| &entry.subjects).filter_map(|subject| match subject {
        Subject::Agent(agent) => Some(*agent),
        Subject::Contact(_)
        | Subject::Conversation(_)
        | Subject::Interaction(_)
        | Subject::Message(_)
        | Subject::Channel(_) => None,
    });
    app.feed.renew_streams_of(&changed.collect::<Vec<_>>());
    Ok(())
}

/// The frames that a viewer missed: those of the page of the journal after `after`, and the number up to which the
/// page goes. The last page before `until` also tells all loads and waiting counts: they have no entries.
pub(super) fn missed(
    snapshot: &Snapshot,
    counts: &Counts,
    viewer: Viewer,
    (after, until): (u64, u64),
) -> Result<(Vec<bytes::Bytes>, u64), StoreError> {
    let entries = snapshot.journal(after, JOURNAL_PAGE_MAX)?;
    let mut renderer = Renderer::new(snapshot, counts);
    let mut frames = Vec::new();
    for entry in &entries {
        let frame: Option<Frame> = renderer.frame(entry, None)?;
        frames.extend(frame.as_ref().and_then(|frame| frame.bytes_for(viewer)).cloned());
    }
    let Some(last) = entries.last() else { return Ok((frames, after)) };
    if last.seq >= until {
        let agents = snapshot.agents()?.into_iter().map(|row| row.agent.id);
        let counted = counted(snapshot, counts, agents, true, (last.seq, last.at))?;
        frames.extend(counted.iter().filter_map(|frame| frame.bytes_for(viewer)).cloned());
    }
    Ok((frames, last.seq))
}
