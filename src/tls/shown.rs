//! The certificates that handshakes show: the server's own, and those that prove to an ACME authority whose name this is.
//!
//! Apart because rustls asks here, in the middle of handshakes. Invariant: a proof is shown only to who asks for it by
//! its protocol (RFC 8737), and the server's certificate to nobody else.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The protocol's name in a handshake (RFC 8737, section 6.2).
pub(super) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// What is shown now.
#[derive(Debug, Default)]
pub(super) struct Shown {
    current: RwLock<Option<Arc<CertifiedKey>>>,
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Shown {
    /// Shows this one from now on.
    pub(super) fn set(&self, certified: Arc<CertifiedKey>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(certified);
    }

    /// Shows a proof for a name.
    pub(super) fn prove(&self, name: String, certified: Arc<CertifiedKey>) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).insert(name, certified);
    }

    /// Forgets all proofs.
    pub(super) fn forget_proofs(&self) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_PROTOCOL)) {
            let proofs = self.proofs.read().unwrap_or_else(PoisonError::into_inner);
            return proofs.get(hello.server_name()?).cloned();
        }
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
