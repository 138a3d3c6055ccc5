//! Who sends a request, and whether it came over HTTPS: the connection tells, or a proxy that is trusted.
//!
//! Apart because what a stranger writes into these headers must count for nothing. Invariant: without a trusted proxy at
//! the other end of the connection the headers are not even looked at.

use std::net::IpAddr;

use hyper::header::HeaderMap;

use crate::limits::FORWARDED_ADDRESSES_MAX;

use super::HttpRules;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// The sender of a request.
pub(super) struct Client {
    pub(super) address: IpAddr,
    pub(super) secure: bool,
}

/// The sender, seen from the `peer` of the connection: the rightmost address that no trusted proxy has.
pub(super) fn of(rules: &HttpRules, headers: &HeaderMap, peer: IpAddr) -> Client {
    let peer = peer.to_canonical();
    if !trusts(rules, peer) {
        return Client { address: peer, secure: rules.tls.is_some() };
    }
    let mut address = peer;
    // A proxy adds the address it sees at the right; what stands left of the first stranger is the stranger's word.
    for entry in entries(headers, FORWARDED_FOR).take(FORWARDED_ADDRESSES_MAX) {
        let Some(next) = address_of(entry) else { break };
        address = next.to_canonical();
        if !trusts(rules, address) {
            break;
        }
    }
    let protocol = entries(headers, FORWARDED_PROTO).next();
    let secure = rules.tls.is_some() || protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("https"));
    Client { address, secure }
}

/// Whether this is a proxy of the operator's.
pub(super) fn trusts(rules: &HttpRules, address: IpAddr) -> bool {
    rules.trusted_proxies.iter().any(|range| range.contains(address))
}

/// The entries of all lines of a header, from the right.
fn entries<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> + use<'h> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(str::trim)
}

/// An address, perhaps with a port or in brackets, as some proxies write it.
fn address_of(entry: &str) -> Option<IpAddr> {
    let bracketed = entry.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    bracketed.unwrap_or(entry).parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn seen(lines: &[&'static str], proto: Option<&'static str>, peer: &str) -> (String, bool) {
        let ranges = ["127.0.0.1", "10.0.0.0/8"].map(|range| range.parse().expect("a range"));
        let rules = HttpRules { trusted_proxies: ranges.into(), ..HttpRules::default() };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        if let Some(proto) = proto {
            headers.insert(FORWARDED_PROTO, HeaderValue::from_static(proto));
        }
        let client = of(&rules, &headers, peer.parse().expect("an address"));
        (client.address.to_string(), client.secure)
    }

    #[test]
    fn only_trusted_proxies_say_who_sends() {
        for (lines, proto, peer, address, secure) in [
            (&[][..], None, "127.0.0.1", "127.0.0.1", false),
            (&["192.0.2.1"], Some("https"), "127.0.0.1", "192.0.2.1", true),
            (&["192.0.2.1"], Some("https"), "198.51.100.7", "198.51.100.7", false),
            (&["203.0.113.9, 192.0.2.1"], Some("http"), "127.0.0.1", "192.0.2.1", false),
            (&["203.0.113.9, 192.0.2.1, 10.1.2.3"], None, "127.0.0.1", "192.0.2.1", false),
            (&["203.0.113.9", "192.0.2.1"], Some("HTTPS"), "10.0.0.2", "192.0.2.1", true),
            (&["192.0.2.1, nonsense"], None, "127.0.0.1", "127.0.0.1", false),
            (&["192.0.2.1:4711"], None, "127.0.0.1", "192.0.2.1", false),
            (&["[2001:db8::1]:4711"], None, "127.0.0.1", "2001:db8::1", false),
            (&["::ffff:192.0.2.1"], None, "::ffff:127.0.0.1", "192.0.2.1", false),
            (&["10.1.1.1, 10.2.2.2"], None, "127.0.0.1", "10.1.1.1", false),
            (&["192.0.2.1"], Some("https, http"), "127.0.0.1", "192.0.2.1", false),
        ] {
            assert_eq!(seen(lines, proto, peer), (address.to_owned(), secure), "{lines:?} {proto:?} {peer}");
        }
    }
}
