//! What tells about the program: `completions`, `man` and `version`, all from the one description of the commands.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Args, Command, ValueEnum};
use serde_json::json;

use crate::store::Store;

use super::Problem;

/// A shell whose completions can be made.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

/// What `completions` is given.
#[derive(Args)]
pub(super) struct Completions {
    /// For which shell.
    shell: Shell,
}

/// What `man` is given.
#[derive(Args)]
pub(super) struct Man {
    /// Write one page for each command into this folder, instead of the first page to standard output.
    folder: Option<PathBuf>,
}

/// What `version` is given.
#[derive(Args)]
pub(super) struct Version {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Prints a shell's completions.
pub(super) fn completions(command: &mut Command, Completions { shell }: &Completions) -> Result<(), Problem> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, command, "deskbell", &mut text);
    print(&text)
}

/// Prints the first manual page, or writes all of them.
pub(super) fn man(command: Command, Man { folder }: &Man) -> Result<(), Problem> {
    let Some(folder) = folder else {
        return print(&page(command).map_err(|error| Problem::Failed(error.to_string()))?);
    };
    let unwritable = |error| Problem::Refused(format!("{} cannot be written: {error}.", folder.display()));
    fs::create_dir_all(folder).map_err(unwritable)?;
    clap_mangen::generate_to(command, folder).map_err(unwritable)
}

fn page(command: Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Ok(text)
}

/// Prints which program this is.
#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn version(Version { json }: &Version) {
    let commit = option_env!("DESKBELL_COMMIT");
    if *json {
        let mut features = Vec::new();
        if cfg!(target_feature = "crt-static") {
            features.push("static");
        }
        if cfg!(debug_assertions) {
            features.push("debug");
        }
        let version = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "commit": commit,
            "layout": Store::layout(),
            "architecture": std::env::consts::ARCH,
            "features": features,
        });
        println!("{version}");
        return;
    }
    let commit = commit.map_or_else(String::new, |commit| format!(" ({commit})"));
    println!("deskbell {}{commit}", env!("CARGO_PKG_VERSION"));
}

/// A reader that has seen enough is no failure.
fn print(text: &[u8]) -> Result<(), Problem> {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::Failed(error.to_string())),
        Ok(()) | Err(_) => Ok(()),
    }
}
