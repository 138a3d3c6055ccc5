//! The house rules that a machine can check: who imports whom, sizes, headers, licences.
//!
//! One crate gives no help with layers, so the table of `src/ARCHITECTURE.md` is enforced here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest source file, lines.
const FILE_LINES_MAX: usize = 500;
/// What may stand at the top level.
const TOP_LEVEL: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "src", "static", "tests", "benches", "packaging", "README.md"];

/// Module (folder or file under `src/`) and the other modules of the crate that it may use.
const MAY_USE: [(&str, &[&str]); 31] = [
    ("backup", &["clock", "domain", "limits", "media", "store"]),
    ("export", &["control", "domain", "media"]),
    ("retention", &["domain", "store", "media", "clock", "limits"]),
    ("stage", &["control", "simulator", "store"]),
    ("limits", &[]),
    ("domain", &["limits"]),
    ("clock", &["domain"]),
    ("observe", &[]),
    ("scratch", &[]),
    ("password", &["limits"]),
    ("media", &["domain", "store", "whatsapp", "clock", "limits"]),
    ("store", &["domain", "clock", "limits", "measure"]),
    ("whatsapp", &["domain", "limits"]),
    ("outbox", &["measure", "media", "domain", "store", "whatsapp", "clock", "limits", "http"]),
    (
        "http",
        &[
            "config", "health", "measure", "observe", "media", "domain", "store", "search", "whatsapp", "clock",
            "limits", "password",
        ],
    ),
    ("control", &["backup", "health", "domain", "store", "search", "media", "whatsapp", "clock", "limits"]),
    (
        "appliance",
        &[
            "backup",
            "config",
            "tls",
            "whatsapp",
            "service",
            "media",
            "domain",
            "http",
            "store",
            "search",
            "outbox",
            "retention",
            "control",
            "clock",
            "limits",
        ],
    ),
    ("simulator", &["limits"]),
    (
        "demo",
        &["appliance", "clock", "control", "domain", "media", "password", "scratch", "simulator", "stage", "store"],
    ),
    (
        "rehearse",
        &["appliance", "clock", "control", "limits", "observe", "password", "scratch", "simulator", "stage", "store"],
    ),
    ("import", &["clock", "control", "limits"]),
    (
        "cli",
        &[
            "appliance",
            "backup",
            "clock",
            "config",
            "tls",
            "control",
            "demo",
            "export",
            "health",
            "store",
            "import",
            "limits",
            "observe",
            "password",
            "rehearse",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
    ("measure", &[]),
    ("health", &["domain", "store", "search", "whatsapp", "limits", "validity"]),
    ("service", &["store", "limits"]),
    ("search", &["domain", "store", "clock", "limits"]),
    ("config", &["limits"]),
    ("tls", &["config", "domain", "clock", "limits", "validity"]),
    ("validity", &["domain"]),
];

/// A word, and the places under `src/` that may name it.
const NAMED_ONLY_IN: [(&str, &[&str]); 12] = [
    ("ring::aead", &["backup/age.rs"]),
    // Whoever opens a directory that may be of an earlier layout does it with a backup before (`backup::options`).
    ("StoreOptions::new", &["backup/upgrade.rs", "demo/", "rehearse/", "search/tests/"]),
    ("redb::", &["store/"]),
    ("bincode::", &["store/codec.rs"]),
    ("tantivy::", &["search/"]),
    ("hyper::", &["http/", "whatsapp/client", "simulator/", "rehearse/browser.rs", "tls/acme.rs"]),
    ("hyper_rustls::", &["whatsapp/client", "tls/acme.rs"]),
    ("toml::", &["config/file.rs"]),
    ("SystemTime", &["clock.rs", "simulator/"]),
    ("argon2::", &["password.rs"]),
    ("begin_write", &["store/"]),
    ("clap::", &["cli", "control", "import/whatsapp.rs"]),
];

/// Places that may derive serde's traits: nothing in the domain can be serialised.
const SERDE_IN: [&str; 14] = [
    "backup/format.rs",
    "tls/acme.rs",
    "health/",
    "store/record",
    "store/codec.rs",
    "http/view",
    "http/api/",
    "http/request.rs",
    "http/response.rs",
    "whatsapp/",
    "control",
    "import/",
    "simulator/",
    "rehearse/",
];

struct Source {
    /// Relative to `src/`.
    path: String,
    text: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// Code without its comments and without its tests.
    fn code(&self) -> impl Iterator<Item = &str> {
        let product = self.text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        product.lines().map(|line| line.split("//").next().unwrap_or_default())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let folder = root().join("src");
    let read = |path: PathBuf| Source {
        path: path.strip_prefix(&folder).expect("under src").to_string_lossy().into_owned(),
        text: std::fs::read_to_string(&path).expect("readable"),
    };
    files(&folder, ".rs").into_iter().map(read).collect()
}

#[test]
fn modules_use_only_what_the_table_allows() {
    for source in sources() {
        let module = source.module();
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("src/{} is in no row of the table", source.path));
        for line in source.code() {
            for part in line.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                let fine = used == module || allowed.contains(&used.as_str()) || used.is_empty();
                assert!(fine, "src/{} uses crate::{used}: {line}", source.path);
            }
        }
    }
}

#[test]
fn the_core_is_pure() {
    const FORBIDDEN: [&str; 14] = [
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "SystemTime",
        "Instant",
        "HashMap",
        "HashSet",
        "serde",
        "async ",
        "tracing",
        "println!",
        "rand",
    ];
    for source in sources().iter().filter(|source| source.module() == "domain") {
        for line in source.code() {
            for word in FORBIDDEN {
                assert!(!line.contains(word), "src/{} names {word}: {line}", source.path);
            }
        }
    }
}

#[test]
fn parts_are_named_only_where_they_belong() {
    for source in sources() {
        for (word, places) in NAMED_ONLY_IN {
            let named = source.code().find(|line| line.contains(word));
            let home = places.iter().any(|place| source.path.starts_with(place));
            assert!(home || named.is_none(), "src/{} names {word}: {}", source.path, named.unwrap_or_default());
        }
        if source.code().any(|line| line.contains("derive(") && line.contains("ialize")) {
            let home = SERDE_IN.iter().any(|place| source.path.starts_with(place));
            assert!(home, "src/{} derives serde's traits", source.path);
        }
        if source.module() == "store" && source.path != "store/mailbox.rs" {
            let awaits = source.code().find(|line| line.contains(".await"));
            assert!(awaits.is_none(), "src/{} waits: {}", source.path, awaits.unwrap_or_default());
        }
    }
}

#[test]
fn files_have_a_header_and_fit() {
    for source in sources() {
        assert!(source.text.starts_with("//!") || source.path == "lib.rs", "src/{} has no //! header", source.path);
        let lines = source.text.lines().count();
        assert!(lines <= FILE_LINES_MAX || source.path == "limits.rs", "src/{} has {lines} lines", source.path);
        for word in ["todo!", "unimplemented!", "dbg!", "FIXME"] {
            assert!(!source.text.contains(word), "src/{} has {word}", source.path);
        }
        for name in ["utils", "helpers", "common", "manager"] {
            assert_ne!(source.path.rsplit('/').next().map(|file| file.trim_end_matches(".rs")), Some(name));
        }
    }
}

#[test]
fn every_import_of_the_page_is_there() {
    let folder = root().join("static");
    for path in files(&folder, ".js") {
        let text = std::fs::read_to_string(&path).expect("readable");
        for line in text.lines().filter(|line| line.starts_with("import") || line.starts_with("} from")) {
            let Some(import) = line.split(['\'', '"']).nth(1) else { continue };
            let target = path.parent().expect("in a folder").join(import);
            assert!(target.exists(), "{} imports {import}, which is not there", path.display());
        }
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            let code = text.lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
            assert!(!code.clone().any(|line| line.contains(word)), "{} uses {word}", path.display());
        }
    }
    // The workspace, and the other documents in folders of their own.
    let mut shared = files(&folder, ".js");
    for document in ["administration", "entry"].map(|name| folder.join(name)) {
        let (own, others): (Vec<_>, Vec<_>) = shared.into_iter().partition(|path| path.starts_with(&document));
        document_names(&folder, &document, own);
        shared = others;
    }
    document_names(&folder, &folder, shared);
}

/// Whether what the document of a folder refers to is there, and it names all `scripts`.
fn document_names(assets: &Path, folder: &Path, scripts: Vec<PathBuf>) {
    let document = folder.join("index.html");
    let index = std::fs::read_to_string(&document).expect("readable");
    let document = document.display();
    for reference in index.split("/assets/").skip(1) {
        let file: String = reference.chars().take_while(|letter| !matches!(letter, '"' | '\'')).collect();
        assert!(assets.join(&file).exists(), "{document} refers to {file}, which is not there");
    }
    let languages = index.split("data-languages=\"").nth(1).and_then(|rest| rest.split('"').next());
    let languages: Vec<&str> = languages.expect("a list of languages").split(' ').collect();
    for path in scripts {
        let name = path.strip_prefix(assets).expect("under static").to_string_lossy().into_owned();
        let inner = path.strip_prefix(folder).expect("under its folder").to_string_lossy().into_owned();
        if let Some(language) = inner.strip_prefix("strings/") {
            // One of them is loaded: `start.js` chooses.
            assert!(languages.contains(&language.trim_end_matches(".js")), "{document} does not offer {language}");
        } else if name != "service_worker.js" {
            assert!(index.contains(&format!("/assets/{name}")), "{document} does not preload {name}");
        }
    }
}

/// The server leaves comments out line by line (`http/lean.rs`), which takes this way of writing.
#[test]
fn scripts_and_style_sheets_can_be_made_lean() {
    let folder = root().join("static");
    for path in files(&folder, ".js").into_iter().chain(files(&folder, ".css")) {
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut within_comment = false;
        for line in text.lines().map(str::trim) {
            let place = || format!("{}: {line}", path.display());
            let ends = line.contains("*/");
            if within_comment {
                assert!(!ends || line.ends_with("*/"), "code after a comment of several lines in {}", place());
                within_comment = !ends;
                continue;
            }
            let begins = line.rfind("/*").filter(|_| !ends && line.starts_with("/*"));
            within_comment = begins.is_some();
            if !within_comment && !line.starts_with("//") && !line.starts_with("/*") {
                let quoted = line.contains("'`") || line.contains("/u") || line.contains("'```'");
                assert!(quoted || line.matches('`').count() % 2 == 0, "a text of several lines in {}", place());
            }
        }
    }
}

#[test]
fn the_top_level_holds_nothing_else() {
    let listed = Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Ok(listed) = listed else { return };
    let names: BTreeSet<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|path| path.split('/').next().map(str::to_owned))
        .collect();
    for name in names {
        assert!(TOP_LEVEL.contains(&name.as_str()) || name.starts_with('.'), "{name} stands at the top level");
    }
}

#[test]
fn licences_are_free_and_nothing_banned_came_in() {
    const LICENCES: [&str; 13] = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MPL-2.0",
        "Zlib",
        "Unicode-3.0",
        "Unlicense",
        "CC0-1.0",
        "CDLA-Permissive-2.0",
        "0BSD",
        "BSL-1.0",
    ];
    const BANNED: [&str; 6] = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "chrono"];
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    assert!(packages.len() > 20);
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        assert!(!BANNED.contains(&name), "{name} is banned");
        let licence = package["license"].as_str().unwrap_or_default();
        // `A OR B`: one of them has to be free; `A AND B`: all of them.
        let free = licence.replace('/', " OR ").split(" OR ").any(|choice| {
            choice.split(" AND ").all(|part| {
                let part = part.trim_matches(['(', ')', ' ']);
                LICENCES.contains(&part.split(" WITH ").next().unwrap_or(part))
            })
        });
        assert!(free, "{name} is licensed {licence:?}");
    }
}
