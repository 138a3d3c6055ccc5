//! Meta's mind about a template: changed by the control API or a test, and told to the business by webhook.
//!
//! Apart from the list of templates because it reaches the network. Invariant: the list shows the new state before the
//! webhook leaves.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::graph::template_shelf::Template;
use super::webhook::escape::meta_json;
use super::webhook::post;
use super::{Shared, now_ms};
use crate::limits;

impl Shared {
    /// Puts a template into another state and tells the business; `false` if there is no such template or state.
    pub(super) fn approve(self: &Arc<Self>, name: &str, language: &str, status: &str) -> bool {
        let Some(template) = self.templates().set(name, language, status) else { return false };
        let body = meta_json(&change(&self.config.business_account_id, template, status));
        let shared = Arc::clone(self);
        tokio::spawn(async move { shared.tell(body).await });
        true
    }

    /// Every template with its state.
    pub(super) fn template_list(&self) -> Value {
        self.templates().all().map(|(template, status)| template.view(status)).collect()
    }

    /// Posts until it is acknowledged or given up. Without an address there is nobody to tell.
    async fn tell(&self, body: String) {
        let signature = self.signer.header(body.as_bytes());
        for attempt in 1..=limits::SIMULATOR_POST_ATTEMPTS_MAX {
            match post::post(self, body.clone().into(), &signature).await {
                Ok(200) | Err(super::WebhookError::NoUrl) => return,
                Ok(_) | Err(_) => {
                    sleep(Duration::from_millis(limits::SIMULATOR_RETRY_FIRST_MS * u64::from(attempt))).await
                }
            }
        }
    }
}

fn change(business_account_id: &str, template: &Template, status: &str) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{
        "id": business_account_id,
        "time": now_ms() / 1000,
        "changes": [{"field": "message_template_status_update", "value": {
            "event": status,
            "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
            "message_template_name": template.name,
            "message_template_language": template.language,
            "message_template_category": template.category,
            "reason": "NONE",
        }}],
    }]})
}
