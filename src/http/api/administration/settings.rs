//! The rules of the whole centre.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::domain::change::Change;
use crate::domain::language::Language;
use crate::domain::settings::{ReadMarks, Settings};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::request::Asked;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;
use crate::limits::REASONS_MAX;

use super::{Versioned, message, names, shown, submit, time};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReadMarksName {
    OnView,
    OnReply,
}

/// The rules as they are told and as they are given.
#[derive(Serialize, Deserialize)]
struct Rules {
    disposition_mandatory: bool,
    disposition_read_only_after_end: bool,
    reject_allowed: bool,
    reasons: Vec<String>,
    disconnect_grace_ms: i64,
    owner_grace_ms: i64,
    idle_alert_ms: i64,
    idle_close_ms: i64,
    idle_alert_text: Option<String>,
    idle_lock_ms: i64,
    idle_warning_ms: i64,
    main_language: Option<String>,
    read_marks: ReadMarksName,
}

#[derive(Deserialize)]
struct ChangedRules {
    version: String,
    #[serde(flatten)]
    rules: Rules,
}

/// The rules, and what can be chosen.
#[derive(Serialize)]
struct SettingsAnswer {
    #[serde(flatten)]
    rules: Versioned<Rules>,
    languages: Vec<&'static str>,
}

impl Rules {
    fn of(settings: &Settings) -> Self {
        Self {
            disposition_mandatory: settings.disposition_mandatory,
            disposition_read_only_after_end: settings.disposition_read_only_after_end,
            reject_allowed: settings.reject_allowed,
            reasons: settings.reasons.clone(),
            disconnect_grace_ms: settings.disconnect_grace_ms,
            owner_grace_ms: settings.owner_grace_ms,
            idle_alert_ms: settings.idle_alert_ms,
            idle_close_ms: settings.idle_close_ms,
            idle_alert_text: settings.idle_alert_text.clone(),
            idle_lock_ms: settings.idle_lock_ms,
            idle_warning_ms: settings.idle_warning_ms,
            main_language: settings.main_language.map(|language| language.code().to_owned()),
            read_marks: match settings.read_marks {
                ReadMarks::OnView => ReadMarksName::OnView,
                ReadMarks::OnReply => ReadMarksName::OnReply,
            },
        }
    }

    /// The rules with what is not among them, as it is.
    fn settings(self, seen: &Settings) -> Result<Settings, HttpError> {
        let main_language = match self.main_language.as_deref() {
            None | Some("") => None,
            Some(code) => {
                let sentence = "This language is not one that search knows. Choose one of the list.";
                Some(Language::from_code(code).ok_or_else(|| HttpError::field("main_language", sentence))?)
            }
        };
        // 0 stands for never.
        let idle_lock_ms = if self.idle_lock_ms == 0 { 0 } else { time("idle_lock_ms", self.idle_lock_ms)? };
        if self.idle_warning_ms < 0 || (idle_lock_ms > 0 && self.idle_warning_ms >= idle_lock_ms) {
            let sentence = "The warning comes before the end: make it shorter than the idle time.";
            return Err(HttpError::field("idle_warning_ms", sentence));
        }
        Ok(Settings {
            disposition_mandatory: self.disposition_mandatory,
            reject_allowed: self.reject_allowed,
            reasons: names("reasons", &self.reasons, REASONS_MAX)?,
            disconnect_grace_ms: time("disconnect_grace_ms", self.disconnect_grace_ms)?,
            owner_grace_ms: time("owner_grace_ms", self.owner_grace_ms)?,
            idle_alert_ms: time("idle_alert_ms", self.idle_alert_ms)?,
            idle_close_ms: time("idle_close_ms", self.idle_close_ms)?,
            idle_alert_text: message("idle_alert_text", self.idle_alert_text)?,
            idle_lock_ms,
            idle_warning_ms: self.idle_warning_ms,
            disposition_read_only_after_end: self.disposition_read_only_after_end,
            main_language,
            read_marks: match self.read_marks {
                ReadMarksName::OnView => ReadMarks::OnView,
                ReadMarksName::OnReply => ReadMarks::OnReply,
            },
            retention: seen.retention.clone(),
        })
    }
}

/// `GET settings`.
pub(super) async fn show(app: &Arc<App>) -> Result<Response<Body>, HttpError> {
    let settings = app.read(|snapshot| Ok(snapshot.settings()?)).await?;
    let languages = Language::ALL.iter().map(|language| language.code()).collect();
    let answer = SettingsAnswer { rules: Versioned::of(Rules::of(&settings)), languages };
    Ok(response::json(StatusCode::OK, &answer))
}

/// `PUT settings`.
pub(super) async fn change(app: &Arc<App>, caller: Caller, asked: Asked) -> Result<Response<Body>, HttpError> {
    let ChangedRules { version, rules } = asked.json().await?;
    let seen = app.read(|snapshot| Ok(snapshot.settings()?)).await?;
    Versioned::of(Rules::of(&seen)).seen_as(&version)?;
    let settings = rules.settings(&seen)?;
    let view = Rules::of(&settings);
    submit(app, caller, Change::Settings { seen, settings }).await?;
    Ok(shown(view))
}
