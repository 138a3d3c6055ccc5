//! Messages of a thousand contacts who have written before, so that the tables have the shape of a working day.

use deskbell::clock::Clock;
use deskbell::domain::channel::ChannelProfile;
use deskbell::domain::command::{Command, InboundMessage};
use deskbell::domain::contact::{Address, AddressKind, Sender};
use deskbell::domain::ids::Wamid;
use deskbell::domain::message::Content;
use deskbell::domain::time::Timestamp;
use deskbell::store::Store;

const CONTACTS: u64 = 1_000;

/// One envelope.
pub(crate) fn submit(store: &Store, commands: Vec<Command>) {
    let answers = store.submit_blocking(commands).expect("the store writes");
    assert!(answers.iter().all(Result::is_ok), "everything is accepted");
}

/// What arrives, message by message; the number is how many did.
pub(crate) struct Traffic(pub(crate) u64);

impl Traffic {
    pub(crate) fn next(&mut self, messages: u64) -> Vec<Command> {
        (0..messages).map(|_| self.message()).collect()
    }

    fn message(&mut self) -> Command {
        self.0 += 1;
        let number = self.0;
        // Contacts in no particular order, as they would write.
        let contact = number.wrapping_mul(7_919) % CONTACTS;
        Command::Receive(Box::new(InboundMessage {
            phone_number_id: "106540352242922".to_owned(),
            sender: Sender {
                addresses: vec![Address { kind: AddressKind::Phone, value: format!("4915550{contact:06}") }],
                name: Some(format!("Contact {contact}")),
            },
            wamid: Wamid(format!(
                "wamid.HBgLNDkxNTU1{contact:06}FQIAEhgW{:016X}AA==",
                number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            )),
            sent_at: Timestamp(Clock::system().now().0 / 1_000 * 1_000),
            content: Content::Text(
                "Good morning, I wanted to ask where my parcel is; it should have come on Tuesday.".to_owned(),
            ),
            raw: None,
            quoted: None,
            system: false,
        }))
    }
}

/// The number at which they arrive.
pub(crate) fn channel() -> Command {
    Command::AddChannel(ChannelProfile {
        name: "Main number".to_owned(),
        phone_number_id: "106540352242922".to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: "secret".to_owned(),
        verify_token: "token".to_owned(),
        access_token: "token".to_owned(),
        graph_url: "http://127.0.0.1:1".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    })
}
