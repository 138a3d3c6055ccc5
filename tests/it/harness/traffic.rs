//! Customers who write and an agent who answers, as commands for a store.

use std::collections::BTreeSet;

use deskbell::domain::agent::{AgentProfile, Role};
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, DeliveryReport, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::ids::{AgentId, ClientKey, InteractionId, MessageId, TokenHash, Wamid};
use deskbell::domain::message::{Content, Delivery};
use deskbell::domain::time::Timestamp;

/// When every test begins.
pub(crate) const MORNING: Timestamp = Timestamp(1_700_000_000_000);
/// The one agent.
pub(crate) const ANA: AgentId = AgentId(1);

/// A number, an agent who is there, and nothing else.
pub(crate) fn opening() -> Vec<Command> {
    vec![
        Command::AddChannel(channel("106540352242922")),
        Command::AddAgent(agent("ana")),
        Command::SignIn { agent: ANA, token: TokenHash([7; 32]) },
        Command::Connect { agent: ANA },
    ]
}

pub(crate) fn agent(login: &str) -> AgentProfile {
    AgentProfile {
        login: login.to_owned(),
        name: login.to_uppercase(),
        role: Role::Agent,
        password_hash: "$argon2id$none".to_owned(),
        capacity: 50,
        auto_ready: true,
        skills: BTreeSet::new(),
    }
}

pub(crate) fn channel(phone_number_id: &str) -> ChannelProfile {
    ChannelProfile {
        name: "Main number".to_owned(),
        phone_number_id: phone_number_id.to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: "app secret".to_owned(),
        verify_token: "verify token".to_owned(),
        access_token: "access token".to_owned(),
        graph_url: "http://127.0.0.1:1".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    }
}

/// The `number`-th message, from this contact.
pub(crate) fn says(contact: u64, number: u64) -> Command {
    Command::Receive(Box::new(InboundMessage {
        phone_number_id: "106540352242922".to_owned(),
        sender: Sender {
            addresses: vec![Address { kind: AddressKind::Phone, value: format!("1555{contact:07}") }],
            name: Some(format!("Contact {contact}")),
        },
        wamid: wamid(number),
        sent_at: MORNING,
        content: Content::Text(format!("message {number}")),
        raw: None,
        quoted: None,
        system: false,
    }))
}

/// The provider's id of the `number`-th message.
pub(crate) fn wamid(number: u64) -> Wamid {
    Wamid(format!("wamid.IN{number:08}"))
}

pub(crate) fn answers(interaction: InteractionId, key: u64) -> Command {
    Command::Send {
        agent: ANA,
        interaction,
        client_key: ClientKey(format!("key-{key}")),
        content: Content::Text(format!("answer {key}")),
        raw: None,
        quoted: None,
    }
}

/// A status of one of our messages, by the provider's id alone.
pub(crate) fn reports(wamid: &str, message: Option<MessageId>, delivery: Delivery) -> Command {
    Command::RecordDelivery(DeliveryReport { wamid: Wamid(wamid.to_owned()), message, delivery, at: MORNING })
}
