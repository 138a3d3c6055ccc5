//! Canned replies, and the field codes in them.
//!
//! The page fills the codes in, because it knows what the agent sees; here is what a response may be and how a code
//! that nobody filled in is recognised. Texts stay in the tables; the floor keeps the shortcuts, which are unique.

use crate::limits::{RESPONSE_CATEGORY_DEPTH_MAX, SHORTCUT_CHARS_MAX};

use super::ids::ResponseId;
use super::media::FileHash;

/// A canned reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Which; 0 for one that is to be added.
    pub id: ResponseId,
    /// Where it stands in the tree, the outermost category first.
    pub category: Vec<String>,
    /// Shown in the list.
    pub title: String,
    /// Typed after a slash to find it: `[a-z0-9_-]{1,32}`.
    pub shortcut: Option<String>,
    /// The reply, with field codes such as `{{contact.first_name}}`; blank only where there are attachments.
    pub text: String,
    /// Files that go with it, each as a message of its own.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a canned reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which.
    pub file: FileHash,
    /// As the contact sees it named.
    pub name: String,
}

impl Response {
    /// Whether the tree is not too deep to be shown.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        self.category.len() <= RESPONSE_CATEGORY_DEPTH_MAX
    }
}

/// Whether a shortcut can be typed without thinking.
#[must_use]
pub fn is_shortcut(shortcut: &str) -> bool {
    (1..=SHORTCUT_CHARS_MAX).contains(&shortcut.len())
        && shortcut.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// Whether a text still has a field code: two braces around a name of letters, digits, `_`, `-`, spaces and dots.
#[must_use]
pub fn has_field_code(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split("}}").collect();
    // What follows the last braces is closed by none.
    parts.pop();
    parts.into_iter().filter_map(|part| part.rsplit_once("{{")).any(|(_, name)| {
        name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ' '))
            && name.chars().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::{has_field_code, is_shortcut};

    #[test]
    fn a_field_code_is_seen_wherever_it_stands() {
        for text in [
            "Dear {{contact.first_name}}",
            "{{case.order_number}}",
            "{{{agent.name}}}",
            "a {{ b {{queue.name}} c",
            "{{ date.today }}",
            "{{contact.attribute.E-mail}}",
            "{{case.Número}}",
        ] {
            assert!(has_field_code(text), "{text}");
        }
        for text in ["", "{contact.name}", "{{}}", "{{ }}", "{{contact.name", "contact.name}}", "{{a+b}}", "{{\n}}"] {
            assert!(!has_field_code(text), "{text}");
        }
    }

    #[test]
    fn shortcuts_are_plain() {
        for good in ["return", "a", "off-2_x", &"x".repeat(32)] {
            assert!(is_shortcut(good), "{good}");
        }
        for bad in ["", "Return", "a b", "é", "/x", &"x".repeat(33)] {
            assert!(!is_shortcut(bad), "{bad}");
        }
    }
}
