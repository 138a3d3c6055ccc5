//! Business numbers on the command line: connect, list, test, renew the token, disconnect.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::control::{self, Answer, ChannelRequest, Request};
use crate::limits::{GRAPH_URL_DEFAULT, GRAPH_VERSION_DEFAULT, MESSAGES_PER_S_DEFAULT};

use super::config::graph_hosts;
use super::{Problem, ask, data_default, first_line};

#[derive(Subcommand)]
pub(super) enum Channel {
    /// Connect a business number.
    #[command(after_help = "Example: deskbell channel add --name 'Main number' --phone-number-id 106540352242922 \
                      --display-number '+1 555 0100' --app-secret-file secret.txt --verify-token word \
                      --access-token-file token.txt --data DIR")]
    Add(ChannelAdd),
    /// Replace the access token of a number; what waits for one goes out at once.
    #[command(after_help = "Example: deskbell channel set-token --phone-number-id 1065 --access-token-file token.txt")]
    SetToken(SetToken),
    /// The numbers that are connected, and whether Meta takes their messages.
    #[command(after_help = "Example: deskbell channel list --json --data DIR")]
    List(ChannelList),
    /// Ask Meta about everything that a number needs; exit code 1 when something is to be mended.
    #[command(after_help = "Example: deskbell channel test --phone-number-id 1065 --data DIR")]
    Test(Named),
    /// Disconnect a number; what was said on it stays.
    #[command(after_help = "Example: deskbell channel remove --phone-number-id 1065 --data DIR")]
    Remove(Named),
}

#[derive(Args)]
pub(super) struct ChannelList {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct Named {
    /// Meta's id of the number (digits).
    #[arg(long)]
    phone_number_id: String,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct SetToken {
    /// Meta's id of the number (digits).
    #[arg(long)]
    phone_number_id: String,
    /// A file with the access token for Graph calls.
    #[arg(long)]
    access_token_file: PathBuf,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

#[derive(Args)]
pub(super) struct ChannelAdd {
    /// The name that agents see.
    #[arg(long)]
    name: String,
    /// Meta's id of the number (digits).
    #[arg(long)]
    phone_number_id: String,
    /// Meta's id of the WhatsApp Business Account (digits), for templates.
    #[arg(long)]
    waba_id: Option<String>,
    /// The number as people write it.
    #[arg(long)]
    display_number: String,
    /// A file with the app secret, which signs webhooks.
    #[arg(long)]
    app_secret_file: PathBuf,
    /// The word that Meta repeats when it verifies the webhook address.
    #[arg(long)]
    verify_token: String,
    /// A file with the access token for Graph calls.
    #[arg(long)]
    access_token_file: PathBuf,
    /// Base address of Graph calls.
    #[arg(long, default_value = GRAPH_URL_DEFAULT)]
    graph_url: String,
    /// Version of Graph calls.
    #[arg(long, default_value = GRAPH_VERSION_DEFAULT)]
    graph_version: String,
    /// Messages a second that Meta allows this number.
    #[arg(long, default_value_t = MESSAGES_PER_S_DEFAULT)]
    messages_per_s_max: u32,
    /// The data directory.
    #[arg(long, default_value_os_t = data_default())]
    data: PathBuf,
}

/// Does what was asked.
pub(super) fn run(channel: Channel) -> Result<(), Problem> {
    match channel {
        Channel::Add(channel) => channel_add(channel),
        Channel::SetToken(SetToken { phone_number_id, access_token_file, data }) => first_line(&access_token_file)
            .and_then(|access_token| ask(&data, Request::AccessTokenSet { phone_number_id, access_token })),
        Channel::List(ChannelList { json, data }) => {
            let answer = told(&data, Request::ChannelList)?;
            print(if json { answer.details.to_string() } else { answer.sentence });
            Ok(())
        }
        Channel::Test(Named { phone_number_id, data }) => {
            let graph_hosts = graph_hosts(&data)?;
            let answer = told(&data, Request::ChannelTest { phone_number_id, graph_hosts })?;
            print(answer.sentence);
            match answer.details["bad"].as_u64() {
                Some(0) | None => Ok(()),
                Some(_) => Err(Problem::Failed("something is to be mended; begin at the top.".to_owned())),
            }
        }
        Channel::Remove(Named { phone_number_id, data }) => ask(&data, Request::ChannelRemove { phone_number_id }),
    }
}

fn told(data: &Path, request: Request) -> Result<Answer, Problem> {
    let answer = control::ask(data, request).map_err(Problem::Failed)?;
    if answer.done { Ok(answer) } else { Err(Problem::Refused(answer.sentence)) }
}

#[allow(clippy::print_stdout, reason = "the answer of a command")]
fn print(words: String) {
    println!("{words}");
}

fn channel_add(channel: ChannelAdd) -> Result<(), Problem> {
    let app_secret = first_line(&channel.app_secret_file)?;
    let access_token = first_line(&channel.access_token_file)?;
    ask(
        &channel.data,
        Request::ChannelAdd(ChannelRequest {
            name: channel.name,
            phone_number_id: channel.phone_number_id,
            business_account_id: channel.waba_id,
            display_number: channel.display_number,
            app_secret,
            verify_token: channel.verify_token,
            access_token,
            graph_url: channel.graph_url,
            graph_version: channel.graph_version,
            messages_per_s_max: channel.messages_per_s_max,
        }),
    )
}
