//! Golden bytes: what was ever written must decode for ever, to the same value.
//!
//! `UPDATE=1 cargo test golden` writes files that are missing. A file that is there is never written again: when its
//! bytes no longer match, the shape was edited instead of being given a new number beside the old one.

mod security;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use super::contact::{ConversationRow, Draft};
use super::interaction::DoneInteraction;
use super::message::{ParkedPlace, Raw};
use super::{Identity, JournalBatch, JournalEvent, Numbers, Pointer, Words};
use crate::domain::agent::{Agent, Presence, Reason, Role};
use crate::domain::case_data::{CaseData, CaseKey, CaseKind};
use crate::domain::channel::{Channel, ChannelProfile, Trouble};
use crate::domain::command::DeliveryReport;
use crate::domain::contact::{Address, AddressKind, Attribute, Card, Contact};
use crate::domain::floor::Counters;
use crate::domain::ids::{
    AgentId, CaseKeyId, ChannelId, ClientKey, ContactId, ConversationId, DispositionId, InteractionId, MessageId,
    QueueId, ResponseId, Wamid,
};
use crate::domain::interaction::{EndReason, Interaction, Part, State, Transfer, TransferTarget};
use crate::domain::language::Language;
use crate::domain::media::{Fetch, FetchState, FileHash, MediaFile, MediaKind, MediaMessage, MediaSource};
use crate::domain::message::{Author, Content, Delivery, Failure, Message, Notice};
use crate::domain::queue::{AutoAnswer, BusinessHours, Queue};
use crate::domain::response::{Attachment, Response};
use crate::domain::retention::Retention;
use crate::domain::send::{Send, SendState};
use crate::domain::settings::{Disposition, ReadMarks, Settings};
use crate::domain::sign_in::SignIn;
use crate::domain::template::{
    ButtonKind, Filled, HeaderKind, Place, Template, TemplateButton, TemplateHeader, TemplateMessage, TemplateSync,
    Value, ValueKind,
};
use crate::domain::time::Timestamp;
use crate::store::codec::{self, Record};

/// The bytes of this value are those of the file, and the file's bytes are this value.
fn holds<R: Record + PartialEq>(name: &str, value: &R) {
    let version = R::VERSION;
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/records/v{version}/{name}.bin"));
    let bytes = codec::encode(value);
    if !path.exists() && std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        fs::write(&path, &bytes).expect("a file can be written");
    }
    let golden = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; UPDATE=1 writes it"));
    assert!(bytes == golden, "{name}: the bytes are not those that were written before");
    let decoded: R = codec::decode(&golden).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(decoded == *value, "{name}: the bytes no longer mean what they meant");
}

/// The bytes that an earlier shape left in this file are still that value.
fn still<R: Record + PartialEq>(version: u8, name: &str, value: &R) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/records/v{version}/{name}.bin"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let decoded: R = codec::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(decoded == *value, "{name}: the bytes of version {version} no longer mean what they meant");
}

pub(super) fn each<R: Record + PartialEq>(kind: &str, values: impl IntoIterator<Item = R>) {
    for (number, value) in values.into_iter().enumerate() {
        holds(&format!("{kind}-{number}"), &value);
    }
}

/// Bytes that an earlier version wrote are still read; what they did not say has its default.
fn each_of_version<R: Record + PartialEq>(version: u8, kind: &str, values: impl IntoIterator<Item = R>) {
    for (number, value) in values.into_iter().enumerate() {
        still(version, &format!("{kind}-{number}"), &value);
    }
}

#[test]
fn golden_small_ones() {
    each("pointer", [Pointer(0), Pointer(u64::MAX)]);
    each("words", [Words(String::new()), Words("likes tea, not coffee \u{2615}".to_owned())]);
    each("identity", [Identity { id: *b"0123456789abcdef", format: 1 }]);
    let events = vec![
        JournalEvent { at: 1_700_000_000_000, kind: 24, subjects: vec![(4, 7), (2, 3)] },
        JournalEvent { at: 1_700_000_000_001, kind: 66, subjects: vec![] },
    ];
    let counters = Counters {
        agent: 1,
        contact: 2,
        conversation: 3,
        interaction: 4,
        message: 5,
        queue: 6,
        channel: 7,
        disposition: 8,
        case_key: 9,
        response: 10,
    };
    let batch = JournalBatch { events, counters, at: Timestamp(1_700_000_000_002) };
    let earlier = JournalBatch { counters: Counters { case_key: 1, response: 1, ..counters }, ..batch.clone() };
    still(1, "journal-0", &earlier);
    each("journal", [batch]);
    each("numbers", [Numbers(vec![]), Numbers(vec![3, 1, 2])]);
}

fn agent(role: Role, presence: Presence, after_work: Option<Reason>) -> Agent {
    Agent {
        id: AgentId(3),
        role,
        capacity: 5,
        auto_ready: true,
        disabled: false,
        skills: BTreeSet::from(["french".to_owned(), "returns".to_owned()]),
        presence,
        presence_since: Timestamp(11),
        after_work,
        connected: true,
        disconnected_at: Some(Timestamp(-1)),
        idle_since: Timestamp(12),
    }
}

#[test]
fn golden_people() {
    each(
        "agent",
        [
            agent(Role::Agent, Presence::LoggedOff, None),
            agent(Role::Supervisor, Presence::Ready, Some(Reason::Chosen(None))),
            agent(Role::Administrator, Presence::NotReady(Reason::SignedIn), None),
            agent(Role::Agent, Presence::NotReady(Reason::NoAnswer), None),
            agent(Role::Agent, Presence::NotReady(Reason::Disconnected), None),
            agent(Role::Agent, Presence::NotReady(Reason::Chosen(Some("Lunch".to_owned()))), None),
            agent(Role::Agent, Presence::DoNotDisturb, None),
            agent(Role::Agent, Presence::AfterCallWork, None),
        ],
    );
    each("sign_in", [SignIn { agent: AgentId(3), started_at: Timestamp(1), seen_at: Timestamp(2) }]);
}

#[test]
fn golden_centre() {
    let hours = BusinessHours { time_zone: "Europe/Berlin".to_owned(), spans: vec![(0, 540, 1_020), (5, 600, 1_440)] };
    let full = Queue {
        skills: BTreeSet::from(["returns".to_owned()]),
        priority: -7,
        auto_answer: AutoAnswer::On,
        greeting: Some("Hello".to_owned()),
        away_text: Some("Back on Monday".to_owned()),
        hours: Some(hours),
        ..Queue::new(QueueId(2), "Returns")
    };
    each_of_version(1, "queue", [Queue::new(QueueId(1), "Support"), full.clone()]);
    let preview = Queue { auto_answer: AutoAnswer::Preview, ..full.clone() };
    each("queue", [Queue::new(QueueId(1), "Support"), full, preview]);
    let settings = Settings { idle_alert_text: Some("Still there?".to_owned()), ..Settings::default() };
    each_of_version(1, "settings", [Settings::default(), settings.clone()]);
    let settings =
        Settings { idle_lock_ms: 600_000, idle_warning_ms: 30_000, disposition_read_only_after_end: true, ..settings };
    each_of_version(2, "settings", [Settings::default(), settings.clone()]);
    let speaking = Settings { main_language: Some(Language::Portuguese), ..settings };
    each_of_version(3, "settings", [Settings::default(), speaking.clone()]);
    let marking = Settings { read_marks: ReadMarks::OnReply, ..speaking.clone() };
    each_of_version(4, "settings", [speaking.clone(), marking.clone()]);
    let retention = Retention { messages_days: Some(730), media_days: [(MediaKind::Image, 90)].into() };
    each("settings", [marking.clone(), Settings { retention, ..marking }]);
    let disposition = |id, parent| Disposition {
        id: DispositionId(id),
        code: "solved".to_owned(),
        label: "Solved".to_owned(),
        parent,
        retired: false,
    };
    let dispositions = [disposition(1, None), disposition(2, Some(DispositionId(1)))];
    each_of_version(1, "disposition", dispositions.clone());
    each("disposition", dispositions.map(|one| Disposition { retired: one.parent.is_some(), ..one }));
    let channel = Channel { id: ChannelId(1), asynchronous: true, enabled: false, trouble: None };
    let trouble = Trouble { code: 190, since: Timestamp(1_700_000_000_000), probe_at: Timestamp(1_700_000_060_000) };
    each("channel", [channel.clone(), Channel { trouble: Some(trouble), ..channel.clone() }]);
    each_of_version(1, "channel", [channel]);
    let profile = ChannelProfile {
        name: "Main number".to_owned(),
        phone_number_id: "106540352242922".to_owned(),
        business_account_id: None,
        display_number: "+1 555 0100".to_owned(),
        app_secret: "a".to_owned(),
        verify_token: "b".to_owned(),
        access_token: "c".to_owned(),
        graph_url: "https://graph.facebook.com".to_owned(),
        graph_version: "v23.0".to_owned(),
        messages_per_s_max: 80,
        asynchronous: true,
    };
    let of_business = ChannelProfile { business_account_id: Some("102290129340398".to_owned()), ..profile.clone() };
    each("channel_profile", [profile.clone(), of_business]);
    still(1, "channel_profile-0", &profile);
}

#[test]
fn golden_case_data_and_responses() {
    let case_key = |id, kind, choices: &[&str], read_only| CaseKey {
        id: CaseKeyId(id),
        key: "order_number".to_owned(),
        label: "Order number".to_owned(),
        kind,
        choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        read_only,
        on_offer: !read_only,
        required: false,
        position: 0,
    };
    let case_keys = [
        case_key(1, CaseKind::Text, &[], false),
        case_key(2, CaseKind::Number, &[], true),
        case_key(3, CaseKind::Date, &[], false),
        case_key(4, CaseKind::Boolean, &[], true),
        case_key(5, CaseKind::Choice, &["red", "blue"], false),
    ];
    each_of_version(1, "case_key", case_keys.clone());
    each("case_key", case_keys.map(|one| CaseKey { required: !one.read_only, position: 7, ..one }));
    let values = vec![("order_number".to_owned(), "AB-1".to_owned()), ("Gift".to_owned(), "s\u{ed}".to_owned())];
    each("case_data", [CaseData::default(), CaseData { version: 3, values }]);
    let bare = Response {
        id: ResponseId(1),
        category: vec![],
        title: "Hello".to_owned(),
        shortcut: None,
        text: "Hello".to_owned(),
        attachments: Vec::new(),
    };
    let full = Response {
        category: vec!["Orders".to_owned(), "Returns".to_owned()],
        shortcut: Some("return".to_owned()),
        text: "Dear {{contact.first_name}}".to_owned(),
        ..bare.clone()
    };
    each_of_version(1, "response", [bare, full.clone()]);
    let attachments = vec![Attachment { file: FileHash([7; 32]), name: "Return label.pdf".to_owned() }];
    each("response", [full.clone(), Response { attachments, ..full }]);
}

#[test]
fn golden_contacts() {
    let kinds = [AddressKind::Phone, AddressKind::UserId, AddressKind::ParentUserId, AddressKind::Username];
    let addresses = kinds.map(|kind| Address { kind, value: "15550100".to_owned() }).to_vec();
    let plain = Contact { blocked: true, ..Contact::new(ContactId(4), "Jo".to_owned(), addresses) };
    let attribute = |key: &str, value: &str| Attribute { key: key.to_owned(), value: value.to_owned() };
    let card = Card {
        first_name: Some("Jos\u{e9}".to_owned()),
        last_name: Some("da Silva".to_owned()),
        attributes: vec![attribute("E-mail", "jo@example.org"), attribute("Size", "M")],
        tags: vec!["vip".to_owned(), "returns".to_owned()],
    };
    still(1, "contact-0", &plain);
    let full = Contact { card, version: 7, ..plain.clone() };
    each("contact", [plain.clone(), full.clone(), Contact { marketing_stopped: true, ..plain.clone() }]);
    each_of_version(2, "contact", [plain, full]);
    each("draft", [Draft { text: "Dear".to_owned(), written_at: Timestamp(1_700_000_000_123) }]);
    let row = ConversationRow {
        id: ConversationId(5),
        contact: ContactId(4),
        channel: ChannelId(1),
        window_until: None,
        last_agent: None,
        last_message: None,
        last_message_at: Timestamp(0),
        opened_at: Timestamp(9),
    };
    let later = ConversationRow {
        window_until: Some(Timestamp(10)),
        last_agent: Some(AgentId(3)),
        last_message: Some(MessageId(6)),
        last_message_at: Timestamp(8),
        ..row.clone()
    };
    each("conversation", [row, later]);
}

fn interaction(state: State) -> Interaction {
    Interaction {
        id: InteractionId(1),
        conversation: ConversationId(2),
        contact: ContactId(3),
        channel: ChannelId(4),
        queue: QueueId(5),
        state,
        owner: Some(AgentId(6)),
        priority: -1,
        created_at: Timestamp(7),
        queued_at: Timestamp(8),
        accepted_at: Some(Timestamp(9)),
        ended_at: Some(Timestamp(10)),
        prefer: Some((AgentId(11), Timestamp(12))),
        passed_over: BTreeMap::from([(AgentId(13), Timestamp(14))]),
        pending_since: Some(Timestamp(15)),
        active_at: Timestamp(16),
        alerted_at: Some(Timestamp(17)),
        window_until: Some(Timestamp(18)),
        away_sent: true,
        unread: 19,
        last_message: Some(MessageId(20)),
        last_message_at: Timestamp(21),
        disposition: Some(DispositionId(22)),
        note_version: 23,
        participants: BTreeMap::from([(AgentId(25), Part::Consult), (AgentId(26), Part::Conference)]),
        version: 24,
    }
}

#[test]
fn golden_work() {
    let transfer = |target, offered| State::Transferring(Transfer { target, offered, deadline: Timestamp(30) });
    let states = [
        State::Queued,
        State::Offered(AgentId(31), Timestamp(32)),
        State::Active,
        transfer(TransferTarget::Agent(AgentId(33)), Some((AgentId(33), Timestamp(34)))),
        transfer(TransferTarget::Queue(QueueId(35)), None),
        State::Parked,
        State::Ended(EndReason::Agent),
        State::Ended(EndReason::Idle),
        State::Ended(EndReason::Blocked),
    ];
    let alone = |state| Interaction { participants: BTreeMap::new(), ..interaction(state) };
    each_of_version(1, "interaction", states.map(alone));
    each("interaction", states.map(interaction));
    let last = alone(State::Ended(EndReason::Agent));
    let done = DoneInteraction { interaction: last, at: Timestamp(40), agent: AgentId(6) };
    each_of_version(1, "interaction_done", [done]);
    let last = interaction(State::Ended(EndReason::Agent));
    each("interaction_done", [DoneInteraction { interaction: last, at: Timestamp(40), agent: AgentId(6) }]);
    let states = [SendState::Due(Timestamp(1)), SendState::InFlight, SendState::AwaitingStatus(Timestamp(2))];
    let send = |state| Send {
        message: MessageId(1),
        conversation: ConversationId(2),
        channel: ChannelId(3),
        state,
        attempt: 4,
    };
    each("send", states.map(send));
}

fn message(author: Author, content: Content, delivery: Option<Delivery>) -> Message {
    Message {
        id: MessageId(1),
        conversation: ConversationId(2),
        interaction: Some(InteractionId(3)),
        author,
        at: Timestamp(1_700_000_000_999),
        content,
        raw: Some("{}".to_owned()),
        wamid: Some(Wamid("wamid.A".to_owned())),
        quoted: Some(Wamid("wamid.B".to_owned())),
        client_key: Some(ClientKey("key".to_owned())),
        retry_of: Some(MessageId(4)),
        delivery,
    }
}

fn failed() -> Delivery {
    Delivery::Failed(Failure { code: 131_047, title: "Re-engagement message".to_owned() })
}

fn value(place: Place, name: &str) -> Value {
    Value { place, name: name.to_owned(), value: "Jo".to_owned() }
}

fn sent_template() -> TemplateMessage {
    use {
        Place::{Body, Button, Header},
        ValueKind as K,
    };
    let filled = [
        (K::Text, Header),
        (K::Image, Header),
        (K::Video, Header),
        (K::Document, Header),
        (K::Location, Header),
        (K::Text, Body),
        (K::Payload, Button(0)),
        (K::UrlSuffix, Button(1)),
        (K::Code, Button(2)),
    ];
    TemplateMessage {
        name: "order_update".to_owned(),
        language: "en_US".to_owned(),
        text: "Hello Jo".to_owned(),
        header: Some(TemplateHeader { kind: HeaderKind::Text, text: "Order Jo".to_owned() }),
        footer: Some("Bye".to_owned()),
        buttons: vec!["Yes".to_owned()],
        filled: filled.map(|(kind, place)| Filled { kind, value: value(place, "1") }).to_vec(),
    }
}

#[test]
fn golden_templates() {
    let kinds = [HeaderKind::Text, HeaderKind::Image, HeaderKind::Video, HeaderKind::Document, HeaderKind::Location];
    let template = |kind: Option<HeaderKind>| Template {
        name: "order_update".to_owned(),
        language: "en_US".to_owned(),
        category: "utility".to_owned(),
        status: "approved".to_owned(),
        quality: "green".to_owned(),
        header: kind.map(|kind| TemplateHeader { kind, text: "Order {{1}}".to_owned() }),
        body: "Hello {{1}}".to_owned(),
        footer: Some("Bye".to_owned()),
        buttons: [
            ButtonKind::QuickReply,
            ButtonKind::Url,
            ButtonKind::PhoneNumber,
            ButtonKind::CopyCode,
            ButtonKind::Other,
        ]
        .map(|kind| TemplateButton { kind, text: "Go".to_owned(), target: "https://example.com".to_owned() })
        .to_vec(),
        examples: vec![value(Place::Header, "1"), value(Place::Body, "1"), value(Place::Button(1), "1")],
        foreign: kind.is_none(),
    };
    each("template", kinds.map(Some).into_iter().chain([None]).map(template));
    let failed = TemplateSync {
        asked_at: Some(Timestamp(1)),
        synced_at: Some(Timestamp(2)),
        tried_at: Some(Timestamp(3)),
        failure: Some("refused".to_owned()),
    };
    each("template_sync", [TemplateSync::default(), failed]);
}

fn file_message(kind: MediaKind, source: MediaSource) -> Message {
    let media = MediaMessage {
        kind,
        caption: "look".to_owned(),
        name: Some("a.png".to_owned()),
        mime_type: "image/png".to_owned(),
        voice: kind == MediaKind::Audio,
        source,
    };
    message(Author::Contact, Content::Media(Box::new(media)), None)
}

#[test]
fn golden_files() {
    let file = MediaFile { hash: FileHash([9; 32]), mime_type: "image/png".to_owned(), bytes: 70 };
    each("file", [file.clone()]);
    let fetch = |state| Fetch { message: MessageId(1), channel: ChannelId(2), state, attempt: 3 };
    let failed = FetchState::Failed("gone".to_owned());
    let states = [FetchState::Due(Timestamp(4)), FetchState::Ready(file), failed, FetchState::Removed];
    each("fetch", states.map(fetch));
}

#[test]
fn golden_messages() {
    let text = || Content::Text("good morning".to_owned());
    let other = Content::Other { kind: "image".to_owned(), text: "a caption".to_owned() };
    let notice = |notice| message(Author::System, Content::Notice(notice), None);
    let answered = |delivery| message(Author::Agent(AgentId(5)), text(), Some(delivery));
    each(
        "message",
        [
            message(Author::Contact, text(), None),
            message(Author::BusinessApp, other, None),
            notice(Notice::RequeuedOwnerGone(AgentId(5))),
            notice(Notice::Transferred { from: AgentId(5), to: AgentId(6) }),
            notice(Notice::IdleAlert),
            notice(Notice::IdleClosed),
            answered(Delivery::Queued),
            answered(Delivery::Unconfirmed),
            answered(Delivery::Sent),
            answered(Delivery::Delivered),
            answered(Delivery::Read),
            answered(Delivery::Played),
            answered(failed()),
            notice(Notice::Joined(AgentId(5), Part::Consult)),
            notice(Notice::Joined(AgentId(5), Part::Conference)),
            notice(Notice::Left(AgentId(5))),
            message(Author::Agent(AgentId(5)), Content::Internal("between us".to_owned()), None),
            message(Author::Agent(AgentId(5)), Content::Template(Box::new(sent_template())), Some(Delivery::Sent)),
            message(Author::Contact, Content::Reaction { emoji: "\u{1f44d}".to_owned() }, None),
            file_message(MediaKind::Image, MediaSource::Provider { id: "7".to_owned(), sha256: "ab".to_owned() }),
            file_message(MediaKind::Video, MediaSource::Ours(FileHash([1; 32]))),
            file_message(MediaKind::Audio, MediaSource::Ours(FileHash([2; 32]))),
            file_message(MediaKind::Document, MediaSource::Ours(FileHash([3; 32]))),
            file_message(MediaKind::Sticker, MediaSource::Ours(FileHash([4; 32]))),
        ],
    );
    let report = |delivery| DeliveryReport {
        wamid: Wamid("wamid.A".to_owned()),
        message: Some(MessageId(1)),
        delivery,
        at: Timestamp(2),
    };
    each("parked_report", [report(Delivery::Read), report(failed())]);
    each("parked_place", [ParkedPlace { at: 1, wamid: "wamid.A".to_owned() }]);
    each("raw", [Raw { at: 1, kind: "calls".to_owned(), raw: "{\"a\":1}".to_owned() }]);
}
