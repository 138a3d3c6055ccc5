//! Media: multipart uploads, their descriptions with short-lived addresses, downloads and deletion.
//!
//! Apart because media are the only big things the simulator holds. Invariants: a file and all files together are
//! capped, the oldest goes first; a download address is worth nothing after its time.

use std::collections::VecDeque;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::error::GraphError;
use super::{Answer, query_value};
use crate::limits;
use crate::simulator::faults::mix;
use crate::simulator::webhook::signature::push_hex;
use crate::simulator::world::PhoneFile;
use crate::simulator::{Shared, now_ms};

struct Medium {
    id: String,
    mime_type: String,
    bytes: Bytes,
}

/// The uploaded files, oldest first.
#[derive(Default)]
pub(crate) struct MediaShelf {
    media: VecDeque<Medium>,
    bytes_total: usize,
    made: u64,
    /// Makes download addresses hard to guess; drawn at the first upload.
    secret: u64,
}

impl MediaShelf {
    pub(crate) fn put(&mut self, mime_type: String, bytes: Bytes) -> String {
        if self.secret == 0 {
            self.secret = getrandom::u64().unwrap_or_else(|_| now_ms());
        }
        self.made += 1;
        let id = format!("{}", 1_000_000_000_000_000 + mix(self.secret ^ self.made) % 8_000_000_000_000_000);
        self.bytes_total += bytes.len();
        self.media.push_back(Medium { id: id.clone(), mime_type, bytes });
        while self.bytes_total > limits::SIMULATOR_MEDIA_TOTAL_BYTES_MAX
            && let Some(oldest) = self.media.pop_front()
        {
            self.bytes_total -= oldest.bytes.len();
        }
        id
    }

    /// A file as a phone shows it.
    pub(crate) fn file(&self, id: &str, name: &str) -> Option<PhoneFile> {
        let medium = self.find(id)?;
        Some(PhoneFile { id: id.to_owned(), mime_type: medium.mime_type.clone(), name: name.to_owned() })
    }

    /// A file's type and bytes.
    pub(crate) fn bytes(&self, id: &str) -> Option<(String, Bytes)> {
        self.find(id).map(|medium| (medium.mime_type.clone(), medium.bytes.clone()))
    }

    /// Whether there is a file with this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// Forgets a file; `false` if there was none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(at) = self.media.iter().position(|medium| medium.id == id) else {
            return false;
        };
        if let Some(medium) = self.media.remove(at) {
            self.bytes_total -= medium.bytes.len();
        }
        true
    }

    /// Graph's description of a file, with an address to download it from.
    pub(crate) fn describe(&self, id: &str, base_url: &str, now_ms: u64) -> Option<Value> {
        let medium = self.find(id)?;
        let expires_s = now_ms / 1000 + limits::SIMULATOR_MEDIA_URL_LIFE_S;
        let mut sha256 = String::with_capacity(64);
        push_hex(&mut sha256, &Sha256::digest(&medium.bytes));
        Some(json!({
            "messaging_product": "whatsapp",
            "url": format!(
                "{base_url}/whatsapp_business/attachments/?mid={id}&ext={expires_s}&hash={:016x}",
                self.address_hash(id, expires_s)
            ),
            "mime_type": medium.mime_type,
            "sha256": sha256,
            "file_size": medium.bytes.len(),
            "id": id,
        }))
    }

    /// The file behind a download address; 404 once the address has expired.
    pub(crate) fn download(&self, query: &str, now_ms: u64) -> Answer {
        let id = query_value(query, "mid").unwrap_or_default();
        let expires_s: u64 = query_value(query, "ext").and_then(|text| text.parse().ok()).unwrap_or(0);
        let hash = query_value(query, "hash").and_then(|text| u64::from_str_radix(&text, 16).ok());
        match self.find(&id) {
            Some(medium) if now_ms / 1000 <= expires_s && hash == Some(self.address_hash(&id, expires_s)) => {
                Answer::File { mime_type: medium.mime_type.clone(), bytes: medium.bytes.clone() }
            }
            _ => Answer::Provoked { http_status: 404, body: None, retry_after_s: 0 },
        }
    }

    fn find(&self, id: &str) -> Option<&Medium> {
        self.media.iter().find(|medium| medium.id == id)
    }

    fn address_hash(&self, id: &str, expires_s: u64) -> u64 {
        mix(self.secret ^ crate::simulator::world::hash(id) ^ mix(expires_s))
    }
}

/// Takes an upload: `multipart/form-data` with `messaging_product`, `file` and perhaps `type`, in any order.
pub(crate) fn upload(shared: &Shared, query: &str, content_type: &str, body: Bytes) -> Result<Value, GraphError> {
    let boundary = content_type
        .split(';')
        .find_map(|part| part.trim().strip_prefix("boundary="))
        .map(|boundary| boundary.trim_matches('"'))
        .filter(|_| content_type.starts_with("multipart/form-data"))
        .ok_or_else(|| GraphError::parameter("An upload has to be multipart/form-data"))?;
    let parts = multipart(&body, boundary);
    let field = |name: &str| {
        parts
            .iter()
            .find(|part| part.name == name && part.file_name.is_none())
            .map(|part| String::from_utf8_lossy(&part.bytes).into_owned())
            .or_else(|| query_value(query, name).map(std::borrow::Cow::into_owned))
    };
    if field("messaging_product").as_deref() != Some("whatsapp") {
        return Err(GraphError::parameter("The parameter messaging_product is required."));
    }
    let file = parts
        .iter()
        .find(|part| part.name == "file")
        .ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
    if file.bytes.len() > limits::SIMULATOR_MEDIA_BYTES_MAX {
        return Err(GraphError::new(131_053, "The file is too large."));
    }
    let mime_type = file
        .content_type
        .clone()
        .filter(|mime_type| mime_type != "application/octet-stream")
        .or_else(|| field("type"))
        .ok_or_else(|| GraphError::parameter("The parameter type is required."))?;
    let id = shared.media().put(mime_type, file.bytes.clone());
    Ok(json!({ "id": id }))
}

struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: Bytes,
}

/// The parts of a multipart body; what is malformed is left out.
fn multipart(body: &Bytes, boundary: &str) -> Vec<Part> {
    let delimiter = format!("--{boundary}");
    let starts = positions(body, delimiter.as_bytes());
    let mut parts = Vec::new();
    for pair in starts.windows(2) {
        let part = body.slice(pair[0] + delimiter.len()..pair[1]);
        let Some(head_end) = positions(&part, b"\r\n\r\n").first().copied() else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..head_end]);
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let Some(disposition) = header("content-disposition") else {
            continue;
        };
        let Some(name) = disposition_value(&disposition, "name") else {
            continue;
        };
        // The line break before the next delimiter belongs to the delimiter.
        let end = part.len().saturating_sub(2).max(head_end + 4);
        parts.push(Part {
            name,
            file_name: disposition_value(&disposition, "filename"),
            content_type: header("content-type"),
            bytes: part.slice(head_end + 4..end),
        });
    }
    parts
}

fn disposition_value(disposition: &str, name: &str) -> Option<String> {
    disposition.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn positions(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == wanted[0]).map(|offset| from + offset) {
        if bytes[at..].starts_with(wanted) {
            found.push(at);
            from = at + wanted.len();
        } else {
            from = at + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_in_any_order_with_binary_content() {
        let body = Bytes::from_static(
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\
              \x89PNG\r\n\r\n--\r\n--b\r\ncontent-disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n--b--\r\n",
        );
        let parts = multipart(&body, "b");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].bytes, &b"\x89PNG\r\n\r\n--"[..]);
        assert_eq!(parts[0].content_type.as_deref(), Some("image/png"));
        assert_eq!(parts[0].file_name.as_deref(), Some("a.png"));
        assert_eq!((parts[1].name.as_str(), &parts[1].bytes[..]), ("messaging_product", &b"whatsapp"[..]));
    }

    #[test]
    fn broken_multipart_is_no_panic() {
        for body in
            ["", "--b", "--b--b", "--b\r\n\r\n--b", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n--b"]
        {
            multipart(&Bytes::from_static(body.as_bytes()), "b");
        }
    }

    #[test]
    fn an_address_expires_and_cannot_be_prolonged() {
        let mut shelf = MediaShelf::default();
        let id = shelf.put("image/png".to_owned(), Bytes::from_static(b"abc"));
        let description = shelf.describe(&id, "http://h", 0).expect("it is there");
        let url = description["url"].as_str().expect("a text");
        let query = url.split_once('?').expect("a query").1;
        assert!(matches!(shelf.download(query, 300_000), Answer::File { .. }));
        assert!(matches!(shelf.download(query, 301_000), Answer::Provoked { http_status: 404, .. }));
        let prolonged = query.replace("ext=300", "ext=900");
        assert!(matches!(shelf.download(&prolonged, 301_000), Answer::Provoked { .. }));
    }

    #[test]
    fn the_shelf_is_capped() {
        let mut shelf = MediaShelf::default();
        let file = Bytes::from(vec![0; limits::SIMULATOR_MEDIA_BYTES_MAX]);
        let first = shelf.put("x/y".to_owned(), file.clone());
        for _ in 0..limits::SIMULATOR_MEDIA_TOTAL_BYTES_MAX / limits::SIMULATOR_MEDIA_BYTES_MAX {
            shelf.put("x/y".to_owned(), file.clone());
        }
        assert!(!shelf.has(&first));
        assert!(shelf.bytes_total <= limits::SIMULATOR_MEDIA_TOTAL_BYTES_MAX);
    }
}
