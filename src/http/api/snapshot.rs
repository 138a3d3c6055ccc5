//! Everything that the page needs at once, and the number from which events go on.
//!
//! All of it comes from one snapshot, so nothing that happens meanwhile is lost or shown twice.

use std::collections::HashMap;
use std::sync::Arc;

use hyper::{Response, StatusCode};

use crate::domain::ids::{AgentId, QueueId};
use crate::domain::interaction::State;
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::api::drafts::DraftView;
use crate::http::error::HttpError;
use crate::http::reading::{Viewer, interaction_view};
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::http::view::{Bounds, ChannelView, DispositionView, QueueView, SettingsView, SnapshotView, TroubleView};
use crate::limits::{SNAPSHOT_DRAFTS_MAX, SNAPSHOT_INTERACTIONS_MAX};
use crate::store::Snapshot;

use super::agents::AgentView;
use super::case_data::CaseKeyView;

/// `GET /api/snapshot`.
pub(in crate::http) async fn snapshot(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    let now = app.clock.now();
    let heartbeat_ms = u64::try_from(app.limits.heartbeat.as_millis()).unwrap_or(u64::MAX);
    let view = app.read(move |snapshot| view(snapshot, caller.agent, now, heartbeat_ms)).await?;
    Ok(response::json(StatusCode::OK, &view))
}

fn view(snapshot: &Snapshot, me: AgentId, now: Timestamp, heartbeat_ms: u64) -> Result<SnapshotView, HttpError> {
    let viewer = Viewer::of(snapshot, me)?;
    let mut loads: HashMap<AgentId, u32> = HashMap::new();
    let mut waiting: HashMap<QueueId, usize> = HashMap::new();
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for row in snapshot.interactions_open()? {
        for holder in row.interaction.holders() {
            *loads.entry(holder).or_default() += 1;
        }
        if row.interaction.state == State::Queued {
            *waiting.entry(row.interaction.queue).or_default() += 1;
        }
        if viewer.has_on_desktop(&row.interaction) {
            mine.push(row);
        } else if viewer.supervises && others.len() < SNAPSHOT_INTERACTIONS_MAX {
            others.push(row);
        }
    }
    let load = |agent: AgentId| loads.get(&agent).copied().unwrap_or(0);
    let agents = snapshot.agents()?;
    let my_row = agents.iter().find(|row| row.agent.id == me).ok_or_else(HttpError::sign_in_required)?;
    let settings = snapshot.settings()?;
    let rows = mine.into_iter().chain(others);
    Ok(SnapshotView {
        seq: snapshot.head()?,
        now: now.0,
        server_version: env!("CARGO_PKG_VERSION"),
        me: AgentView::of(my_row, load(me)),
        interactions: rows.map(|row| interaction_view(snapshot, row)).collect::<Result<_, _>>()?,
        drafts: (snapshot.drafts(me, SNAPSHOT_DRAFTS_MAX)?.into_iter())
            .map(|(conversation, draft)| DraftView::of(conversation, draft))
            .collect(),
        agents: agents.iter().map(|row| AgentView::of(row, load(row.agent.id))).collect(),
        queues: (snapshot.queues()?.into_iter())
            .map(|queue| {
                let waiting = waiting.get(&queue.id).copied().unwrap_or(0);
                QueueView::of(queue, waiting)
            })
            .collect(),
        channels: (snapshot.channels()?.into_iter())
            .map(|row| ChannelView {
                id: row.channel.id.0,
                name: row.profile.name,
                display_number: row.profile.display_number,
                asynchronous: row.channel.asynchronous,
                trouble: row.channel.trouble.map(TroubleView::of),
            })
            .collect(),
        dispositions: snapshot.dispositions()?.into_iter().map(DispositionView::of).collect(),
        case_keys: snapshot.case_keys()?.into_iter().map(CaseKeyView::of).collect(),
        responses_version: snapshot.responses_version()?,
        reasons: settings.reasons,
        settings: SettingsView {
            disposition_mandatory: settings.disposition_mandatory,
            disposition_read_only_after_end: settings.disposition_read_only_after_end,
            idle_lock_ms: settings.idle_lock_ms,
            idle_warning_ms: settings.idle_warning_ms,
            reject_allowed: settings.reject_allowed,
            heartbeat_ms,
            bounds: Bounds::default(),
        },
    })
}
