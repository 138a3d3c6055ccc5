//! `POST /{phone_number_id}/messages`: accepting a message, marking one read, showing that the business types.
//!
//! Apart from the checks of the message itself. Invariant: a message that was accepted is told to the subscribers and
//! gets its statuses, whatever happens to the connection of the call.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::Answer;
use super::error::GraphError;
use super::message::{self, SendableMessage};
use super::objects::digits;
use crate::limits;
use crate::simulator::config::WindowRule;
use crate::simulator::faults::SendFate;
use crate::simulator::statuses::{self, Due, SentMessage, Step};
use crate::simulator::wamid::Direction;
use crate::simulator::world::{MessageState, PhoneMessage, author_of};
use crate::simulator::{Customer, Outbound, Shared, now_ms};

/// Answers one call.
pub(super) async fn answer(shared: &Arc<Shared>, body: &[u8]) -> Answer {
    let body: Map<String, Value> = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(_) => {
            return Answer::Error(GraphError::parameter("The request's body is no JSON object."));
        }
    };
    if body.get("messaging_product").and_then(Value::as_str) != Some("whatsapp") {
        return Answer::Error(GraphError::parameter("The parameter messaging_product is required."));
    }
    if body.contains_key("status") {
        return mark_read(shared, &body).into();
    }
    let fate = shared.dice().send_fate();
    if let Some(error) = fate.error {
        shared.counts.rejected.add(1);
        return provoked(&error);
    }
    if fate.dropped {
        return Answer::Dropped;
    }
    match check(shared, &body) {
        Ok(accepted) => accept(shared, accepted, &fate).await,
        Err(error) => {
            shared.counts.rejected.add(1);
            Answer::Error(error)
        }
    }
}

fn provoked(error: &crate::simulator::ErrorAnswer) -> Answer {
    let graph_error = GraphError::new(error.code, "Provoked by the simulator.");
    let bare = error.code == 0;
    Answer::Provoked {
        http_status: match error.http_status {
            0 if bare => 503,
            0 => graph_error.http_status,
            given => given,
        },
        body: (!bare).then(|| graph_error.body()),
        retry_after_s: error.retry_after_s,
    }
}

fn mark_read(shared: &Shared, body: &Map<String, Value>) -> Result<Value, GraphError> {
    if body["status"].as_str() != Some("read") {
        return Err(GraphError::parameter("Param status must be one of {READ}."));
    }
    let wamid = body
        .get("message_id")
        .and_then(Value::as_str)
        .filter(|wamid| wamid.starts_with("wamid."))
        .ok_or_else(|| GraphError::new(131_009, "Message ID is invalid."))?;
    let typing = match body.get("typing_indicator") {
        None => false,
        Some(indicator) if indicator["type"].as_str() == Some("text") => true,
        Some(_) => {
            return Err(GraphError::parameter("Param typing_indicator['type'] must be one of {text}."));
        }
    };
    // An id of another maker may belong to a message that was posted raw: nothing to show, but nothing wrong either.
    if let Some(wa_id) = author_of(wamid) {
        let mut world = shared.world();
        world.business_read(&wa_id, wamid);
        if typing {
            world.typing(&wa_id);
        }
    }
    Ok(json!({"success": true}))
}

struct Accepted {
    customer: Customer,
    /// The recipient as the call named it.
    input: String,
    by_user_id: bool,
    message: SendableMessage,
    window_closed: bool,
}

fn check(shared: &Shared, body: &Map<String, Value>) -> Result<Accepted, GraphError> {
    if let Some(messages_per_s_max) = shared.config.messages_per_s_max {
        let mut rate = shared.rate.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !rate.admits(now_ms(), messages_per_s_max) {
            return Err(GraphError::new(130_429, "Cloud API message throughput has been reached."));
        }
    }
    if shared.statuses_pending.get() >= limits::SIMULATOR_STATUSES_PENDING_MAX as u64 {
        return Err(GraphError::new(130_429, "Too many messages wait for their statuses in the simulator."));
    }
    let message = message::read(body, &shared.templates())?;
    if let Some(id) = &message.media_id
        && !shared.media().has(id)
    {
        let kind = &message.kind;
        return Err(GraphError::parameter(format_args!(
            "Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
        )));
    }
    let (wa_id, input, by_user_id) = recipient(shared, body)?;
    if *wa_id == digits(&shared.config.display_number) {
        return Err(GraphError::new(131_021, "Sender and recipient phone number is the same."));
    }
    let mut world = shared.world();
    let known = world.known(&wa_id);
    let window_ms = limits::SIMULATOR_WINDOW_HOURS * 3_600_000;
    let open = known
        .as_ref()
        .and_then(|phone| phone.wrote_at_ms)
        .is_some_and(|wrote_at_ms| now_ms().saturating_sub(wrote_at_ms) <= window_ms);
    let window_closed = !open && !message.is_template() && shared.config.window_rule != WindowRule::Ignored;
    if window_closed && shared.config.window_rule == WindowRule::RefusedAtOnce {
        return Err(GraphError::new(
            131_047,
            "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
        ));
    }
    let name = known.map_or_else(|| format!("+{wa_id}"), |phone| phone.name.clone());
    Ok(Accepted { customer: Customer { wa_id, name }, input, by_user_id, message, window_closed })
}

/// The recipient's number, what the call named, and whether that was a business-scoped user id. A number wins.
fn recipient(shared: &Shared, body: &Map<String, Value>) -> Result<(String, String, bool), GraphError> {
    let kind = body.get("recipient_type").and_then(Value::as_str).unwrap_or("individual");
    if kind != "individual" {
        return Err(GraphError::parameter("Param recipient_type must be one of {individual}."));
    }
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(to) = text("to") {
        let wa_id = digits(&to);
        if !(5..=20).contains(&wa_id.len()) {
            return Err(GraphError::new(131_009, "Recipient phone number is invalid."));
        }
        return Ok((wa_id, to, false));
    }
    let Some(user_id) = text("recipient") else {
        return Err(GraphError::parameter("The parameter to is required."));
    };
    let wa_id = shared.world().wa_id_of(&user_id);
    let wa_id = wa_id.ok_or_else(|| GraphError::new(131_026, "No customer has this business-scoped user ID."))?;
    Ok((wa_id.to_string(), user_id, true))
}

async fn accept(shared: &Arc<Shared>, accepted: Accepted, fate: &SendFate) -> Answer {
    let Accepted { customer, input, by_user_id, message, window_closed } = accepted;
    let wamid: Arc<str> = shared.wamids.make(&customer.wa_id, Direction::FromBusiness).into();
    let at_ms = now_ms();
    let sent = Arc::new(SentMessage {
        wamid: Arc::clone(&wamid),
        customer: customer.wa_id.as_str().into(),
        callback_data: message.callback_data.clone(),
        category: message.category,
        is_reaction: message.reaction.is_some(),
    });
    let outbound = Outbound {
        wamid: wamid.to_string(),
        to: customer.wa_id.clone(),
        kind: message.kind.clone(),
        text: message.text.clone(),
        opaque: message.callback_data.clone(),
        at_ms,
    };
    let file = message.media_id.as_deref().and_then(|id| shared.media().file(id, &message.file_name));
    let contact = {
        let mut world = shared.world();
        let phone = world.phone(&customer);
        let contact = if by_user_id {
            json!({"input": input, "user_id": *phone.user_id})
        } else {
            json!({"input": input, "wa_id": *phone.wa_id})
        };
        if let Some((target, emoji)) = &message.reaction {
            world.business_reacted(&customer.wa_id, target, emoji);
        } else {
            world.add_message(
                &customer.wa_id,
                PhoneMessage {
                    wamid: Arc::clone(&wamid),
                    from_customer: false,
                    at_ms,
                    kind: message.kind,
                    text: message.text,
                    state: MessageState::Sending,
                    choices: message.choices,
                    reaction: None,
                    own_reaction: None,
                    quoted: message.quoted,
                    file,
                    sent: Some(Arc::clone(&sent)),
                },
            );
        }
        contact
    };
    shared.counts.accepted.add(1);
    let _ = shared.outbound.send(Arc::new(outbound));
    shared.statuses_pending.add(1);
    let failed_code = fate.failed_code.or(window_closed.then_some(131_047));
    let first = failed_code.map_or(Step::Sent, Step::Failed);
    if fate.statuses_before_answer {
        statuses_first(shared, first, &sent).await;
    } else {
        schedule(shared, first, &sent);
    }
    if fate.reset_after_accept {
        return Answer::Dropped;
    }
    if let Some(hang_ms) = fate.hang_ms {
        sleep(Duration::from_millis(hang_ms)).await;
    }
    Answer::Json(json!({
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": *wamid}],
    }))
}

fn schedule(shared: &Shared, step: Step, sent: &Arc<SentMessage>) {
    // The task ends only when the simulator stops.
    let _ = shared.due.send(Due { at: Instant::now() + shared.config.status_delay, step, message: Arc::clone(sent) });
}

/// Sends the statuses up to `delivered` (or `failed`) and waits, for a bounded time, until they are acknowledged.
async fn statuses_first(shared: &Shared, first: Step, sent: &Arc<SentMessage>) {
    let mut next = Some(first);
    let mut acknowledged = Vec::new();
    while let Some(step) = next.filter(|step| *step != Step::Read) {
        let (told, learns) = oneshot::channel();
        acknowledged.push(learns);
        next = statuses::perform(shared, step, sent, Some(told)).await;
    }
    match next {
        Some(step) => schedule(shared, step, sent),
        None => shared.statuses_pending.subtract(1),
    }
    let all = async {
        for learns in acknowledged {
            let _ = learns.await;
        }
    };
    let _ = timeout(Duration::from_millis(limits::SIMULATOR_EARLY_STATUS_MS_MAX), all).await;
}
