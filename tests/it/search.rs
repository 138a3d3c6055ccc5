//! Search as people meet it: over HTTP, on the command line, and with the past of other systems.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::desk::Desk;
use crate::harness::server::{add_channel, serve};

#[test]
fn what_a_contact_wrote_is_found_the_moment_it_is_acknowledged() {
    let desk = Desk::open();
    let ben = desk.signed_in("ben");
    let contact = desk.browser();
    for number in 0..40 {
        contact.contact_writes("16505551234", &format!("wamid.{number}"), &format!("Übergabe zebra{number}"));
        let found = ben.get(&format!("/api/search?q=zebra{number}")).json();
        assert_eq!(found["total"], 1, "{found}");
        let hit = &found["hits"][0];
        assert_eq!((hit["kind"].as_str(), hit["author"].as_str()), (Some("message"), Some("contact")));
        assert_eq!(hit["snippet"], format!("Übergabe zebra{number}"));
        assert_eq!(hit["marks"][0][0], 9);
    }
    let first = ben.get("/api/search?q=ubergabe&limit=15").json();
    assert_eq!((first["total"].as_u64(), first["hits"].as_array().map(Vec::len)), (Some(40), Some(15)));
    assert_eq!(first["indexing"], serde_json::Value::Null);
    let alone = ben.get("/api/search?q=ubergabe&limit=15&count=false").json();
    assert_eq!((&alone["hits"], alone["total_is_exact"].as_bool()), (&first["hits"], Some(false)));
    let cursor = first["cursor"].as_str().expect("there is more");
    let second = ben.get(&format!("/api/search?q=ubergabe&limit=15&cursor={cursor}")).json();
    assert_eq!(second["hits"][0]["snippet"], "Übergabe zebra24", "newest first, page after page");
    let best = ben.get("/api/search?q=zebra7&order=best").json();
    assert_eq!(best["hits"][0]["snippet"], "Übergabe zebra7");
    let corrected = ben.get("/api/search?q=%C3%BCbergaben").json();
    assert_eq!(corrected["read_as"]["because"], "corrected");
    // As forms and `URLSearchParams` write a space.
    assert_eq!(ben.get("/api/search?q=zebra7+from%3Acontact").json()["total"], 1);
    let typing = ben.get("/api/search?q=ueb%20zeb&typing=1").json();
    assert_eq!(typing["total"], 0);
    assert_eq!(ben.get("/api/search?q=%C3%BCber%20zeb&typing=1").json()["total"], 0, "only the last word is open");
    assert_eq!(ben.get("/api/search?q=%C3%BCbergabe%20zeb&typing=1").json()["total"], 40);
}

#[test]
fn a_conversation_is_searched_alone() {
    let desk = Desk::open();
    let ben = desk.signed_in("ben");
    desk.browser().contact_writes("16505551234", "wamid.A", "apple");
    desk.browser().contact_writes("16505559999", "wamid.B", "apple");
    let found = ben.get("/api/search?q=apple").json();
    assert_eq!(found["total"], 2);
    let conversation = found["hits"][0]["conversation_id"].as_u64().expect("a conversation");
    let inside = ben.get(&format!("/api/conversations/{conversation}/search?q=apple")).json();
    assert_eq!((inside["total"].as_u64(), &inside["hits"][0]), (Some(1), &found["hits"][0]));
    assert_eq!(ben.get("/api/conversations/999/search?q=apple").status, 404);
}

#[test]
fn bad_questions_get_a_sentence_and_never_a_failure() {
    let desk = Desk::open();
    assert_eq!(desk.browser().get("/api/search?q=apple").status, 401);
    let ben = desk.signed_in("ben");
    let long = format!("/api/search?q={}", "a".repeat(1_025));
    let refused = ben.get(&long);
    assert_eq!(refused.problem(), (422, "query_too_long".to_owned()));
    for path in ["?cursor=AAAA&q=a", "?limit=x&q=a", "?order=oldest&q=a"] {
        assert_eq!(ben.get(&format!("/api/search{path}")).status, 400, "{path}");
    }
    for query in ["", "?q=", "?q=%22", "?q=*", "?q=%00%01", "?q=%E2%80%AEabc", "?q=-", "?q=OR", "?q=%FF%FE"] {
        assert_eq!(ben.get(&format!("/api/search{query}")).status, 200, "{query}");
    }
}

fn deskbell(arguments: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).arg("--data").arg(data).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder, and in it the data of a centre with one number.
fn connected() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "a secret\n").expect("writable");
    std::fs::create_dir_all(&data).expect("writable");
    assert!(add_channel(&data, &secret).status.success());
    (folder, data)
}

const CHAT: &str = "12/31/25, 9:41 PM - Messages and calls are end-to-end encrypted.\n\
    12/31/25, 9:41 PM - Maria Silva: Bom dia!\nMeu pedido AB-1234 não chegou\n\
    12/31/25, 9:45 PM - Loja: IMG-20251231-WA0001.jpg (file attached)\netiqueta\n\
    1/2/26, 12:05 AM - Maria Silva: obrigada\n";

#[test]
fn the_past_is_imported_once_and_found_by_the_command_line() {
    let (folder, data) = connected();
    let file = folder.path().join("dialogues.jsonl");
    let lines = [
        r#"{"conversation":"one","seq":0,"author":"contact","text":"my parcel is late","ts":"2024-05-01T10:00:00Z","phone":"+49 170 1234567","name":"Erika Muster"}"#,
        r#"{"conversation":"one","seq":1,"author":"agent","text":"we look into it","ts":1714557700000}"#,
        r#"{"conversation":"two","seq":0,"author":"contact","text":"another parcel"}"#,
    ];
    std::fs::write(&file, lines.join("\n") + "\n").expect("writable");
    let chat = folder.path().join("WhatsApp Chat with Maria Silva.txt");
    std::fs::write(&chat, CHAT).expect("writable");
    let (file, chat) = (file.to_string_lossy().into_owned(), chat.to_string_lossy().into_owned());

    assert_eq!(said(&deskbell(&["import", "transcript", &file], &data)), "3 messages read, 3 of them new.\n");
    assert_eq!(said(&deskbell(&["import", "transcript", &file], &data)), "3 messages read, 0 of them new.\n");
    let found = said(&deskbell(&["search", "parcel"], &data));
    assert!(
        found.contains("another parcel") && found.contains("Erika Muster") && found.ends_with("2 hits.\n"),
        "{found}"
    );
    let (server, _) = serve(&data);
    assert_eq!(said(&deskbell(&["import", "whatsapp-export", &chat], &data)), "4 messages read, 4 of them new.\n");
    assert_eq!(said(&deskbell(&["import", "whatsapp-export", &chat], &data)), "4 messages read, 0 of them new.\n");
    let json = said(&deskbell(&["search", "ab1234 from:contact", "--json"], &data));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((json["total"].as_u64(), json["hits"][0]["contact"].as_str()), (Some(1), Some("Maria Silva")), "{json}");
    assert!(said(&deskbell(&["search", "has:image etiqueta"], &data)).ends_with("1 hit.\n"));
    assert!(said(&deskbell(&["search", "0170 1234567"], &data)).contains("Erika Muster"));
    assert!(said(&deskbell(&["search", "obrigados"], &data)).ends_with("0 hits.\n"), "words as they are written");
    said(&deskbell(&["settings", "--main-language", "pt"], &data));
    assert!(said(&deskbell(&["search", "obrigados"], &data)).ends_with("1 hit.\n"), "in their other forms");
    assert_eq!(deskbell(&["settings"], &data).status.code(), Some(2), "a rule is named");
    let told = said(&deskbell(&["settings", "--read-marks", "on-reply"], &data));
    assert!(told.contains("when it is answered"), "{told}");
    assert!(said(&deskbell(&["search", "obrigados"], &data)).ends_with("1 hit.\n"), "the other rules stay");
    let refused = deskbell(&["settings", "--main-language", "klingon"], &data);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("choose one of ar, cs"), "{refused:?}");
    // Many short conversations with long names go over in one request as little as long texts do.
    let long = folder.path().join("long names.jsonl");
    let name = "n".repeat(4_000);
    let line = |n| format!(r#"{{"conversation":"{n}-{name}","seq":0,"author":"contact","text":"hello","name":"A"}}"#);
    std::fs::write(&long, (0..600).map(line).collect::<Vec<_>>().join("\n")).expect("writable");
    let long = long.to_string_lossy().into_owned();
    assert_eq!(said(&deskbell(&["import", "transcript", &long], &data)), "600 messages read, 600 of them new.\n");
    said(&deskbell(&["reindex"], &data));
    drop(server);
    assert!(said(&deskbell(&["reindex"], &data)).contains("built anew"));
    assert!(said(&deskbell(&["search", "parcel"], &data)).ends_with("2 hits.\n"));
    let refused = deskbell(&["search", &"a".repeat(1_100)], &data);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn an_index_cut_short_under_a_running_server_costs_at_most_a_restart() {
    let (folder, data) = connected();
    let file = folder.path().join("dialogues.jsonl");
    let line =
        |n| format!(r#"{{"conversation":"{}","seq":{n},"author":"contact","text":"parcel number {n}"}}"#, n % 50);
    std::fs::write(&file, (0..5_000).map(line).collect::<Vec<_>>().join("\n")).expect("writable");
    let file = file.to_string_lossy().into_owned();
    assert_eq!(said(&deskbell(&["import", "transcript", &file], &data)), "5000 messages read, 5000 of them new.\n");
    // Whoever asks while the index is built is told so.
    let counted = |answer: &str| answer.ends_with("5000 hits.\n");
    let found = (0..20).map(|_| said(&deskbell(&["search", "parcel"], &data))).find(|answer| counted(answer));
    assert!(found.is_some());

    let (server, _) = serve(&data);
    assert!(said(&deskbell(&["search", "\"parcel number\""], &data)).ends_with("5000 hits.\n"));
    for entry in std::fs::read_dir(data.join("search")).expect("a folder") {
        let path = entry.expect("readable").path();
        let cut = std::fs::OpenOptions::new().write(true).open(&path).expect("writable");
        cut.set_len(cut.metadata().expect("readable").len() / 3).expect("writable");
    }
    // Whatever comes of this: a file that is mapped and cut short may end the process.
    deskbell(&["search", "\"parcel number\" 4321"], &data);
    drop(server);

    let (_server, _) = serve(&data);
    let began = std::time::Instant::now();
    while !said(&deskbell(&["search", "parcel"], &data)).ends_with("\n5000 hits.\n") {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "the index is not built anew");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(said(&deskbell(&["search", "\"parcel number 4321\""], &data)).ends_with("1 hit.\n"));
}
