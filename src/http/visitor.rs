//! What a request tells about its browser: its kind, and whether somebody has signed in there before.
//!
//! Apart from the sign-in because it proves nobody's identity. A browser that has signed in keeps a cookie that names
//! no one and opens nothing: it only keeps a guesser elsewhere, even behind the same proxy, from holding its owner back
//! (OWASP, "Device cookies"). Invariant: nothing that a stranger sends is kept; kinds of browsers are words of ours.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use hyper::header;
use sha2::Sha256;

use crate::limits::KNOWN_BROWSER_MS_MAX;
use crate::store::{Origin, Who};

use super::App;
use super::error::HttpError;
use super::request::Asked;
use super::sign_in::{self, NewCookie};

const COOKIE: &str = "deskbell_browser";
const NONCE_BYTES: usize = 16;
const MAC_BYTES: usize = 16;
/// Meta's door: what comes through it is nobody's deed.
const WEBHOOK: &str = "/webhooks/";

/// Product names as they stand in `User-Agent`, the more special first.
const PRODUCTS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The random part of a browser's cookie.
pub(super) type KnownBrowser = [u8; NONCE_BYTES];

/// The kind of browser in short form.
fn kind(user_agent: &str) -> String {
    let of = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (of(&PRODUCTS), of(&SYSTEMS)) {
        (Some(product), Some(system)) => format!("{product}, {system}"),
        (Some(product), None) => product.to_owned(),
        (None, _) if user_agent.is_empty() => String::new(),
        (None, _) => "another program".to_owned(),
    }
}

/// What the browser keeps to be known.
pub(super) fn cookie(asked: &Asked) -> Option<String> {
    asked.cookie(COOKIE)
}

impl App {
    /// Where the commands of this request come from.
    pub(super) fn origin(self: &Arc<Self>, asked: &Asked) -> Origin {
        if asked.head.uri.path().starts_with(WEBHOOK) {
            return Origin::default();
        }
        let user_agent = asked.head.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let who = self.signed_in(asked).map_or(Who::Visitor, Who::Agent);
        Origin { who, address: Some(asked.peer), browser: kind(user_agent.unwrap_or_default()) }
    }

    /// The browser, when this person has signed in there before.
    pub(super) fn known_browser(&self, cookie: Option<&str>, login: &str) -> Option<KnownBrowser> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie?).ok()?;
        let (nonce, mac) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        self.browser_mac(nonce, login).verify_truncated_left(mac).ok().filter(|()| mac.len() == MAC_BYTES)?;
        Some(*nonce)
    }

    /// The cookie of a browser in which this person has signed in.
    pub(super) fn remember_browser(&self, login: &str) -> Result<NewCookie, HttpError> {
        let nonce: KnownBrowser = sign_in::random()?;
        let mac = self.browser_mac(&nonce, login).finalize().into_bytes();
        let value = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &mac[..MAC_BYTES]].concat());
        Ok(NewCookie { name: COOKIE, value, path: "/api/sign-in", age_ms: KNOWN_BROWSER_MS_MAX })
    }

    fn browser_mac(&self, nonce: &KnownBrowser, login: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.browser_key).expect("HMAC takes keys of any length");
        mac.update(nonce);
        mac.update(login.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn browsers_are_named_in_words_of_ours() {
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            ("curl/8.0", "another program"),
            ("<script>alert(1)</script>", "another program"),
            ("", ""),
        ] {
            assert_eq!(kind(user_agent), name);
        }
    }
}
