//! `search` and `reindex`, in the data of a running server or a stopped one.
//!
//! Invariant: an answer is never taken for whole while the index is still being built.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::control::{Door, Request};
use crate::limits::SEARCH_PAGE_DEFAULT;

use super::{Problem, data_default};

/// Between two looks at an index that is being built.
const INDEX_WAIT: Duration = Duration::from_millis(100);

/// What `search` is given.
#[derive(Args)]
pub(super) struct Search {
    /// Words, "phrases", -without, a OR b, prefix*, from: agent: with: in: before: after: on: has: is: disposition:
    query: String,
    /// Hits at most.
    #[arg(long, default_value_t = SEARCH_PAGE_DEFAULT)]
    limit: usize,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// Prints what a query finds.
#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn find(search: &Search) -> Result<(), Problem> {
    let mut door = Door::open(&search.data).map_err(Problem::Failed)?;
    let ask = || Request::Search { query: search.query.clone(), limit: search.limit };
    let mut answer = door.ask(ask()).map_err(Problem::Failed)?;
    // A stopped server's index may have to be built first.
    while door.indexing().is_some() {
        std::thread::sleep(INDEX_WAIT);
        answer = door.ask(ask()).map_err(Problem::Failed)?;
    }
    let Some(found) = answer.found else { return Err(Problem::Refused(answer.sentence)) };
    if search.json {
        let json = serde_json::to_string(&found).map_err(|error| Problem::Failed(error.to_string()))?;
        println!("{json}");
        return Ok(());
    }
    if let Some(read_as) = &found.read_as {
        println!("{read_as}");
    }
    for hit in &found.hits {
        let at = jiff::Timestamp::from_millisecond(hit.at).map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
        let at = at.map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
        println!("{at}  {:<24} #{:<8} {}", hit.contact, hit.conversation_id, hit.snippet.replace('\n', " "));
    }
    println!("{}", answer.sentence);
    if let Some((done, of)) = found.indexing {
        println!("The index is being built: {done} of {of} messages.");
    }
    Ok(())
}

/// Builds the index anew.
#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn reindex(data: &Path) -> Result<(), Problem> {
    let mut door = Door::open(data).map_err(Problem::Failed)?;
    let answer = door.ask(Request::Reindex).map_err(Problem::Failed)?;
    if !answer.done {
        return Err(Problem::Refused(answer.sentence));
    }
    // Without a server this process does the work and stays until it is done.
    std::thread::sleep(INDEX_WAIT);
    let alone = matches!(door, Door::Store(_));
    while door.indexing().is_some() {
        std::thread::sleep(INDEX_WAIT);
    }
    println!("{}", if alone { "The search index was built anew." } else { answer.sentence.as_str() });
    Ok(())
}
