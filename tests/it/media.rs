//! Files on their whole way: from a customer's phone to an agent's browser, and back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::browser::{Answer, Browser};
use crate::harness::centre::Centre;
use crate::harness::desk::PASSWORD;

/// The smallest picture: one pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

/// A centre where ana has what Amina writes.
async fn at_work(centre: &Centre, words: &str) -> (Browser, Value) {
    let mut ana = Browser::new(centre.address());
    assert_eq!(ana.sign_in("ana", PASSWORD).status, 200);
    let seq = ana.get("/api/snapshot").json()["seq"].to_string();
    let mut events = ana.events_after(&seq);
    events.until("agent_connected");
    assert_eq!(ana.put("/api/presence", r#"{"state":"ready"}"#).status, 200);
    let amina = centre.config.customers[0].clone();
    centre.simulator.customer_writes(amina, words).await;
    let id = events.until("interaction_offered")["interaction"]["id"].clone();
    assert_eq!(ana.post(&format!("/api/interactions/{id}/accept"), "{}").status, 200);
    let interaction = ana.get(&format!("/api/interactions/{id}")).json();
    // The stream keeps her there.
    std::mem::forget(events);
    (ana, interaction)
}

/// Sends bytes as they are.
fn post_bytes(browser: &Browser, path: &str, more: &str, bytes: &[u8]) -> Answer {
    let more = format!("Origin: http://{}\r\n{more}Content-Length: {}\r\n", browser.address, bytes.len());
    let mut request = browser.head("POST", path, &more).into_bytes();
    request.extend_from_slice(bytes);
    browser.raw(&request)
}

fn phone_sends(centre: &Centre, name: &str, mime_type: &str, bytes: &[u8]) {
    let phone = Browser::new(centre.simulator.local_addr());
    let path = format!("/simulator/customers/16505551234/files?name={name}&type={mime_type}&caption=look");
    let answer = post_bytes(&phone, &path, "X-Phone: 1\r\n", bytes);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Waits for a message of the conversation that fits.
fn message(ana: &Browser, interaction: &Value, fits: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/conversations/{}/messages", interaction["conversation_id"]);
    let begun = Instant::now();
    loop {
        let page = ana.get(&path).json();
        if let Some(found) = page["messages"].as_array().and_then(|all| all.iter().find(|one| fits(one))) {
            return found.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not come: {page}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ready(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |message| message["content"]["type"] == kind && message["content"]["state"] == "ready"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_customers_files_are_fetched_and_only_shown_where_nothing_can_run() {
    let centre = Centre::open().await;
    let (ana, interaction) = at_work(&centre, "a picture follows").await;
    phone_sends(&centre, "a.png", "image/png", PICTURE);
    let picture = message(&ana, &interaction, ready("image"));
    let content = &picture["content"];
    assert_eq!((content["text"].as_str(), content["inline"].as_bool()), (Some("look"), Some(true)), "{content}");
    let path = format!("/api/messages/{}/media", picture["id"]);
    let whole = ana.get(&path);
    assert_eq!((whole.status, whole.bytes.as_slice()), (200, PICTURE));
    assert_eq!(whole.header("content-type"), Some("image/png"));
    assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(whole.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    let part = ana.raw(ana.head("GET", &path, "Range: bytes=1-3\r\n").as_bytes());
    assert_eq!((part.status, part.bytes.as_slice()), (206, &b"PNG"[..]));
    assert_eq!(part.header("content-range"), Some(format!("bytes 1-3/{}", PICTURE.len()).as_str()));
    let beyond = ana.raw(ana.head("GET", &path, "Range: bytes=9999-\r\n").as_bytes());
    assert_eq!(beyond.status, 416);
    assert_eq!(Browser::new(centre.address()).get(&path).status, 401, "nobody else may see it");

    phone_sends(&centre, "page.html", "text/html", b"<script>alert(1)</script>");
    let page = message(&ana, &interaction, ready("document"));
    assert_eq!(page["content"]["inline"], false);
    let answer = ana.get(&format!("/api/messages/{}/media", page["id"]));
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename*=UTF-8''page%2Ehtml"));

    phone_sends(&centre, "lie.png", "image/png", b"<script>alert(1)</script>");
    let lie = message(&ana, &interaction, |one| {
        one["content"]["state"] == "ready" && one["content"]["mime_type"] == "application/octet-stream"
    });
    assert_eq!(lie["content"]["inline"], false, "the bytes are no picture");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agents_file_is_checked_uploaded_and_sent_once() {
    let centre = Centre::open().await;
    let mut outbound = centre.simulator.outbound();
    let (ana, interaction) = at_work(&centre, "do you have a picture?").await;
    let uploaded = post_bytes(&ana, "/api/files", "Content-Type: image/png\r\n", PICTURE);
    assert_eq!(uploaded.status, 201, "{}", uploaded.body);
    let file = uploaded.json();
    assert_eq!((file["type"].as_str(), file["mime_type"].as_str()), (Some("image"), Some("image/png")));
    let path = format!("/api/interactions/{}/messages", interaction["id"]);
    let send = |key: &str, id: &Value| {
        let file = json!({"id": id, "name": "shelf.png", "caption": "here it is"});
        ana.post(&path, &json!({"client_key": key, "file": file}).to_string())
    };
    let sent = send("k1", &file["id"]);
    assert_eq!(sent.status, 202, "{}", sent.body);
    assert_eq!(sent.json()["content"]["state"], "ready");
    assert_eq!(send("k1", &file["id"]).json()["id"], sent.json()["id"], "the same key is the same message");
    let arrived = tokio::time::timeout(Duration::from_secs(20), outbound.recv()).await.expect("in time").expect("sent");
    assert_eq!((arrived.kind.as_str(), arrived.text.as_str()), ("image", "here it is"));
    let delivered = message(&ana, &interaction, |one| {
        one["content"]["type"] == "image" && matches!(one["delivery"].as_str(), Some("delivered" | "read"))
    });
    assert_eq!(ana.get(&format!("/api/messages/{}/media", delivered["id"])).bytes, PICTURE);

    assert_eq!(send("k2", &json!("ab")).problem(), (422, "unknown_file".to_owned()));
    assert_eq!(send("k3", &json!("0".repeat(64))).problem(), (422, "unknown_file".to_owned()));
    let empty = post_bytes(&ana, "/api/files", "Content-Type: image/png\r\n", b"");
    assert_eq!(empty.problem(), (422, "file_too_large".to_owned()));
    let mut large = PICTURE.to_vec();
    large.resize(5 * 1_024 * 1_024 + 1, 0);
    let large = post_bytes(&ana, "/api/files", "Content-Type: image/png\r\n", &large);
    assert_eq!(large.problem(), (422, "file_too_large".to_owned()));
    centre.close().await;
}

/// A second of beeps, as Chromium records it.
const RECORDED: &[u8] = include_bytes!("../data/media/voice.webm");

/// The same as browsers write it who cannot go back: nothing says how long the segment and its cluster are, and no index
/// stands behind it.
fn of_unknown_length() -> Vec<u8> {
    let mut bytes = RECORDED.to_vec();
    let cluster = bytes.windows(5).position(|window| window == b"\x1f\x43\xb6\x75\x01").expect("it is there");
    let size = bytes[cluster + 5..cluster + 12].iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
    bytes.truncate(cluster + 12 + size);
    for id in [&b"\x18\x53\x80\x67"[..], b"\x1f\x43\xb6\x75\x01"] {
        let at = bytes.windows(id.len()).position(|window| window == id).expect("it is there") + 4;
        bytes[at..at + 8].copy_from_slice(b"\x01\xff\xff\xff\xff\xff\xff\xff");
    }
    bytes
}

/// Granule position and packets of each page of an Ogg file.
fn pages(ogg: &[u8]) -> Vec<(u64, usize)> {
    let mut found = Vec::new();
    let mut rest = ogg;
    while rest.starts_with(b"OggS") {
        let granule = u64::from_le_bytes(rest[6..14].try_into().expect("eight bytes"));
        let lacing = &rest[27..27 + usize::from(rest[26])];
        found.push((granule, lacing.iter().filter(|length| **length < 255).count()));
        let length: usize = lacing.iter().map(|length| usize::from(*length)).sum();
        rest = &rest[27 + lacing.len() + length..];
    }
    assert!(rest.is_empty(), "nothing stands between pages");
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_recording_of_a_browser_goes_out_as_a_voice_note() {
    let centre = Centre::open().await;
    let mut outbound = centre.simulator.outbound();
    let (ana, interaction) = at_work(&centre, "call me").await;
    let upload =
        |bytes: &[u8]| post_bytes(&ana, "/api/files", "Content-Type: audio/webm;codecs=opus\r\n", bytes).json();
    let file = upload(RECORDED);
    assert_eq!((file["type"].as_str(), file["mime_type"].as_str()), (Some("audio"), Some("audio/ogg")), "{file}");
    assert_eq!(upload(&of_unknown_length())["id"], file["id"], "the same sound");
    let path = format!("/api/interactions/{}/messages", interaction["id"]);
    let body = json!({"client_key": "k1", "file": {"id": file["id"], "name": "Voice note", "voice": true}});
    let sent = ana.post(&path, &body.to_string());
    assert_eq!((sent.status, sent.json()["content"]["voice"].as_bool()), (202, Some(true)), "{}", sent.body);
    let arrived = tokio::time::timeout(Duration::from_secs(20), outbound.recv()).await.expect("in time").expect("sent");
    assert_eq!(arrived.kind, "audio");
    let heard = ana.get(&format!("/api/messages/{}/media", sent.json()["id"]));
    assert_eq!(heard.header("content-type"), Some("audio/ogg"));
    let pages = pages(&heard.bytes);
    assert_eq!(pages[..2], [(0, 1), (0, 1)], "head and tags stand alone");
    let (last, packets) = (pages.last().expect("sound").0, pages[2..].iter().map(|page| page.1).sum::<usize>());
    assert_eq!(last, packets as u64 * 2_880, "packets of 60 ms each");

    // What is no recording stays what it was.
    for broken in [&RECORDED[..300], &RECORDED[..8]] {
        assert_eq!(upload(broken)["mime_type"], "audio/webm");
    }
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_large_picture_is_small_in_the_transcript() {
    let centre = Centre::open().await;
    let (ana, interaction) = at_work(&centre, "a photo follows").await;
    let mut photo = std::io::Cursor::new(Vec::new());
    let shade = |of: u32| u8::try_from(of).expect("below 250");
    let stripes = image::RgbImage::from_fn(2_000, 1_000, |x, y| image::Rgb([shade(x / 8), shade(y / 4), 90]));
    stripes.write_to(&mut photo, image::ImageFormat::Jpeg).expect("it can be written");
    phone_sends(&centre, "photo.jpg", "image/jpeg", photo.get_ref());
    let message_with_photo = message(&ana, &interaction, ready("image"));
    let path = format!("/api/messages/{}/media", message_with_photo["id"]);
    assert_eq!(ana.get(&path).bytes, *photo.get_ref(), "the whole is there as well");
    for _ in 0..2 {
        let small = ana.get(&format!("{path}?small"));
        assert_eq!(small.header("content-type"), Some("image/jpeg"));
        assert_eq!(small.header("content-security-policy"), Some("default-src 'none'; sandbox"));
        let picture = image::load_from_memory(&small.bytes).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (640, 320));
        assert!(small.bytes.len() * 3 < photo.get_ref().len());
    }
    assert_eq!(Browser::new(centre.address()).get(&format!("{path}?small")).status, 401);

    phone_sends(&centre, "dot.png", "image/png", PICTURE);
    let dot = message(&ana, &interaction, |one| {
        one["content"]["mime_type"] == "image/png" && one["content"]["state"] == "ready"
    });
    let small = ana.get(&format!("/api/messages/{}/media?small", dot["id"]));
    assert_eq!(small.bytes, PICTURE, "what is small stays as it is");
    centre.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_template_takes_a_document_from_the_agents_disk_along() {
    let centre = Centre::open().await;
    let mut outbound = centre.simulator.outbound();
    let (ana, interaction) = at_work(&centre, "where is my invoice?").await;
    let begun = Instant::now();
    while ana.post("/api/channels/1/templates/sync", "{}").json()["templates"].as_array().is_none_or(Vec::is_empty) {
        assert!(begun.elapsed() < Duration::from_secs(20), "no templates");
    }
    let document = post_bytes(&ana, "/api/files", "Content-Type: application/pdf\r\n", b"%PDF-1.4 an invoice").json();
    let path = format!("/api/interactions/{}/messages", interaction["id"]);
    let send = |key: &str, name: &str, file: &str| {
        let values = json!([{"place": "header", "name": "1", "value": format!("file:{file}")},
            {"place": "body", "name": "1", "value": "Jo"}]);
        let template = json!({"name": name, "language": "en_US", "values": values});
        ana.post(&path, &json!({"client_key": key, "template": template}).to_string())
    };
    let id = document["id"].as_str().expect("an id");
    let sent = send("k1", "invoice", id);
    assert_eq!(sent.status, 202, "{}", sent.body);
    let arrived = tokio::time::timeout(Duration::from_secs(20), outbound.recv()).await.expect("in time").expect("sent");
    assert_eq!(arrived.kind, "template");
    assert_eq!(send("k2", "invoice", &"0".repeat(64)).problem(), (422, "unknown_file".to_owned()));
    assert_eq!(send("k3", "invoice", "../../etc").problem(), (422, "template_value_invalid".to_owned()));
    centre.close().await;
}
