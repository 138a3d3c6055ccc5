//! What an administrator and a supervisor have prepared: case keys of every kind, a tree of outcomes, responses.

use deskbell::control::{self, Request, RoleName};
use deskbell::domain::case_data::{CaseKey, CaseKind};
use deskbell::domain::command::Command;
use deskbell::domain::ids::{AgentId, CaseKeyId, DispositionId, ResponseId};
use deskbell::domain::response::Response;
use deskbell::password;
use deskbell::store::Store;

use super::desk::PASSWORD;

/// Key, label, kind, choices, for reading only.
const CASE_KEYS: [(&str, &str, CaseKind, &[&str], bool); 6] = [
    ("order_number", "Order number", CaseKind::Text, &[], false),
    ("amount", "Amount", CaseKind::Number, &[], false),
    ("promised_for", "Promised for", CaseKind::Date, &[], false),
    ("gift", "Gift", CaseKind::Boolean, &[], false),
    ("product", "Product", CaseKind::Choice, &["Mill", "Grinder"], false),
    ("segment", "Segment", CaseKind::Text, &[], true),
];

/// Category, title, shortcut, text.
const RESPONSES: [(&[&str], &str, Option<&str>, &str); 3] = [
    (
        &["Shipping", "Returns"],
        "Return label",
        Some("return"),
        "Dear {{contact.first_name}}, the label for {{case.order_number}} is on its way. {{agent.first_name}}",
    ),
    (&["Shipping"], "Where is my parcel", Some("where"), "I look where your parcel is."),
    (&[], "Größe ändern", None, "We change the size."),
];

/// Puts it all in; Sue Park is the supervisor.
pub(crate) async fn furnish(store: &Store) {
    let supervisor = Request::UserAdd {
        login: "sue".to_owned(),
        name: "Sue Park".to_owned(),
        role: RoleName::Supervisor,
        password_hash: password::hash(PASSWORD).expect("a good password"),
        capacity: 3,
        auto_ready: false,
    };
    let answer = control::execute(store, None, supervisor).await;
    assert!(answer.done, "{}", answer.sentence);
    ask(store, CASE_KEYS.map(case_key).to_vec()).await;
    ask(store, vec![outcome("shipping", "Shipping", None)]).await;
    let shipping = id_of(store, "shipping");
    ask(store, vec![outcome("lost", "Lost", Some(shipping)), outcome("late", "Late", Some(shipping))]).await;
    ask(store, RESPONSES.map(response).to_vec()).await;
}

async fn ask(store: &Store, commands: Vec<Command>) {
    let answers = store.submit(commands).await.expect("the store takes it");
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

fn case_key((key, label, kind, choices, read_only): (&str, &str, CaseKind, &[&str], bool)) -> Command {
    Command::SetCaseKey(CaseKey {
        id: CaseKeyId(0),
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
        choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        read_only,
        on_offer: false,
        required: false,
        position: 0,
    })
}

fn outcome(code: &str, label: &str, parent: Option<DispositionId>) -> Command {
    Command::AddDisposition { code: code.to_owned(), label: label.to_owned(), parent }
}

fn id_of(store: &Store, code: &str) -> DispositionId {
    let all = store.read(|snapshot| snapshot.dispositions()).expect("outcomes can be read");
    all.iter().find(|one| one.code == code).expect("it was added").id
}

/// The third person of the centre is the supervisor.
fn response((category, title, shortcut, text): (&[&str], &str, Option<&str>, &str)) -> Command {
    Command::SetResponse {
        agent: AgentId(3),
        response: Response {
            id: ResponseId(0),
            category: category.iter().map(|&name| name.to_owned()).collect(),
            title: title.to_owned(),
            shortcut: shortcut.map(str::to_owned),
            text: text.to_owned(),
            attachments: Vec::new(),
        },
    }
}
