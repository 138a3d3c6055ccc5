//! The annotated reference: every key with its words, its default and its variable.
//!
//! Apart because it is for people. `packaging/deskbell.toml` is this text; a test compares them.

use super::keys::{KEYS, SECTIONS};
use super::layers::variable_of;

/// The annotated file: every key, commented out, with its default or an example.
#[must_use]
pub fn describe() -> String {
    let mut text = String::from(
        "# Deskbell's configuration. Every key is optional; what is commented out shows the default or, after \"e.g.\",\n\
         # an example. Read from the file named by --config, else deskbell.toml in the data directory, else\n\
         # /etc/deskbell/deskbell.toml. Environment variables (named in brackets) go before this file, flags before both.\n\
         # `deskbell config check` finds mistakes, `deskbell config show --origin` says what counts and why.\n",
    );
    for (section, title) in SECTIONS {
        text.push_str(&format!("\n# {title}\n"));
        if !section.is_empty() {
            text.push_str(&format!("[{section}]\n"));
        }
        for key in &KEYS {
            let (of, name) = key.name.split_once('.').unwrap_or(("", key.name));
            if of != section {
                continue;
            }
            text.push('\n');
            for line in key.words {
                text.push_str(&format!("# {line}\n"));
            }
            if key.credential {
                text.push_str(&format!(
                    "# Also as a credential of systemd: LoadCredential={}:/path/to/file\n",
                    key.name
                ));
            }
            text.push_str(&format!("# [{}]\n", variable_of(key)));
            if key.default.is_empty() {
                text.push_str(&format!("# e.g. {name} = {}\n", key.example));
            } else {
                text.push_str(&format!("#{name} = {}\n", key.default));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::layers::defaults;
    use super::*;

    #[test]
    fn every_default_and_every_example_can_be_read() {
        let config = defaults();
        assert_eq!((config.listen.to_string().as_str(), config.log.as_str()), ("127.0.0.1:8080", "info"));
        assert!(!config.graph_hosts.is_empty() && !config.acme.directory_url.is_empty());
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("deskbell.toml");
        let uncommented = describe()
            .replace("# e.g. ", "")
            .lines()
            .map(|line| {
                let is_key = line.starts_with('#') && !line.starts_with("# ");
                if is_key { line[1..].to_owned() } else { line.to_owned() }
            })
            .collect::<Vec<_>>()
            .join("\n");
        std::fs::write(&file, uncommented).expect("writable");
        let loaded = super::super::load(&super::super::Sources { file: Some(file), ..Default::default() });
        // The redirect makes no sense with HTTPS off, which is the default.
        assert_eq!(loaded.mistakes.len(), 1, "{:?}", loaded.mistakes);
        assert!(loaded.settings.iter().all(|setting| setting.value.is_some()));
    }
}
