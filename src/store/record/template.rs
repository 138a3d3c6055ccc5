//! Templates: the mirror of the provider's list, and those that were sent.

use serde::{Deserialize, Serialize};

use super::super::codec::{CodecError, Record};
use crate::domain::template::{
    ButtonKind, Filled, HeaderKind, Place, Template, TemplateButton, TemplateHeader, TemplateMessage, TemplateSync,
    Value, ValueKind,
};
use crate::domain::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredHeaderKind {
    Text,
    Image,
    Video,
    Document,
    Location,
}

/// Kind, words.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredHeader(StoredHeaderKind, String);

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredButtonKind {
    QuickReply,
    Url,
    PhoneNumber,
    CopyCode,
    Other,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredPlace {
    Header,
    Body,
    Button(u8),
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum StoredValueKind {
    Text,
    Image,
    Video,
    Document,
    Location,
    Payload,
    UrlSuffix,
    Code,
}

/// Place, name, value.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredValue(StoredPlace, String, String);

/// A template of a channel account.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredTemplate {
    name: String,
    language: String,
    category: String,
    status: String,
    quality: String,
    header: Option<StoredHeader>,
    body: String,
    footer: Option<String>,
    /// Kind, text, target.
    buttons: Vec<(StoredButtonKind, String, String)>,
    examples: Vec<StoredValue>,
    foreign: bool,
}

/// A template as it was sent.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredTemplateMessage {
    name: String,
    language: String,
    text: String,
    header: Option<StoredHeader>,
    footer: Option<String>,
    buttons: Vec<String>,
    filled: Vec<(StoredValueKind, StoredValue)>,
}

fn header_out(header: &TemplateHeader) -> StoredHeader {
    let kind = match header.kind {
        HeaderKind::Text => StoredHeaderKind::Text,
        HeaderKind::Image => StoredHeaderKind::Image,
        HeaderKind::Video => StoredHeaderKind::Video,
        HeaderKind::Document => StoredHeaderKind::Document,
        HeaderKind::Location => StoredHeaderKind::Location,
    };
    StoredHeader(kind, header.text.clone())
}

fn header_in(StoredHeader(kind, text): StoredHeader) -> TemplateHeader {
    let kind = match kind {
        StoredHeaderKind::Text => HeaderKind::Text,
        StoredHeaderKind::Image => HeaderKind::Image,
        StoredHeaderKind::Video => HeaderKind::Video,
        StoredHeaderKind::Document => HeaderKind::Document,
        StoredHeaderKind::Location => HeaderKind::Location,
    };
    TemplateHeader { kind, text }
}

fn button_out(button: &TemplateButton) -> (StoredButtonKind, String, String) {
    let kind = match button.kind {
        ButtonKind::QuickReply => StoredButtonKind::QuickReply,
        ButtonKind::Url => StoredButtonKind::Url,
        ButtonKind::PhoneNumber => StoredButtonKind::PhoneNumber,
        ButtonKind::CopyCode => StoredButtonKind::CopyCode,
        ButtonKind::Other => StoredButtonKind::Other,
    };
    (kind, button.text.clone(), button.target.clone())
}

fn button_in((kind, text, target): (StoredButtonKind, String, String)) -> TemplateButton {
    let kind = match kind {
        StoredButtonKind::QuickReply => ButtonKind::QuickReply,
        StoredButtonKind::Url => ButtonKind::Url,
        StoredButtonKind::PhoneNumber => ButtonKind::PhoneNumber,
        StoredButtonKind::CopyCode => ButtonKind::CopyCode,
        StoredButtonKind::Other => ButtonKind::Other,
    };
    TemplateButton { kind, text, target }
}

fn value_out(value: &Value) -> StoredValue {
    let place = match value.place {
        Place::Header => StoredPlace::Header,
        Place::Body => StoredPlace::Body,
        Place::Button(index) => StoredPlace::Button(index),
    };
    StoredValue(place, value.name.clone(), value.value.clone())
}

fn value_in(StoredValue(place, name, value): StoredValue) -> Value {
    let place = match place {
        StoredPlace::Header => Place::Header,
        StoredPlace::Body => Place::Body,
        StoredPlace::Button(index) => Place::Button(index),
    };
    Value { place, name, value }
}

fn kind_out(kind: ValueKind) -> StoredValueKind {
    match kind {
        ValueKind::Text => StoredValueKind::Text,
        ValueKind::Image => StoredValueKind::Image,
        ValueKind::Video => StoredValueKind::Video,
        ValueKind::Document => StoredValueKind::Document,
        ValueKind::Location => StoredValueKind::Location,
        ValueKind::Payload => StoredValueKind::Payload,
        ValueKind::UrlSuffix => StoredValueKind::UrlSuffix,
        ValueKind::Code => StoredValueKind::Code,
    }
}

fn kind_in(kind: StoredValueKind) -> ValueKind {
    match kind {
        StoredValueKind::Text => ValueKind::Text,
        StoredValueKind::Image => ValueKind::Image,
        StoredValueKind::Video => ValueKind::Video,
        StoredValueKind::Document => ValueKind::Document,
        StoredValueKind::Location => ValueKind::Location,
        StoredValueKind::Payload => ValueKind::Payload,
        StoredValueKind::UrlSuffix => ValueKind::UrlSuffix,
        StoredValueKind::Code => ValueKind::Code,
    }
}

impl Record for Template {
    const VERSION: u8 = 1;
    type Stored = StoredTemplate;

    fn to_stored(&self) -> StoredTemplate {
        StoredTemplate {
            name: self.name.clone(),
            language: self.language.clone(),
            category: self.category.clone(),
            status: self.status.clone(),
            quality: self.quality.clone(),
            header: self.header.as_ref().map(header_out),
            body: self.body.clone(),
            footer: self.footer.clone(),
            buttons: self.buttons.iter().map(button_out).collect(),
            examples: self.examples.iter().map(value_out).collect(),
            foreign: self.foreign,
        }
    }

    fn from_stored(stored: StoredTemplate) -> Result<Self, CodecError> {
        Ok(Self {
            name: stored.name,
            language: stored.language,
            category: stored.category,
            status: stored.status,
            quality: stored.quality,
            header: stored.header.map(header_in),
            body: stored.body,
            footer: stored.footer,
            buttons: stored.buttons.into_iter().map(button_in).collect(),
            examples: stored.examples.into_iter().map(value_in).collect(),
            foreign: stored.foreign,
        })
    }
}

/// Asked, synced, tried, failure.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredSync(Option<i64>, Option<i64>, Option<i64>, Option<String>);

impl Record for TemplateSync {
    const VERSION: u8 = 1;
    type Stored = StoredSync;

    fn to_stored(&self) -> StoredSync {
        let number = |at: Option<Timestamp>| at.map(|at| at.0);
        StoredSync(number(self.asked_at), number(self.synced_at), number(self.tried_at), self.failure.clone())
    }

    fn from_stored(StoredSync(asked, synced, tried, failure): StoredSync) -> Result<Self, CodecError> {
        Ok(Self {
            asked_at: asked.map(Timestamp),
            synced_at: synced.map(Timestamp),
            tried_at: tried.map(Timestamp),
            failure,
        })
    }
}

/// The stored shape of a template that was sent.
pub(in crate::store) fn template_message_out(template: &TemplateMessage) -> StoredTemplateMessage {
    StoredTemplateMessage {
        name: template.name.clone(),
        language: template.language.clone(),
        text: template.text.clone(),
        header: template.header.as_ref().map(header_out),
        footer: template.footer.clone(),
        buttons: template.buttons.clone(),
        filled: template.filled.iter().map(|filled| (kind_out(filled.kind), value_out(&filled.value))).collect(),
    }
}

/// The template of this shape.
pub(in crate::store) fn template_message_in(stored: StoredTemplateMessage) -> TemplateMessage {
    let filled = |(kind, value)| Filled { kind: kind_in(kind), value: value_in(value) };
    TemplateMessage {
        name: stored.name,
        language: stored.language,
        text: stored.text,
        header: stored.header.map(header_in),
        footer: stored.footer,
        buttons: stored.buttons,
        filled: stored.filled.into_iter().map(filled).collect(),
    }
}
