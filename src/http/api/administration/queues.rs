//! Queues: where interactions wait, and all rules of waiting.

use std::collections::BTreeSet;
use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::ids::QueueId;
use crate::domain::queue::{AutoAnswer, BusinessHours, Queue};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::{QUEUE_PRIORITY_MAX, QUEUE_SKILLS_MAX, QUEUE_SPANS_MAX};

use super::{Versioned, created, message, name, names, shown, submit, time};

const MINUTES_A_DAY: u16 = 1_440;

/// Whether an offer waits for a click.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AutoAnswerName {
    Off,
    On,
    Preview,
}

/// Opening times: weekday (0 = Monday), first minute, minute after the last.
#[derive(Serialize, Deserialize)]
struct Hours {
    time_zone: String,
    spans: Vec<(u8, u16, u16)>,
}

/// The rules of a queue, as they are told and as they are given.
#[derive(Serialize, Deserialize)]
struct QueueRules {
    name: String,
    skills: Vec<String>,
    priority: i32,
    offer_timeout_ms: i64,
    last_agent_wait_ms: i64,
    pass_over_ms: i64,
    transfer_timeout_ms: i64,
    auto_answer: AutoAnswerName,
    greeting: Option<String>,
    away_text: Option<String>,
    hours: Option<Hours>,
}

#[derive(Serialize)]
struct QueueView {
    id: u64,
    #[serde(flatten)]
    rules: QueueRules,
}

#[derive(Deserialize)]
struct ChangedQueue {
    version: String,
    #[serde(flatten)]
    rules: QueueRules,
}

impl QueueView {
    fn of(queue: &Queue) -> Self {
        let rules = QueueRules {
            name: queue.name.clone(),
            skills: queue.skills.iter().cloned().collect(),
            priority: queue.priority,
            offer_timeout_ms: queue.offer_timeout_ms,
            last_agent_wait_ms: queue.last_agent_wait_ms,
            pass_over_ms: queue.pass_over_ms,
            transfer_timeout_ms: queue.transfer_timeout_ms,
            auto_answer: match queue.auto_answer {
                AutoAnswer::Off => AutoAnswerName::Off,
                AutoAnswer::On => AutoAnswerName::On,
                AutoAnswer::Preview => AutoAnswerName::Preview,
            },
            greeting: queue.greeting.clone(),
            away_text: queue.away_text.clone(),
            hours: (queue.hours.as_ref())
                .map(|hours| Hours { time_zone: hours.time_zone.clone(), spans: hours.spans.clone() }),
        };
        Self { id: queue.id.0, rules }
    }
}

impl QueueRules {
    fn queue(self, id: QueueId) -> Result<Queue, HttpError> {
        if !(-QUEUE_PRIORITY_MAX..=QUEUE_PRIORITY_MAX).contains(&self.priority) {
            let sentence = format!("A priority is between -{QUEUE_PRIORITY_MAX} and {QUEUE_PRIORITY_MAX}.");
            return Err(HttpError::field("priority", sentence));
        }
        Ok(Queue {
            id,
            name: name("name", &self.name)?,
            skills: names("skills", &self.skills, QUEUE_SKILLS_MAX)?.into_iter().collect::<BTreeSet<_>>(),
            priority: self.priority,
            offer_timeout_ms: time("offer_timeout_ms", self.offer_timeout_ms)?,
            last_agent_wait_ms: time("last_agent_wait_ms", self.last_agent_wait_ms)?,
            pass_over_ms: time("pass_over_ms", self.pass_over_ms)?,
            transfer_timeout_ms: time("transfer_timeout_ms", self.transfer_timeout_ms)?,
            auto_answer: match self.auto_answer {
                AutoAnswerName::Off => AutoAnswer::Off,
                AutoAnswerName::On => AutoAnswer::On,
                AutoAnswerName::Preview => AutoAnswer::Preview,
            },
            greeting: message("greeting", self.greeting)?,
            away_text: message("away_text", self.away_text)?,
            hours: self.hours.map(Hours::hours).transpose()?,
        })
    }
}

impl Hours {
    fn hours(self) -> Result<BusinessHours, HttpError> {
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            let sentence = "This time zone is not known. Write it as Europe/Berlin.";
            return Err(HttpError::field("time_zone", sentence));
        }
        let fits = |&(day, from, until): &(u8, u16, u16)| day < 7 && from < until && until <= MINUTES_A_DAY;
        if self.spans.is_empty() || self.spans.len() > QUEUE_SPANS_MAX || !self.spans.iter().all(fits) {
            let sentence = "Opening times run from an earlier to a later time of one day, such as 09:00-17:30.";
            return Err(HttpError::field("hours", sentence));
        }
        Ok(BusinessHours { time_zone: self.time_zone, spans: self.spans })
    }
}

/// `GET queues`. The first one takes what contacts write.
pub(super) async fn list(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let queues = app.read(|snapshot| Ok(snapshot.queues()?)).await?;
    let queues: Vec<_> = queues.iter().map(|queue| Versioned::of(QueueView::of(queue))).collect();
    Ok(response::json(StatusCode::OK, &json!({ "queues": queues })))
}

/// `POST queues`.
pub(super) async fn add(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let rules: QueueRules = asked.json().await?;
    let queue = rules.queue(QueueId(0))?;
    Ok(created(QueueView::of(&set(app, caller, None, queue).await?)))
}

/// `PUT queues/{id}`.
pub(super) async fn change(
    app: &Arc<App>,
    caller: Caller,
    id: QueueId,
    asked: Asked,
) -> Result<Response<Body>, HttpError> {
    let ChangedQueue { version, rules } = asked.json().await?;
    let queues = app.read(|snapshot| Ok(snapshot.queues()?)).await?;
    let seen = queues.into_iter().find(|queue| queue.id == id).ok_or_else(HttpError::not_found)?;
    Versioned::of(QueueView::of(&seen)).seen_as(&version)?;
    let queue = rules.queue(id)?;
    Ok(shown(QueueView::of(&set(app, caller, Some(seen), queue).await?)))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "looks for one kind, whatever others there are")]
async fn set(app: &Arc<App>, caller: Caller, seen: Option<Queue>, queue: Queue) -> Result<Queue, HttpError> {
    let done = submit(app, caller, Change::Queue { seen, queue }).await?;
    let set = done.events.iter().find_map(|event| match event {
        Event::QueueSet { queue } => Some(queue.clone()),
        _ => None,
    });
    set.ok_or_else(HttpError::internal)
}
