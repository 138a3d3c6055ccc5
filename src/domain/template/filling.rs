//! Filling a template in: a value for each variable, in the form that the provider takes.
//!
//! Apart from what a template is because these rules are the provider's and change with them. Invariant: what
//! [`Template::fill_in`] returns has a value for each variable, none of which the provider would refuse for its form.

use crate::limits::{
    TEMPLATE_BODY_CHARS_MAX, TEMPLATE_CODE_CHARS_MAX, TEMPLATE_HEADER_CHARS_MAX, TEMPLATE_LINK_CHARS_MAX,
    TEMPLATE_PAYLOAD_CHARS_MAX, TEMPLATE_SPACES_MAX, TEMPLATE_URL_CHARS_MAX,
};

use super::{
    ButtonKind, Filled, OURS, Place, Template, TemplateHeader, TemplateMessage, Value, ValueKind, Variable, of,
};
use crate::domain::media::FileHash;
use crate::domain::rejection::Rejection;

impl Template {
    /// The message that these values make of it.
    ///
    /// # Errors
    /// It is not approved, a value is missing, or the provider would refuse a value's form.
    pub fn fill_in(&self, values: &[Value]) -> Result<TemplateMessage, Rejection> {
        if !self.sendable() {
            return Err(Rejection::TemplateNotApproved);
        }
        let mut filled = Vec::new();
        for Variable { place, name, kind, .. } in self.variables() {
            let value = of(values, place, &name).map(str::trim).filter(|value| !value.is_empty());
            let value = value.ok_or(Rejection::TemplateVariableMissing)?;
            check(kind, &name, value)?;
            filled.push(Filled { kind, value: Value { place, name, value: value.to_owned() } });
        }
        for (button, index) in self.buttons.iter().zip(0_u8..) {
            let place = Place::Button(index);
            if button.kind == ButtonKind::QuickReply
                && let Some(payload) = of(values, place, "payload").filter(|payload| !payload.is_empty())
            {
                check(ValueKind::Payload, "payload", payload)?;
                let value = Value { place, name: "payload".to_owned(), value: payload.to_owned() };
                filled.push(Filled { kind: ValueKind::Payload, value });
            }
        }
        let text = with_values(&self.body, Place::Body, &filled);
        let header = self.header.as_ref().map(|header| TemplateHeader {
            kind: header.kind,
            text: with_values(&header.text, Place::Header, &filled),
        });
        let header_chars = header.as_ref().map_or(0, |header| header.text.chars().count());
        if text.chars().count() > TEMPLATE_BODY_CHARS_MAX || header_chars > TEMPLATE_HEADER_CHARS_MAX {
            return Err(Rejection::TemplateTooLong);
        }
        Ok(TemplateMessage {
            name: self.name.clone(),
            language: self.language.clone(),
            text,
            header,
            footer: self.footer.clone(),
            buttons: self.buttons.iter().map(|button| button.text.clone()).collect(),
            filled,
        })
    }
}

/// The text with the values of one place; what has no value stays as it is.
fn with_values(text: &str, place: Place, filled: &[Filled]) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        written.push_str(before);
        let end = after.split_once("}}");
        let value = end.and_then(|(name, _)| {
            let same = |one: &&Filled| one.value.place == place && one.value.name == name.trim();
            filled.iter().find(same).map(|one| one.value.value.as_str())
        });
        match (value, end) {
            (Some(value), Some((_, behind))) => {
                written.push_str(value);
                rest = behind;
            }
            _ => {
                written.push_str("{{");
                rest = after;
            }
        }
    }
    written.push_str(rest);
    written
}

/// What the provider refuses in a value (whatsapp-cloud-api.md 2.5: 132005, 132012, 132018).
fn check(kind: ValueKind, name: &str, value: &str) -> Result<(), Rejection> {
    let chars_max = match kind {
        ValueKind::Text | ValueKind::Location => TEMPLATE_BODY_CHARS_MAX,
        ValueKind::Image | ValueKind::Video | ValueKind::Document => TEMPLATE_LINK_CHARS_MAX,
        ValueKind::Payload => TEMPLATE_PAYLOAD_CHARS_MAX,
        ValueKind::UrlSuffix => TEMPLATE_URL_CHARS_MAX,
        ValueKind::Code => TEMPLATE_CODE_CHARS_MAX,
    };
    if value.chars().count() > chars_max {
        return Err(Rejection::TemplateTooLong);
    }
    let one_line = !value.chars().any(char::is_control) && !has_gap(value);
    let fits = match kind {
        ValueKind::Text | ValueKind::Payload => true,
        ValueKind::UrlSuffix | ValueKind::Code => !value.contains(char::is_whitespace),
        ValueKind::Location => match name {
            "latitude" => degrees(value, 90.0),
            "longitude" => degrees(value, 180.0),
            _ => true,
        },
        ValueKind::Image | ValueKind::Video | ValueKind::Document => {
            value.starts_with("https://")
                || value.bytes().all(|byte| byte.is_ascii_digit())
                || value.strip_prefix(OURS).is_some_and(|hash| FileHash::of_hex(hash).is_some())
        }
    };
    if one_line && fits { Ok(()) } else { Err(Rejection::TemplateValueInvalid) }
}

/// More spaces in a row than the provider takes.
fn has_gap(value: &str) -> bool {
    let mut run = 0;
    value.chars().any(|letter| {
        run = if letter == ' ' { run + 1 } else { 0 };
        run > TEMPLATE_SPACES_MAX
    })
}

fn degrees(value: &str, most: f64) -> bool {
    value.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most)
}

#[cfg(test)]
mod tests {
    use super::with_values;
    use crate::domain::rejection::Rejection;
    use crate::domain::template::{
        ButtonKind, HeaderKind, Place, Template, TemplateButton, TemplateHeader, Value, ValueKind, names_in,
    };

    fn template(body: &str) -> Template {
        Template {
            name: "order_update".to_owned(),
            language: "en_US".to_owned(),
            category: "utility".to_owned(),
            status: "approved".to_owned(),
            quality: "green".to_owned(),
            header: None,
            body: body.to_owned(),
            footer: None,
            buttons: Vec::new(),
            examples: Vec::new(),
            foreign: false,
        }
    }

    fn value(place: Place, name: &str, value: &str) -> Value {
        Value { place, name: name.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn variables_stand_in_the_providers_order() {
        assert_eq!(names_in("{{2}} and {{1}} and {{10}} and {{2}}"), ["1", "2", "10"]);
        assert_eq!(names_in("Hi {{ first_name }}, {{order}}"), ["first_name", "order"]);
        assert_eq!(names_in("a {{ b c }} {{}} {{d"), [""; 0]);
        let whole = Template {
            header: Some(TemplateHeader { kind: HeaderKind::Document, text: String::new() }),
            buttons: vec![
                TemplateButton { kind: ButtonKind::QuickReply, text: "Yes".to_owned(), target: String::new() },
                TemplateButton {
                    kind: ButtonKind::Url,
                    text: "Track".to_owned(),
                    target: "https://example.com/{{1}}".to_owned(),
                },
                TemplateButton { kind: ButtonKind::CopyCode, text: "Copy".to_owned(), target: String::new() },
            ],
            ..template("Hi {{name}}")
        };
        let variables: Vec<_> = whole.variables().into_iter().map(|one| (one.place, one.name, one.kind)).collect();
        assert_eq!(
            variables,
            [
                (Place::Header, "1".to_owned(), ValueKind::Document),
                (Place::Body, "name".to_owned(), ValueKind::Text),
                (Place::Button(1), "1".to_owned(), ValueKind::UrlSuffix),
                (Place::Button(2), "1".to_owned(), ValueKind::Code),
            ]
        );
    }

    #[test]
    fn a_value_that_looks_like_a_variable_stays_a_value() {
        let filled = template("{{1}} {{2}}")
            .fill_in(&[value(Place::Body, "1", "{{2}}"), value(Place::Body, "2", "two")])
            .expect("both are there");
        assert_eq!(filled.text, "{{2}} two");
        assert_eq!(with_values("{{1}} {{x", Place::Body, &[]), "{{1}} {{x");
    }

    #[test]
    fn what_the_provider_refuses_is_refused_here() {
        let one = |text: &str| template("Hi {{1}}").fill_in(&[value(Place::Body, "1", text)]).map(|filled| filled.text);
        assert_eq!(one("Rosa"), Ok("Hi Rosa".to_owned()));
        assert_eq!(one("a    b"), Ok("Hi a    b".to_owned()));
        for text in ["a     b", "a\nb", "a\tb"] {
            assert_eq!(one(text), Err(Rejection::TemplateValueInvalid), "{text:?}");
        }
        assert_eq!(one("  "), Err(Rejection::TemplateVariableMissing));
        assert_eq!(one(&"x".repeat(1_022)), Err(Rejection::TemplateTooLong));
        assert_eq!(template("Hi {{1}}").fill_in(&[]), Err(Rejection::TemplateVariableMissing));
        let paused = Template { status: "paused".to_owned(), ..template("Hi") };
        assert_eq!(paused.fill_in(&[]), Err(Rejection::TemplateNotApproved));
        let foreign = Template { foreign: true, ..template("Hi") };
        assert_eq!(foreign.fill_in(&[]), Err(Rejection::TemplateNotApproved));
    }

    #[test]
    fn each_kind_of_value_has_its_form() {
        let of = |kind, values: &[Value]| {
            let header = Some(TemplateHeader { kind, text: String::new() });
            Template { header, ..template("Hi") }.fill_in(values).map(|filled| filled.filled.len())
        };
        let image = |text: &str| of(HeaderKind::Image, &[value(Place::Header, "1", text)]);
        assert_eq!(image("https://example.com/a.png"), Ok(1));
        assert_eq!(image("1234567890"), Ok(1));
        assert_eq!(image("http://example.com/a.png"), Err(Rejection::TemplateValueInvalid));
        let place = |latitude: &str| {
            let parts = [("latitude", latitude), ("longitude", "13.4"), ("name", "Office"), ("address", "1 Street")];
            of(HeaderKind::Location, &parts.map(|(name, text)| value(Place::Header, name, text)))
        };
        assert_eq!(place("52.5"), Ok(4));
        assert_eq!(place("91"), Err(Rejection::TemplateValueInvalid));
        assert_eq!(place("north"), Err(Rejection::TemplateValueInvalid));
    }
}
