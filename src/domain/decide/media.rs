//! Files: fetched from the provider, put on the shelf by agents.

use super::Decision;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, MessageId};
use crate::domain::media::{FetchOutcome, FetchState, MediaFile, MediaKind, MediaMessage, MediaSource};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::limits::{CAPTION_CHARS_MAX, FILE_NAME_CHARS_MAX, MEDIA_ATTEMPTS_MAX};

impl Floor {
    /// What a try to fetch a file brought. A file that is here already stays as it is.
    pub(super) fn record_fetch(facts: &Facts, message: MessageId, outcome: &FetchOutcome) -> Decision {
        let fetch = facts.fetch.as_ref().ok_or(Rejection::UnknownMessage)?;
        if matches!(fetch.state, FetchState::Ready(_) | FetchState::Removed) {
            return Ok(Vec::new());
        }
        let attempt = fetch.attempt + 1;
        Ok(vec![match outcome {
            FetchOutcome::Stored(file) => Event::MediaStored { message, file: file.clone() },
            FetchOutcome::Retry(due, _) if attempt < MEDIA_ATTEMPTS_MAX => {
                Event::MediaDelayed { message, due: *due, attempt }
            }
            FetchOutcome::Retry(_, reason) | FetchOutcome::GiveUp(reason) => {
                Event::MediaFailed { message, reason: reason.clone() }
            }
        }])
    }

    /// A person asks for a file that was given up.
    pub(super) fn fetch_again(&self, facts: &Facts, at: Timestamp, agent: AgentId, message: MessageId) -> Decision {
        self.agent(agent)?;
        let fetch = facts.fetch.as_ref().ok_or(Rejection::UnknownMessage)?;
        match fetch.state {
            FetchState::Failed(_) => Ok(vec![Event::MediaDelayed { message, due: at, attempt: 0 }]),
            FetchState::Removed => Err(Rejection::FileRemoved),
            FetchState::Due(_) | FetchState::Ready(_) => Ok(Vec::new()),
        }
    }

    /// A file that an agent wants to send is on the shelf.
    pub(super) fn add_file(&self, facts: &Facts, agent: AgentId, file: &MediaFile) -> Decision {
        self.agent(agent)?;
        if facts.file.as_ref() == Some(file) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::FileAdded { agent, file: file.clone() }])
    }
}

/// Whether the provider takes this file with these words: it is on the shelf, of the right kind and size.
pub(super) fn check_media(facts: &Facts, media: &MediaMessage) -> Result<(), Rejection> {
    let MediaSource::Ours(hash) = media.source else { return Err(Rejection::BadValue) };
    let file = facts.file.as_ref().filter(|file| file.hash == hash).ok_or(Rejection::UnknownFile)?;
    // Every file may go as a document, only a picture as a picture.
    let natural = MediaKind::of_type(&file.mime_type);
    if media.mime_type != file.mime_type || (media.kind != natural && media.kind != MediaKind::Document) {
        return Err(Rejection::BadValue);
    }
    if file.bytes == 0 || file.bytes > media.kind.bytes_max() {
        return Err(Rejection::FileTooLarge);
    }
    if !media.caption.is_empty() && !media.kind.takes_caption() {
        return Err(Rejection::BadValue);
    }
    if media.caption.chars().count() > CAPTION_CHARS_MAX {
        return Err(Rejection::MessageTooLong);
    }
    let named = media.name.as_deref().unwrap_or_default();
    if named.chars().count() > FILE_NAME_CHARS_MAX || named.chars().any(char::is_control) {
        return Err(Rejection::BadValue);
    }
    Ok(())
}
