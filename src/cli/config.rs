//! `serve` and `config`: what is set, and what is wrong with it.
//!
//! Apart because both read the configuration the same way. Invariant: a server does not start beside a mistake.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clap::{Args, Subcommand};

use crate::appliance;
use crate::config::{self, Loaded, LogFormat, Mistake, Sources, Written};
use crate::observe;
use crate::tls;

use super::Problem;

/// The data directory unless `--data` says otherwise: what configuration and environment say, as for `serve`.
pub(super) fn data_default() -> PathBuf {
    static DATA: LazyLock<PathBuf> = LazyLock::new(|| config::load(&Sources::of_process(None)).config.data);
    DATA.clone()
}

/// Hosts that may get an access token, as for `serve` with this data directory.
pub(super) fn graph_hosts(data: &Path) -> Result<Vec<String>, Problem> {
    let mut sources = Sources::of_process(None);
    sources.flags.push(("data", "--data", Written::Text(data.to_string_lossy().into_owned())));
    let loaded = config::load(&sources);
    if loaded.mistakes.is_empty() { Ok(loaded.config.graph_hosts) } else { Err(refusal(&loaded.mistakes)) }
}

/// What `serve` may be told; everything else is in the configuration.
#[derive(Args, Clone)]
pub(super) struct Serve {
    /// The data directory; made when it is missing [default: as configured, ./deskbell-data].
    #[arg(long)]
    data: Option<String>,
    /// Address and port [default: as configured, 127.0.0.1:8080].
    #[arg(long)]
    listen: Option<String>,
    /// Allow plain HTTP on an address that other machines reach (behind a proxy that speaks HTTPS).
    #[arg(long)]
    insecure_http: bool,
    /// The file with the key of the secrets at rest [default: as configured, deskbell.key in the data directory].
    #[arg(long)]
    key_file: Option<String>,
    /// The configuration file [default: deskbell.toml in the data directory, else /etc/deskbell/deskbell.toml].
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum ConfigAction {
    /// Find every mistake; exit code 2 if there is one.
    #[command(after_help = "Example: deskbell config check --config /etc/deskbell/deskbell.toml")]
    Check(Serve),
    /// Print what counts.
    #[command(after_help = "Example: deskbell config show --origin")]
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        serve: Serve,
    },
    /// Print every key with its words and its default, as a file to begin with.
    #[command(after_help = "Example: deskbell config describe")]
    Describe,
}

fn load(serve: &Serve) -> Loaded {
    let mut sources = Sources::of_process(serve.config.clone());
    let texts = [
        ("data", "--data", &serve.data),
        ("listen", "--listen", &serve.listen),
        ("key_file", "--key-file", &serve.key_file),
    ];
    for (name, flag, value) in texts {
        sources.flags.extend(value.iter().map(|value| (name, flag, Written::Text(value.clone()))));
    }
    if serve.insecure_http {
        sources.flags.push(("insecure_http", "--insecure-http", Written::Flag(true)));
    }
    config::load(&sources)
}

fn refusal(mistakes: &[Mistake]) -> Problem {
    let lines: Vec<_> = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
    let what = if lines.len() == 1 { "a mistake".to_owned() } else { format!("{} mistakes", lines.len()) };
    Problem::Refused(format!("The configuration has {what}:{}", lines.concat()))
}

/// Runs the server.
pub(super) fn serve(serve: &Serve) -> Result<(), Problem> {
    let loaded = load(serve);
    if !loaded.mistakes.is_empty() {
        return Err(refusal(&loaded.mistakes));
    }
    observe::start_as(&loaded.config.log, loaded.config.log_format == LogFormat::Json).map_err(Problem::Refused)?;
    if let Some(file) = &loaded.file {
        tracing::info!(file = %file.display(), "the configuration was read");
    }
    appliance::serve(&loaded.config).map_err(Problem::Failed)
}

/// Looks at the configuration.
#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn run(action: &ConfigAction) -> Result<(), Problem> {
    match action {
        ConfigAction::Check(serve) => {
            let loaded = load(serve);
            if !loaded.mistakes.is_empty() {
                return Err(refusal(&loaded.mistakes));
            }
            tls::inspect(&loaded.config).map_err(|error| Problem::Refused(error.to_string()))?;
            match &loaded.file {
                Some(file) => println!("{} has no mistake.", file.display()),
                None => println!("There is no configuration file; defaults, environment and flags have no mistake."),
            }
            Ok(())
        }
        ConfigAction::Show { origin, serve } => {
            let loaded = load(serve);
            for setting in &loaded.settings {
                let value = setting.value.as_ref().map_or("(not set)".to_owned(), ToString::to_string);
                if *origin {
                    println!("{} = {value}  # {}", setting.name, setting.origin);
                } else {
                    println!("{} = {value}", setting.name);
                }
            }
            if loaded.mistakes.is_empty() { Ok(()) } else { Err(refusal(&loaded.mistakes)) }
        }
        ConfigAction::Describe => {
            print!("{}", config::describe());
            Ok(())
        }
    }
}
