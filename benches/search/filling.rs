//! A store filled with made-up conversations, for benchmarks.

use std::collections::BTreeSet;
use std::time::Instant;

use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, PastMessage, PastTalk};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::ids::{AgentId, ChannelId, Wamid};
use deskbell::domain::message::{Author, Content};
use deskbell::domain::time::Timestamp;
use deskbell::store::Store;

use super::corpus::{Corpus, Dice, INTERVAL_MS, Line, START_MS};

fn set_up(store: &Store) {
    let profile = ChannelProfile {
        name: "Main".to_owned(),
        business_account_id: None,
        phone_number_id: "100".to_owned(),
        display_number: "+1 555 0100".to_owned(),
        app_secret: "secret".to_owned(),
        verify_token: "word".to_owned(),
        access_token: "token".to_owned(),
        graph_url: "http://127.0.0.1:9".to_owned(),
        graph_version: "v27.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    };
    store.submit_blocking(vec![Command::AddChannel(profile)]).expect("the store writes");
    for agent in 1..=20 {
        let profile = deskbell::domain::agent::AgentProfile {
            login: format!("agent{agent}"),
            name: format!("Agent {agent}"),
            role: deskbell::domain::agent::Role::Agent,
            password_hash: "none".to_owned(),
            capacity: 5,
            auto_ready: false,
            skills: BTreeSet::new(),
        };
        store.submit_blocking(vec![Command::AddAgent(profile)]).expect("the store writes");
    }
}

/// Messages of one conversation, with their numbers.
pub(crate) fn talk(lines: &[(i64, Line)]) -> Command {
    let conversation = lines.first().map_or(0, |(_, line)| line.conversation);
    let address = Address { kind: AddressKind::Phone, value: format!("4915{conversation:09}") };
    let said = lines.iter().map(|(id, line)| PastMessage {
        wamid: Wamid(format!("bench.{id:09}")),
        author: if line.agent == 0 { Author::Contact } else { Author::Agent(AgentId(line.agent)) },
        at: Timestamp(START_MS + id * INTERVAL_MS),
        content: Content::Text(line.text.clone()),
        raw: None,
        quoted: None,
    });
    let said = said.collect();
    let sender = Sender { addresses: vec![address], name: None };
    Command::Import(Box::new(PastTalk { channel: ChannelId(1), sender, said }))
}

/// Messages in the order of time, into the store where there is one; gives some of them, to draw queries from.
pub(crate) fn fill(store: Option<&Store>, messages: usize) -> Vec<(i64, Line)> {
    let begun = Instant::now();
    if let Some(store) = store {
        set_up(store);
    }
    let submit = |commands: Vec<Command>| {
        if let Some(store) = store {
            store.submit_blocking(commands).expect("the store writes");
        }
    };
    let mut sample = Vec::new();
    let mut dice = Dice(5);
    let keep = (messages / 20_000).max(1);
    let (mut commands, mut said) = (Vec::new(), Vec::<(i64, Line)>::new());
    for (line, id) in Corpus::new(messages).zip(1_i64..) {
        if said.last().is_some_and(|(_, last)| last.conversation != line.conversation) {
            commands.push(talk(&said));
            said.clear();
            if commands.len() == 100 {
                submit(std::mem::take(&mut commands));
            }
        }
        if dice.below(keep) == 0 {
            sample.push((id, line.clone()));
        }
        if store.is_some() {
            said.push((id, line));
        }
    }
    if !said.is_empty() {
        commands.push(talk(&said));
    }
    submit(commands);
    if store.is_some() {
        report("into the store", messages as f64 / begun.elapsed().as_secs_f64(), "messages/s");
    }
    sample
}

/// One line of the report.
pub(crate) fn report(what: &str, figure: f64, unit: &str) {
    println!("{what:<22}{figure:>12.1} {unit}");
}
