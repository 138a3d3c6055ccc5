//! `rehearse`: the whole path, replayed and measured.

use std::path::PathBuf;

use clap::Args;

use crate::rehearse;

use super::Problem;

/// What `rehearse` is given.
#[derive(Args)]
pub(super) struct Rehearse {
    /// JSON Lines with `conversation`, `seq`, `author` (contact or agent) and `text`.
    #[arg(long)]
    dialogues: PathBuf,
    /// Agents to play.
    #[arg(long, default_value_t = 20)]
    agents: u32,
    /// Messages of customers a second; as fast as the box can when left out.
    #[arg(long)]
    rate: Option<f64>,
    /// Kill the server (SIGKILL) and start it again every so many seconds.
    #[arg(long)]
    kill_every_s: Option<f64>,
    /// Make a backup of the server's data every so many seconds, and tell what it does to the acknowledgements.
    #[arg(long)]
    backup_every_s: Option<f64>,
    /// Use only the first so many dialogues.
    #[arg(long)]
    dialogues_max: Option<usize>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Replays, compares and measures.
pub(super) fn rehearse(rehearse: Rehearse) -> Result<(), Problem> {
    let options = rehearse::Options {
        dialogues: rehearse.dialogues,
        agents: rehearse.agents,
        rate_per_s: rehearse.rate,
        kill_every_s: rehearse.kill_every_s,
        backup_every_s: rehearse.backup_every_s,
        dialogues_max: rehearse.dialogues_max,
        json: rehearse.json,
    };
    rehearse::run(&options).map_err(Problem::Failed)
}
