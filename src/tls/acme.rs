//! A certificate from an authority that speaks ACME (RFC 8555), proved by a handshake (TLS-ALPN-01, RFC 8737).
//!
//! Apart because it talks to somebody else, who may be slow, away or unwilling. Invariants: account, key and certificate
//! are on disk before they are used; after a failure the next try waits, longer each time, because authorities count.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use http_body_util::Limited;
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType, Error, HttpClient,
    Identifier, NewAccount, NewOrder, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};

use crate::config;
use crate::domain::time::Timestamp;
use crate::limits::{ACME_ANSWER_BYTES_MAX, ACME_CALL_MS_MAX, ACME_ORDER_MS_MAX, ACME_RETRY_MS_MAX, ACME_RETRY_MS_MIN};

use super::certificate::{Certificate, Pem, of_pem};
use super::shown::Shown;
use super::{TlsError, shelf};

const ACCOUNT: &str = "acme-account.json";
const KEY: &str = "acme-key.pem";
const CHAIN: &str = "acme-certificate.pem";
/// The names in the certificate and its authority, one a line.
const NAMES: &str = "acme-names.txt";

/// The authority and what it has issued.
pub(super) struct Acme {
    folder: PathBuf,
    config: config::Acme,
    failures: u32,
    tried_at: Option<Timestamp>,
}

impl Acme {
    /// Opens the folder.
    pub(super) fn open(folder: PathBuf, config: &config::Acme) -> Result<Self, TlsError> {
        shelf::folder(&folder).map_err(|error| TlsError::of(&folder, format!("cannot be used: {error}.")))?;
        Ok(Self { folder, config: config.clone(), failures: 0, tried_at: None })
    }

    /// The certificate of earlier, if it is for the same names and from the same authority.
    pub(super) fn kept(&self) -> Option<Certificate> {
        let read = |name: &str| shelf::read(&self.folder, name).ok().flatten();
        let names = read(NAMES)?;
        let pem = Pem { chain: read(CHAIN)?, key: read(KEY)? };
        (names == self.listed().as_bytes())
            .then(|| of_pem(&pem, (&self.folder.join(CHAIN), &self.folder.join(KEY))).ok())?
    }

    /// The last try, if any, brought a certificate.
    pub(super) fn in_order(&self) -> bool {
        self.failures == 0
    }

    /// How long to wait before the next try, milliseconds; 0 when it is time.
    pub(super) fn wait_ms(&self, now: Timestamp) -> u64 {
        let due = self.kept().map(|kept| kept.ends_at.plus_ms(-kept.ends_at.since_ms(kept.begins_at) / 3));
        let rested = self.tried_at.filter(|_| self.failures > 0).map(|at| {
            let doubled = ACME_RETRY_MS_MIN.saturating_mul(1 << self.failures.saturating_sub(1).min(20));
            at.plus_ms(doubled.min(ACME_RETRY_MS_MAX))
        });
        let next = due.max(rested).unwrap_or(Timestamp(i64::MIN));
        // A clock set back must not prolong the rest.
        let wait_ms = next.since_ms(now);
        u64::try_from(if due >= rested { wait_ms } else { wait_ms.min(ACME_RETRY_MS_MAX) }).unwrap_or(0)
    }

    /// Walks the whole way to a certificate.
    pub(super) async fn obtain(&mut self, shown: &Shown, now: Timestamp) -> Result<Certificate, TlsError> {
        self.tried_at = Some(now);
        let way = tokio::time::timeout(Duration::from_millis(ACME_ORDER_MS_MAX), self.order(shown)).await;
        shown.forget_proofs();
        let outcome = way.unwrap_or_else(|_| Err(TlsError("The authority took too long.".to_owned())));
        match &outcome {
            Ok(_) => self.failures = 0,
            Err(_) => self.failures = self.failures.saturating_add(1),
        }
        outcome.map_err(|TlsError(reason)| {
            TlsError(format!(
                "The authority has issued no certificate for {}: {reason} Each name must lead to this server, and port 443 \
                 must reach it. It is tried again by itself.",
                self.config.domains.join(", ")
            ))
        })
    }

    async fn order(&self, shown: &Shown) -> Result<Certificate, TlsError> {
        let account = self.account().await?;
        let identifiers: Vec<_> = self.config.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&identifiers)).await.map_err(said)?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(said)?;
            match authorization.status {
                AuthorizationStatus::Valid => continue,
                AuthorizationStatus::Pending => {}
                AuthorizationStatus::Invalid
                | AuthorizationStatus::Revoked
                | AuthorizationStatus::Expired
                | AuthorizationStatus::Deactivated => {
                    return Err(TlsError("It has given the authorization up.".to_owned()));
                }
            }
            let mut challenge = authorization
                .challenge(ChallengeType::TlsAlpn01)
                .ok_or_else(|| TlsError("It offers no proof by handshake (TLS-ALPN-01).".to_owned()))?;
            let name = challenge.identifier().to_string();
            let proof = proof(&name, challenge.key_authorization().digest().as_ref())?;
            shown.prove(name, proof);
            challenge.set_ready().await.map_err(said)?;
        }
        let patience = RetryPolicy::new().timeout(Duration::from_millis(ACME_ORDER_MS_MAX));
        let status = order.poll_ready(&patience).await.map_err(said)?;
        if status != OrderStatus::Ready {
            let why = order.state().error.as_ref().and_then(|problem| problem.detail.clone()).unwrap_or_default();
            return Err(TlsError(format!("The proof was not accepted. {why}")));
        }
        let unmade = |error: rcgen::Error| TlsError(format!("No request can be made: {error}."));
        let key = KeyPair::generate().map_err(unmade)?;
        let mut params = CertificateParams::new(self.config.domains.clone()).map_err(unmade)?;
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).map_err(unmade)?;
        order.finalize_csr(request.der()).await.map_err(said)?;
        let chain = order.poll_certificate(&patience).await.map_err(said)?;
        let pem = Pem { chain: chain.into_bytes(), key: key.serialize_pem().into_bytes() };
        let certificate = of_pem(&pem, (&self.folder.join(CHAIN), &self.folder.join(KEY)))?;
        let listed = self.listed();
        // Without the names these files are fetched anew, so a crash in between leaves no pair that does not fit.
        for (name, bytes) in [(NAMES, &b""[..]), (KEY, &pem.key), (CHAIN, &pem.chain), (NAMES, listed.as_bytes())] {
            self.write(name, bytes)?;
        }
        Ok(certificate)
    }

    /// The account of earlier, or a new one.
    async fn account(&self) -> Result<Account, TlsError> {
        let kept = shelf::read(&self.folder, ACCOUNT).ok().flatten();
        let credentials: Option<Kept> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let builder = Account::builder_with_http(Box::new(self.line()?));
        if let Some(kept) = credentials.filter(|kept| kept.directory_url == self.config.directory_url) {
            return builder.from_credentials(kept.credentials).await.map_err(said);
        }
        let contact = self.config.contact.as_ref().map(|address| format!("mailto:{address}"));
        let contact: Vec<&str> = contact.as_deref().into_iter().collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: self.config.terms_agreed,
            only_return_existing: false,
        };
        let directory_url = self.config.directory_url.clone();
        let (account, credentials) = builder.create(&wanted, directory_url.clone(), None).await.map_err(said)?;
        let kept = serde_json::to_vec(&Kept { directory_url, credentials });
        self.write(ACCOUNT, &kept.map_err(|error| TlsError(format!("The account cannot be kept: {error}.")))?)?;
        Ok(account)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TlsError> {
        let written = shelf::write(&self.folder, name, bytes);
        written.map_err(|error| TlsError::of(&self.folder.join(name), format!("cannot be written: {error}.")))
    }

    fn listed(&self) -> String {
        let mut lines = self.config.domains.clone();
        lines.sort();
        lines.push(self.config.directory_url.clone());
        lines.join("\n")
    }

    /// The line to the authority: HTTPS only.
    fn line(&self) -> Result<Line, TlsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = &self.config.root_file {
            let pem = std::fs::read(path).map_err(|error| TlsError::of(path, format!("cannot be read: {error}.")))?;
            roots = RootCertStore::empty();
            for root in CertificateDer::pem_slice_iter(&pem) {
                let added = root.ok().and_then(|root| roots.add(root).ok());
                added.ok_or_else(|| TlsError::of(path, "holds no root certificate in PEM."))?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError(format!("TLS cannot be set up: {error}.")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
        Ok(Line(Client::builder(TokioExecutor::new()).build(connector)))
    }
}

/// The account as it is kept.
#[derive(serde::Serialize, serde::Deserialize)]
struct Kept {
    directory_url: String,
    credentials: AccountCredentials,
}

/// A certificate that says that a name's server knows the answer to the authority's question (RFC 8737, section 3).
fn proof(name: &str, digest: &[u8]) -> Result<Arc<CertifiedKey>, TlsError> {
    let unmade = |error: &dyn std::fmt::Display| TlsError(format!("No proof can be made: {error}."));
    let key = KeyPair::generate().map_err(|error| unmade(&error))?;
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(|error| unmade(&error))?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let made = params.self_signed(&key).map_err(|error| unmade(&error))?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| unmade(&error))?;
    let key = any_supported_type(&key).map_err(|error| unmade(&error))?;
    Ok(Arc::new(CertifiedKey::new(vec![made.der().clone()], key)))
}

fn said(error: Error) -> TlsError {
    if let Error::Api(problem) = error {
        return TlsError(format!("It says: {}.", problem.detail.unwrap_or_default().trim_end_matches('.')));
    }
    let mut words = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    TlsError(format!("{words}."))
}

/// Calls with a limit of time and of bytes.
struct Line(Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

type Answer = Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>>;

impl HttpClient for Line {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Answer {
        let call = self.0.request(request);
        Box::pin(async move {
            let exchange = async {
                let (head, body) = call.await.map_err(|error| Error::Other(Box::new(error)))?.into_parts();
                let body = Limited::new(body, ACME_ANSWER_BYTES_MAX).collect().await.map_err(Error::Other)?;
                Ok(BytesResponse::from(Response::from_parts(head, http_body_util::Full::new(body.to_bytes()))))
            };
            let outcome = tokio::time::timeout(Duration::from_millis(ACME_CALL_MS_MAX), exchange).await;
            outcome.unwrap_or_else(|_| Err(Error::Str("no answer in time")))
        })
    }
}
