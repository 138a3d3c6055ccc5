//! What the operator has set, and where: defaults < file < environment < flags.
//!
//! Apart so that nobody else reads the file or the environment, and everything that can be set stands in one table
//! (`keys.rs`). Invariants: every mistake is found at once, each with its place and what would be right; a value never
//! takes effect beside a mistake; no secret is a value (files and systemd's credentials hold them).

pub mod address;
mod check;
mod describe;
mod file;
mod keys;
mod layers;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use self::address::{AddressRange, PublicUrl};

pub use self::describe::describe;
pub use self::layers::{Loaded, Sources, load};

/// Where the data are unless told otherwise.
pub const DATA_DEFAULT: &str = "./deskbell-data";

/// Where `serve` listens unless told otherwise: this machine only.
pub const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Everything that can be set. The keys of `tls` and `acme` are described in `packaging/deskbell.toml`.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each field is a key, described in the table of keys")]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub insecure_http: bool,
    pub public_url: Option<PublicUrl>,
    pub allowed_hosts: Vec<String>,
    pub trusted_proxies: Vec<AddressRange>,
    pub graph_hosts: Vec<String>,
    pub log: String,
    pub log_format: LogFormat,
    pub secrets_key_file: Option<PathBuf>,
    pub metrics_listen: Option<SocketAddr>,
    pub metrics_token_file: Option<PathBuf>,
    pub tls_mode: TlsMode,
    pub certificate_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub tls_names: Vec<String>,
    pub redirect_listen: Option<SocketAddr>,
    pub hsts_days: u32,
    pub acme: Acme,
}

/// An authority that speaks ACME.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "each field is a key, described in the table of keys")]
pub struct Acme {
    pub domains: Vec<String>,
    pub contact: Option<String>,
    pub terms_agreed: bool,
    pub directory_url: String,
    pub root_file: Option<PathBuf>,
}

/// Where HTTPS gets its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Plain HTTP.
    Off,
    /// The operator's own files.
    Files,
    /// An authority of this server's own.
    SelfSigned,
    /// An authority that speaks ACME.
    Acme,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Config {
    /// A server with this data directory at this address; everything else as when nobody sets it.
    #[must_use]
    pub fn plain(data: PathBuf, listen: SocketAddr) -> Self {
        Self { data, listen, ..layers::defaults() }
    }

    /// Without the values of lists and with nothing chosen: what the readers of keys fill in.
    fn blank() -> Self {
        Self {
            data: PathBuf::from(DATA_DEFAULT),
            listen: LISTEN_DEFAULT,
            insecure_http: false,
            public_url: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            graph_hosts: Vec::new(),
            log: String::new(),
            log_format: LogFormat::Text,
            secrets_key_file: None,
            metrics_listen: None,
            metrics_token_file: None,
            tls_mode: TlsMode::Off,
            certificate_file: None,
            key_file: None,
            tls_names: Vec::new(),
            redirect_listen: None,
            hsts_days: 0,
            acme: Acme::default(),
        }
    }
}

/// The names of this machine: its own, and the one by which mDNS knows it (RFC 6762).
#[must_use]
pub fn machine_names() -> Vec<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let Ok(name) = address::host(name.trim()) else { return Vec::new() };
    let local = (!name.contains('.')).then(|| format!("{name}.local"));
    std::iter::once(name).chain(local).collect()
}

/// A value as it was written, before anybody has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Words.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(u32),
    /// A list of words.
    List(Vec<String>),
}

impl fmt::Display for Written {
    /// As TOML.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "{}", quoted(text)),
            Self::Flag(flag) => write!(formatter, "{flag}"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::List(entries) => {
                let entries: Vec<_> = entries.iter().map(|entry| quoted(entry)).collect();
                write!(formatter, "[{}]", entries.join(", "))
            }
        }
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody has set it.
    Default,
    /// systemd told it by this variable.
    System(&'static str),
    /// A credential that systemd hands over.
    Credential,
    /// A line of a file.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// An argument of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(formatter, "default"),
            Self::System(variable) => write!(formatter, "{variable} of systemd"),
            Self::Credential => write!(formatter, "systemd credential"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(variable) => write!(formatter, "{variable}"),
            Self::Flag(flag) => write!(formatter, "{flag}"),
        }
    }
}

/// A key with its value and where it comes from.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Section and name, with a dot.
    pub name: &'static str,
    /// `None` when nobody has set it and it has no default.
    pub value: Option<Written>,
    /// Whence.
    pub origin: Origin,
}

/// Something that cannot be meant, with its place and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong, and what would be right.
    pub sentence: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.origin, self.sentence)
    }
}
