//! What tells about the program: help with examples, manual pages, completions, the version.

use serde_json::Value;

use crate::harness::logged::deskbell;
use crate::harness::program::{program, run};

fn said(arguments: &[&str]) -> String {
    let output = deskbell(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Words as a shell reads them; blanks within single quotes belong to the word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for letter in line.chars() {
        match letter {
            '\'' => (quoted, word) = (!quoted, Some(word.unwrap_or_default())),
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    assert!(!quoted, "a quote without an end: {line}");
    words.extend(word);
    words
}

/// Looks at the help of a command and of all below it; gives how many do something.
fn look(command: &clap::Command, path: &[&str]) -> usize {
    let help = said(&[path, &["--help"]].concat());
    assert!(help.contains("Usage: deskbell"), "{help}");
    let subcommands: Vec<_> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
    if !subcommands.is_empty() {
        return subcommands.iter().map(|one| look(one, &[path, &[one.get_name()]].concat())).sum();
    }
    let example = help.split("Example: ").nth(1).unwrap_or_else(|| panic!("{path:?} has no example: {help}"));
    let example = words(&example.split_whitespace().collect::<Vec<_>>().join(" "));
    let begins = [&["deskbell"], path].concat();
    assert_eq!(example[..begins.len()], begins, "an example of another command");
    let parsed = deskbell::cli::command().try_get_matches_from(&example);
    assert!(parsed.is_ok(), "{example:?}: {}", parsed.unwrap_err());
    assert!(command.get_about().is_some(), "{path:?} says what it does");
    1
}

#[test]
fn every_command_explains_itself_with_an_example_that_is_one() {
    let count = look(&deskbell::cli::command(), &[]);
    assert!(count >= 14, "{count} commands");
    assert!(said(&["help", "user", "add"]).contains("--password-file"));
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("man1");
    said(&["man", &pages.to_string_lossy()]);
    let first = std::fs::read_to_string(pages.join("deskbell.1")).expect("the first page");
    assert!(first.contains(".TH deskbell 1") && first.contains("doctor"), "{first}");
    let add = std::fs::read_to_string(pages.join("deskbell-user-add.1")).expect("a page of a command's command");
    assert!(add.contains("password") && add.contains("Example"), "{add}");
    assert_eq!(said(&["man"]).lines().next(), first.lines().next());
    if let Some(man) = program("man", "REQUIRE_MAN") {
        let shown = std::process::Command::new(man).args(["--warnings", "-l"]).arg(pages.join("deskbell.1")).output();
        let shown = shown.expect("it runs");
        assert!(shown.status.success() && shown.stderr.is_empty(), "{}", String::from_utf8_lossy(&shown.stderr));
    }
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").expect("writable");
    assert_eq!(deskbell(&["man", &blocked.join("man1").to_string_lossy()]).status.code(), Some(2));
}

#[test]
fn shells_read_their_completions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (shell, word) in [("bash", "_deskbell"), ("zsh", "#compdef deskbell"), ("fish", "complete -c deskbell")] {
        let text = said(&["completions", shell]);
        assert!(text.contains(word) && text.contains("doctor"), "{text}");
        let file = folder.path().join(shell);
        std::fs::write(&file, text).expect("writable");
        if let Some(shell) = program(shell, "REQUIRE_SHELLS") {
            run(std::process::Command::new(shell).arg("-n").arg(&file), shell);
        }
    }
    let refused = deskbell(&["completions", "cmd"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("bash"), "it says which there are");
}

#[test]
fn the_version_says_which_program_and_which_layout() {
    let version: Value = serde_json::from_str(&said(&["version", "--json"])).expect("an object");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(version["layout"].as_u64().is_some_and(|layout| layout >= 3), "{version}");
    assert!(version["features"].is_array() && version["architecture"] == std::env::consts::ARCH, "{version}");
    assert!(said(&["version"]).starts_with(concat!("deskbell ", env!("CARGO_PKG_VERSION"))));
    assert_eq!(said(&["--version"]), concat!("deskbell ", env!("CARGO_PKG_VERSION"), "\n"));
}
