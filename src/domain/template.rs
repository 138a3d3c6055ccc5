//! Message templates: what the provider has approved, and filling one in.
//!
//! A template is the only thing that may be said with a closed reply window. Apart from messages because a template
//! lives at the provider and is only mirrored here. Invariant: a template's variables stand in the order in which the
//! provider wants their values.

mod filling;

use super::media::FileHash;
use super::time::Timestamp;

/// What a header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderKind {
    /// Words, perhaps with one variable.
    Text,
    /// A picture, chosen with each send.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
    /// A place on the map.
    Location,
}

/// What stands above the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateHeader {
    /// What it carries.
    pub kind: HeaderKind,
    /// The words of a text header.
    pub text: String,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonKind {
    /// Answers with its own text and a payload.
    QuickReply,
    /// Opens an address, which may end in a variable.
    Url,
    /// Calls a number.
    PhoneNumber,
    /// Copies a code that each send brings.
    CopyCode,
    /// Something that needs nothing from us.
    Other,
}

/// A button under the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateButton {
    /// What it does.
    pub kind: ButtonKind,
    /// Its words.
    pub text: String,
    /// The address or the number; empty where there is none.
    pub target: String,
}

/// Where in a template a variable stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The header.
    Header,
    /// The body.
    Body,
    /// The button with this number, from 0.
    Button(u8),
}

/// What the provider expects for a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Words in a line.
    Text,
    /// The picture of the header: a web address, the provider's id or a file of ours.
    Image,
    /// The film of the header.
    Video,
    /// The file of the header.
    Document,
    /// One of latitude, longitude, name and address of the header.
    Location,
    /// What a tapped quick reply brings back; the provider takes the button's text where there is none.
    Payload,
    /// The end of a button's address.
    UrlSuffix,
    /// The code of a copy button.
    Code,
}

/// A variable with what the provider gave as an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where.
    pub place: Place,
    /// `1`, `2`, … or a name.
    pub name: String,
    /// What is expected.
    pub kind: ValueKind,
    /// What the author of the template wrote as an example; possibly empty.
    pub example: String,
}

/// A value that somebody chose for a variable.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// Where.
    pub place: Place,
    /// The variable's name.
    pub name: String,
    /// What is to stand there.
    pub value: String,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Value({:?} {})", self.place, self.name)
    }
}

/// A template of a channel account, in the provider's words where they are only shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// With the language the key at the provider.
    pub name: String,
    /// As the provider writes it: `en_US`.
    pub language: String,
    /// `marketing`, `utility`, `authentication`.
    pub category: String,
    /// `approved`, `pending`, `rejected`, `paused`, `disabled`, …
    pub status: String,
    /// `green`, `yellow`, `red`, `unknown`.
    pub quality: String,
    /// Above the body.
    pub header: Option<TemplateHeader>,
    /// With `{{1}}` or `{{name}}` where values go.
    pub body: String,
    /// Below the body.
    pub footer: Option<String>,
    /// Below everything.
    pub buttons: Vec<TemplateButton>,
    /// Examples that the author gave, in the place of values.
    pub examples: Vec<Value>,
    /// It has parts that Deskbell cannot fill in (carousels, products, one-time passwords).
    pub foreign: bool,
}

/// How the mirror of a channel account's templates stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateSync {
    /// Somebody, or the provider, asked for a new look.
    pub asked_at: Option<Timestamp>,
    /// The last look that brought the list.
    pub synced_at: Option<Timestamp>,
    /// The last look, whatever it brought.
    pub tried_at: Option<Timestamp>,
    /// Why the last look brought nothing, in words for the log and the curious.
    pub failure: Option<String>,
}

/// Which template, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateChoice {
    /// The template's name.
    pub name: String,
    /// The template's language.
    pub language: String,
    /// One for each variable.
    pub values: Vec<Value>,
}

/// A value in the order and with the kind in which the provider wants it.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// What it is.
    pub kind: ValueKind,
    /// Where, what and for which variable.
    pub value: Value,
}

/// Before the hash of a file of ours, as the value of a header that is a picture, a film or a document.
const OURS: &str = "file:";

impl Value {
    /// The file on the shelf that goes along.
    #[must_use]
    pub fn file(&self) -> Option<FileHash> {
        FileHash::of_hex(self.value.strip_prefix(OURS)?).filter(|_| self.place == Place::Header)
    }
}

impl TemplateChoice {
    /// The file on the shelf that goes along.
    #[must_use]
    pub fn file(&self) -> Option<FileHash> {
        self.values.iter().find_map(Value::file)
    }
}

/// A template as it was sent. Debug output leaves the words out.
#[derive(Clone, PartialEq, Eq)]
pub struct TemplateMessage {
    /// The template's name.
    pub name: String,
    /// The template's language.
    pub language: String,
    /// The body with its values.
    pub text: String,
    /// The header with its value: of a text header the words, else the kind alone.
    pub header: Option<TemplateHeader>,
    /// Below the body.
    pub footer: Option<String>,
    /// The words of the buttons.
    pub buttons: Vec<String>,
    /// What the provider is told.
    pub filled: Vec<Filled>,
}

impl TemplateMessage {
    /// The file on the shelf that goes along.
    #[must_use]
    pub fn file(&self) -> Option<FileHash> {
        let medium =
            |filled: &&Filled| matches!(filled.kind, ValueKind::Image | ValueKind::Video | ValueKind::Document);
        self.filled.iter().filter(medium).find_map(|filled| filled.value.file())
    }
}

impl Template {
    /// Every variable, in the order in which the provider wants them.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut found = Vec::new();
        if let Some(header) = &self.header {
            let location = ["latitude", "longitude", "name", "address"];
            let names: Vec<&str> = match header.kind {
                HeaderKind::Text => names_in(&header.text),
                HeaderKind::Image | HeaderKind::Video | HeaderKind::Document => vec!["1"],
                HeaderKind::Location => location.to_vec(),
            };
            let kind = match header.kind {
                HeaderKind::Text => ValueKind::Text,
                HeaderKind::Image => ValueKind::Image,
                HeaderKind::Video => ValueKind::Video,
                HeaderKind::Document => ValueKind::Document,
                HeaderKind::Location => ValueKind::Location,
            };
            found.extend(names.into_iter().map(|name| (Place::Header, name, kind)));
        }
        found.extend(names_in(&self.body).into_iter().map(|name| (Place::Body, name, ValueKind::Text)));
        for (button, index) in self.buttons.iter().zip(0_u8..) {
            let variable = match button.kind {
                ButtonKind::Url => names_in(&button.target).first().map(|name| (*name, ValueKind::UrlSuffix)),
                ButtonKind::CopyCode => Some(("1", ValueKind::Code)),
                ButtonKind::QuickReply | ButtonKind::PhoneNumber | ButtonKind::Other => None,
            };
            found.extend(variable.map(|(name, kind)| (Place::Button(index), name, kind)));
        }
        found
            .into_iter()
            .map(|(place, name, kind)| Variable {
                place,
                name: name.to_owned(),
                kind,
                example: of(&self.examples, place, name).unwrap_or_default().to_owned(),
            })
            .collect()
    }

    /// Whether the provider would take it now, and Deskbell can fill it in.
    #[must_use]
    pub fn sendable(&self) -> bool {
        self.status == "approved" && !self.foreign
    }
}

impl std::fmt::Debug for TemplateMessage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "TemplateMessage({} {})", self.name, self.language)
    }
}

impl std::fmt::Debug for Filled {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Filled({:?} {:?})", self.kind, self.value)
    }
}

/// The names between double braces, each once: numbers by size, names as they come.
fn names_in(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(name, _)| name.trim()) {
        if is_name(name) && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.iter().all(|name| name.parse::<u32>().is_ok()) {
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or(0));
    }
    names
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn of<'v>(values: &'v [Value], place: Place, name: &str) -> Option<&'v str> {
    values.iter().find(|value| value.place == place && value.name == name).map(|value| value.value.as_str())
}
