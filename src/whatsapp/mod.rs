//! Meta's WhatsApp Cloud API: what comes in by webhook, what goes out by Graph call.
//!
//! Apart so that the rest of the house never sees a provider's field name. All of it is pure but `client` and who asks it (`checks`), and nothing
//! here touches the store. Invariant: whatever Meta signs becomes a command, and no secret leaves but in the header
//! where it belongs.

pub mod checks;
pub mod client;
pub mod codes;
pub mod media;
pub mod outbound;
pub mod signature;
mod template_node;
pub mod templates;
pub mod webhook;

use crate::domain::ids::MessageId;

/// The string that rides with a send and comes back in each of its statuses: `<store tag>.<message id>`. The tag keeps
/// a restored copy or a second installation on the same number from claiming foreign statuses.
#[must_use]
pub fn opaque(store_tag: &str, message: MessageId) -> String {
    format!("{store_tag}.{message}")
}

/// Our message in an echoed [`opaque`] string, if it is of this store.
#[must_use]
pub fn message_of_opaque(store_tag: &str, opaque: &str) -> Option<MessageId> {
    let digits = opaque.strip_prefix(store_tag)?.strip_prefix('.')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().map(MessageId)
}
