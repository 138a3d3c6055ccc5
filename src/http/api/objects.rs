//! What an agent sends that is neither words nor a file: a place, contact cards, a question with answers or a link, a wish
//! for the contact's place or number.
//!
//! Apart from the messages because these are Meta's shapes and limits (whatsapp-cloud-api.md 2.1). Invariant: what is made
//! here is within Meta's limits, and its words say in short what the object says.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::message::Object;
use crate::http::error::HttpError;
use crate::limits::{
    ANSWER_BUTTON_CHARS_MAX, ANSWER_BUTTONS_MAX, CARD_CHARS_MAX, CARD_ENTRIES_MAX, CARDS_MAX, FOOTER_CHARS_MAX,
    LINK_CHARS_MAX, LIST_QUESTION_CHARS_MAX, LIST_ROW_DESCRIPTION_CHARS_MAX, LIST_ROW_TITLE_CHARS_MAX, LIST_ROWS_MAX,
    QUESTION_CHARS_MAX,
};

/// The parts of an object, as the page asks for it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::http) enum ObjectBody {
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default)]
        name: String,
        #[serde(default)]
        address: String,
    },
    Contacts {
        cards: Vec<CardBody>,
    },
    Buttons {
        text: String,
        #[serde(default)]
        footer: String,
        buttons: Vec<String>,
    },
    List {
        text: String,
        #[serde(default)]
        footer: String,
        button: String,
        rows: Vec<RowBody>,
    },
    Link {
        text: String,
        #[serde(default)]
        footer: String,
        label: String,
        url: String,
    },
    AskLocation {
        text: String,
    },
    AskNumber {
        text: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CardBody {
    name: String,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    organisation: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RowBody {
    title: String,
    #[serde(default)]
    description: String,
}

impl ObjectBody {
    /// The object as Meta takes it.
    ///
    /// # Errors
    /// Something is missing, or more than Meta takes.
    pub(in crate::http) fn object(self) -> Result<Object, HttpError> {
        match self {
            Self::Location { latitude, longitude, name, address } => location(latitude, longitude, &name, &address),
            Self::Contacts { cards } => contacts(cards),
            Self::Buttons { text, footer, buttons } => answer_buttons(&text, &footer, &buttons),
            Self::List { text, footer, button, rows } => list(&text, &footer, &button, rows),
            Self::Link { text, footer, label, url } => link(&text, &footer, &label, &url),
            Self::AskLocation { text } => {
                question("location_request_message", &text, "", json!({"name": "send_location"}), &[])
            }
            Self::AskNumber { text } => {
                question("request_contact_info", &text, "", json!({"name": "request_contact_info"}), &[])
            }
        }
    }
}

fn location(latitude: f64, longitude: f64, name: &str, address: &str) -> Result<Object, HttpError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(HttpError::bad_request("Latitude is from -90 to 90 degrees, longitude from -180 to 180."));
    }
    let mut node = json!({"latitude": latitude, "longitude": longitude});
    let mut words = Vec::new();
    for (key, value) in [("name", name), ("address", address)] {
        let value = at_most("A name or address", value, CARD_CHARS_MAX)?;
        if !value.is_empty() {
            node[key] = value.into();
            words.push(value.to_owned());
        }
    }
    if words.is_empty() {
        words.push(format!("{latitude}, {longitude}"));
    }
    Ok(object("location", &words, node))
}

fn contacts(cards: Vec<CardBody>) -> Result<Object, HttpError> {
    counted("Contact cards", cards.len(), CARDS_MAX)?;
    let mut words = Vec::new();
    let mut nodes = Vec::new();
    for CardBody { name, phones, emails, organisation } in cards {
        let name = some("A card's name", &name, CARD_CHARS_MAX)?;
        counted("Numbers and addresses of a card", phones.len() + emails.len(), CARD_ENTRIES_MAX)?;
        // Meta wants one more part of the name beside the whole of it.
        let mut node = json!({"name": {"formatted_name": name, "first_name": name}});
        words.push(name.to_owned());
        let mut phone_nodes = Vec::new();
        for phone in &phones {
            let phone = some("A number", phone, CARD_CHARS_MAX)?;
            words.push(phone.to_owned());
            phone_nodes.push(json!({"phone": phone, "type": "CELL"}));
        }
        let email = |email: &String| Ok(json!({"email": some("An e-mail address", email, CARD_CHARS_MAX)?}));
        let email_nodes = emails.iter().map(email).collect::<Result<Vec<_>, HttpError>>()?;
        for (key, list) in [("phones", phone_nodes), ("emails", email_nodes)] {
            if !list.is_empty() {
                node[key] = list.into();
            }
        }
        let organisation = at_most("An organisation", &organisation, CARD_CHARS_MAX)?;
        if !organisation.is_empty() {
            node["org"] = json!({"company": organisation});
        }
        nodes.push(node);
    }
    Ok(object("contacts", &words, nodes.into()))
}

fn answer_buttons(text: &str, footer: &str, buttons: &[String]) -> Result<Object, HttpError> {
    counted("Answers", buttons.len(), ANSWER_BUTTONS_MAX)?;
    let mut titles: Vec<String> = Vec::new();
    let mut nodes = Vec::new();
    for (number, title) in (1..).zip(buttons) {
        let title = some("An answer", title, ANSWER_BUTTON_CHARS_MAX)?;
        once(&titles, title)?;
        titles.push(title.to_owned());
        nodes.push(json!({"type": "reply", "reply": {"id": format!("answer-{number}"), "title": title}}));
    }
    question("button", text, footer, json!({"buttons": nodes}), &titles)
}

fn list(text: &str, footer: &str, button: &str, rows: Vec<RowBody>) -> Result<Object, HttpError> {
    counted("Rows", rows.len(), LIST_ROWS_MAX)?;
    let button = some("The button", button, ANSWER_BUTTON_CHARS_MAX)?;
    let mut titles: Vec<String> = Vec::new();
    let mut nodes = Vec::new();
    for (number, RowBody { title, description }) in (1..).zip(rows) {
        let title = some("A row", &title, LIST_ROW_TITLE_CHARS_MAX)?;
        once(&titles, title)?;
        let mut node = json!({"id": format!("row-{number}"), "title": title});
        let description = at_most("A description", &description, LIST_ROW_DESCRIPTION_CHARS_MAX)?;
        if !description.is_empty() {
            node["description"] = description.into();
        }
        titles.push(title.to_owned());
        nodes.push(node);
    }
    question("list", text, footer, json!({"button": button, "sections": [{"title": button, "rows": nodes}]}), &titles)
}

fn link(text: &str, footer: &str, label: &str, url: &str) -> Result<Object, HttpError> {
    let label = some("The button", label, ANSWER_BUTTON_CHARS_MAX)?;
    let url = some("The link", url, LINK_CHARS_MAX)?;
    if !url.starts_with("https://") && !url.starts_with("http://") || url.contains(char::is_whitespace) {
        return Err(HttpError::bad_request("The link begins with https:// and has no spaces."));
    }
    let action = json!({"name": "cta_url", "parameters": {"display_text": label, "url": url}});
    question("cta_url", text, footer, action, &[format!("{label}: {url}")])
}

/// An interactive object: what is asked, and under it what can be done.
fn question(kind: &str, text: &str, footer: &str, action: Value, choices: &[String]) -> Result<Object, HttpError> {
    let chars_max = if kind == "list" { LIST_QUESTION_CHARS_MAX } else { QUESTION_CHARS_MAX };
    let text = some("The text", text, chars_max)?;
    let footer = at_most("The small line", footer, FOOTER_CHARS_MAX)?;
    let mut node = json!({"type": kind, "body": {"text": text}, "action": action});
    let mut words = vec![text.to_owned()];
    if !footer.is_empty() {
        node["footer"] = json!({"text": footer});
        words.push(footer.to_owned());
    }
    words.extend_from_slice(choices);
    Ok(object("interactive", &words, node))
}

fn object(kind: &str, words: &[String], node: Value) -> Object {
    Object { kind: kind.to_owned(), text: words.join("\n"), raw: json!({"type": kind, kind: node}).to_string() }
}

fn at_most<'t>(what: &str, text: &'t str, chars_max: usize) -> Result<&'t str, HttpError> {
    let text = text.trim();
    if text.chars().count() > chars_max {
        return Err(HttpError::bad_request(format!("{what} has at most {chars_max} characters.")));
    }
    Ok(text)
}

fn some<'t>(what: &str, text: &'t str, chars_max: usize) -> Result<&'t str, HttpError> {
    let text = at_most(what, text, chars_max)?;
    if text.is_empty() { Err(HttpError::bad_request(format!("{what} is missing."))) } else { Ok(text) }
}

fn counted(what: &str, count: usize, most: usize) -> Result<(), HttpError> {
    let fits = (1..=most).contains(&count);
    fits.then_some(()).ok_or_else(|| HttpError::bad_request(format!("{what}: at least one, at most {most}.")))
}

/// Meta refuses two answers of one title.
fn once(titles: &[String], title: &str) -> Result<(), HttpError> {
    let twice = titles.iter().any(|known| known == title);
    if twice { Err(HttpError::bad_request(format!("\"{title}\" stands there twice."))) } else { Ok(()) }
}
