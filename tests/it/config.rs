//! The configuration as an operator meets it: layers, origins, and every mistake at once.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use deskbell::config::{Config, Loaded, Origin, Sources, TlsMode, Written, load};

fn written(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("deskbell.toml");
    std::fs::write(&file, text).expect("writable");
    (folder, file)
}

fn loaded(text: &str) -> Loaded {
    let (_folder, file) = written(text.as_bytes());
    load(&Sources { file: Some(file), ..Sources::default() })
}

/// Line and sentence of each mistake.
fn mistakes(loaded: &Loaded) -> Vec<(usize, String)> {
    let line = |origin: &Origin| if let Origin::File(_, line) = origin { *line } else { 0 };
    loaded.mistakes.iter().map(|mistake| (line(&mistake.origin), mistake.sentence.clone())).collect()
}

fn run(arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).envs(environment.iter().copied());
    command.output().expect("the binary runs")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_file_in_packaging_is_the_reference_that_the_program_prints() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deskbell.toml");
    let output = run(&["config", "describe"], &[]);
    let described = String::from_utf8(output.stdout).expect("text");
    let kept = std::fs::read_to_string(file).expect("it is there");
    assert!(kept == described, "run: deskbell config describe > packaging/deskbell.toml");
    let as_it_is = loaded(&described);
    assert_eq!(as_it_is.mistakes, [], "it can be used as it is");
    assert!(as_it_is.settings.iter().all(|setting| setting.origin == Origin::Default), "and changes nothing");
}

#[test]
fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
    let (_folder, file) = written(b"log = \"warn\"\nlisten = \"127.0.0.1:1\"\n[tls]\nhsts_days = 1\n");
    let mut sources = Sources { file: Some(file.clone()), ..Sources::default() };
    for (name, value) in
        [("DESKBELL_LISTEN", "127.0.0.1:2"), ("DESKBELL_ALLOWED_HOSTS", "A.example, b.example"), ("PATH", "/bin")]
    {
        sources.environment.insert(name.into(), value.into());
    }
    sources.environment.insert("DESKBELL_TRUSTED_PROXIES".into(), "10.0.0.0/8".into());
    sources.flags.push(("listen", "--listen", Written::Text("127.0.0.1:3".to_owned())));
    let loaded = load(&sources);
    assert_eq!(loaded.mistakes, []);
    assert_eq!((loaded.config.listen.port(), loaded.config.log.as_str(), loaded.config.hsts_days), (3, "warn", 1));
    assert_eq!(loaded.config.allowed_hosts, ["a.example", "b.example"]);
    let origin = |name: &str| loaded.settings.iter().find(|setting| setting.name == name).unwrap().origin.to_string();
    assert_eq!(origin("listen"), "--listen");
    assert_eq!(origin("log"), format!("{}:1", file.display()));
    assert_eq!(origin("tls.hsts_days"), format!("{}:4", file.display()));
    assert_eq!(origin("allowed_hosts"), "DESKBELL_ALLOWED_HOSTS");
    assert_eq!(origin("insecure_http"), "default");
}

#[test]
fn ten_mistakes_are_told_at_once_each_with_its_line_and_what_would_be_right() {
    let loaded = loaded(
        "listn = \"127.0.0.1:80\"\n\
         listen = \"127.0.0.1\"\n\
         insecure_http = \"yes\"\n\
         public_url = \"desk.example\"\n\
         allowed_hosts = \"desk.example\"\n\
         trusted_proxies = [\"10.0.0.0/8\", \"10.0.0.0/99\"]\n\
         graph_hosts = [\"*.net\"]\n\
         log_format = \"xml\"\n\
         [tls]\n\
         mode = \"self-signed\"\n\
         cert = \"a secret that slipped in\"\n\
         hsts_days = 100000\n\
         [mail]\n\
         server = \"x\"\n\
         [acme]\n\
         contact = 5\n",
    );
    let found = mistakes(&loaded);
    for (line, words) in [
        (1, "Did you mean listen?"),
        (2, "an address and a port"),
        (3, "true or false"),
        (4, "\"https://desk.example.org\""),
        (5, "a list"),
        (6, "Entry 2 of trusted_proxies"),
        (7, "\"*.whatsapp.net\""),
        (8, "\"text\" or \"json\""),
        (10, "\"self_signed\""),
        (11, "Did you mean tls.certificate_file?"),
        (12, "from 0 to 730"),
        (13, "mail is no key"),
        (16, "quotation marks"),
    ] {
        assert!(
            found.iter().any(|(at, sentence)| *at == line && sentence.contains(words)),
            "{line} {words}: {found:#?}"
        );
    }
    assert_eq!(found.len(), 13, "{found:#?}");
    assert!(!format!("{:?}", loaded.mistakes).contains("slipped in"), "no value is repeated");
    assert_eq!(loaded.config.listen, Config::plain("x".into(), loaded.config.listen).listen, "the default stays");
}

#[test]
fn broken_toml_hides_no_other_mistake() {
    let found = mistakes(&loaded("listen = \n[tls\nmode = \"files\"\nnames = [1]\nlisten = \"127.0.0.1:1\"\n"));
    assert!(found.iter().any(|(line, sentence)| *line == 1 && sentence.contains("not TOML")), "{found:#?}");
    assert!(found.len() >= 3, "{found:#?}");
    let twice = mistakes(&loaded("log = \"info\"\nlog = \"warn\"\n"));
    assert!(twice.iter().any(|(line, _)| *line == 2), "{twice:#?}");
    let section = mistakes(&loaded("tls = \"files\"\n"));
    assert!(section[0].1.contains("[tls]"), "{section:#?}");
}

#[test]
fn a_mark_at_the_beginning_and_the_line_ends_of_another_system_do_no_harm() {
    let loaded = loaded("\u{FEFF}# from an editor\r\nlog = \"debug\"\r\n[tls]\r\nmode = \"nonsense\"\r\n");
    assert_eq!(loaded.config.log, "debug");
    assert_eq!(mistakes(&loaded).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
}

#[test]
fn a_file_that_cannot_be_a_configuration_is_refused_with_a_sentence() {
    for (text, words) in
        [(&b"log = \"\xFF\"\n"[..], "UTF-8"), (&[b'#'; 70_000][..], "larger"), (&[0; 100][..], "not TOML")]
    {
        let (_folder, file) = written(text);
        let loaded = load(&Sources { file: Some(file), ..Sources::default() });
        assert!(
            loaded.mistakes.iter().any(|mistake| mistake.sentence.contains(words)),
            "{words}: {:?}",
            loaded.mistakes
        );
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for missing in [folder.path().to_owned(), folder.path().join("none.toml")] {
        let loaded = load(&Sources { file: Some(missing), ..Sources::default() });
        assert!(loaded.mistakes[0].sentence.contains("cannot be read"), "{:?}", loaded.mistakes);
    }
}

#[test]
fn variables_are_checked_like_the_file() {
    let mut sources = Sources::default();
    for (name, value) in
        [("DESKBELL_LISTN", "127.0.0.1:1"), ("DESKBELL_INSECURE_HTTP", "1"), ("DESKBELL_TLS_HSTS_DAYS", "many")]
    {
        sources.environment.insert(name.into(), value.into());
    }
    let found: Vec<_> = load(&sources).mistakes.iter().map(ToString::to_string).collect();
    for words in [
        "DESKBELL_LISTN: This is no variable of Deskbell. Did you mean DESKBELL_LISTEN?",
        "true or false",
        "whole number",
    ] {
        assert!(found.iter().any(|mistake| mistake.contains(words)), "{words}: {found:#?}");
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn what_https_needs_is_asked_for() {
    for (text, words) in [
        ("[tls]\nmode = \"files\"\n", "tls.certificate_file is needed"),
        ("[tls]\nmode = \"files\"\nkey_file = \"/none\"\n", "/none cannot be read"),
        ("[tls]\nmode = \"files\"\ncertificate_file = \"/etc\"\n", "/etc is no file"),
        ("[tls]\nmode = \"acme\"\n", "acme.domains is needed"),
        ("[tls]\nmode = \"acme\"\n", "acme.terms_agreed"),
        ("[tls]\nredirect_listen = \"0.0.0.0:80\"\n", "which is off"),
        ("[tls]\nmode = \"self_signed\"\nredirect_listen = \"127.0.0.1:8080\"\n", "Choose another port"),
        ("[tls]\nhsts_days = 1\n", "needs HTTPS"),
    ] {
        let loaded = loaded(text);
        assert!(
            loaded.mistakes.iter().any(|mistake| mistake.sentence.contains(words)),
            "{words}: {:?}",
            loaded.mistakes
        );
    }
}

#[test]
fn a_key_that_everybody_can_read_and_one_that_nobody_can() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = folder.path().join("key.pem");
    std::fs::write(&key, "a key\n").expect("writable");
    let text = format!("[tls]\nmode = \"files\"\nkey_file = \"{}\"\n", key.display());
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("ours");
    assert!(loaded(&text).mistakes.iter().any(|mistake| mistake.sentence.contains("chmod o=")));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("ours");
    assert!(!loaded(&text).mistakes.iter().any(|mistake| mistake.sentence.contains("key.pem")));
}

#[test]
fn systemd_hands_over_files_and_the_data_directory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("tls.key_file"), "a key\n").expect("writable");
    let mut sources = Sources::default();
    sources.environment.insert("CREDENTIALS_DIRECTORY".into(), folder.path().into());
    sources.environment.insert("STATE_DIRECTORY".into(), "/var/lib/deskbell".into());
    let handed = load(&sources);
    assert_eq!(handed.config.key_file.as_deref(), Some(folder.path().join("tls.key_file").as_path()));
    assert_eq!(handed.config.data, Path::new("/var/lib/deskbell"));
    let origins: Vec<_> = handed.settings.iter().map(|setting| setting.origin.to_string()).collect();
    assert!(
        origins.contains(&"systemd credential".to_owned()) && origins[0].contains("STATE_DIRECTORY"),
        "{origins:?}"
    );
    sources.environment.insert("DESKBELL_TLS_KEY_FILE".into(), "/mine.pem".into());
    assert_eq!(load(&sources).config.key_file.as_deref(), Some(Path::new("/mine.pem")));
}

#[test]
fn the_commands_check_and_show_and_a_server_does_not_start_beside_a_mistake() {
    let (folder, file) = written(b"log = \"warn\"\n[tls]\nmode = \"self_signed\"\n");
    let name = file.to_string_lossy().into_owned();
    let checked = run(&["config", "check", "--config", &name], &[]);
    assert!(checked.status.success(), "{}", told(&checked));
    let shown = run(&["config", "show", "--origin", "--config", &name], &[]);
    let lines = String::from_utf8(shown.stdout).expect("text");
    assert!(lines.contains(&format!("tls.mode = \"self_signed\"  # {name}:3\n")), "{lines}");
    assert!(lines.contains("listen = \"127.0.0.1:8080\"  # default\n"), "{lines}");
    let data = folder.path().to_string_lossy().into_owned();
    let beside = run(&["config", "show", "--data", &data], &[]);
    assert!(
        String::from_utf8_lossy(&beside.stdout).contains("log = \"warn\""),
        "the data directory's own file is found"
    );
    let by_variable = run(&["config", "show"], &[("DESKBELL_CONFIG", &file)]);
    assert!(String::from_utf8_lossy(&by_variable.stdout).contains("log = \"warn\""));

    std::fs::write(&file, "lgo = \"warn\"\nlisten = 5\n").expect("writable");
    for arguments in [&["config", "check"][..], &["serve"]] {
        let refused = run(&[arguments, &["--config", &name, "--data", &data]].concat(), &[]);
        assert_eq!(refused.status.code(), Some(2));
        let words = told(&refused);
        assert!(words.contains("2 mistakes") && words.contains(&format!("{name}:1: lgo is no key.")), "{words}");
        assert!(words.contains(&format!("{name}:2: listen is of the wrong type.")), "{words}");
    }
    assert!(!folder.path().join("deskbell.redb").exists(), "nothing was begun");
    assert_eq!(run(&["serve", "--listen", "nonsense", "--data", &data], &[]).status.code(), Some(2));
}

#[test]
fn nobody_sets_anything_and_everything_has_a_value() {
    let config = load(&Sources::default()).config;
    assert_eq!((config.tls_mode, config.insecure_http), (TlsMode::Off, false));
    assert_eq!(config.data, Path::new("./deskbell-data"));
}
