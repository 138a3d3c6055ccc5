//! Erasing a person, and compacting what is left.
//!
//! Invariant: whoever is told that a person is erased is told it after their files are gone too.

use serde::{Deserialize, Serialize};

use crate::domain::command::Command;
use crate::domain::contact::Address;
use crate::domain::ids::ContactId;
use crate::domain::rejection::Rejection;
use crate::limits::COMPACT_SERVING_BYTES_MAX;
use crate::media::{Shelf, sweep};
use crate::search::Search;
use crate::store::Store;

use super::{Answer, not_now};

/// Who is meant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoRequest {
    /// The phone number, with `+` and country code.
    Phone(String),
    /// Deskbell's own number of the contact.
    Id(u64),
}

/// The contact who is meant, or why there is none.
pub(super) fn find(store: &Store, who: &WhoRequest) -> Result<ContactId, String> {
    let found = store.read(|snapshot| {
        let id = match who {
            WhoRequest::Id(id) => Some(ContactId(*id)),
            WhoRequest::Phone(phone) => match Address::of_phone(phone) {
                Some(address) => snapshot.contact_by_address(&address)?,
                None => None,
            },
        };
        let contact = id.map(|id| snapshot.contact(id)).transpose()?.flatten();
        Ok(contact.filter(|contact| !contact.is_erased()).map(|contact| contact.id))
    });
    let unreadable = matches!(who, WhoRequest::Phone(phone) if Address::of_phone(phone).is_none());
    if unreadable {
        return Err("This is no phone number; write it with + and the country code, as in +49 170 1234567.".to_owned());
    }
    found.map_err(|error| error.to_string())?.ok_or_else(|| match who {
        WhoRequest::Phone(_) => "No contact has this number.".to_owned(),
        WhoRequest::Id(id) => format!("There is no contact {id}."),
    })
}

pub(super) async fn erase(store: &Store, search: Option<&Search>, who: WhoRequest) -> Answer {
    let contact = match find(store, &who) {
        Ok(contact) => contact,
        Err(sentence) => return Answer::of(false, sentence),
    };
    let answers = match store.submit(vec![Command::EraseContact { agent: None, contact }]).await {
        Ok(answers) => answers,
        Err(error) => return not_now(error),
    };
    if let Some(Err(rejection)) = answers.into_iter().next() {
        return Answer::of(false, refusal(rejection));
    }
    let (store, search) = (store.clone(), search.cloned());
    let swept = tokio::task::spawn_blocking(move || {
        if let Some(search) = search {
            search.commit();
        }
        sweep(&store, &Shelf::of(store.directory()))
    });
    let told = format!(
        "Contact {contact} is erased. Free space in the files may still hold their words: `deskbell compact` wipes it."
    );
    match swept.await {
        Ok(Ok(_)) => Answer::of(true, told),
        Ok(Err(error)) => {
            Answer::of(false, format!("Contact {contact} is erased, but not all of their files: {error}."))
        }
        Err(_) => Answer::of(false, format!("Contact {contact} is erased, but not all of their files; see the log.")),
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the other refusals are of other commands")]
fn refusal(rejection: Rejection) -> String {
    match rejection {
        Rejection::InteractionOpen { interaction, owner: Some(_) } => format!(
            "Interaction {interaction} with this contact is being worked on. Let its agent end it first, then try again."
        ),
        Rejection::InteractionOpen { interaction, owner: None } => {
            format!("Interaction {interaction} with this contact waits for an agent. Let one take and end it first.")
        }
        Rejection::SendPending => {
            "A message to this contact is on its way at this moment. Try again in a minute.".to_owned()
        }
        _ => "This contact does not exist any more.".to_owned(),
    }
}

/// Writes everything anew that may hold what was removed. `serving`: others use the store meanwhile.
pub(super) async fn compact(store: &Store, search: Option<&Search>, serving: bool) -> Answer {
    match store.database_bytes() {
        Ok(bytes) if serving && bytes > COMPACT_SERVING_BYTES_MAX => {
            let megabytes = bytes / (1024 * 1024);
            return Answer::of(
                false,
                format!("The database has {megabytes} MB: compacting would hold up everybody. Stop the server first."),
            );
        }
        Ok(_) => {}
        Err(error) => return Answer::of(false, error.to_string()),
    }
    let (store, search) = (store.clone(), search.cloned());
    let compacted = tokio::task::spawn_blocking(move || -> Result<(u64, u64), String> {
        if let Some(search) = search {
            search.purge().map_err(|error| error.to_string())?;
        }
        let before = store.database_bytes().map_err(|error| error.to_string())?;
        store.compact().map_err(|error| error.to_string())?;
        sweep(&store, &Shelf::of(store.directory())).map_err(|error| error.to_string())?;
        Ok((before, store.database_bytes().map_err(|error| error.to_string())?))
    });
    match compacted.await {
        Ok(Ok((before, after))) => {
            let kilobytes = |bytes: u64| bytes / 1024;
            Answer::of(true, format!("Compacted: {} KB before, {} KB now.", kilobytes(before), kilobytes(after)))
        }
        Ok(Err(sentence)) => Answer::of(false, sentence),
        Err(_) => Answer::of(false, "Compacting broke off; look at the log. Nothing is lost."),
    }
}
