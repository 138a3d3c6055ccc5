//! A channel account: one business number of the WhatsApp Cloud API.
//!
//! Its secrets pass through the core on their way to the tables and are never kept on the floor.
//! Invariant: one phone-number id belongs to one channel account.

use std::fmt;

use super::ids::ChannelId;
use super::time::Timestamp;

/// The provider takes nothing of this number until a person has mended something: access, permission, the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Meta's error code (whatsapp-cloud-api.md 2.5); 0 when Meta gave none.
    pub code: u32,
    /// When it was first seen.
    pub since: Timestamp,
    /// When one message may try whether it is over.
    pub probe_at: Timestamp,
}

/// A channel account as the floor knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Ended conversations may be taken up again (domain.md section 2, asynchronous mode).
    pub asynchronous: bool,
    /// Takes and sends messages.
    pub enabled: bool,
    /// Messages wait while there is any.
    pub trouble: Option<Trouble>,
}

/// All that an administrator says about a channel account. Debug output leaves the secrets out.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelProfile {
    /// Shown to agents.
    pub name: String,
    /// Meta's id of the number: the routing key of webhooks.
    pub phone_number_id: String,
    /// Meta's id of the WhatsApp Business Account that the number belongs to: the owner of the templates. Without it
    /// there are none here.
    pub business_account_id: Option<String>,
    /// The number as people write it.
    pub display_number: String,
    /// Key of the webhook signature.
    pub app_secret: String,
    /// Answer to Meta's handshake.
    pub verify_token: String,
    /// Bearer token of Graph calls.
    pub access_token: String,
    /// Base of Graph calls, without the version: `https://graph.facebook.com`.
    pub graph_url: String,
    /// `vNN.0`.
    pub graph_version: String,
    /// Messages a second that Meta allows the number (80; 1,000 after its upgrade; 20 in coexistence).
    pub messages_per_s_max: u32,
    /// Ended conversations may be taken up again.
    pub asynchronous: bool,
}

impl ChannelProfile {
    /// What stays of a number that was disconnected.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        Self { app_secret: String::new(), verify_token: String::new(), access_token: String::new(), ..self }
    }
}

impl fmt::Debug for ChannelProfile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChannelProfile")
            .field("phone_number_id", &self.phone_number_id)
            .field("graph_url", &self.graph_url)
            .finish_non_exhaustive()
    }
}
