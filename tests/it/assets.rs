//! The page as it is served.

use std::io::Read as _;

use flate2::read::GzDecoder;

use crate::harness::desk::Desk;

/// The paths of the page's own files in `index.html`.
fn links(page: &str) -> Vec<&str> {
    page.split('"').filter(|part| part.starts_with("/assets/")).collect()
}

#[test]
fn every_link_of_the_page_is_served_for_ever_under_the_hash_of_the_tree() {
    let desk = Desk::open();
    let page = desk.browser().get("/");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-cache")));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let links = links(&page.body);
    assert!(!links.is_empty());
    for link in links {
        let file = desk.browser().get(link);
        assert_eq!(file.status, 200, "{link}");
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{link}");
        let expected = match link.rsplit_once('.').expect("an ending").1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "webmanifest" => "application/manifest+json",
            ending => panic!("no type for {ending}"),
        };
        assert_eq!(file.header("content-type"), Some(expected), "{link}");
    }
}

#[test]
fn another_hash_or_name_is_not_found() {
    let desk = Desk::open();
    let page = desk.browser().get("/");
    let link = links(&page.body)[0].to_owned();
    let (folder, name) = link.rsplit_once('/').expect("a path");
    for path in
        ["/assets/0000000000000000/".to_owned() + name, format!("{folder}/none.js"), format!("{folder}/../index.html")]
    {
        assert_eq!(desk.browser().get(&path).problem(), (404, "not_found".to_owned()), "{path}");
    }
}

#[test]
fn the_page_is_sent_again_only_when_it_has_changed() {
    let desk = Desk::open();
    let browser = desk.browser();
    let tag = browser.get("/").header("etag").expect("a tag").to_owned();
    let same = browser.raw(browser.head("GET", "/", &format!("If-None-Match: {tag}\r\n")).as_bytes());
    assert_eq!((same.status, same.body.as_str(), same.header("etag")), (304, "", Some(tag.as_str())));
    let other = browser.raw(browser.head("GET", "/", "If-None-Match: \"other\"\r\n").as_bytes());
    assert_eq!(other.status, 200);
}

#[test]
fn compressed_where_the_browser_takes_it() {
    let desk = Desk::open();
    let browser = desk.browser();
    let plain = browser.get("/");
    assert_eq!(plain.header("content-encoding"), None);
    let smallest = browser.raw(browser.head("GET", "/", "Accept-Encoding: gzip, deflate, br\r\n").as_bytes());
    assert_eq!(smallest.header("content-encoding"), Some("br"));
    let packed = browser.raw(browser.head("GET", "/", "Accept-Encoding: br;q=0, gzip;q=0.8\r\n").as_bytes());
    assert!(smallest.bytes.len() < packed.bytes.len());
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = String::new();
    GzDecoder::new(packed.bytes.as_slice()).read_to_string(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
    let refused = browser.raw(browser.head("GET", "/", "Accept-Encoding: gzip;q=0\r\n").as_bytes());
    assert_eq!(refused.header("content-encoding"), None);
}

#[test]
fn every_answer_keeps_foreign_code_and_frames_out() {
    let desk = Desk::open();
    for path in ["/", "/api/me", "/healthz", "/none"] {
        let answer = desk.browser().get(path);
        let policy = answer.header("content-security-policy").expect("a policy");
        for part in [
            "default-src 'self'",
            "img-src 'self' blob:",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
    assert_eq!(desk.browser().get("/api/me").header("cache-control"), Some("no-store"));
}

#[test]
fn health_is_told_to_anybody() {
    let desk = Desk::open();
    let live = desk.browser().get("/healthz");
    assert_eq!((live.status, live.body.as_str()), (200, "ok"));
    assert_eq!(desk.browser().get("/readyz").status, 200);
}

#[test]
fn the_service_worker_stands_at_the_root_and_is_another_one_for_each_release() {
    let desk = Desk::open();
    let page = desk.browser().get("/");
    let worker = desk.browser().get("/service-worker.js");
    assert_eq!((worker.status, worker.header("cache-control")), (200, Some("no-cache")));
    assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
    let folder = links(&page.body)[0].split_inclusive('/').take(3).collect::<String>();
    assert!(worker.body.contains(&format!("'{folder}'")), "it names the tree {folder}");
}

/// The bytes that a browser loads for a document in one language, compressed.
fn compressed_bytes(desk: &Desk, document: &str, words: &[&str]) -> usize {
    let browser = desk.browser();
    let page = browser.get(document);
    let folder = links(&page.body)[0].split_inclusive('/').take(3).collect::<String>();
    let words: Vec<String> = words.iter().map(|file| format!("{folder}{file}")).collect();
    // Icons of the installed app are fetched by the system, once.
    let files = links(&page.body).into_iter().filter(|link| !link.ends_with(".png"));
    let mut bytes = 0;
    for path in files.chain([document]).chain(words.iter().map(String::as_str)) {
        let answer = browser.raw(browser.head("GET", path, "Accept-Encoding: br\r\n").as_bytes());
        assert_eq!(answer.status, 200, "{path}");
        bytes += answer.bytes.len();
    }
    println!("{document}: {bytes} bytes compressed");
    bytes
}

#[test]
fn the_whole_page_is_small() {
    const COMPRESSED_BYTES_MAX: usize = 120 * 1024;
    let bytes = compressed_bytes(&Desk::open(), "/", &["strings/en.js"]);
    assert!(bytes < COMPRESSED_BYTES_MAX, "the page has {bytes} bytes");
}

#[test]
fn the_administration_pages_are_small_and_cost_the_workspace_nothing() {
    const COMPRESSED_BYTES_MAX: usize = 60 * 1024;
    let desk = Desk::open();
    let bytes = compressed_bytes(&desk, "/administration", &["strings/en.js", "administration/strings/en.js"]);
    assert!(bytes < COMPRESSED_BYTES_MAX, "the administration pages have {bytes} bytes");
    let page = desk.browser().get("/").body;
    assert!(!links(&page).iter().any(|link| link.contains("/administration")), "{page}");
}
