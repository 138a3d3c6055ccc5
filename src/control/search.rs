//! Search on the command line.
//!
//! Who may use the command line may read everything: the data directory is theirs. Invariant: the shapes here are the
//! socket's and are not the web's.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::search::{Because, Hit, HitKind, Page, Permitted, Question, Ranking, Search};
use crate::store::Store;

use super::Answer;

/// What was found.
#[derive(Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of search::Page")]
pub struct FoundPage {
    pub hits: Vec<FoundHit>,
    pub total: u64,
    pub total_is_exact: bool,
    pub read_as: Option<String>,
    pub indexing: Option<(u64, u64)>,
}

/// One hit.
#[derive(Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of search::Hit")]
pub struct FoundHit {
    pub kind: String,
    pub message_id: Option<u64>,
    pub interaction_id: Option<u64>,
    pub conversation_id: u64,
    pub contact: String,
    pub at: i64,
    pub snippet: String,
    pub marks: Vec<[u32; 2]>,
}

pub(super) async fn find(search: Option<&Search>, query: String, limit: usize) -> Answer {
    let Some(search) = search.cloned() else { return Answer::of(false, "There is no index here.") };
    let question = Question {
        query,
        typing: false,
        conversation: None,
        permitted: Permitted::All,
        order: Ranking::Newest,
        limit,
        counted: true,
        cursor: None,
        time_zone: None,
    };
    match tokio::task::spawn_blocking(move || search.ask(&question)).await {
        Ok(Ok(page)) => {
            let found = FoundPage::of(page);
            let more = if found.total_is_exact { "" } else { "more than " };
            let hits = if found.total == 1 { "hit" } else { "hits" };
            let sentence = format!("{more}{} {hits}.", found.total);
            Answer { found: Some(found), ..Answer::of(true, sentence) }
        }
        Ok(Err(error)) => Answer::of(false, error.to_string()),
        Err(_) => Answer::of(false, "The search broke off; look at the log."),
    }
}

pub(super) async fn reindex(search: Option<&Search>) -> Answer {
    let Some(search) = search.cloned() else { return Answer::of(false, "There is no index here.") };
    match tokio::task::spawn_blocking(move || search.rebuild()).await {
        Ok(()) => Answer::of(true, "The search index is being built anew; search answers meanwhile."),
        Err(_) => Answer::of(false, "The search broke off; look at the log."),
    }
}

/// Opens the index of a stopped server.
pub(super) fn open(store: &Store, data: &Path) -> Result<Search, String> {
    Search::start(store.clone(), data, Clock::system()).map_err(|error| error.to_string())
}

impl FoundPage {
    fn of(page: Page) -> Self {
        Self {
            hits: page.hits.into_iter().map(FoundHit::of).collect(),
            total: page.total,
            total_is_exact: page.total_is_exact,
            read_as: page.read_as.map(|(query, because)| match because {
                Because::Corrected => format!("Nothing fits; read as: {query}"),
                Because::PlainWords => format!("Read as plain words: {query}"),
            }),
            indexing: page.indexing.map(|progress| (progress.done, progress.of)),
        }
    }
}

impl FoundHit {
    fn of(hit: Hit) -> Self {
        let kind = match hit.kind {
            HitKind::Message => "message",
            HitKind::Note => "note",
            HitKind::Contact => "contact",
        };
        Self {
            kind: kind.to_owned(),
            message_id: hit.message.map(|id| id.0),
            interaction_id: hit.interaction.map(|id| id.0),
            conversation_id: hit.conversation.0,
            contact: hit.contact_name.to_string(),
            at: hit.at.0,
            snippet: hit.snippet,
            marks: hit.marks,
        }
    }
}
