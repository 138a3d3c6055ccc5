//! `doctor`: whether the box is well.
//!
//! Invariant: a directory that holds no store is refused, never made one.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::control::{Door, Request, examine_unopened};
use crate::health::{self, Finding, State};
use crate::store::Store;

use super::{Problem, data_default};

/// What `doctor` is given.
#[derive(Args)]
pub(super) struct Doctor {
    /// A certificate that is served, as a PEM file; may be said several times.
    #[arg(long)]
    certificate: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// Prints what every check found; something red is a failure.
#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn examine(doctor: Doctor) -> Result<(), Problem> {
    let Doctor { certificate, json, data } = doctor;
    if !Store::is_there(&data) {
        let sentence = format!("{} holds no data of Deskbell. Name its data directory with --data.", data.display());
        return Err(Problem::Refused(sentence));
    }
    let findings = match Door::open(&data) {
        Ok(mut door) => {
            let answer = door.ask(Request::Doctor { certificates: certificate }).map_err(Problem::Failed)?;
            answer.health.ok_or(Problem::Failed(answer.sentence))?
        }
        Err(reason) => examine_unopened(&data, &certificate, &reason),
    };
    let worst = health::worst(&findings);
    if json {
        println!("{}", json!({ "state": worst, "checks": findings }));
    } else {
        findings.iter().for_each(tell);
    }
    let count = findings.iter().filter(|finding| finding.state == State::Red).count();
    match count {
        0 => Ok(()),
        1 => Err(Problem::Failed("One check is red.".to_owned())),
        _ => Err(Problem::Failed(format!("{count} checks are red."))),
    }
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn tell(finding: &Finding) {
    let state = match finding.state {
        State::Green => "ok    ",
        State::Yellow => "look  ",
        State::Red => "RED   ",
    };
    println!("{state} {:<14} {}", finding.check, finding.sentence);
    if let Some(remedy) = &finding.remedy {
        println!("{:22}{remedy}", "");
    }
}
