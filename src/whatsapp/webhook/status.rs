//! One status object: how far a message of ours has come.
//!
//! Apart from messages because statuses are matched, parked and ranked by other rules. Invariant: a status word that
//! is not understood is never guessed.

use crate::domain::command::DeliveryReport;
use crate::domain::ids::Wamid;
use crate::domain::message::{Delivery, Failure};
use crate::limits::FAILURE_TITLE_CHARS_MAX;
use crate::whatsapp::message_of_opaque;

use super::json::Json;
use super::{Context, timestamp_of};

/// The status as a report, or why it is none.
pub(super) fn read(context: Context<'_>, status: Json<'_>) -> Result<DeliveryReport, &'static str> {
    let wamid = status.text_of("id").ok_or("status_without_id")?;
    let delivery = match status.text_of("status").as_deref() {
        Some("sent") => Delivery::Sent,
        Some("delivered") => Delivery::Delivered,
        Some("read") => Delivery::Read,
        Some("played") => Delivery::Played,
        Some("failed") => Delivery::Failed(failure(status)),
        _ => return Err("status_unknown"),
    };
    let opaque = status.text_of("biz_opaque_callback_data");
    Ok(DeliveryReport {
        wamid: Wamid(wamid.into_owned()),
        message: opaque.and_then(|opaque| message_of_opaque(context.store_tag, &opaque)),
        delivery,
        at: timestamp_of(status).unwrap_or(context.received_at),
    })
}

/// The first error with its details, which say more than the title.
fn failure(status: Json<'_>) -> Failure {
    let error = status.get("errors").and_then(|errors| errors.elements().next());
    let text = |key: &str| error.and_then(|error| error.text_of(key));
    let title = text("title").or_else(|| text("message")).unwrap_or_default();
    let details = error.and_then(|error| error.get("error_data")).and_then(|data| data.text_of("details"));
    let words = match details {
        Some(details) if details != title => format!("{title} ({details})"),
        Some(_) | None => title.into_owned(),
    };
    Failure {
        code: text("code").and_then(|code| code.parse().ok()).unwrap_or_default(),
        title: words.chars().take(FAILURE_TITLE_CHARS_MAX).collect(),
    }
}
