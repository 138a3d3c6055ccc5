//! The table of keys: name, default, words and reader of each.
//!
//! Apart so that one page shows everything that can be set; checking, showing, describing and the annotated file are all
//! made from it. Invariant: a default is read by the same reader as an operator's value.

use std::net::SocketAddr;
use std::path::PathBuf;

use tracing_subscriber::EnvFilter;

use super::address::{host, host_pattern};
use super::{Config, LogFormat, TlsMode};

/// How a key's value is written, and who reads it. A reader's error says what would be right.
pub(super) enum Reader {
    Text(fn(&mut Config, &str) -> Result<(), String>),
    Flag(fn(&mut Config, bool)),
    Number(fn(&mut Config, u32) -> Result<(), String>),
    /// Called for each entry of the list.
    List(fn(&mut Config, &str) -> Result<(), String>),
}

/// One key.
pub(super) struct Key {
    /// Section and name, with a dot.
    pub(super) name: &'static str,
    /// Its value when nobody sets it, as TOML; empty where it then has none.
    pub(super) default: &'static str,
    /// A value for the annotated file where there is no default, as TOML.
    pub(super) example: &'static str,
    /// What it does, one line of the annotated file each.
    pub(super) words: &'static [&'static str],
    pub(super) reader: Reader,
    /// It names a file that holds a secret or its counterpart: systemd may hand it over as the credential of this name.
    pub(super) credential: bool,
}

/// The sections, in the order of the annotated file, with their words.
pub(super) const SECTIONS: [(&str, &str); 4] = [
    ("", "The server"),
    ("tls", "HTTPS"),
    ("metrics", "Numbers for Prometheus"),
    ("acme", "Certificates from an authority that speaks ACME (RFC 8555), for tls.mode = \"acme\""),
];

const fn key(name: &'static str, default: &'static str, words: &'static [&'static str], reader: Reader) -> Key {
    Key { name, default, example: "", words, reader, credential: false }
}

const fn unset(name: &'static str, example: &'static str, words: &'static [&'static str], reader: Reader) -> Key {
    Key { name, default: "", example, words, reader, credential: false }
}

/// Every key.
pub(super) const KEYS: [Key; 23] = [
    key(
        "data",
        "\"./deskbell-data\"",
        &["Where everything is kept; made when it is missing. Under systemd: the unit's StateDirectory."],
        Reader::Text(|config, text| file(&mut config.data, text)),
    ),
    key(
        "listen",
        "\"127.0.0.1:8080\"",
        &["Address and port of the page, the API and WhatsApp's webhook."],
        Reader::Text(|config, text| {
            config.listen = address(text)?;
            Ok(())
        }),
    ),
    key(
        "insecure_http",
        "false",
        &["Allow plain HTTP on an address that other machines reach: only behind a proxy that speaks HTTPS."],
        Reader::Flag(|config, flag| config.insecure_http = flag),
    ),
    unset(
        "public_url",
        "\"https://desk.example.org\"",
        &["Where people and WhatsApp reach this server. Behind a proxy or a tunnel this is the proxy's address."],
        Reader::Text(|config, text| {
            config.public_url = Some(text.parse()?);
            Ok(())
        }),
    ),
    key(
        "allowed_hosts",
        "[]",
        &[
            "Names by which the page may be asked for, besides that of public_url, this machine's own name and plain",
            "addresses. Any other name is refused, so that no foreign page can pass itself off as this one.",
        ],
        Reader::List(|config, text| {
            config.allowed_hosts.push(host(text)?);
            Ok(())
        }),
    ),
    key(
        "trusted_proxies",
        "[]",
        &[
            "Addresses or ranges of proxies before this server. Only they may say who a request comes from and whether",
            "it came by HTTPS (X-Forwarded-For, X-Forwarded-Proto). A proxy on this machine is \"127.0.0.1\".",
        ],
        Reader::List(|config, text| {
            config.trusted_proxies.push(text.parse()?);
            Ok(())
        }),
    ),
    key(
        "graph_hosts",
        "[\"graph.facebook.com\", \"*.facebook.com\", \"*.fbsbx.com\", \"*.fbcdn.net\", \"*.whatsapp.net\", \"*.whatsapp.com\"]",
        &[
            "Hosts that may get an access token: Graph calls and the files that Graph names, by HTTPS only. A star stands",
            "for every host below a domain. A simulator on this machine needs no entry.",
        ],
        Reader::List(|config, text| {
            config.graph_hosts.push(host_pattern(text)?);
            Ok(())
        }),
    ),
    key(
        "log",
        "\"info\"",
        &["What is logged: error, warn, info, debug or trace; or for each part, as in \"info,deskbell::http=debug\"."],
        Reader::Text(|config, text| {
            if text.trim().is_empty() || EnvFilter::try_new(text).is_err() {
                return Err(
                    "Write error, warn, info, debug or trace, or parts as in \"info,deskbell::http=debug\".".to_owned()
                );
            }
            text.clone_into(&mut config.log);
            Ok(())
        }),
    ),
    key(
        "log_format",
        "\"text\"",
        &["How a line of the log is written: \"text\" for people, \"json\" for programs."],
        Reader::Text(|config, text| {
            config.log_format = choice(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)])?;
            Ok(())
        }),
    ),
    unset(
        "key_file",
        "\"/etc/deskbell/deskbell.key\"",
        &[
            "The key with which access tokens, app secrets and second factors are sealed; made when it is missing.",
            "Otherwise systemd's credential deskbell.key, or deskbell.key in the data directory. Back it up apart.",
        ],
        Reader::Text(|config, text| file(config.secrets_key_file.get_or_insert_default(), text)),
    ),
    unset(
        "metrics.listen",
        "\"127.0.0.1:9190\"",
        &["A second address that shows the numbers at /metrics and nothing else."],
        Reader::Text(|config, text| {
            config.metrics_listen = Some(address(text)?);
            Ok(())
        }),
    ),
    unset(
        "metrics.token_file",
        "\"/etc/deskbell/metrics.token\"",
        &[
            "Whoever asks for /metrics on the server's own address shows the token in this file (Authorization: Bearer).",
        ],
        Reader::Text(|config, text| file(config.metrics_token_file.get_or_insert_default(), text)),
    ),
    key(
        "tls.mode",
        "\"off\"",
        &[
            "\"off\": plain HTTP, for this machine alone or behind a proxy. \"files\": a certificate of your own.",
            "\"self_signed\": an authority of this server's own, whose root certificate is at /root-certificate.pem.",
            "\"acme\": a certificate from an authority such as Let's Encrypt, fetched and renewed by itself.",
        ],
        Reader::Text(|config, text| {
            let modes = [
                ("off", TlsMode::Off),
                ("files", TlsMode::Files),
                ("self_signed", TlsMode::SelfSigned),
                ("acme", TlsMode::Acme),
            ];
            config.tls_mode = choice(text, &modes)?;
            Ok(())
        }),
    ),
    Key {
        credential: true,
        ..unset(
            "tls.certificate_file",
            "\"/etc/deskbell/certificate.pem\"",
            &["For \"files\": the certificate and those that lead to its root, PEM. Read anew when it changes."],
            Reader::Text(|config, text| file(config.certificate_file.get_or_insert_default(), text)),
        )
    },
    Key {
        credential: true,
        ..unset(
            "tls.key_file",
            "\"/etc/deskbell/key.pem\"",
            &["For \"files\": the private key, PEM; not readable by others."],
            Reader::Text(|config, text| file(config.key_file.get_or_insert_default(), text)),
        )
    },
    key(
        "tls.names",
        "[]",
        &["For \"self_signed\": names and addresses of this server besides those it finds by itself."],
        Reader::List(|config, text| {
            config.tls_names.push(host(text)?);
            Ok(())
        }),
    ),
    unset(
        "tls.redirect_listen",
        "\"0.0.0.0:80\"",
        &["A second address that speaks plain HTTP and does nothing but send browsers to HTTPS."],
        Reader::Text(|config, text| {
            config.redirect_listen = Some(address(text)?);
            Ok(())
        }),
    ),
    key(
        "tls.hsts_days",
        "0",
        &[
            "Days for which browsers shall speak only HTTPS with this name (Strict-Transport-Security); 0 says nothing.",
            "Set it when HTTPS has proved itself: it cannot be taken back before the days are over.",
        ],
        Reader::Number(|config, days| {
            if days > HSTS_DAYS_MAX {
                return Err(format!("Write a number of days from 0 to {HSTS_DAYS_MAX}."));
            }
            config.hsts_days = days;
            Ok(())
        }),
    ),
    key(
        "acme.domains",
        "[]",
        &["The names that the certificate is for. Each must lead to this server, on port 443."],
        Reader::List(|config, text| {
            let name = host(text)?;
            if name.parse::<std::net::IpAddr>().is_ok() || !name.contains('.') {
                return Err("Write a name that the whole Internet knows, such as \"desk.example.org\".".to_owned());
            }
            config.acme.domains.push(name);
            Ok(())
        }),
    ),
    unset(
        "acme.contact",
        "\"admin@example.org\"",
        &["An e-mail address that the authority may write to."],
        Reader::Text(|config, text| {
            let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
            if parts.is_none() || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
                return Err("Write an e-mail address, such as \"admin@example.org\".".to_owned());
            }
            config.acme.contact = Some(text.to_owned());
            Ok(())
        }),
    ),
    key(
        "acme.terms_agreed",
        "false",
        &["You have read the authority's terms of service and agree to them."],
        Reader::Flag(|config, flag| config.acme.terms_agreed = flag),
    ),
    key(
        "acme.directory_url",
        "\"https://acme-v02.api.letsencrypt.org/directory\"",
        &["The authority's directory."],
        Reader::Text(|config, text| {
            let rest = text.strip_prefix("https://").filter(|rest| !rest.is_empty());
            if rest.is_none() || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
                return Err("Write the https:// address of the authority's directory.".to_owned());
            }
            text.clone_into(&mut config.acme.directory_url);
            Ok(())
        }),
    ),
    unset(
        "acme.root_file",
        "\"/etc/deskbell/authority.pem\"",
        &["For an authority of your own: the root certificate by which its directory is known, PEM."],
        Reader::Text(|config, text| file(config.acme.root_file.get_or_insert_default(), text)),
    ),
];

/// Days that HSTS may be set for: two years, as the lists of browsers ask for.
const HSTS_DAYS_MAX: u32 = 730;

fn file(place: &mut PathBuf, text: &str) -> Result<(), String> {
    if text.is_empty() || text.contains('\0') {
        return Err("Write a path.".to_owned());
    }
    *place = PathBuf::from(text);
    Ok(())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "Write an address and a port, such as \"127.0.0.1:8080\" or \"[::]:443\".".to_owned())
}

fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        format!("Write {}.", names.join(" or "))
    })
}
