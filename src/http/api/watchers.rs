//! Who looks at a conversation at the moment, and who is writing.
//!
//! In memory only: it is true for some seconds and of no interest afterwards. Invariants: whoever has not said for
//! `WATCHER_MS_MAX` that they look has stopped; who looks in two tabs looks until both have stopped; frames go out in the
//! order of the changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use crate::domain::ids::{AgentId, ConversationId};
use crate::domain::time::Timestamp;
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::feed::Feed;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{WATCHED_PER_AGENT_MAX, WATCHER_MS_MAX, WATCHERS_SWEEP_MS};

#[derive(Deserialize)]
struct WatchBody {
    viewing: bool,
    typing: bool,
    /// A number that the tab has given itself.
    #[serde(default)]
    tab: u64,
}

#[derive(Serialize)]
struct WatchersView {
    watchers: Vec<WatcherView>,
}

#[derive(Serialize)]
struct WatcherView {
    agent_id: u64,
    typing: bool,
}

/// A frame of the event stream that is of this moment and has no number.
#[derive(Serialize)]
struct WatchersChangeView {
    event: &'static str,
    conversation_id: u64,
    watchers: Vec<WatcherView>,
}

/// Who looks at what.
#[derive(Default)]
pub(in crate::http) struct Watchers(Mutex<Watched>);

type Watched = BTreeMap<ConversationId, Tabs>;

/// By agent and tab.
type Tabs = BTreeMap<(AgentId, u64), Watch>;

#[derive(Clone, Copy)]
struct Watch {
    since: Timestamp,
    typing: bool,
}

impl Watch {
    fn is_over(&self, now: Timestamp) -> bool {
        !(0..WATCHER_MS_MAX).contains(&now.since_ms(self.since))
    }
}

impl Watchers {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an agent says of themselves; whoever looks at the conversation is told when that is news.
    fn set(&self, feed: &Feed, conversation: ConversationId, agent: AgentId, now: Timestamp, body: &WatchBody) {
        let mut watched = self.watched();
        let before = typing_of(&watched, conversation, agent);
        let key = (agent, body.tab);
        if body.viewing {
            let watch = Watch { since: now, typing: body.typing };
            let known = watched.entry(conversation).or_default().insert(key, watch);
            if known.is_none() {
                forget_longest(&mut watched, agent);
            }
        } else {
            forget(&mut watched, conversation, key);
        }
        if before != typing_of(&watched, conversation, agent) {
            tell(feed, &watched, conversation, Some(agent));
        }
    }

    fn of(&self, conversation: ConversationId, now: Timestamp) -> Vec<WatcherView> {
        let watched = self.watched();
        let tabs = watched.get(&conversation).into_iter().flatten();
        people(tabs.filter(|(_, watch)| !watch.is_over(now)))
    }

    /// Takes out whoever has stopped without a word.
    fn sweep(&self, feed: &Feed, now: Timestamp) {
        let mut watched = self.watched();
        let mut changed = Vec::new();
        watched.retain(|conversation, tabs| {
            let before = tabs.len();
            tabs.retain(|_, watch| !watch.is_over(now));
            if tabs.len() < before {
                changed.push(*conversation);
            }
            !tabs.is_empty()
        });
        for conversation in changed {
            tell(feed, &watched, conversation, None);
        }
    }
}

/// Whether the agent types there; `None` who does not look.
fn typing_of(watched: &Watched, conversation: ConversationId, agent: AgentId) -> Option<bool> {
    let tabs = watched.get(&conversation)?.range((agent, 0)..=(agent, u64::MAX));
    tabs.map(|(_, watch)| watch.typing).reduce(|one, other| one || other)
}

/// People by their tabs.
fn people<'a>(tabs: impl Iterator<Item = (&'a (AgentId, u64), &'a Watch)>) -> Vec<WatcherView> {
    let mut people: Vec<WatcherView> = Vec::new();
    for ((agent, _), watch) in tabs {
        match people.last_mut() {
            Some(last) if last.agent_id == agent.0 => last.typing |= watch.typing,
            Some(_) | None => people.push(WatcherView { agent_id: agent.0, typing: watch.typing }),
        }
    }
    people
}

fn forget(watched: &mut Watched, conversation: ConversationId, key: (AgentId, u64)) {
    if let Some(tabs) = watched.get_mut(&conversation) {
        tabs.remove(&key);
        if tabs.is_empty() {
            watched.remove(&conversation);
        }
    }
}

/// Keeps what one agent looks at within bounds: the tab not heard of for the longest time goes.
fn forget_longest(watched: &mut Watched, agent: AgentId) {
    let of_agent = || {
        let tabs = watched.iter().flat_map(|(id, tabs)| tabs.iter().map(move |(key, watch)| (watch.since, *id, *key)));
        tabs.filter(|(_, _, key)| key.0 == agent)
    };
    if of_agent().count() <= WATCHED_PER_AGENT_MAX {
        return;
    }
    if let Some((_, longest, key)) = of_agent().min() {
        forget(watched, longest, key);
    }
}

/// Tells those who look, and the one who has just stopped or begun.
fn tell(feed: &Feed, watched: &Watched, conversation: ConversationId, also: Option<AgentId>) {
    let tabs = watched.get(&conversation);
    let watchers = people(tabs.into_iter().flatten());
    let here: Vec<u64> = watchers.iter().map(|watcher| watcher.agent_id).collect();
    let view = WatchersChangeView { event: "watchers_changed", conversation_id: conversation.0, watchers };
    let json = serde_json::to_string(&view).expect("our shapes cannot fail to serialise");
    let frame = Bytes::from(format!("event: change\ndata: {json}\n\n"));
    feed.tell_aside(&frame, |agent: AgentId| also == Some(agent) || here.contains(&agent.0));
}

/// `POST /api/conversations/{id}/presence`.
pub(in crate::http) async fn set(
    app: &Arc<App>,
    caller: Caller,
    conversation: ConversationId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let body: WatchBody = asked.json().await?;
    check(app, conversation).await?;
    app.watchers.set(&app.feed, conversation, caller.agent, app.clock.now(), &body);
    Ok(response::empty())
}

/// `GET /api/conversations/{id}/presence`.
pub(in crate::http) async fn show(app: &Arc<App>, conversation: ConversationId) -> Result<Response<Body>, HttpError> {
    check(app, conversation).await?;
    let watchers = app.watchers.of(conversation, app.clock.now());
    Ok(response::json(StatusCode::OK, &WatchersView { watchers }))
}

async fn check(app: &Arc<App>, conversation: ConversationId) -> Result<(), HttpError> {
    app.read(move |snapshot| snapshot.conversation(conversation)?.map(drop).ok_or_else(HttpError::not_found)).await
}

/// Starts the task that takes out whoever has stopped, until the process stops.
pub(in crate::http) fn start(app: &Arc<App>) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut stopping = app.stopping.subscribe();
        let mut sweep = interval(Duration::from_millis(WATCHERS_SWEEP_MS));
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = sweep.tick() => app.watchers.sweep(&app.feed, app.clock.now()),
                _ = stopping.wait_for(|stopping| *stopping) => return,
            }
        }
    });
}
