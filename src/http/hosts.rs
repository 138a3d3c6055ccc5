//! The names by which the page may be asked for.
//!
//! Apart because a browser believes names: a foreign page whose name is made to lead here (DNS rebinding) would be the
//! page's own origin. Invariant: a name that nobody has allowed gets nothing that needs a sign-in. A plain address cannot
//! be made to lead elsewhere, so it needs no leave.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap};

use crate::config::address::split_port;

use super::HttpRules;
use super::error::HttpError;

/// Refuses a request for a name that is none of ours.
pub(super) fn check(rules: &HttpRules, headers: &HeaderMap) -> Result<(), HttpError> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if knows(rules, host) { Ok(()) } else { Err(HttpError::host_unknown()) }
}

fn knows(rules: &HttpRules, host: &str) -> bool {
    let Some((name, _)) = split_port(host) else { return false };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    let name = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok() || name == "localhost" || name.ends_with(".localhost") || rules.hosts.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_and_addresses_are_known_and_no_others() {
        let rules = HttpRules { hosts: vec!["desk.example".to_owned()], ..HttpRules::default() };
        for (host, known) in [
            ("desk.example", true),
            ("Desk.Example.:8443", true),
            ("localhost:8080", true),
            ("x.localhost", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("192.0.2.7", true),
            ("evil.example", false),
            ("desk.example.evil.example", false),
            ("notlocalhost", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("desk.example:x", false),
            ("desk.example:", false),
            ("user@desk.example", false),
            ("", false),
        ] {
            assert_eq!(knows(&rules, host), known, "{host}");
        }
    }
}
