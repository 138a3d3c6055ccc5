//! What a centre holds, in files for people and other programs: one person, one conversation, everything.
//!
//! Pages come from a running server or from the store; files of messages are copied from the shelf. Invariants: what is
//! there already is never written over; what is written is for its owner only; a file that is not whole goes away.

mod page;
mod table;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use serde_json::Value;

use crate::control::{Door, ExportRequest, ExportScope, Request, WhoRequest};
use crate::domain::media::FileHash;
use crate::media::{Shelf, is_inline};

/// The records of a person's folder.
const RECORDS_NAME: &str = "records.jsonl";
/// Its page for people.
const PAGE_NAME: &str = "index.html";
/// Its folder of files.
const MEDIA_NAME: &str = "media";

/// Writes JSON Lines into a new file; gives how many records.
///
/// # Errors
/// A sentence: the file is there, cannot be written, or the data cannot be read.
pub fn lines(data: &Path, scope: ExportScope, out: &Path) -> Result<u64, String> {
    let mut door = Door::open(data)?;
    let first = first_page(&mut door, &scope)?;
    whole(out, |file| {
        let mut count = 0;
        each(&mut door, &scope, first, |record| {
            count += 1;
            file.write_all(record.get().as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(words)
        })?;
        Ok(count)
    })
}

/// Writes all contacts as a table (CSV) into a new file; gives how many.
///
/// # Errors
/// As `lines`.
pub fn contacts(data: &Path, out: &Path) -> Result<u64, String> {
    let mut door = Door::open(data)?;
    let scope = ExportScope::Contacts;
    let first = first_page(&mut door, &scope)?;
    whole(out, |file| {
        let mut table = table::Table::begin(file)?;
        each(&mut door, &scope, first, |record| table.add(&value(record)?))?;
        table.end()
    })
}

/// Writes one person's folder: the records, a page to read, and the files; gives how many records.
///
/// # Errors
/// As `lines`.
pub fn contact(data: &Path, who: WhoRequest, out: &Path) -> Result<u64, String> {
    let mut door = Door::open(data)?;
    let scope = ExportScope::Contact(who);
    let first = first_page(&mut door, &scope)?;
    fs::DirBuilder::new().mode(0o700).create(out).map_err(|error| not_made(out, &error))?;
    let written = folder(&mut door, &scope, first, data, out);
    if written.is_err() {
        // What is left of it is no export.
        fs::remove_dir_all(out).ok();
    }
    written
}

fn folder(
    door: &mut Door,
    scope: &ExportScope,
    first: crate::control::ExportPage,
    data: &Path,
    out: &Path,
) -> Result<u64, String> {
    let shelf = Shelf::of(data);
    fs::DirBuilder::new().mode(0o700).create(out.join(MEDIA_NAME)).map_err(words)?;
    whole(&out.join(RECORDS_NAME), |records| {
        whole(&out.join(PAGE_NAME), |html| {
            let mut page = page::Page::begin(html)?;
            let mut count = 0;
            each(door, scope, first, |record| {
                count += 1;
                records.write_all(record.get().as_bytes()).and_then(|()| records.write_all(b"\n")).map_err(words)?;
                let record = value(record)?;
                let file = copied(&shelf, &record, &out.join(MEDIA_NAME))?;
                page.add(&record, file.as_deref())
            })?;
            page.end()?;
            Ok(count)
        })
    })
}

/// Copies the file of a message; gives its place beside the page. Senders have no part in its name.
fn copied(shelf: &Shelf, record: &Value, folder: &Path) -> Result<Option<String>, String> {
    let hash = record["file"]["sha256"].as_str().and_then(FileHash::of_hex);
    let (Some(hash), Some(id)) = (hash, record["id"].as_u64()) else { return Ok(None) };
    let mime_type = record["file"]["mime_type"].as_str().unwrap_or_default();
    let name = format!("{id}.{}", ending(mime_type));
    let mut from = match shelf.open(hash) {
        Ok(from) => from,
        // It was removed since the page was read.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(words(error)),
    };
    whole(&folder.join(&name), |to| io::copy(&mut from, to).map_err(words))?;
    Ok(Some(format!("{MEDIA_NAME}/{name}")))
}

/// The ending of a file's name: of what a browser may show the usual one, else one that nothing opens by itself.
fn ending(mime_type: &str) -> &'static str {
    if !is_inline(mime_type) && mime_type != "application/pdf" {
        return "bin";
    }
    match mime_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/aac" => "aac",
        "audio/amr" => "amr",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

fn first_page(door: &mut Door, scope: &ExportScope) -> Result<crate::control::ExportPage, String> {
    ask(door, scope, None)
}

fn ask(door: &mut Door, scope: &ExportScope, after: Option<String>) -> Result<crate::control::ExportPage, String> {
    let answer = door.ask(Request::Export(ExportRequest { scope: scope.clone(), after }))?;
    answer.exported.ok_or(answer.sentence)
}

/// Calls `take` with every record.
fn each(
    door: &mut Door,
    scope: &ExportScope,
    mut page: crate::control::ExportPage,
    mut take: impl FnMut(&serde_json::value::RawValue) -> Result<(), String>,
) -> Result<(), String> {
    loop {
        for record in &page.records {
            take(record)?;
        }
        match page.after {
            Some(after) => page = ask(door, scope, Some(after))?,
            None => return Ok(()),
        }
    }
}

/// Writes a new file; one that does not become whole is removed.
fn whole<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<T, String>) -> Result<T, String> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = BufWriter::new(file.map_err(|error| not_made(path, &error))?);
    let written = write(&mut file).and_then(|outcome| {
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(words)?;
        Ok(outcome)
    });
    if written.is_err() {
        // What is left of it is no export.
        fs::remove_file(path).ok();
    }
    written
}

fn not_made(path: &Path, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::AlreadyExists {
        format!("{} is there already, and is not written over. Name another one with --out.", path.display())
    } else {
        format!("{} cannot be written: {error}.", path.display())
    }
}

fn words(error: io::Error) -> String {
    format!("The export cannot be written: {error}.")
}

fn value(record: &serde_json::value::RawValue) -> Result<Value, String> {
    serde_json::from_str(record.get()).map_err(|error| format!("A record cannot be read: {error}."))
}
