//! HTTPS: where its certificate comes from, and how a new one takes the place of the old.
//!
//! Apart from `http`, which is handed a configuration of TLS and knows nothing of files and authorities. Invariants: a
//! certificate is exchanged between two handshakes, so no connection ends by it; one that cannot be used never takes the
//! place of one that can; private keys are files of mode 0600 and in no log.

mod acme;
mod certificate;
mod own_authority;
mod shelf;
mod shown;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{Config, TlsMode};
use crate::domain::time::Timestamp;
use crate::limits::{TLS_LOOK_MS, TLS_RENEW_LOOK_MS, TLS_SOON_MS};

use self::certificate::Certificate;
use self::shown::{ACME_PROTOCOL, Shown};

/// The folder of keys and certificates in the data directory.
const FOLDER: &str = "tls";

/// Why HTTPS cannot be had, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

impl TlsError {
    fn of(path: &Path, what: impl std::fmt::Display) -> Self {
        Self(format!("{}: {what}", path.display()))
    }
}

/// How HTTPS stands, for a page about the server's health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where the certificate comes from.
    pub mode: TlsMode,
    /// The end of the certificate that is served; `None` while there is none.
    pub ends_at: Option<Timestamp>,
    /// What is wrong, and what mends it.
    pub trouble: Option<String>,
}

/// HTTPS at work. Dropping it ends the looking for new certificates; connections go on.
pub struct Tls {
    server: Arc<ServerConfig>,
    root: Option<Bytes>,
    report: watch::Receiver<Report>,
    task: JoinHandle<()>,
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tls {
    /// Gets the certificate ready and begins to look after it; `None` when HTTPS is off. Needs a tokio runtime.
    ///
    /// # Errors
    /// There is no certificate to begin with. (With ACME the first one is fetched after the start.)
    pub fn start(config: &Config, clock: Clock) -> Result<Option<Self>, TlsError> {
        let shown = Arc::new(Shown::default());
        let told = watch::Sender::new(Report { mode: config.tls_mode, ends_at: None, trouble: None });
        let report = told.subscribe();
        let keeper = Keeper { shown: Arc::clone(&shown), told, clock };
        let folder = config.data.join(FOLDER);
        let mut root = None;
        let task = match config.tls_mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Files => {
                let files = files_of(config)?;
                let bytes = certificate::read(&files.0, &files.1)?;
                keeper.show(&certificate::of_pem(&bytes, (&files.0, &files.1))?);
                tokio::spawn(keeper.watch_files(files, bytes))
            }
            TlsMode::SelfSigned => {
                let names = own_authority::names(config);
                let (certificate, authority) = own_authority::ready(&folder, &names, keeper.clock.now())?;
                tracing::info!(
                    sha256 = %own_authority::fingerprint(&authority),
                    "the root certificate of this server's own authority is at /root-certificate.pem"
                );
                root = Some(Bytes::from(authority));
                keeper.show(&certificate);
                tokio::spawn(keeper.watch_authority(folder, config.clone(), names))
            }
            TlsMode::Acme => {
                let acme = acme::Acme::open(folder, &config.acme)?;
                if let Some(certificate) = acme.kept() {
                    keeper.show(&certificate);
                }
                tokio::spawn(keeper.watch_acme(acme))
            }
        };
        let server = server_config(shown, config.tls_mode == TlsMode::Acme)?;
        Ok(Some(Self { server: Arc::new(server), root, report, task }))
    }

    /// What the server answers handshakes with.
    #[must_use]
    pub fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    /// The root certificate of the server's own authority, PEM.
    #[must_use]
    pub fn root_certificate(&self) -> Option<Bytes> {
        self.root.clone()
    }

    /// How it stands, now and later.
    #[must_use]
    pub fn report(&self) -> watch::Receiver<Report> {
        self.report.clone()
    }
}

/// Looks at the operator's own files as a start would; changes nothing.
///
/// # Errors
/// What is wrong with them.
pub fn inspect(config: &Config) -> Result<(), TlsError> {
    if config.tls_mode == TlsMode::Files {
        let files = files_of(config)?;
        certificate::of_pem(&certificate::read(&files.0, &files.1)?, (&files.0, &files.1))?;
    }
    Ok(())
}

fn files_of(config: &Config) -> Result<(PathBuf, PathBuf), TlsError> {
    match (&config.certificate_file, &config.key_file) {
        (Some(certificate), Some(key)) => Ok((certificate.clone(), key.clone())),
        _ => Err(TlsError("tls.certificate_file and tls.key_file are needed. Set both.".to_owned())),
    }
}

fn server_config(shown: Arc<Shown>, acme: bool) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError(format!("TLS cannot be set up: {error}.")))?;
    let mut server = builder.with_no_client_auth().with_cert_resolver(shown);
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    if acme {
        server.alpn_protocols.push(ACME_PROTOCOL.to_vec());
    }
    Ok(server)
}

/// Looks after the certificate that is shown.
struct Keeper {
    shown: Arc<Shown>,
    told: watch::Sender<Report>,
    clock: Clock,
}

impl Keeper {
    /// Shows a certificate from the next handshake on.
    fn show(&self, certificate: &Certificate) {
        self.shown.set(Arc::clone(&certificate.certified));
        self.told.send_modify(|report| report.ends_at = Some(certificate.ends_at));
        self.judge(certificate);
    }

    /// Tells of a certificate that is over, soon over, or not yet valid. It is served all the same: a browser that warns
    /// is better than none that connects.
    fn judge(&self, certificate: &Certificate) {
        let now = self.clock.now();
        let left_ms = certificate.ends_at.since_ms(now);
        let lifetime_ms = certificate.ends_at.since_ms(certificate.begins_at);
        let trouble = if left_ms <= 0 {
            Some(
                "The HTTPS certificate has expired: browsers refuse to connect. Put a new one in its place.".to_owned(),
            )
        } else if now < certificate.begins_at {
            Some("The HTTPS certificate is not valid yet. Check this machine's clock, or the certificate.".to_owned())
        } else if left_ms < TLS_SOON_MS.min(lifetime_ms / 4) {
            let days = left_ms / (24 * 60 * 60 * 1_000);
            Some(format!("The HTTPS certificate expires in {days} days. Put a new one in its place."))
        } else {
            None
        };
        self.tell(trouble);
    }

    /// Takes over what is wrong, or that nothing is; a change is logged.
    fn tell(&self, trouble: Option<String>) {
        self.told.send_if_modified(|report| {
            if report.trouble == trouble {
                return false;
            }
            match &trouble {
                Some(sentence) => tracing::error!("{sentence}"),
                None => tracing::info!("HTTPS is in order"),
            }
            report.trouble = trouble;
            true
        });
    }

    /// Reads the operator's files anew whenever their bytes have changed.
    async fn watch_files(self, files: (PathBuf, PathBuf), mut bytes: certificate::Pem) {
        let mut current = certificate::of_pem(&bytes, (&files.0, &files.1)).ok();
        let mut sound = true;
        loop {
            tokio::time::sleep(Duration::from_millis(TLS_LOOK_MS)).await;
            let (certificate, key) = files.clone();
            let read = tokio::task::spawn_blocking(move || certificate::read(&certificate, &key)).await;
            let Ok(read) = read else { continue };
            match read {
                // What was wrong with new files stays wrong until they change.
                Ok(found) if found == bytes => {
                    if let Some(current) = current.as_ref().filter(|_| sound) {
                        self.judge(current);
                    }
                }
                Ok(found) => {
                    match certificate::of_pem(&found, (&files.0, &files.1)) {
                        Ok(certificate) => {
                            self.show(&certificate);
                            tracing::info!("the HTTPS certificate was read anew");
                            current = Some(certificate);
                            sound = true;
                        }
                        Err(error) => {
                            self.tell(Some(format!("{KEPT} {error}")));
                            sound = false;
                        }
                    }
                    bytes = found;
                }
                Err(error) => self.tell(Some(format!("{KEPT} {error}"))),
            }
        }
    }

    /// Makes a new certificate before the old one ends, or when the server has got another name or address.
    async fn watch_authority(self, folder: PathBuf, config: Config, mut names: Vec<String>) {
        loop {
            tokio::time::sleep(Duration::from_millis(TLS_RENEW_LOOK_MS)).await;
            let found = own_authority::names(&config);
            let (folder, now, wanted) = (folder.clone(), self.clock.now(), found.clone());
            let ready = tokio::task::spawn_blocking(move || own_authority::ready(&folder, &wanted, now)).await;
            match ready {
                Ok(Ok((certificate, _))) => {
                    if found != names {
                        tracing::info!("the HTTPS certificate has this server's new names");
                        names = found;
                    }
                    self.show(&certificate);
                }
                Ok(Err(error)) => self.tell(Some(format!("{KEPT} {error}"))),
                Err(error) => tracing::error!(%error, "the renewal of the HTTPS certificate broke off"),
            }
        }
    }

    /// Fetches a certificate whenever it is time.
    async fn watch_acme(self, mut acme: acme::Acme) {
        loop {
            let wait_ms = acme.wait_ms(self.clock.now());
            if wait_ms > 0 {
                if let Some(kept) = acme.kept().filter(|_| acme.in_order()) {
                    self.judge(&kept);
                }
                tokio::time::sleep(Duration::from_millis(wait_ms.min(TLS_RENEW_LOOK_MS))).await;
                continue;
            }
            match acme.obtain(&self.shown, self.clock.now()).await {
                Ok(certificate) => {
                    tracing::info!("the authority has issued a certificate");
                    self.show(&certificate);
                }
                Err(error) => self.tell(Some(error.to_string())),
            }
        }
    }
}

/// How a sentence about new files that cannot be used begins.
const KEPT: &str = "The HTTPS certificate that is served stays as it is, because the new one cannot be used.";
