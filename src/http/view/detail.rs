//! What a message carries beside its words, taken from the provider's object: places, contact cards, answers to buttons.
//!
//! Apart from the message because these are Meta's shapes. Invariant: what cannot be read is left out; the words of the
//! message say the same in short.

use serde::Serialize;
use serde_json::Value;

/// Cards of one message that are shown.
const CARDS_MAX: usize = 20;

/// The parts of a message that the page draws.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum DetailView {
    Location { latitude: f64, longitude: f64, name: Option<String>, address: Option<String> },
    Contacts { cards: Vec<CardView> },
    Reply { title: String, description: Option<String> },
    Question { text: String, footer: Option<String>, choices: Vec<String>, link: Option<String> },
}

/// A contact card.
#[derive(Serialize)]
pub(super) struct CardView {
    name: String,
    phones: Vec<String>,
    emails: Vec<String>,
    organisation: Option<String>,
}

/// Where a message comes from, where it is not simply written.
#[derive(Serialize)]
pub(super) struct OriginView {
    /// `once`, or `often` (more than five times).
    forwarded: Option<&'static str>,
    /// The advertisement or post from which the contact came.
    referral: Option<ReferralView>,
    /// The product of the catalogue that is asked about.
    product: Option<String>,
}

/// An advertisement or post.
#[derive(Serialize)]
struct ReferralView {
    headline: Option<String>,
    body: Option<String>,
    url: Option<String>,
}

/// The origin in the provider's object; `None` where it tells of none.
pub(super) fn origin(raw: Option<&str>) -> Option<OriginView> {
    let raw = raw.filter(|raw| ["\"forwarded", "\"frequently", "\"referr"].iter().any(|word| raw.contains(word)))?;
    let message: Value = serde_json::from_str(raw).ok()?;
    let (context, referral) = (&message["context"], &message["referral"]);
    let is = |key: &str| context[key] == true || context[key] == "true";
    let forwarded = if is("frequently_forwarded") { Some("often") } else { is("forwarded").then_some("once") };
    let referral = referral.is_object().then(|| ReferralView {
        headline: text(&referral["headline"]),
        body: text(&referral["body"]),
        url: text(&referral["source_url"]).filter(|url| is_web(url)),
    });
    let product = text(&context["referred_product"]["product_retailer_id"]);
    (forwarded.is_some() || referral.is_some() || product.is_some()).then_some(OriginView {
        forwarded,
        referral,
        product,
    })
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The detail in the provider's object of a message of this kind.
pub(super) fn of(kind: &str, raw: Option<&str>) -> Option<DetailView> {
    if !matches!(kind, "location" | "contacts" | "interactive" | "button") {
        return None;
    }
    let message: Value = serde_json::from_str(raw?).ok()?;
    let node = &message[kind];
    match kind {
        "location" => Some(DetailView::Location {
            latitude: number(&node["latitude"]).filter(|degrees| degrees.abs() <= 90.0)?,
            longitude: number(&node["longitude"]).filter(|degrees| degrees.abs() <= 180.0)?,
            name: text(&node["name"]),
            address: text(&node["address"]),
        }),
        "contacts" => {
            let cards: Vec<_> = node.as_array()?.iter().take(CARDS_MAX).filter_map(card).collect();
            (!cards.is_empty()).then_some(DetailView::Contacts { cards })
        }
        "button" => Some(DetailView::Reply { title: text(&node["text"])?, description: None }),
        _ if node["body"].is_object() => question(node),
        _ => {
            let answer = &node[node["type"].as_str()?];
            Some(DetailView::Reply { title: text(&answer["title"])?, description: text(&answer["description"]) })
        }
    }
}

/// What we asked: the words, and what the contact can tap.
fn question(node: &Value) -> Option<DetailView> {
    let action = &node["action"];
    let titles = |list: &Value, pick: fn(&Value) -> &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().filter_map(|one| text(pick(one))).collect()
    };
    let rows = action["sections"].as_array().into_iter().flatten();
    let choices = match node["type"].as_str()? {
        "button" => titles(&action["buttons"], |one| &one["reply"]["title"]),
        "list" => rows.flat_map(|section| titles(&section["rows"], |row| &row["title"])).collect(),
        _ => text(&action["parameters"]["display_text"]).into_iter().collect(),
    };
    Some(DetailView::Question {
        text: text(&node["body"]["text"])?,
        footer: text(&node["footer"]["text"]),
        choices,
        link: text(&action["parameters"]["url"]).filter(|url| is_web(url)),
    })
}

fn card(card: &Value) -> Option<CardView> {
    let all = |key: &str, inner: &str| {
        let list = card[key].as_array().into_iter().flatten();
        list.filter_map(|one| text(&one[inner])).take(CARDS_MAX).collect::<Vec<_>>()
    };
    let phones = all("phones", "phone");
    let name = text(&card["name"]["formatted_name"]).or_else(|| phones.first().cloned())?;
    Some(CardView { name, phones, emails: all("emails", "email"), organisation: text(&card["org"]["company"]) })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Numbers come as strings from some senders.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{of, origin};

    fn shown(kind: &str, raw: &str) -> String {
        serde_json::to_string(&of(kind, Some(raw))).expect("our shapes are JSON")
    }

    #[test]
    fn details_are_read_and_nonsense_is_left_out() {
        assert_eq!(
            shown("location", r#"{"location":{"latitude":"52.5","longitude":13.4,"name":"Office"}}"#),
            r#"{"kind":"location","latitude":52.5,"longitude":13.4,"name":"Office","address":null}"#
        );
        assert_eq!(shown("location", r#"{"location":{"latitude":152.5,"longitude":13.4}}"#), "null");
        assert_eq!(
            shown("contacts", r#"{"contacts":[{"name":{"formatted_name":"Ana"},"phones":[{"phone":"+55"}]},7]}"#),
            r#"{"kind":"contacts","cards":[{"name":"Ana","phones":["+55"],"emails":[],"organisation":null}]}"#
        );
        let list = r#"{"interactive":{"type":"list_reply","list_reply":{"title":"Repair","description":"Soon"}}}"#;
        assert_eq!(shown("interactive", list), r#"{"kind":"reply","title":"Repair","description":"Soon"}"#);
        let asked = r#"{"interactive":{"type":"button","body":{"text":"When?"},"footer":{"text":"Shop"},"action":{
            "buttons":[{"type":"reply","reply":{"id":"1","title":"Today"}}]}}}"#;
        assert_eq!(
            shown("interactive", asked),
            r#"{"kind":"question","text":"When?","footer":"Shop","choices":["Today"],"link":null}"#
        );
        assert_eq!(shown("image", "{}"), "null");
        assert_eq!(shown("location", "nonsense"), "null");
    }

    #[test]
    fn origins_are_told_where_there_are_any() {
        let told = |raw| serde_json::to_string(&origin(Some(raw))).expect("our shapes are JSON");
        assert_eq!(told(r#"{"context":{"id":"wamid.A"},"text":{"body":"forwarded"}}"#), "null");
        assert_eq!(told(r#"{"context":{"forwarded":true}}"#), r#"{"forwarded":"once","referral":null,"product":null}"#);
        let often = told(r#"{"context":{"frequently_forwarded":"true","forwarded":true}}"#);
        assert!(often.contains(r#""forwarded":"often""#), "{often}");
        assert_eq!(
            told(r#"{"referral":{"headline":"Mills","body":"New","source_url":"javascript:1"}}"#),
            r#"{"forwarded":null,"referral":{"headline":"Mills","body":"New","url":null},"product":null}"#
        );
        let product = told(r#"{"context":{"referred_product":{"product_retailer_id":"SKU-1"}}}"#);
        assert!(product.contains("SKU-1"), "{product}");
    }
}
