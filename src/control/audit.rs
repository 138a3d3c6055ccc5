//! The audit log and the set-up link, asked for from the command line.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Answer, refusal};
use crate::domain::command::Command;
use crate::domain::hex::hex;
use crate::domain::ids::TokenHash;
use crate::limits::{AUDIT_PAGE_MAX, SET_UP_LINK_MS_MAX, SET_UP_TOKEN_BYTES};
use crate::store::{AuditCheck, AuditRow, Store};

/// What can be asked about the audit log.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AuditRequest {
    /// A page of entries, the newest first.
    Page {
        /// Only entries with a smaller number.
        before: Option<u64>,
    },
    /// Go through the whole chain.
    Check,
}

pub(super) fn answer(store: &Store, request: &AuditRequest) -> Answer {
    match request {
        AuditRequest::Page { before } => {
            let read = store.read(|snapshot| Ok((snapshot.audit(*before, AUDIT_PAGE_MAX)?, snapshot.agents()?)));
            let (rows, agents) = match read {
                Ok(read) => read,
                Err(error) => return Answer::of(false, error.to_string()),
            };
            let login = |id: Option<u64>| agents.iter().find(|row| Some(row.agent.id.0) == id).map(|row| &row.login);
            let rows: Vec<Value> = rows
                .iter()
                .map(|(number, row)| {
                    let mut value = entry(*number, row);
                    value["agent"] = json!(login(row.entry.agent));
                    if row.entry.subject == "agent" {
                        value["subject_login"] = json!(login(row.entry.subject_id));
                    }
                    value
                })
                .collect();
            Answer { details: rows.into(), ..Answer::of(true, String::new()) }
        }
        AuditRequest::Check => match store.read(|snapshot| snapshot.audit_check()) {
            Ok(AuditCheck::Whole { entries, removed }) => {
                let past = if removed > 0 {
                    format!("; entries up to {removed} were removed for their age")
                } else {
                    String::new()
                };
                Answer::of(
                    true,
                    format!("The audit log is whole: {entries} entries, none changed, none missing{past}."),
                )
            }
            Ok(AuditCheck::Broken { number }) => Answer::of(
                false,
                format!(
                    "The audit log is broken at entry {number}: it was changed, or entries are missing before it. Compare \
                     with an export or a backup."
                ),
            ),
            Err(error) => Answer::of(false, error.to_string()),
        },
    }
}

fn entry(number: u64, AuditRow { entry, previous, hash }: &AuditRow) -> Value {
    json!({
        "number": number,
        "at": entry.at,
        "who": entry.who,
        "agent_id": entry.agent,
        "address": entry.address,
        "browser": entry.browser,
        "action": entry.action,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "detail": entry.detail,
        "previous": hex(previous),
        "hash": hex(hash),
    })
}

/// A new link for the first administrator, in place of an earlier one. The answer's data is the part of its address
/// after the host.
pub(super) async fn set_up_link(store: &Store) -> Answer {
    let mut secret = [0; SET_UP_TOKEN_BYTES];
    if let Err(error) = getrandom::fill(&mut secret) {
        return Answer::of(false, format!("The system gave no random numbers: {error}."));
    }
    let token = TokenHash(Sha256::digest(secret).into());
    match store.submit(vec![Command::OfferSetUp { token }]).await {
        Ok(answers) => match answers.into_iter().next() {
            Some(Ok(_)) => {
                let path = format!("/setup#{}", URL_SAFE_NO_PAD.encode(secret));
                let minutes = SET_UP_LINK_MS_MAX / 60_000;
                let told = format!("This link makes the first administrator, once, within {minutes} minutes:");
                Answer { details: path.into(), ..Answer::of(true, told) }
            }
            Some(Err(rejection)) => Answer::of(false, refusal(rejection)),
            None => Answer::of(false, "Nothing happened."),
        },
        Err(error) => super::not_now(error),
    }
}
