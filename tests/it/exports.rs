//! What a centre holds in files: whole, for its owner only, and harmless to look at.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use deskbell::clock::Clock;
use deskbell::domain::command::Command;
use deskbell::domain::message::Content;
use serde_json::Value;

use crate::harness::logged::{deskbell, told};
use crate::harness::people::{MARIA, OTTO, Town};
use crate::harness::server::serve;
use crate::harness::traffic::{channel, opening, says};

const HOSTILE: &str = "<script>alert(1)</script> & \"quotes\" 'here'";

fn records(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON in every line")).collect()
}

fn of_kind<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["record"] == kind).collect()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn one_person_everything_and_a_table_are_exported_with_a_server_and_without() {
    for serving in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = tempfile::tempdir().expect("a temporary folder");
        let town = Town::settled(folder.path(), &Clock::system());
        town.does(vec![town.says(&MARIA, "hostile", Content::Text(HOSTILE.to_owned()))]);
        town.does((0..700).map(|number| says(5, number)).collect());
        town.store.stop();
        drop(town);
        let data = folder.path().to_string_lossy().into_owned();
        let server = serving.then(|| serve(folder.path()));
        let to = |name: &str| out.path().join(name).to_string_lossy().into_owned();
        let export = |arguments: &[&str], name: &str| {
            let place = to(name);
            deskbell(&[&["export"], arguments, &["--out", &place, "--data", &data]].concat())
        };

        let maria = export(&["contact", "--phone", "+49 151 98765432"], "maria");
        assert!(maria.status.success(), "{}", told(&maria));
        let place = out.path().join("maria");
        assert_eq!((mode(&place), mode(&place.join("index.html"))), (0o700, 0o600));
        let html = std::fs::read_to_string(place.join("index.html")).expect("a page");
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        let written = records(&place.join("records.jsonl"));
        let all = written.iter().map(Value::to_string).collect::<String>() + &html;
        for needle in MARIA.needles().iter().filter(|needle| !needle.contains("draft") && !needle.contains("wamid")) {
            let in_file = needle.ends_with("filebytes") || needle.ends_with("raw");
            assert!(in_file || all.contains(needle.as_str()), "{needle} is missing");
        }
        for needle in OTTO.needles() {
            assert!(!all.contains(&needle), "{needle} is somebody else's");
        }
        let files: Vec<_> = std::fs::read_dir(place.join("media")).expect("files").collect();
        assert_eq!(files.len(), 2);
        let with_file = of_kind(&written, "message").into_iter().find(|one| one["file"]["bytes"] == 14);
        let id = &with_file.expect("the message of the file")["id"];
        let file = place.join(format!("media/{id}.pdf"));
        assert_eq!(std::fs::read(&file).expect("the file"), MARIA.word("filebytes").as_bytes());
        assert!(html.contains(&format!("href=\"media/{id}.pdf\"")), "the page leads to it");

        let everything = export(&["everything"], "all.jsonl");
        assert!(everything.status.success(), "{}", told(&everything));
        let written = records(&out.path().join("all.jsonl"));
        assert_eq!(mode(&out.path().join("all.jsonl")), 0o600);
        let (contacts, messages) = (of_kind(&written, "contact"), of_kind(&written, "message"));
        assert_eq!((contacts.len(), of_kind(&written, "conversation").len()), (3, 3));
        let from_crowd = |message: &&&Value| message["text"].as_str().is_some_and(|text| text.starts_with("message "));
        assert_eq!(messages.iter().filter(from_crowd).count(), 700, "more than a page, and each once");
        let ids: std::collections::BTreeSet<u64> = messages.iter().filter_map(|one| one["id"].as_u64()).collect();
        assert_eq!(ids.len(), messages.len());
        assert!(messages.iter().all(|one| one["at"].as_str().is_some_and(|at| at.ends_with('Z'))));

        let conversation = export(&["conversation", "--id", "2"], "otto.jsonl");
        assert!(conversation.status.success(), "{}", told(&conversation));
        let written = records(&out.path().join("otto.jsonl"));
        assert!(of_kind(&written, "message").iter().all(|one| one["conversation_id"] == 2));
        assert_eq!(of_kind(&written, "interaction")[0]["note"], OTTO.word("note"));

        let table = export(&["contacts"], "contacts.csv");
        assert!(table.status.success(), "{}", told(&table));
        let text = std::fs::read_to_string(out.path().join("contacts.csv")).expect("a table");
        assert!(text.contains("Mariposa Xylander") && text.contains("+4915198765432"), "{text}");

        for (arguments, name) in [(&["everything"][..], "all.jsonl"), (&["contact", "--id", "1"], "maria")] {
            let again = export(arguments, name);
            assert_eq!(again.status.code(), Some(2), "{}", told(&again));
            assert!(told(&again).contains("already"), "{}", told(&again));
        }
        assert_eq!(records(&out.path().join("all.jsonl")).len(), 3 + 3 + 3 + messages.len(), "it is as it was");
        let nobody = export(&["contact", "--id", "99"], "nobody");
        assert_eq!(nobody.status.code(), Some(2), "{}", told(&nobody));
        assert!(!out.path().join("nobody").exists(), "nothing is left of an export that failed");
        drop(server);
    }
}

#[test]
fn an_erased_person_is_in_no_export() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let town = Town::settled(folder.path(), &Clock::system());
    town.does(vec![Command::EraseContact { agent: None, contact: MARIA.contact }]);
    town.store.stop();
    drop(town);
    let (data, out) = (folder.path().to_string_lossy().into_owned(), folder.path().join("all.jsonl"));
    let output = deskbell(&["export", "everything", "--out", &out.to_string_lossy(), "--data", &data]);
    assert!(output.status.success(), "{}", told(&output));
    let text = std::fs::read_to_string(&out).expect("it was written");
    for needle in MARIA.needles() {
        assert!(!text.contains(&needle), "{needle}");
    }
    let written = records(&out);
    assert_eq!(of_kind(&written, "interaction").len(), 2, "counts stay");
    assert_eq!(of_kind(&written, "contact")[0]["erased"], true);
}

#[test]
fn a_person_on_two_numbers_is_exported_whole_over_many_pages() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let town = Town::open(folder.path(), &Clock::system());
    town.does(opening());
    town.does(vec![Command::AddChannel(channel("200"))]);
    let on = |phone_number_id: &str, number: u64| match says(1, number) {
        Command::Receive(mut inbound) => {
            inbound.phone_number_id = phone_number_id.to_owned();
            Command::Receive(inbound)
        }
        other => other,
    };
    // The number that was added later has the earlier conversation.
    for part in 0..7 {
        town.does((0..200).map(|number| on("200", part * 200 + number)).collect());
    }
    for part in 10..17 {
        town.does((0..200).map(|number| on("106540352242922", part * 200 + number)).collect());
    }
    town.store.stop();
    drop(town);
    let (data, out) = (folder.path().to_string_lossy().into_owned(), folder.path().join("one"));
    let output = deskbell(&["export", "contact", "--id", "1", "--out", &out.to_string_lossy(), "--data", &data]);
    assert!(output.status.success(), "{}", told(&output));
    let written = records(&out.join("records.jsonl"));
    let ids: std::collections::BTreeSet<u64> =
        of_kind(&written, "message").iter().filter_map(|one| one["id"].as_u64()).collect();
    assert_eq!((of_kind(&written, "message").len(), ids.len()), (2_800, 2_800), "each once");
}
