//! The pages: the folder `static/`, carried in the binary.
//!
//! Everything but the documents and the service worker lives under `/assets/<hash of the whole tree>/`, so it may be kept
//! for ever and an upgrade is new documents (and one new worker, whose text holds the hash too). Invariant: a hash
//! names one tree; another hash is answered 404.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::error::HttpError;
use super::lean::{lean_script, lean_style};
use super::response::{self, Body};
use crate::domain::hex::hex;

static TREE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The folder of the page's own links, before the hash of the tree is put in.
const ASSETS: &str = "/assets/";

/// What a browser is shown at an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Document {
    /// Where agents work.
    Workspace,
    /// Where administrators set the centre up.
    Administration,
    /// What has to be done before one is in: the first administrator, the second step of a sign-in.
    Entry,
}

impl Document {
    const ALL: [Self; 3] = [Self::Workspace, Self::Administration, Self::Entry];

    /// Its file: no part of the tree under the hash, for it names it.
    const fn file(self) -> &'static str {
        match self {
            Self::Workspace => "index.html",
            Self::Administration => "administration/index.html",
            Self::Entry => "entry/index.html",
        }
    }

    /// The name of the style sheet that is made of all that it links.
    const fn styles(self) -> &'static str {
        match self {
            Self::Workspace => "page.css",
            Self::Administration => "administration.css",
            Self::Entry => "entry.css",
        }
    }
}

/// No part of the tree either.
const WORKER: &str = "service_worker.js";

/// How a document links a style sheet.
const STYLE_LINK: &str = "<link rel=\"stylesheet\" href=\"/assets/";

/// One file, ready to be sent.
struct Asset {
    bytes: Bytes,
    content_type: &'static str,
    entity_tag: HeaderValue,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

/// All files of the pages.
pub(super) struct Assets {
    documents: BTreeMap<Document, Asset>,
    worker: Asset,
    files: BTreeMap<String, Asset>,
    tree_hash: String,
}

impl Assets {
    /// The files that were built in, the same for the whole process. They are compressed beside the start, so that the
    /// first person who opens the page does not wait for it.
    pub(super) fn built_in() -> &'static Self {
        static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
            let mut contents = BTreeMap::new();
            collect(&TREE, &mut contents);
            join_styles(&mut contents);
            Assets::of(&contents)
        });
        static COMPRESSING: std::sync::Once = std::sync::Once::new();
        COMPRESSING.call_once(|| {
            let compress = || {
                let documents = ASSETS.documents.values();
                for file in documents.chain([&ASSETS.worker]).chain(ASSETS.files.values()) {
                    file.brotli();
                }
            };
            // Without a thread each file is compressed when it is first asked for.
            drop(std::thread::Builder::new().name("assets".to_owned()).spawn(compress));
        });
        &ASSETS
    }

    fn of(contents: &BTreeMap<String, Bytes>) -> Self {
        let mut hasher = Sha256::new();
        for (path, bytes) in contents {
            hasher.update((path.len() as u64).to_be_bytes());
            hasher.update(path);
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        }
        let tree_hash = hex(&hasher.finalize()[..8]);
        let naming_the_tree = |path: &str| {
            let text = contents.get(path).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
            let text = text.replace(ASSETS, &format!("{ASSETS}{tree_hash}/"));
            Asset::new(text.into_bytes().into(), type_of(path))
        };
        let own = |path: &str| path == WORKER || Document::ALL.iter().any(|document| document.file() == path);
        let files = contents.iter().filter(|(path, _)| !own(path));
        Self {
            documents: Document::ALL.map(|document| (document, naming_the_tree(document.file()))).into(),
            worker: naming_the_tree(WORKER),
            files: files.map(|(path, bytes)| (path.clone(), Asset::new(bytes.clone(), type_of(path)))).collect(),
            tree_hash,
        }
    }

    /// A document: asked for anew each time, sent only when it has changed.
    pub(super) fn document(&self, document: Document, request: &HeaderMap) -> Response<Body> {
        self.documents[&document].answer(request, HeaderValue::from_static("no-cache"))
    }

    /// The service worker: at the root, so that it may answer for the page there.
    pub(super) fn worker(&self, request: &HeaderMap) -> Response<Body> {
        self.worker.answer(request, HeaderValue::from_static("no-cache"))
    }

    /// The hash of the tree.
    pub(super) fn tree(&self) -> &str {
        &self.tree_hash
    }

    /// A file of the tree that `hash` names.
    pub(super) fn file(&self, hash: &str, path: &str, request: &HeaderMap) -> Result<Response<Body>, HttpError> {
        let file = self.files.get(path).filter(|_| hash == self.tree_hash).ok_or_else(HttpError::not_found)?;
        Ok(file.answer(request, HeaderValue::from_static("public, max-age=31536000, immutable")))
    }
}

impl Asset {
    fn new(bytes: Bytes, content_type: &'static str) -> Self {
        let entity_tag = format!("\"{}\"", hex(&Sha256::digest(&bytes)[..8]));
        let entity_tag = HeaderValue::from_str(&entity_tag).expect("quotes and hexadecimal digits are a header value");
        Self { bytes, content_type, entity_tag, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    fn answer(&self, request: &HeaderMap, caching: HeaderValue) -> Response<Body> {
        let known = request.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).is_some_and(|known| {
            // A proxy that compresses weakens the tag.
            known.split(',').any(|tag| tag.trim().trim_start_matches("W/").as_bytes() == self.entity_tag.as_bytes())
        });
        let brotli = || self.brotli().map(|packed| (packed, "br"));
        let gzip = || self.gzip().map(|packed| (packed, "gzip"));
        let packed = takes(request, "br").then(brotli).flatten();
        let packed = packed.or_else(|| takes(request, "gzip").then(gzip).flatten());
        let mut response = if known {
            let mut response = response::empty();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            response::with_type(
                StatusCode::OK,
                self.content_type,
                packed.map_or(&self.bytes, |(bytes, _)| bytes).clone(),
            )
        };
        let headers = response.headers_mut();
        if let Some((_, coding)) = packed.filter(|_| !known) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::ETAG, self.entity_tag.clone());
        headers.insert(header::CACHE_CONTROL, caching);
        response
    }

    /// The compressed bytes, made when first asked for; `None` where compression gains nothing.
    fn brotli(&self) -> Option<&Bytes> {
        let make = || {
            let mut compressed = Vec::new();
            let settings = brotli::enc::BrotliEncoderParams { size_hint: self.bytes.len(), ..Default::default() };
            brotli::BrotliCompress(&mut self.bytes.as_ref(), &mut compressed, &settings).ok()?;
            self.if_smaller(compressed)
        };
        self.brotli.get_or_init(make).as_ref()
    }

    /// The same for who takes no better: a browser that does not trust plain HTTP asks for this.
    fn gzip(&self) -> Option<&Bytes> {
        let make = || {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&self.bytes).ok()?;
            self.if_smaller(encoder.finish().ok()?)
        };
        self.gzip.get_or_init(make).as_ref()
    }

    fn if_smaller(&self, compressed: Vec<u8>) -> Option<Bytes> {
        (compressed.len() < self.bytes.len()).then(|| compressed.into())
    }
}

/// Whether the browser takes this coding: named, and not with a weight of zero.
fn takes(request: &HeaderMap, wanted: &str) -> bool {
    let offered = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    offered.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            && !parts
                .any(|part| part.starts_with("q=0") && !part.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']))
    })
}

fn collect(dir: &'static Dir<'static>, contents: &mut BTreeMap<String, Bytes>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        let bytes = match (path.rsplit_once('.').map(|(_, ending)| ending), file.contents_utf8()) {
            (Some("js"), Some(text)) => lean_script(text).into(),
            (Some("css"), Some(text)) => lean_style(text).into(),
            _ => Bytes::from_static(file.contents()),
        };
        contents.insert(path, bytes);
    }
    for dir in dir.dirs() {
        collect(dir, contents);
    }
}

/// The style sheets that a document links become one: together they are a third smaller than apart, and one request.
fn join_styles(contents: &mut BTreeMap<String, Bytes>) {
    let mut joined_sheets = BTreeSet::new();
    for document in Document::ALL {
        let page = contents.remove(document.file()).unwrap_or_default();
        let (mut joined, mut lines) = (Vec::new(), Vec::new());
        for line in String::from_utf8_lossy(&page).lines() {
            let sheet = line.trim().strip_prefix(STYLE_LINK).and_then(|rest| rest.strip_suffix("\">"));
            let Some((sheet, bytes)) = sheet.and_then(|sheet| Some((sheet, contents.get(sheet)?))) else {
                lines.push(line.to_owned());
                continue;
            };
            if joined.is_empty() {
                lines.push(format!("    {STYLE_LINK}{}\">", document.styles()));
            }
            joined.extend_from_slice(bytes);
            joined_sheets.insert(sheet.to_owned());
        }
        contents.insert(document.styles().to_owned(), joined.into());
        contents.insert(document.file().to_owned(), (lines.join("\n") + "\n").into());
    }
    contents.retain(|path, _| !joined_sheets.contains(path));
}

fn type_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
