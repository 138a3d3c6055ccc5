//! One person's records as a page that any browser shows: no script, nothing from elsewhere.
//!
//! Records are written as they come. Invariant: everything that somebody wrote goes through `escaped`, and addresses of
//! files are of our own making.

use std::fmt::Write as _;
use std::io::Write;

use serde_json::Value;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; frame-src 'none'; \
form-action 'none'; base-uri 'none'\">\n\
<meta name=\"referrer\" content=\"no-referrer\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>Contact</title>\n<style>\n\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\n\
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }\n\
table { border-collapse: collapse; } th, td { text-align: start; vertical-align: top; padding: .2rem .8rem .2rem 0; }\n\
article { border-block-start: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .6rem 0; }\n\
.who { font-weight: 600; } .text { white-space: pre-wrap; overflow-wrap: anywhere; } img, video { max-width: 100%; }\n\
</style>\n</head>\n<body>\n<main>\n";

pub(super) struct Page<W: Write> {
    out: W,
    conversation: Option<u64>,
}

impl<W: Write> Page<W> {
    pub(super) fn begin(mut out: W) -> Result<Self, String> {
        out.write_all(HEAD.as_bytes()).map_err(words)?;
        Ok(Self { out, conversation: None })
    }

    /// One record; `file` is where its file lies beside the page.
    pub(super) fn add(&mut self, record: &Value, file: Option<&str>) -> Result<(), String> {
        let html = match record["record"].as_str() {
            Some("contact") => contact(record),
            Some("interaction") => interaction(record),
            Some("message") => {
                let conversation = record["conversation_id"].as_u64();
                let mut html = String::new();
                if self.conversation != conversation {
                    self.conversation = conversation;
                    let _ = writeln!(html, "<h2>Conversation {}</h2>", conversation.unwrap_or_default());
                }
                html + &message(record, file)
            }
            // Told by its messages.
            _ => String::new(),
        };
        self.out.write_all(html.as_bytes()).map_err(words)
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        self.out.write_all(b"</main>\n</body>\n</html>\n").map_err(words)
    }
}

fn contact(record: &Value) -> String {
    let mut rows = Vec::new();
    let list = |key: &str| record[key].as_array().cloned().unwrap_or_default();
    for address in list("addresses") {
        rows.push((text(&address, "kind"), text(&address, "value")));
    }
    for attribute in list("attributes") {
        rows.push((text(&attribute, "key"), text(&attribute, "value")));
    }
    rows.extend(list("tags").iter().map(|tag| ("tag".to_owned(), tag.as_str().unwrap_or_default().to_owned())));
    rows.push(("profile name".to_owned(), text(record, "profile_name")));
    format!("<h1 dir=\"auto\">{}</h1>\n{}", escaped(&text(record, "name")), table(&rows))
}

fn interaction(record: &Value) -> String {
    let names: Vec<&str> = record["agents"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut rows = vec![
        ("queue".to_owned(), text(record, "queue")),
        ("state".to_owned(), text(record, "state")),
        ("agents".to_owned(), names.join(", ")),
        ("begun".to_owned(), text(record, "created_at")),
        ("done".to_owned(), text(record, "done_at")),
        ("outcome".to_owned(), text(record, "disposition")),
        ("note".to_owned(), text(record, "note")),
        ("note of the hand-over".to_owned(), text(record, "transfer_note")),
    ];
    for (key, value) in record["case_data"].as_object().into_iter().flatten() {
        rows.push((key.clone(), value.as_str().unwrap_or_default().to_owned()));
    }
    format!("<h2>Interaction {}</h2>\n{}", record["id"].as_u64().unwrap_or_default(), table(&rows))
}

/// Rows that say something.
fn table(rows: &[(String, String)]) -> String {
    let mut html = "<table>\n".to_owned();
    for (key, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let (key, value) = (escaped(key), escaped(value));
        let _ = writeln!(html, "<tr><th dir=\"auto\">{key}</th><td class=\"text\" dir=\"auto\">{value}</td></tr>");
    }
    html + "</table>\n"
}

fn message(record: &Value, file: Option<&str>) -> String {
    let id = record["id"].as_u64().unwrap_or_default();
    let (author, agent) = (text(record, "author"), text(record, "agent"));
    let who = if agent.is_empty() { author } else { agent };
    let (kind, said) = (text(record, "kind"), text(record, "text"));
    let mut html = format!("<article id=\"m{id}\">\n<div><span class=\"who\" dir=\"auto\">{}</span> ", escaped(&who));
    let _ = write!(html, "<time>{}</time>", escaped(&text(record, "at")));
    if kind != "text" {
        let _ = write!(html, " · {}", escaped(&kind));
    }
    if let Some(answered) = record["answers_id"].as_u64() {
        let _ = write!(html, " · <a href=\"#m{answered}\">answers</a>");
    }
    html.push_str("</div>\n");
    html.push_str(&attached(record, file));
    if !said.is_empty() {
        let _ = writeln!(html, "<div class=\"text\" dir=\"auto\">{}</div>", escaped(&said));
    }
    for reaction in record["reactions"].as_array().into_iter().flatten() {
        let (author, emoji) = (text(reaction, "author"), text(reaction, "emoji"));
        let _ = writeln!(html, "<div>{}: {}</div>", escaped(&author), escaped(&emoji));
    }
    html + "</article>\n"
}

/// The file of a message.
fn attached(record: &Value, file: Option<&str>) -> String {
    let described = &record["file"];
    if !described.is_object() {
        return String::new();
    }
    let name = text(described, "name");
    let name = escaped(if name.is_empty() { "file" } else { &name });
    match file {
        None if described["removed"] == true => format!("<div>{name}: removed by the centre's rule.</div>\n"),
        None => format!("<div>{name}: not here.</div>\n"),
        Some(place) => {
            let shown = match place.rsplit('.').next() {
                Some("jpg" | "png" | "webp" | "gif") => format!("<img src=\"{place}\" alt=\"\"><br>\n"),
                Some("mp4" | "3gp") => format!("<video src=\"{place}\" controls preload=\"none\"></video><br>\n"),
                Some("ogg" | "mp3" | "m4a" | "aac" | "amr") => {
                    format!("<audio src=\"{place}\" controls preload=\"none\"></audio><br>\n")
                }
                _ => String::new(),
            };
            format!("{shown}<a href=\"{place}\" download>{name}</a>\n")
        }
    }
}

fn text(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap_or_default().to_owned()
}

/// Text as HTML, between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            // A browser takes it for U+FFFD, and a text editor for a binary file.
            '\0' => html.push('\u{fffd}'),
            other => html.push(other),
        }
    }
    html
}

fn words(error: std::io::Error) -> String {
    format!("The page cannot be written: {error}.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Page;

    #[test]
    fn nothing_that_anybody_wrote_becomes_markup() {
        const HOSTILE: &str = "</div><script>alert(1)</script><img src=x onerror='alert(2)'>\"&";
        let mut bytes = Vec::new();
        let mut page = Page::begin(&mut bytes).expect("memory does not fail");
        for record in [
            json!({"record": "contact", "name": HOSTILE, "profile_name": HOSTILE, "tags": [HOSTILE],
                   "addresses": [{"kind": "username", "value": HOSTILE}],
                   "attributes": [{"key": HOSTILE, "value": HOSTILE}]}),
            json!({"record": "interaction", "id": 1, "note": HOSTILE, "queue": HOSTILE, "agents": [HOSTILE],
                   "case_data": {HOSTILE: HOSTILE}}),
            json!({"record": "message", "id": 2, "conversation_id": 3, "author": "contact", "agent": HOSTILE,
                   "at": HOSTILE, "kind": HOSTILE, "text": HOSTILE, "file": {"name": HOSTILE},
                   "reactions": [{"author": HOSTILE, "emoji": HOSTILE}]}),
        ] {
            page.add(&record, Some("media/2.png")).expect("memory does not fail");
        }
        page.end().expect("memory does not fail");
        let html = String::from_utf8(bytes).expect("text");
        assert!(!html.contains("<script") && !html.contains("onerror='"), "{html}");
        assert_eq!(html.matches("<img").count(), 1, "our own one");
        assert_eq!(html.matches("&lt;script&gt;").count(), 18, "each of them is shown as it was written");
    }
}
