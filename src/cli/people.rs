//! `deskbell user …`, `deskbell audit …`, `deskbell setup-link`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{Problem, ask, data_default, first_line};
use crate::control::{self, Answer, AuditRequest, Door, PeopleRequest, Request, RoleName};
use crate::limits::CAPACITY_DEFAULT;
use crate::password;

#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person.
    #[command(
        after_help = "Example: deskbell user add ana --name 'Ana Souza' --role agent --password-file ana.txt --data DIR"
    )]
    Add(UserAdd),
    /// Show everybody.
    #[command(after_help = "Example: deskbell user list --json --data DIR")]
    List(Shown),
    /// Set a person's password; sign-ins with the old one end.
    #[command(after_help = "Example: deskbell user passwd ana --password-file ana.txt --temporary --data DIR")]
    Passwd(Passwd),
    /// Keep a person out: sign-ins end, open work is put aside, nothing is offered any more.
    #[command(after_help = "Example: deskbell user disable ana --data DIR")]
    Disable(Named),
    /// Let a person in again.
    #[command(after_help = "Example: deskbell user enable ana --data DIR")]
    Enable(Named),
    /// Change what a person may do.
    #[command(after_help = "Example: deskbell user role ana supervisor --data DIR")]
    Role(SetRole),
    /// Take away a second factor that was lost.
    #[command(name = "reset-2fa", after_help = "Example: deskbell user reset-2fa ana --data DIR")]
    ResetSecondFactor(Named),
}

#[derive(Args)]
pub(super) struct UserAdd {
    /// The name typed at sign-in.
    login: String,
    /// The name that colleagues see.
    #[arg(long)]
    name: String,
    /// What they may do.
    #[arg(long)]
    role: RoleName,
    /// A file whose first line is the password.
    #[arg(long)]
    password_file: PathBuf,
    /// How many interactions at once.
    #[arg(long, default_value_t = CAPACITY_DEFAULT)]
    capacity: u32,
    /// Signing in makes them Ready at once.
    #[arg(long)]
    auto_ready: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct Passwd {
    /// The name typed at sign-in.
    login: String,
    /// A file whose first line is the password.
    #[arg(long)]
    password_file: PathBuf,
    /// They have to choose their own at the next sign-in.
    #[arg(long)]
    temporary: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct Named {
    /// The name typed at sign-in.
    login: String,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct SetRole {
    /// The name typed at sign-in.
    login: String,
    /// What they may do from now on.
    role: RoleName,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct Shown {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Show the newest entries.
    #[command(after_help = "Example: deskbell audit list --data DIR")]
    List(AuditList),
    /// Go through the whole log: is every entry the one that was written?
    #[command(after_help = "Example: deskbell audit verify --data DIR")]
    Verify(At),
    /// Print every entry, the newest first, as JSON Lines.
    #[command(after_help = "Example: deskbell audit export --json --data DIR")]
    Export(Shown),
}

#[derive(Args)]
pub(super) struct AuditList {
    /// Entries at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Print JSON Lines.
    #[arg(long)]
    json: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct At {
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct SetUpLink {
    /// Where browsers reach the server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

pub(super) fn user(user: User) -> Result<(), Problem> {
    match user {
        User::Add(user) => user_add(user),
        User::List(shown) => list(&shown),
        User::Passwd(Passwd { login, password_file, temporary, data }) => {
            let password_hash = hashed(&password_file, &login)?;
            ask(&data, Request::People(PeopleRequest::Password { login, password_hash, temporary }))
        }
        User::Disable(Named { login, data }) => ask(&data, Request::People(PeopleRequest::Disable { login })),
        User::Enable(Named { login, data }) => ask(&data, Request::People(PeopleRequest::Enable { login })),
        User::Role(SetRole { login, role, data }) => ask(&data, Request::People(PeopleRequest::Role { login, role })),
        User::ResetSecondFactor(Named { login, data }) => {
            ask(&data, Request::People(PeopleRequest::ResetSecondFactor { login }))
        }
    }
}

fn hashed(password_file: &std::path::Path, login: &str) -> Result<String, Problem> {
    password::hash_new(&first_line(password_file)?, login).map_err(|error| Problem::Refused(error.to_string()))
}

fn user_add(user: UserAdd) -> Result<(), Problem> {
    let password_hash = hashed(&user.password_file, &user.login)?;
    ask(
        &user.data,
        Request::UserAdd {
            login: user.login,
            name: user.name,
            role: user.role,
            password_hash,
            capacity: user.capacity,
            auto_ready: user.auto_ready,
        },
    )
}

/// What a request tells as data.
fn told(door: &mut Door, request: Request) -> Result<Answer, Problem> {
    let answer = door.ask(request).map_err(Problem::Failed)?;
    if answer.done { Ok(answer) } else { Err(Problem::Refused(answer.sentence)) }
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn list(shown: &Shown) -> Result<(), Problem> {
    let mut door = Door::open(&shown.data).map_err(Problem::Failed)?;
    let people = told(&mut door, Request::People(PeopleRequest::List))?.details;
    if shown.json {
        println!("{people}");
        return Ok(());
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for person in people.as_array().into_iter().flatten() {
        let marks = [
            ("disabled", "disabled"),
            ("second_factor", "second factor"),
            ("password_temporary", "temporary password"),
        ];
        let marks: Vec<_> = marks.iter().filter(|(field, _)| person[*field] == true).map(|(_, mark)| *mark).collect();
        let (login, role, name) = (text(&person["login"]), text(&person["role"]), text(&person["name"]));
        println!("{login:<20} {role:<14} {name}  {}", marks.join(", "));
    }
    Ok(())
}

pub(super) fn audit(audit: &Audit) -> Result<(), Problem> {
    match audit {
        Audit::List(AuditList { limit, json, data }) => entries(data, *limit, *json),
        Audit::Verify(At { data }) => ask(data, Request::Audit(AuditRequest::Check)),
        Audit::Export(Shown { data, json: _ }) => entries(data, usize::MAX, true),
    }
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn entries(data: &std::path::Path, limit: usize, json: bool) -> Result<(), Problem> {
    let mut door = Door::open(data).map_err(Problem::Failed)?;
    let (mut before, mut left) = (None, limit);
    while left > 0 {
        let page = told(&mut door, Request::Audit(AuditRequest::Page { before }))?.details;
        let rows = page.as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(last) = rows.last() else { break };
        for row in rows.iter().take(left) {
            if json { println!("{row}") } else { println!("{}", line(row)) }
        }
        before = last["number"].as_u64();
        left = left.saturating_sub(rows.len());
    }
    Ok(())
}

/// An entry in one line, for people.
fn line(row: &Value) -> String {
    let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let at = control::words_of_time(row["at"].as_i64().unwrap_or(0));
    let who = row["agent"].as_str().map_or_else(|| text("who"), str::to_owned);
    let about = row["subject_login"].as_str().map_or_else(
        || row["subject_id"].as_u64().map_or_else(String::new, |id| format!("{} {id}", text("subject"))),
        str::to_owned,
    );
    let parts = [at, who, text("action"), about, text("detail"), text("address"), text("browser")];
    format!("#{} {}", row["number"], parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  "))
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
pub(super) fn set_up_link(SetUpLink { url, data }: &SetUpLink) -> Result<(), Problem> {
    let mut door = Door::open(data).map_err(Problem::Failed)?;
    let answer = told(&mut door, Request::SetUpLink)?;
    let path = answer.details.as_str().unwrap_or_default();
    println!("{}\n  {}{path}", answer.sentence, url.trim_end_matches('/'));
    Ok(())
}
