//! The checks of the machine and the centre, from within whoever has the store.

use std::path::PathBuf;

use crate::clock::Clock;
use crate::health::{self, Inputs, Machine};
use crate::search::Search;
use crate::store::Store;

use super::Answer;

/// Makes every check. `search` is there in a server.
pub(super) async fn examine(store: &Store, search: Option<&Search>, certificates: Vec<PathBuf>) -> Answer {
    let (store, search) = (store.clone(), search.cloned());
    let examined = tokio::task::spawn_blocking(move || {
        health::examine(&Inputs {
            machine: &Machine::this(),
            data: store.directory(),
            now: Clock::system().now(),
            store: Some(&store),
            search: search.as_ref(),
            certificates: &certificates,
            backups: health::Backups::of(&store),
        })
    });
    match examined.await {
        Ok(findings) => Answer { health: Some(findings), ..Answer::of(true, "") },
        Err(_) => Answer::of(false, "The checks broke off; look at the log."),
    }
}

/// The checks that need no store, with the reason why it cannot be opened.
#[must_use]
pub fn examine_unopened(data: &std::path::Path, certificates: &[PathBuf], reason: &str) -> Vec<health::Finding> {
    let locked = crate::store::StoreError::Locked.to_string() == reason;
    let mut findings = vec![health::unopened(reason, locked)];
    findings.extend(health::examine(&Inputs {
        machine: &Machine::this(),
        data,
        now: Clock::system().now(),
        store: None,
        search: None,
        certificates,
        backups: None,
    }));
    findings
}
