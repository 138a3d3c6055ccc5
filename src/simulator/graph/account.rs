//! The standing of the business: what its token may do, whether its app is subscribed, how its number is.
//!
//! Apart because it is what a connection test asks about and what people get wrong. Invariant: what is set here is what
//! every call tells.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::GraphError;
use super::query_value;
use crate::simulator::Shared;
use crate::simulator::webhook::signature::Signer;

/// How the business stands with Meta; what is left out is as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standing {
    /// The app gets the account's webhooks. Set by the call that subscribes, and cleared by its opposite.
    pub subscribed: bool,
    /// What the token may do.
    pub permissions: Vec<String>,
    /// The state of the number.
    pub number_status: String,
    /// The quality of the number.
    pub quality_rating: String,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            subscribed: true,
            permissions: ["whatsapp_business_messaging", "whatsapp_business_management"].map(str::to_owned).to_vec(),
            number_status: "CONNECTED".to_owned(),
            quality_rating: "GREEN".to_owned(),
        }
    }
}

/// Calls on `me`: whose token it is, and what it may do. A proof of the app secret has to be right where one is given.
pub(crate) fn me(shared: &Shared, rest: &[&str], query: &str) -> Result<Value, GraphError> {
    if let Some(proof) = query_value(query, "appsecret_proof") {
        let right = Signer::new(&shared.config.app_secret).header(shared.config.access_token.as_bytes());
        if right.strip_prefix("sha256=") != Some(&*proof) {
            return Err(GraphError::parameter("Invalid appsecret_proof provided in the API argument"));
        }
    }
    match rest {
        [] => Ok(json!({"id": "122100000000000001", "name": "Simulated system user"})),
        ["permissions"] => {
            let granted = shared.standing().permissions.clone();
            let rows = granted.into_iter().map(|permission| json!({"permission": permission, "status": "granted"}));
            Ok(json!({"data": rows.collect::<Vec<_>>()}))
        }
        _ => Err(GraphError::unknown_object("GET", "me")),
    }
}

/// Calls on the account's subscriptions.
pub(crate) fn subscriptions(shared: &Shared, method: &str) -> Value {
    match method {
        "GET" => {
            let app = json!({"whatsapp_business_api_data": {
                "id": "670843887433847", "name": "Simulated app",
                "link": "https://www.facebook.com/games/?app_id=670843887433847",
            }});
            let apps = if shared.standing().subscribed { vec![app] } else { Vec::new() };
            json!({ "data": apps })
        }
        _ => {
            shared.standing().subscribed = method == "POST";
            json!({"success": true})
        }
    }
}
