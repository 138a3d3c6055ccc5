//! What a file is, by its first bytes: names and headers of strangers say anything.
//!
//! Invariant: a type that browsers show or play is only given to bytes that begin like it.

/// What the first bytes say; `None` where they say nothing.
fn sniffed(head: &[u8]) -> Option<&'static str> {
    let at = |place: usize, bytes: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(bytes));
    let brand = |names: &[&[u8; 4]]| at(4, b"ftyp") && names.iter().any(|name| at(8, *name));
    Some(if at(0, b"\xff\xd8\xff") {
        "image/jpeg"
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        "image/webp"
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        "image/gif"
    } else if at(0, b"OggS") {
        "audio/ogg"
    } else if at(0, b"#!AMR") {
        "audio/amr"
    } else if brand(&[b"M4A ", b"M4B "]) {
        "audio/mp4"
    } else if at(4, b"ftyp3gp") {
        "video/3gpp"
    } else if at(4, b"ftyp") {
        "video/mp4"
    } else if at(0, b"ID3") || (head.first() == Some(&0xff) && head.get(1).is_some_and(|next| next & 0xe6 == 0xe2)) {
        "audio/mpeg"
    } else if head.first() == Some(&0xff) && head.get(1).is_some_and(|next| next & 0xf6 == 0xf0) {
        "audio/aac"
    } else if at(0, b"%PDF-") {
        "application/pdf"
    } else {
        return None;
    })
}

/// Types that browsers show or play without running anything in them.
const INLINE: [&str; 11] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "audio/ogg",
    "audio/amr",
    "audio/mp4",
    "audio/mpeg",
    "audio/aac",
    "video/mp4",
    "video/3gpp",
];

/// Whether a file of this type may be shown in the page; every other is for download only.
#[must_use]
pub fn is_inline(mime_type: &str) -> bool {
    INLINE.contains(&mime_type)
}

/// The type under which a file is kept: what its bytes say; else what the sender says, as long as nothing would be shown
/// on the sender's word alone.
#[must_use]
pub fn trusted_type(head: &[u8], announced: &str) -> String {
    let announced = announced.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/.+-_".contains(letter);
    match sniffed(head) {
        // The containers are the same for sound alone.
        Some("video/mp4") if announced == "audio/mp4" => announced,
        Some(found) => found.to_owned(),
        None if is_inline(&announced) || !announced.contains('/') || !announced.chars().all(plain) => {
            "application/octet-stream".to_owned()
        }
        None => announced,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_inline, trusted_type};

    #[test]
    fn bytes_win_over_words() {
        for (head, announced, kept) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/jpeg", "image/png"),
            (b"\xff\xd8\xff\xe0", "application/octet-stream", "image/jpeg"),
            (b"OggS\0", "audio/ogg; codecs=opus", "audio/ogg"),
            (b"\0\0\0\x18ftypisom", "audio/mp4", "audio/mp4"),
            (b"\0\0\0\x18ftypisom", "video/mp4", "video/mp4"),
            (b"\0\0\0\x18ftyp3gp4", "video/3gpp", "video/3gpp"),
            (b"ID3\x04", "audio/mpeg", "audio/mpeg"),
            (b"\xff\xfb\x90", "audio/mpeg", "audio/mpeg"),
            (b"\xff\xf1\x50", "audio/aac", "audio/aac"),
            (b"%PDF-1.7", "text/html", "application/pdf"),
            (b"<html><script>", "image/png", "application/octet-stream"),
            (b"<svg onload=1>", "image/svg+xml", "image/svg+xml"),
            (b"hello", "text/plain; charset=utf-8", "text/plain"),
            (b"hello", "nonsense", "application/octet-stream"),
            (b"", "a/b\r\nX: y", "application/octet-stream"),
        ] {
            assert_eq!(trusted_type(head, announced), kept, "{announced}");
        }
    }

    #[test]
    fn what_could_run_is_never_shown() {
        for mime_type in ["image/svg+xml", "text/html", "application/pdf", "text/plain", "application/xml"] {
            assert!(!is_inline(mime_type), "{mime_type}");
        }
    }
}
