//! Rules of the whole centre, set up from the command line.

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::language::Language;
use crate::domain::media::MediaKind;
use crate::domain::settings::ReadMarks;
use crate::store::Store;

/// When a contact learns that their messages were read, as the command line writes it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ReadMarksName {
    /// As soon as an agent has them before their eyes.
    OnView,
    /// Only with an answer; typing is not shown either.
    OnReply,
}

/// Rules; what is not named stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettingsRequest {
    /// The language of most customers, by its code of ISO 639-1; an empty one for none.
    pub main_language: Option<String>,
    /// When a contact learns that their messages were read.
    pub read_marks: Option<ReadMarksName>,
    /// Days after which a quiet conversation goes; 0 for ever.
    #[serde(default)]
    pub retain_messages_days: Option<u32>,
    /// Kinds of files, with the days after which they go; 0 for ever.
    #[serde(default)]
    pub retain_media_days: Vec<(String, u32)>,
}

/// The kinds of files that a rule may name.
pub fn media_kinds() -> impl Iterator<Item = &'static str> {
    MediaKind::ALL.iter().map(|kind| kind.word())
}

/// The codes of the languages that a centre may name.
pub fn language_codes() -> impl Iterator<Item = &'static str> {
    Language::ALL.iter().map(|language| language.code())
}

/// The command, and what is told when it was done.
pub(super) fn set(store: &Store, request: SettingsRequest) -> Result<(Command, String), String> {
    let mut settings = store.read(|snapshot| snapshot.settings()).map_err(|error| error.to_string())?;
    let mut told = Vec::new();
    match request.main_language.as_deref() {
        None => {}
        Some("") => {
            settings.main_language = None;
            told.push("Search finds words as they are written from now on.".to_owned());
        }
        Some(code) => {
            let language = Language::from_code(code).ok_or("The server does not know this language.")?;
            settings.main_language = Some(language);
            told.push(format!("Search finds words in their other forms ({code}) from now on."));
        }
    }
    match request.read_marks {
        None => {}
        Some(ReadMarksName::OnView) => {
            settings.read_marks = ReadMarks::OnView;
            told.push("Contacts learn that a message was read when an agent sees it.".to_owned());
        }
        Some(ReadMarksName::OnReply) => {
            settings.read_marks = ReadMarks::OnReply;
            told.push("Contacts learn that a message was read when it is answered.".to_owned());
        }
    }
    match request.retain_messages_days {
        None => {}
        Some(0) => {
            settings.retention.messages_days = None;
            told.push("Conversations are kept for ever.".to_owned());
        }
        Some(days) => {
            settings.retention.messages_days = Some(days);
            told.push(format!("Conversations on which nothing has happened for {days} days are erased from now on."));
        }
    }
    for (word, days) in request.retain_media_days {
        let kind = MediaKind::of_word(&word).ok_or("The server does not know this kind of file.")?;
        if days == 0 {
            settings.retention.media_days.remove(&kind);
            told.push(format!("Files of the kind {word} are kept for ever."));
        } else {
            settings.retention.media_days.insert(kind, days);
            told.push(format!("Files of the kind {word} are removed after {days} days from now on."));
        }
    }
    if told.is_empty() {
        return Err(
            "Name a rule to change: --main-language, --read-marks, --retain-messages-days or --retain-media-days."
                .to_owned(),
        );
    }
    Ok((Command::SetSettings(settings), told.join(" ")))
}
