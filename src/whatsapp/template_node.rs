//! A template as the Graph API wants it: name, language, and a component for each part that has values.
//!
//! Apart from the other bodies because of its nesting. Invariant: values stand in the order in which the template was
//! filled in, which is the provider's.

use serde::Serialize;

use crate::domain::template::{Filled, Place, TemplateMessage, ValueKind};

/// What stands under `template`.
#[derive(Serialize)]
pub(super) struct TemplateNode<'m> {
    name: &'m str,
    language: Language<'m>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'m>>,
}

#[derive(Serialize)]
struct Language<'m> {
    code: &'m str,
}

#[derive(Serialize)]
struct Component<'m> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    parameters: Vec<Parameter<'m>>,
}

#[derive(Serialize)]
struct Parameter<'m> {
    #[serde(flatten)]
    value: ParameterValue<'m>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter_name: Option<&'m str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ParameterValue<'m> {
    Text { text: &'m str },
    Image { image: Medium<'m> },
    Video { video: Medium<'m> },
    Document { document: Medium<'m> },
    Location { location: Location<'m> },
    Payload { payload: &'m str },
    CouponCode { coupon_code: &'m str },
}

/// A file by web address or by the provider's id.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Medium<'m> {
    Link(&'m str),
    Id(&'m str),
}

#[derive(Default, Serialize)]
struct Location<'m> {
    latitude: &'m str,
    longitude: &'m str,
    name: &'m str,
    address: &'m str,
}

impl<'m> TemplateNode<'m> {
    /// `media_id`: what Graph calls the file of ours in the header, where there is one.
    pub(super) fn of(template: &'m TemplateMessage, media_id: Option<&'m str>) -> Self {
        let mut components: Vec<Component<'m>> = Vec::new();
        for filled in &template.filled {
            let (kind, sub_type, index) = part(filled);
            let same = components.last_mut().filter(|last| last.kind == kind && last.index == index);
            match same {
                Some(same) if filled.kind == ValueKind::Location => same.locate(filled),
                Some(same) => same.parameters.push(parameter(filled, media_id)),
                None => {
                    components.push(Component { kind, sub_type, index, parameters: vec![parameter(filled, media_id)] })
                }
            }
        }
        Self { name: &template.name, language: Language { code: &template.language }, components }
    }
}

impl<'m> Component<'m> {
    /// A place on the map has four values and is one parameter.
    fn locate(&mut self, filled: &'m Filled) {
        if let Some(Parameter { value: ParameterValue::Location { location }, .. }) = self.parameters.last_mut() {
            location.set(filled);
        }
    }
}

impl<'m> Location<'m> {
    fn set(&mut self, filled: &'m Filled) {
        let part = match filled.value.name.as_str() {
            "latitude" => &mut self.latitude,
            "longitude" => &mut self.longitude,
            "name" => &mut self.name,
            _ => &mut self.address,
        };
        *part = &filled.value.value;
    }
}

/// Type, sub-type and number of the component that holds a value.
fn part(filled: &Filled) -> (&'static str, Option<&'static str>, Option<String>) {
    match filled.value.place {
        Place::Header => ("header", None, None),
        Place::Body => ("body", None, None),
        Place::Button(index) => {
            let sub_type = match filled.kind {
                ValueKind::Payload => "quick_reply",
                ValueKind::Code => "copy_code",
                ValueKind::UrlSuffix
                | ValueKind::Text
                | ValueKind::Image
                | ValueKind::Video
                | ValueKind::Document
                | ValueKind::Location => "url",
            };
            ("button", Some(sub_type), Some(index.to_string()))
        }
    }
}

fn parameter<'m>(filled: &'m Filled, media_id: Option<&'m str>) -> Parameter<'m> {
    let text = filled.value.value.as_str();
    let medium = || match media_id.filter(|_| filled.value.file().is_some()) {
        Some(id) => Medium::Id(id),
        None if text.starts_with("https://") => Medium::Link(text),
        None => Medium::Id(text),
    };
    let value = match filled.kind {
        ValueKind::Text | ValueKind::UrlSuffix => ParameterValue::Text { text },
        ValueKind::Image => ParameterValue::Image { image: medium() },
        ValueKind::Video => ParameterValue::Video { video: medium() },
        ValueKind::Document => ParameterValue::Document { document: medium() },
        ValueKind::Location => {
            let mut location = Location::default();
            location.set(filled);
            ParameterValue::Location { location }
        }
        ValueKind::Payload => ParameterValue::Payload { payload: text },
        ValueKind::Code => ParameterValue::CouponCode { coupon_code: text },
    };
    // Only the words of header and body may go by name, and only where the template names them.
    let named = filled.kind == ValueKind::Text && filled.value.name.parse::<u32>().is_err();
    Parameter { value, parameter_name: named.then_some(filled.value.name.as_str()) }
}

#[cfg(test)]
mod tests {
    use super::TemplateNode;
    use crate::domain::template::{Filled, Place, TemplateMessage, Value, ValueKind};

    fn node(values: &[(ValueKind, Place, &str, &str)]) -> String {
        let filled = values.iter().map(|(kind, place, name, value)| Filled {
            kind: *kind,
            value: Value { place: *place, name: (*name).to_owned(), value: (*value).to_owned() },
        });
        let template = TemplateMessage {
            name: "t".to_owned(),
            language: "de".to_owned(),
            text: String::new(),
            header: None,
            footer: None,
            buttons: Vec::new(),
            filled: filled.collect(),
        };
        serde_json::to_string(&TemplateNode::of(&template, Some("77"))).expect("strings are JSON")
    }

    #[test]
    fn without_values_there_are_no_components() {
        assert_eq!(node(&[]), r#"{"name":"t","language":{"code":"de"}}"#);
    }

    #[test]
    fn every_kind_of_value_has_its_component() {
        use {
            Place::{Body, Button, Header},
            ValueKind as K,
        };
        assert_eq!(
            node(&[(K::Text, Header, "1", "AB-1"), (K::Text, Body, "1", "Jo"), (K::Text, Body, "2", "Monday")]),
            r#"{"name":"t","language":{"code":"de"},"components":[{"type":"header","parameters":[{"type":"text","text":"AB-1"}]},{"type":"body","parameters":[{"type":"text","text":"Jo"},{"type":"text","text":"Monday"}]}]}"#
        );
        assert_eq!(
            node(&[(K::Image, Header, "1", "https://example.com/a.png"), (K::Text, Body, "first_name", "Jo")]),
            r#"{"name":"t","language":{"code":"de"},"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://example.com/a.png"}}]},{"type":"body","parameters":[{"type":"text","text":"Jo","parameter_name":"first_name"}]}]}"#
        );
        assert_eq!(
            node(&[
                (K::Document, Header, "1", "123"),
                (K::Payload, Button(0), "payload", "yes"),
                (K::UrlSuffix, Button(1), "1", "x/9"),
                (K::Code, Button(2), "1", "SAVE10")
            ]),
            r#"{"name":"t","language":{"code":"de"},"components":[{"type":"header","parameters":[{"type":"document","document":{"id":"123"}}]},{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"yes"}]},{"type":"button","sub_type":"url","index":"1","parameters":[{"type":"text","text":"x/9"}]},{"type":"button","sub_type":"copy_code","index":"2","parameters":[{"type":"coupon_code","coupon_code":"SAVE10"}]}]}"#
        );
        assert_eq!(
            node(&[
                (K::Location, Header, "latitude", "52.5"),
                (K::Location, Header, "longitude", "13.4"),
                (K::Location, Header, "name", "Office"),
                (K::Location, Header, "address", "1 Street")
            ]),
            r#"{"name":"t","language":{"code":"de"},"components":[{"type":"header","parameters":[{"type":"location","location":{"latitude":"52.5","longitude":"13.4","name":"Office","address":"1 Street"}}]}]}"#
        );
    }
}
