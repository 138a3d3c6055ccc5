//! The file of dialogues.
//!
//! Invariant: a bad line is named by its number, and nothing of the file is guessed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::limits::{MESSAGE_CHARS_MAX, REHEARSAL_LINE_BYTES_MAX};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Speaker {
    Contact,
    Agent,
}

/// One thing said.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) speaker: Speaker,
    pub(super) text: String,
}

/// What one customer and one agent say to each other, in order.
#[derive(Clone, Debug)]
pub(super) struct Dialogue {
    pub(super) name: String,
    pub(super) turns: Vec<Turn>,
}

#[derive(Deserialize)]
struct Line {
    conversation: String,
    seq: u64,
    author: Speaker,
    text: String,
}

/// Reads the dialogues, in the order in which they first appear.
pub(super) fn read(path: &Path) -> Result<Vec<Dialogue>, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("{} cannot be read: {error}.", path.display()))?;
    let mut order = Vec::new();
    let mut turns: BTreeMap<String, BTreeMap<u64, Turn>> = BTreeMap::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let number = number + 1;
        let line = line.map_err(|error| format!("{}, line {number}: {error}.", path.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let said = parse(&line).map_err(|problem| format!("{}, line {number}: {problem}", path.display()))?;
        if !turns.contains_key(&said.conversation) {
            order.push(said.conversation.clone());
        }
        let turn = Turn { speaker: said.author, text: said.text };
        if turns.entry(said.conversation).or_default().insert(said.seq, turn).is_some() {
            return Err(format!("{}, line {number}: this seq was there before.", path.display()));
        }
    }
    let dialogues = order.into_iter().map(|name| {
        let turns = turns.remove(&name).unwrap_or_default().into_values().collect();
        Dialogue { name, turns }
    });
    // A dialogue begins with its customer: an agent has nobody to answer before.
    let begins_with_contact =
        |dialogue: &Dialogue| dialogue.turns.first().is_some_and(|turn| turn.speaker == Speaker::Contact);
    let dialogues: Vec<_> = dialogues.collect();
    if let Some(odd) = dialogues.iter().find(|dialogue| !begins_with_contact(dialogue)) {
        return Err(format!("The dialogue {} does not begin with its contact.", odd.name));
    }
    if dialogues.is_empty() { Err(format!("{} has no dialogues.", path.display())) } else { Ok(dialogues) }
}

fn parse(line: &str) -> Result<Line, String> {
    if line.len() > REHEARSAL_LINE_BYTES_MAX {
        return Err("longer than a megabyte.".to_owned());
    }
    let said: Line = serde_json::from_str(line).map_err(|error| format!("{error}."))?;
    if said.text.trim().is_empty() || said.text.chars().count() > MESSAGE_CHARS_MAX {
        return Err(format!("a text has 1 to {MESSAGE_CHARS_MAX} characters."));
    }
    Ok(said)
}
