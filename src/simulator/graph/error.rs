//! Graph's errors: the table of codes with their HTTP status and title, and the JSON they are told in.
//!
//! Apart because refused calls and failed statuses speak of the same errors in two shapes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// (code, HTTP status, title) as Meta's list of errors gives them.
const CODES: &[(u32, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "API Too Many Calls"),
    (10, 403, "Permission Denied"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Access token has expired"),
    (200, 403, "API Permission"),
    (368, 403, "Temporarily blocked for policies violations"),
    (2500, 400, "Unknown path components"),
    (80_007, 400, "Rate limit issues"),
    (130_429, 400, "Rate limit hit"),
    (130_472, 400, "User's number is part of an experiment"),
    (130_497, 403, "Business account is restricted from messaging users in this country"),
    (131_000, 500, "Something went wrong"),
    (131_005, 403, "Access denied"),
    (131_008, 400, "Required parameter is missing"),
    (131_009, 400, "Parameter value is not valid"),
    (131_016, 500, "Service unavailable"),
    (131_021, 400, "Recipient cannot be sender"),
    (131_026, 400, "Message undeliverable"),
    (131_031, 403, "Account has been locked"),
    (131_037, 400, "Display name approval needed before a message can be sent"),
    (131_042, 400, "Business eligibility payment issue"),
    (131_045, 500, "Incorrect certificate"),
    (131_047, 400, "Re-engagement message"),
    (131_048, 400, "Spam rate limit hit"),
    (131_049, 400, "This message was not delivered to maintain healthy ecosystem engagement"),
    (131_050, 400, "User has stopped marketing messages from this business"),
    (131_051, 400, "Unsupported message type"),
    (131_052, 400, "Media download error"),
    (131_053, 400, "Media upload error"),
    (131_056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    (131_057, 500, "Account in maintenance mode"),
    (131_059, 400, "Invalid cursor"),
    (131_062, 400, "Business-scoped user IDs are not supported for this message"),
    (132_000, 400, "Template param count mismatch"),
    (132_001, 404, "Template does not exist"),
    (132_005, 400, "Template hydrated text too long"),
    (132_007, 400, "Template format character policy violated"),
    (132_012, 400, "Template parameter format mismatch"),
    (132_018, 400, "Template parameter value is invalid"),
    (132_015, 400, "Template is paused"),
    (132_016, 400, "Template is disabled"),
    (133_004, 503, "Server temporarily unavailable"),
    (133_010, 400, "Phone number not registered"),
    (135_000, 400, "Generic user error"),
];

/// One refusal by Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GraphError {
    pub(crate) http_status: u16,
    pub(crate) code: u32,
    pub(crate) subcode: Option<u32>,
    pub(crate) message: String,
    pub(crate) details: Option<String>,
}

impl GraphError {
    /// An error of the table; `details` is the sentence that explains this very case.
    pub(crate) fn new(code: u32, details: impl Into<String>) -> Self {
        let (http_status, title) = look_up(code);
        Self { http_status, code, subcode: None, message: format!("(#{code}) {title}"), details: Some(details.into()) }
    }

    /// A parameter that is missing or wrong, said in Graph's own way: all in the message.
    pub(crate) fn parameter(message: impl std::fmt::Display) -> Self {
        Self { http_status: 400, code: 100, subcode: None, message: format!("(#100) {message}"), details: None }
    }

    /// A missing, wrong or expired access token.
    pub(crate) fn token() -> Self {
        Self {
            http_status: 401,
            code: 190,
            subcode: None,
            message: "Invalid OAuth access token - Cannot parse access token".to_owned(),
            details: None,
        }
    }

    /// An object that does not exist or is another business's: Graph does not tell which.
    pub(crate) fn unknown_object(method: &str, id: &str) -> Self {
        Self {
            http_status: 400,
            code: 100,
            subcode: Some(33),
            message: format!(
                "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation",
                method.to_lowercase()
            ),
            details: None,
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "type": if self.subcode == Some(33) { "GraphMethodException" } else { "OAuthException" },
            "code": self.code,
            "fbtrace_id": trace_id(),
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        json!({ "error": error })
    }
}

/// The error object inside a failed status.
pub(crate) fn status_error(code: u32) -> Value {
    let (_, title) = look_up(code);
    json!({
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": format!("{title}. Provoked by the simulator.")},
        "href": "/documentation/business-messaging/whatsapp/support/error-codes",
    })
}

/// Every error that can be provoked, in the order of the codes.
pub(crate) fn all() -> Value {
    CODES
        .iter()
        .map(|(code, http_status, title)| json!({"code": code, "http_status": http_status, "title": title}))
        .collect()
}

fn look_up(code: u32) -> (u16, &'static str) {
    CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or((400, "Unknown error"), |(_, http_status, title)| (*http_status, title))
}

fn trace_id() -> String {
    let mut bytes = [0; 16];
    // A trace id is decoration; without random bytes it is a row of As.
    let _ = getrandom::fill(&mut bytes);
    format!("A{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_code_once_and_only_error_statuses() {
        for (at, (code, http_status, title)) in CODES.iter().enumerate() {
            assert!((400..=599).contains(http_status), "{code}");
            assert!(!title.is_empty(), "{code}");
            assert!(CODES[at + 1..].iter().all(|(other, ..)| other != code), "{code} twice");
        }
    }

    #[test]
    fn a_closed_window_reads_like_graph() {
        let body = GraphError::new(131_047, "More than 24 hours have passed").body();
        assert_eq!(body["error"]["code"], 131_047);
        assert_eq!(body["error"]["message"], "(#131047) Re-engagement message");
        assert_eq!(body["error"]["type"], "OAuthException");
        assert_eq!(body["error"]["error_data"]["details"], "More than 24 hours have passed");
        assert!(body["error"].get("error_subcode").is_none());
    }

    #[test]
    fn a_bad_token_is_401_and_190() {
        let error = GraphError::token();
        assert_eq!((error.http_status, error.code), (401, 190));
    }

    #[test]
    fn an_unknown_object_is_400_with_code_100_and_subcode_33() {
        let error = GraphError::unknown_object("GET", "42");
        assert_eq!((error.http_status, error.code, error.subcode), (400, 100, Some(33)));
        assert!(error.message.starts_with("Unsupported get request. Object with ID '42'"));
    }

    #[test]
    fn an_unlisted_code_still_gives_a_well_formed_error() {
        let error = GraphError::new(999_999, "x");
        assert_eq!((error.http_status, error.body()["error"]["code"].as_u64()), (400, Some(999_999)));
    }
}
