//! A rehearsal: dialogues replayed through the whole path, every transcript compared, the box measured.
//!
//! The server is a process of its own, as in production; customers are the simulator's, agents work over the HTTP API
//! and live events. Invariant: a rehearsal ends with every dialogue compared, or says which one is stuck.

mod backups;
mod browser;
mod centre;
mod dialogues;
mod director;
mod report;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::appliance;
use crate::limits::{REHEARSAL_AGENTS_MAX, REHEARSAL_CAPACITY};
use crate::simulator::{Simulator, SimulatorConfig};
use crate::stage::Credentials;

use self::backups::Backups;
use self::browser::Browser;
use self::centre::Centre;
use self::director::Director;
use self::report::Report;

/// What to rehearse.
pub struct Options {
    /// JSON Lines with `conversation`, `seq`, `author` and `text`.
    pub dialogues: PathBuf,
    /// Agents to play.
    pub agents: u32,
    /// Customers' messages a second; `None` = as fast as the box can.
    pub rate_per_s: Option<f64>,
    /// Kill the server every so many seconds.
    pub kill_every_s: Option<f64>,
    /// Make a backup of the server's data every so many seconds.
    pub backup_every_s: Option<f64>,
    /// Use only the first so many dialogues.
    pub dialogues_max: Option<usize>,
    /// Print one JSON object.
    pub json: bool,
}

/// Rehearses and prints the report.
///
/// # Errors
/// A sentence: the file cannot be read, the box gave up, or transcripts differ.
pub fn run(options: &Options) -> Result<(), String> {
    check(options)?;
    let mut dialogues = dialogues::read(&options.dialogues)?;
    dialogues.truncate(options.dialogues_max.unwrap_or(usize::MAX));
    let report = appliance::runtime()?.block_on(rehearse(options, dialogues))?;
    report.print(options.json);
    report.verdict()
}

fn check(options: &Options) -> Result<(), String> {
    if options.agents == 0 || options.agents > REHEARSAL_AGENTS_MAX {
        return Err(format!("A rehearsal plays 1 to {REHEARSAL_AGENTS_MAX} agents."));
    }
    let positive = |number: f64| number.is_finite() && number > 0.0;
    if ![options.rate_per_s, options.kill_every_s, options.backup_every_s].into_iter().flatten().all(positive) {
        return Err("The rate and the times between kills and between backups are numbers above zero.".to_owned());
    }
    Ok(())
}

async fn rehearse(options: &Options, dialogues: Vec<dialogues::Dialogue>) -> Result<Report, String> {
    let config = SimulatorConfig {
        status_delay: Duration::from_millis(20),
        read_automatically: true,
        customers: Vec::new(),
        ..SimulatorConfig::default()
    };
    let credentials = Credentials::of(&config);
    let simulator = Simulator::start(config).await.map_err(|error| format!("The simulator did not start: {error}."))?;
    let centre = Arc::new(Centre::open(&credentials, simulator.local_addr(), options.agents).await?);
    simulator.set_webhook_url(&centre.webhook_url()).map_err(|error| error.to_string())?;
    simulator.verify_webhook().await.map_err(|error| error.to_string())?;
    let mut browsers = Vec::new();
    for number in 0..options.agents {
        browsers.push(Browser::sign_in(centre.address(), &centre::login(number), &centre.password).await?);
    }
    let supervisor = Browser::sign_in(centre.address(), centre::SUPERVISOR, &centre.password).await?;
    let killer = options.kill_every_s.map(|every_s| Arc::clone(&centre).kill_every(Duration::from_secs_f64(every_s)));
    let backups = options.backup_every_s.map(Duration::from_secs_f64);
    let backups = backups.map(|every| Backups::every(Arc::clone(&centre), every)).transpose()?;
    let places = usize::try_from(options.agents * REHEARSAL_CAPACITY).unwrap_or(usize::MAX);
    let began = Instant::now();
    let played = Director::new(simulator.clone(), browsers, dialogues, places, options.rate_per_s).play().await;
    let took = began.elapsed();
    if let Some(killer) = killer {
        killer.abort();
        centre.up().await?;
    }
    let played = played?;
    let backups = backups.map(|backups| backups.report(&played.acks));
    let (mismatches, duplicates) = report::compare(&supervisor, &played).await?;
    let memory_mib = (centre.memory_peak_mib(), centre.memory_mib());
    let report = Report::new(&played, took, mismatches, duplicates, memory_mib, centre.restarts(), backups);
    simulator.shutdown().await;
    centre.close().await;
    Ok(report)
}
