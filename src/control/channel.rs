//! Business numbers, listed, tested and disconnected from the command line.

use serde_json::json;

use crate::domain::change::Change;
use crate::domain::command::Command;
use crate::store::{ChannelRow, Store};
use crate::whatsapp::checks::{self, Outcome};
use crate::whatsapp::codes;
use crate::whatsapp::media::GraphHosts;

use super::Answer;

/// The number with this id, while it is connected.
pub(super) fn connected(store: &Store, phone_number_id: &str) -> Result<ChannelRow, String> {
    let channels = store.read(|snapshot| snapshot.channels()).map_err(|error| error.to_string())?;
    let found = channels.into_iter().find(|row| row.channel.enabled && row.profile.phone_number_id == phone_number_id);
    found.ok_or_else(|| "No number with this id is connected; deskbell channel list shows those that are.".to_owned())
}

/// Every connected number, one a line.
pub(super) fn list(store: &Store) -> Answer {
    let channels = match store.read(|snapshot| snapshot.channels()) {
        Ok(channels) => channels,
        Err(error) => return Answer::of(false, error.to_string()),
    };
    let (mut lines, mut details) = (Vec::new(), Vec::new());
    for ChannelRow { channel, profile } in channels.into_iter().filter(|row| row.channel.enabled) {
        let trouble = channel.trouble.map(|trouble| codes::explain(trouble.code));
        let state = trouble.as_ref().map_or("works", |trouble| trouble.title);
        lines.push(format!("{}  {}  {}  {state}", profile.phone_number_id, profile.display_number, profile.name));
        details.push(json!({
            "phone_number_id": profile.phone_number_id,
            "display_number": profile.display_number,
            "name": profile.name,
            "business_account_id": profile.business_account_id,
            "troubled": trouble.is_some(),
            "state": state,
        }));
    }
    let sentence = if lines.is_empty() { "No number is connected.".to_owned() } else { lines.join("\n") };
    Answer { details: details.into(), ..Answer::of(true, sentence) }
}

/// What Meta says about a number, step by step.
pub(super) async fn test(store: &Store, phone_number_id: &str, hosts: GraphHosts) -> Answer {
    let profile = match connected(store, phone_number_id) {
        Ok(row) => row.profile,
        Err(sentence) => return Answer::of(false, sentence),
    };
    let steps = checks::look(&checks::client(hosts), &profile).await;
    let mut lines = Vec::new();
    for step in &steps {
        let mark = match step.outcome {
            Outcome::Good => "ok",
            Outcome::Bad => "WRONG",
            Outcome::Open => "?",
        };
        lines.push(format!("{mark:>5}  {}: {}", step.subject.name(), step.found));
        if !step.way_out.is_empty() {
            lines.push(format!("       {}", step.way_out));
        }
    }
    let bad = steps.iter().filter(|step| step.outcome == Outcome::Bad).count();
    Answer { details: json!({ "bad": bad }), ..Answer::of(true, lines.join("\n")) }
}

/// The command, and what is told when it was done.
pub(super) fn remove(store: &Store, phone_number_id: &str) -> Result<(Command, String), String> {
    let row = connected(store, phone_number_id)?;
    let told = format!("The number {} is disconnected; what was said on it stays.", row.profile.display_number);
    let change = Box::new(Change::RemoveChannel(row.channel.id));
    Ok((Command::Change { by: None, change }, told))
}
