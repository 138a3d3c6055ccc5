//! Contacts from other systems: tables and cards, once each, and garbage is named and left out.

use std::path::Path;
use std::process::{Command as Process, Output};

use deskbell::clock::Clock;
use deskbell::domain::contact::{Address, AddressKind, Contact};
use deskbell::store::{Store, StoreOptions};

use crate::harness::logged::told;
use crate::harness::server::serve;

fn import(data: &Path, name: &str, bytes: &[u8], more: &[&str]) -> Output {
    let file = data.join(name);
    std::fs::create_dir_all(data).expect("writable");
    std::fs::write(&file, bytes).expect("writable");
    Process::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["import", "contacts"])
        .arg(&file)
        .args(more)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary runs")
}

fn with_number(data: &Path, number: &str) -> Option<Contact> {
    let store = Store::open(data, StoreOptions::new(Clock::system())).expect("it opens");
    let address = Address { kind: AddressKind::Phone, value: number.to_owned() };
    let found = store.read(|snapshot| match snapshot.contact_by_address(&address)? {
        Some(id) => snapshot.contact(id),
        None => Ok(None),
    });
    found.expect("readable")
}

const TABLE: &str = "\u{feff}Phone;Vorname;Nachname;E-mail;tags\n\
    +49 170 1234567;Ana;Souza;ana@example.com;vip\n\
    0170 7654321;Ben;Bauer;;\n\
    nonsense;Cleo;;;\n\
    +49 170 1111111;\"Dora; Maria\";;;\n\
    +49 170 1234567;Anna;;;loyal\n";

#[test]
fn a_table_is_imported_once_and_what_is_no_contact_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path();
    let first = import(data, "a.csv", TABLE.as_bytes(), &[]);
    assert!(first.status.success(), "{}", told(&first));
    assert!(
        told(&first).contains("2 contacts added, 1 completed, 0 known already, 2 lines left out"),
        "{}",
        told(&first)
    );
    assert!(told(&first).contains("line 3: the number has no country code"), "{}", told(&first));
    assert!(told(&first).contains("line 4: this is no phone number"), "{}", told(&first));
    let ana = with_number(data, "491701234567").expect("she is there");
    assert_eq!((ana.name().as_str(), ana.card.tags.len()), ("Ana Souza", 2), "what is known stays, more is added");
    assert_eq!(ana.card.attributes[0].value, "ana@example.com");
    assert_eq!(with_number(data, "491701111111").expect("she is there").name(), "Dora; Maria");

    let again = import(data, "a.csv", TABLE.as_bytes(), &["--country-code", "49"]);
    assert!(told(&again).contains("1 contacts added, 0 completed, 3 known already, 1 lines"), "{}", told(&again));
    assert_eq!(with_number(data, "491707654321").expect("he is there").name(), "Ben Bauer");
}

#[test]
fn cards_go_into_a_running_server_and_are_found_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let (server, _) = serve(&data);
    let cards: String = (0..250)
        .map(|number| {
            format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Contact {number}\r\nTEL:+49 170 10{number:05}\r\nEND:VCARD\r\n")
        })
        .collect();
    let imported = import(&data, "cards.vcf", (cards + "garbage\r\n").as_bytes(), &[]);
    assert!(told(&imported).contains("250 contacts added"), "{}", told(&imported));
    assert!(told(&imported).contains("line 1251: this line is in no card"), "{}", told(&imported));
    drop(server);
    assert_eq!(with_number(&data, "491701000249").expect("there").name(), "Contact 249");
}

#[test]
fn a_file_that_is_no_list_of_contacts_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes, more, word) in [
        ("a.csv", &b""[..], &[][..], "empty"),
        ("a.csv", b"name,city\nAna,Bonn\n", &[], "phone"),
        ("a.csv", b"name,phone\nAna,later\n", &[], "No contact"),
        ("a.csv", &[0xff, 0xfe, 0x00, 0x2c, 0x0a, 0x00], &[], "phone"),
        ("a.vcf", b"BEGIN:VCARD\nFN:Ana\n", &[], "No contact"),
        ("a.csv", b"phone\n+4917012345\n", &["--country-code", "abc"], "digits"),
    ] {
        let output = import(folder.path(), name, bytes, more);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output));
        assert!(told(&output).contains(word), "{word}: {}", told(&output));
    }
    let missing = Process::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["import", "contacts", "/nowhere/at/all.csv", "--data", &folder.path().to_string_lossy()])
        .output()
        .expect("the binary runs");
    assert_eq!(missing.status.code(), Some(2), "{}", told(&missing));
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let from = tempfile::tempdir().expect("a temporary folder");
    let into = tempfile::tempdir().expect("a temporary folder");
    let table = "first name,phone,City,tags\n'=Ana,+49 170 1234567,\"Köln, \"\"Nippes\"\"\",\"vip\"\n";
    assert!(import(from.path(), "a.csv", table.as_bytes(), &[]).status.success());
    let out = from.path().join("out.csv");
    let exported = Process::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["export", "contacts", "--out", &out.to_string_lossy(), "--data", &from.path().to_string_lossy()])
        .output()
        .expect("the binary runs");
    assert!(exported.status.success(), "{}", told(&exported));
    let bytes = std::fs::read(&out).expect("it was written");
    let imported = import(into.path(), "b.csv", &bytes, &[]);
    assert!(told(&imported).contains("1 contacts added"), "{}", told(&imported));
    let (there, here) =
        (with_number(from.path(), "491701234567").expect("there"), with_number(into.path(), "491701234567"));
    assert_eq!(here.expect("here").card, there.card);
    assert_eq!(there.name(), "=Ana");
}
