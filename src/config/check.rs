//! What must hold between keys, and of the files they name.
//!
//! Apart because each key alone may be right.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{Config, Mistake, Origin, Setting, TlsMode};

/// Everything that does not fit together.
pub(super) fn together(config: &Config, settings: &[Setting]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let origin = |name: &str| {
        let found = settings.iter().find(|setting| setting.name == name);
        found.map_or(Origin::Default, |setting| setting.origin.clone())
    };
    let mut wrong = |name: &str, sentence: String| mistakes.push(Mistake { origin: origin(name), sentence });
    let mode = "tls.mode";
    match config.tls_mode {
        TlsMode::Off => {
            if config.redirect_listen.is_some() {
                wrong(
                    "tls.redirect_listen",
                    "tls.redirect_listen sends browsers to HTTPS, which is off. Set tls.mode, or leave it out."
                        .to_owned(),
                );
            }
        }
        TlsMode::Files => {
            for (name, file) in [("tls.certificate_file", &config.certificate_file), ("tls.key_file", &config.key_file)]
            {
                match file {
                    None => wrong(mode, format!("tls.mode is \"files\", so {name} is needed. Set it.")),
                    Some(path) => {
                        if let Err(sentence) = readable(name, path, name == "tls.key_file") {
                            wrong(name, sentence);
                        }
                    }
                }
            }
        }
        TlsMode::SelfSigned => {}
        TlsMode::Acme => {
            if config.acme.domains.is_empty() {
                wrong(
                    mode,
                    "tls.mode is \"acme\", so acme.domains is needed. Set it to the names of this server.".to_owned(),
                );
            }
            if !config.acme.terms_agreed {
                wrong(
                    mode,
                    "tls.mode is \"acme\": read the authority's terms of service, then set acme.terms_agreed = true."
                        .to_owned(),
                );
            }
            if let Some(path) = &config.acme.root_file
                && let Err(sentence) = readable("acme.root_file", path, false)
            {
                wrong("acme.root_file", sentence);
            }
        }
    }
    if config.redirect_listen.is_some_and(|redirect| redirect == config.listen) {
        wrong(
            "tls.redirect_listen",
            "tls.redirect_listen is the same address as listen. Choose another port.".to_owned(),
        );
    }
    if config.hsts_days > 0 && config.tls_mode == TlsMode::Off && config.trusted_proxies.is_empty() {
        wrong(
            "tls.hsts_days",
            "tls.hsts_days needs HTTPS. Set tls.mode, or trusted_proxies if a proxy speaks it.".to_owned(),
        );
    }
    mistakes
}

fn readable(name: &str, path: &Path, secret: bool) -> Result<(), String> {
    let shown = path.display();
    let unreadable = |error| format!("{name}: {shown} cannot be read: {error}.");
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(format!("{name}: {shown} is no file. Name the file itself."));
    }
    if secret && metadata.mode() & 0o007 != 0 {
        return Err(format!("{name}: everybody on this machine can read {shown}. Run: chmod o= {shown}"));
    }
    Ok(())
}
