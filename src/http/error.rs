//! Every refusal at the HTTP edge: a status, a stable code, and a sentence with the way out.
//!
//! Apart so that the three readers of an error are served in one place: the person, the program, the log. Invariant:
//! a sentence never carries what a stranger sent.

use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::domain::rejection::Rejection;
use crate::limits::RETRY_AFTER_S;
use crate::store::{StoreError, SubmitError};

use super::challenge::Step;
use super::refusals::explain;
use super::response::{self, Body};

/// A refusal.
#[derive(Debug)]
pub(super) struct HttpError {
    status: StatusCode,
    code: &'static str,
    sentence: String,
    /// What the program needs besides the code.
    more: Vec<(&'static str, Value)>,
    /// When it is worth trying again, seconds.
    retry_after_s: Option<u64>,
    /// The methods that the path knows.
    allow: Option<String>,
    /// The connection cannot be used for another request.
    close: bool,
}

impl HttpError {
    pub(super) fn new(status: StatusCode, code: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            status,
            code,
            sentence: sentence.into(),
            more: Vec::new(),
            retry_after_s: None,
            allow: None,
            close: false,
        }
    }

    /// The request is not one that we can read.
    pub(super) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", sentence)
    }

    /// No such thing, or not for this person: nobody can tell which.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "This does not exist, or not for you. Reload the page.")
    }

    pub(super) fn sign_in_required() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign_in_required", "Your sign-in has ended. Sign in again.")
    }

    pub(super) fn sign_in_failed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_failed",
            "Login or password is wrong. Check both, or ask an administrator for a new password.",
        )
    }

    pub(super) fn sign_in_throttled(wait_ms: i64) -> Self {
        let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1_000).max(1);
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "sign_in_throttled",
            format!("Too many failed attempts. Try again in {seconds} s."),
        )
        .retry_after(seconds)
    }

    /// The password was right; the page at `next` asks for the rest.
    pub(super) fn sign_in_goes_on(step: Step) -> Self {
        let (code, sentence) = match step {
            Step::Code => ("two_factor_required", "The code of your authenticator is needed too. Enter it now."),
            Step::Password => ("password_change_required", "This password is temporary. Choose your own now."),
        };
        Self::new(StatusCode::UNAUTHORIZED, code, sentence).with("next", "/sign-in")
    }

    pub(super) fn challenge_over() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "challenge_over",
            "This sign-in took too long or was finished elsewhere. Begin again with your password.",
        )
    }

    pub(super) fn password_refused(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "password_refused", sentence).with("field", "password")
    }

    /// The caller is signed in, so this is no 401: the page would take that for the end of the sign-in.
    pub(super) fn password_wrong() -> Self {
        Self::new(StatusCode::FORBIDDEN, "password_wrong", "This is not your password. Type it again.")
    }

    pub(super) fn code_wrong() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "code_wrong",
            "This code is wrong. Check the clock of your device, and enter the code that it shows now.",
        )
    }

    pub(super) fn enrolment_over() -> Self {
        Self::new(StatusCode::CONFLICT, "enrolment_over", "This took too long. Begin again with your password.")
    }

    pub(super) fn set_up_required() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "set_up_required",
            "Nobody can sign in yet. Open the set-up link that the server printed, or make one: deskbell setup-link.",
        )
    }

    pub(super) fn second_factor_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "second_factor_needed",
            "Administrators need a second factor here. Set yours up first.",
        )
    }

    pub(super) fn origin_refused() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "origin_refused",
            "The request does not come from Deskbell's own page. Open Deskbell at its own address and try again.",
        )
    }

    /// The server is not known under the name that the request was sent to (RFC 9110, section 15.5.20).
    pub(super) fn host_unknown() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host_unknown",
            "Deskbell is not known under this name. Open it at its own address; if this is its address, an administrator \
             sets public_url or allowed_hosts in its configuration.",
        )
    }

    pub(super) fn https_required() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "https_required",
            "Nothing is taken in plain HTTP here. Open Deskbell with https:// and try again.",
        )
    }

    pub(super) fn method_not_allowed(allow: String) -> Self {
        let error = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("This address answers to {allow} only."),
        );
        Self { allow: Some(allow), ..error }
    }

    pub(super) fn body_too_large(bytes_max: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("The body is larger than {bytes_max} bytes. Send less at once."),
        )
        .closing()
    }

    pub(super) fn head_too_large() -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "head_too_large",
            "The request has too many headers. Clear this site's cookies and reload the page.",
        )
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body must be JSON: set Content-Type to application/json.",
        )
    }

    pub(super) fn overloaded() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Deskbell has more to do than it can at the moment. Nothing was changed; try again in a moment.",
        )
        .retry_after(RETRY_AFTER_S)
    }

    pub(super) fn store_unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store_unavailable",
            "Deskbell cannot write to its disk at the moment. Nothing was confirmed; try again in a moment, and tell \
             an administrator if it lasts.",
        )
        .retry_after(RETRY_AFTER_S)
    }

    pub(super) fn search_unavailable(sentence: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "search_unavailable", sentence).retry_after(RETRY_AFTER_S)
    }

    /// The numbers are for who has the token.
    pub(super) fn metrics_refused() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "metrics_refused",
            "The metrics token is missing or wrong. Send it as Authorization: Bearer.",
        )
    }

    /// A fault of our own: the cause goes to the log, the person is told what they can do.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong in Deskbell. Reload the page; if it happens again, tell an administrator.",
        )
    }

    /// A value of a form cannot be taken; `field` is its name in the request.
    pub(super) fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "field_invalid", sentence).with("field", field)
    }

    /// The text is no phone number.
    pub(super) fn phone_invalid() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "phone_invalid",
            "This is no phone number. Write it with + and the country code, such as +49 151 23456789.",
        )
    }

    /// The same refusal, with one more member.
    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((name, value.into()));
        self
    }

    /// The same refusal; afterwards the connection ends.
    pub(super) fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// The answer as `application/problem+json` (RFC 9457).
    ///
    /// `request_id` stands in the log too, so that whoever shows it to an administrator is understood; the next step of
    /// a sign-in is no failure and has none.
    pub(super) fn into_response(self, request_id: Option<&str>) -> Response<Body> {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Refused"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.sentence,
        });
        if let Some(id) = request_id {
            problem["request_id"] = id.into();
        }
        for (name, value) in self.more {
            problem[name] = value;
        }
        let mut response = response::with_type(self.status, "application/problem+json", problem.to_string().into());
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<SubmitError> for HttpError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Overloaded => Self::overloaded(),
            SubmitError::Unavailable | SubmitError::Stopped => Self::store_unavailable(),
        }
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "a read of the store failed");
        Self::store_unavailable()
    }
}

impl From<Rejection> for HttpError {
    fn from(rejection: Rejection) -> Self {
        let (status, code, sentence) = explain(rejection);
        let error = Self::new(status, code, sentence);
        #[allow(clippy::wildcard_enum_match_arm, reason = "few have more to tell than their code")]
        match rejection {
            Rejection::InteractionOpen { interaction, owner } => {
                error.with("interaction_id", interaction.0).with("owner_id", owner.map(|owner| owner.0))
            }
            Rejection::CodeTaken => error.with("field", "code"),
            Rejection::PhoneNumberIdTaken => error.with("field", "phone_number_id"),
            Rejection::ShortcutInvalid | Rejection::ShortcutTaken => error.with("field", "shortcut"),
            Rejection::CaseValueRequired(case_key) => error.with("case_key_id", case_key.0),
            Rejection::AddressTaken(contact) => error.with("contact_id", contact.0),
            _ => error,
        }
    }
}
