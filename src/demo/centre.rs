//! What the demo's administrator has set up: fields of case data, a tree of outcomes, canned replies.
//!
//! Invariant: one field of each kind, outcomes on two levels, replies with and without field codes and shortcuts, so
//! that every part of the page has something to show.

use crate::domain::case_data::{CaseKey, CaseKind};
use crate::domain::command::Command;
use crate::domain::ids::{AgentId, CaseKeyId, DispositionId, ResponseId};
use crate::domain::media::MediaFile;
use crate::domain::response::{Attachment, Response};
use crate::media::Shelf;
use crate::store::Store;

use super::ask;

/// The field that only the past could fill in.
pub(super) const CUSTOMER_NUMBER: &str = "customer_number";

/// Key, label, kind, choices, on the offer.
const CASE_KEYS: [(&str, &str, CaseKind, &[&str], bool); 6] = [
    ("order_number", "Order number", CaseKind::Text, &[], true),
    ("subject", "Subject", CaseKind::Choice, &["Delivery", "Damage", "Return", "Payment", "Product"], true),
    ("order_total", "Order total (€)", CaseKind::Number, &[], false),
    ("promised_for", "Promised for", CaseKind::Date, &[], false),
    ("gift", "Gift wrapping", CaseKind::Boolean, &[], false),
    (CUSTOMER_NUMBER, "Customer number", CaseKind::Text, &[], false),
];

/// Code, label, and the code above it; the outermost ones are in every new centre.
const DISPOSITIONS: [(&str, &str, &str); 7] = [
    ("answered", "Question answered", "solved"),
    ("order_changed", "Order changed", "solved"),
    ("refunded", "Refunded", "solved"),
    ("replaced", "Replacement sent", "solved"),
    ("waiting_for_stock", "Waiting for stock", "follow_up"),
    ("waiting_for_supplier", "Waiting for the supplier", "follow_up"),
    ("write_again", "Write again later", "follow_up"),
];

/// Category, title, shortcut, text.
const RESPONSES: [(&[&str], &str, Option<&str>, &str); 13] = [
    (
        &["Greetings"],
        "Hello",
        Some("hello"),
        "Hello {{contact.first_name}}, this is {{agent.first_name}}. How can I help you?",
    ),
    (&["Greetings"], "Goodbye", Some("bye"), "Thank you for writing to us, {{contact.first_name}}. Have a nice day!"),
    (&["Greetings"], "One moment", Some("moment"), "One moment please, I am looking at your order."),
    (
        &["Orders", "Delivery"],
        "On its way",
        Some("shipped"),
        "Good news: your order {{case.order_number}} has left our warehouse. It usually takes two to three working days.",
    ),
    (
        &["Orders", "Delivery"],
        "Late delivery",
        None,
        "I am sorry that {{case.order_number}} has not arrived yet. I have asked the carrier and will write to you by {{case.promised_for}}.",
    ),
    (
        &["Orders", "Delivery"],
        "Change the address",
        Some("address"),
        "We can still change it. Which address shall we use? Please write street, number, postcode and town.",
    ),
    (
        &["Orders", "Returns"],
        "Return label",
        Some("return"),
        "Dear {{contact.first_name}}, here is the return label for {{case.order_number}}. Please use it within 14 days.",
    ),
    (
        &["Orders", "Returns"],
        "Return arrived",
        None,
        "Your return has arrived today, {{date.today}}. The refund goes out within three working days.",
    ),
    (
        &["Orders", "Damage"],
        "Ask for a photograph",
        Some("photo"),
        "I am sorry about that! Could you send us a photograph of the parcel and of what is damaged?",
    ),
    (
        &["Payment"],
        "Charged twice",
        Some("twice"),
        "I can see both charges. The second one goes back to your card in three to five working days.",
    ),
    (
        &["Payment"],
        "Invoice",
        Some("invoice"),
        "Gladly. To which e-mail address may we send the invoice for {{case.order_number}}?",
    ),
    (
        &["Shop"],
        "Opening hours",
        Some("hours"),
        "Our shop is open Monday to Friday from 9:00 to 18:00 and on Saturday from 9:00 to 14:00.",
    ),
    (
        &["Shop"],
        "How to reach us",
        None,
        "You can write to us on {{channel.number}} at any time; your reference is {{interaction.id}}. Regards, {{agent.name}}, {{queue.name}}",
    ),
];

/// Sets it up; `supervisor` keeps the canned replies. Gives each outcome's code and id.
pub(super) async fn set_up(store: &Store, supervisor: AgentId) -> Result<Vec<(String, DispositionId)>, String> {
    let case_keys = CASE_KEYS.map(|(key, ..)| Command::SetCaseKey(case_key(CaseKeyId(0), key, false)));
    ask(store, case_keys.to_vec()).await?;
    let before = store.read(|snapshot| snapshot.dispositions()).map_err(|error| error.to_string())?;
    let dispositions = DISPOSITIONS.map(|(code, label, above)| Command::AddDisposition {
        code: code.to_owned(),
        label: label.to_owned(),
        parent: before.iter().find(|disposition| disposition.code == above).map(|disposition| disposition.id),
    });
    ask(store, dispositions.to_vec()).await?;
    let label = return_label(store, supervisor).await?;
    let responses = RESPONSES.map(|(category, title, shortcut, text)| {
        let attachments = if shortcut == Some("return") { vec![label.clone()] } else { Vec::new() };
        Command::SetResponse {
            agent: supervisor,
            response: Response {
                id: ResponseId(0),
                category: category.iter().map(|&name| name.to_owned()).collect(),
                title: title.to_owned(),
                shortcut: shortcut.map(str::to_owned),
                text: text.to_owned(),
                attachments,
            },
        }
    });
    ask(store, responses.to_vec()).await?;
    let now = store.read(|snapshot| snapshot.dispositions()).map_err(|error| error.to_string())?;
    Ok(now.into_iter().map(|disposition| (disposition.code, disposition.id)).collect())
}

/// A page of paper (PDF 1.4) that goes with a response.
const RETURN_LABEL: &[u8] = b"%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 298 210] /Contents 4 0 R /Resources <</Font <</F 5 0 R>>>>>> endobj
4 0 obj <</Length 54>> stream
BT /F 20 Tf 30 150 Td (Return label of the demo) Tj ET
endstream endobj
5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
trailer <</Root 1 0 R>>
%%EOF
";

async fn return_label(store: &Store, agent: AgentId) -> Result<Attachment, String> {
    let put = || {
        let mut draft = Shelf::of(store.directory()).draft()?;
        draft.append(RETURN_LABEL)?;
        draft.keep()
    };
    let kept = put().map_err(|error: std::io::Error| error.to_string())?;
    let hash = kept.hash;
    let file = MediaFile { hash, mime_type: "application/pdf".to_owned(), bytes: RETURN_LABEL.len() as u64 };
    ask(store, vec![Command::AddFile { agent, file }]).await?;
    Ok(Attachment { file: hash, name: "Return label.pdf".to_owned() })
}

/// From now on the customer number is for reading only.
pub(super) async fn lock(store: &Store) -> Result<(), String> {
    let case_keys = store.read(|snapshot| snapshot.case_keys()).map_err(|error| error.to_string())?;
    let found = case_keys.into_iter().find(|known| known.key == CUSTOMER_NUMBER);
    let Some(CaseKey { id, key, .. }) = found else { return Ok(()) };
    ask(store, vec![Command::SetCaseKey(case_key(id, &key, true))]).await.map(drop)
}

fn case_key(id: CaseKeyId, key: &str, read_only: bool) -> CaseKey {
    let found = CASE_KEYS.iter().find(|(known, ..)| *known == key);
    let (_, label, kind, choices, on_offer) = *found.expect("the keys are those of the table");
    CaseKey {
        id,
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
        choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
        read_only,
        on_offer,
        required: false,
        position: 0,
    }
}
