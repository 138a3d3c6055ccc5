//! Names and addresses as an operator writes them: ranges, hosts, the public address.
//!
//! Apart because each is read in one place and used in several. Invariant: what is held here is in one spelling (lower
//! case, no trailing dot), so that it can be compared byte by byte.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Characters of a host name (RFC 1035, section 2.3.4).
const HOST_CHARS_MAX: usize = 253;

/// A range of addresses (CIDR, RFC 4632): `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u32,
}

impl AddressRange {
    /// Whether it holds this address. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix).unwrap_or(0);
                (u32::from(network) ^ u32::from(address)) & mask == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
                (u128::from(network) ^ u128::from(address)) & mask == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Write an address or a range, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"fd00::/8\".".to_owned();
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let network: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if network.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= bits).ok_or_else(wrong)?,
        };
        Ok(Self { network, prefix })
    }
}

/// A host name or an address without brackets, in lower case.
///
/// # Errors
/// What would be right.
pub(super) fn host(text: &str) -> Result<String, String> {
    let wrong = || {
        "Write a host name alone, such as \"desk.example.org\", or an address: no scheme, no port, no path.".to_owned()
    };
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > HOST_CHARS_MAX || !name.split('.').all(label) {
        return Err(wrong());
    }
    Ok(name)
}

/// A host, or `*.` and a domain below which every host counts.
///
/// # Errors
/// What would be right.
pub(super) fn host_pattern(text: &str) -> Result<String, String> {
    match text.strip_prefix("*.") {
        Some(domain) => {
            let domain = host(domain)?;
            if !domain.contains('.') || domain.parse::<IpAddr>().is_ok() {
                return Err(
                    "Write at least a domain of two parts after the star, such as \"*.whatsapp.net\".".to_owned()
                );
            }
            Ok(format!("*.{domain}"))
        }
        None => host(text),
    }
}

/// Where people reach the page: scheme, host, perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// `https`, or `http` for a trial.
    pub https: bool,
    /// The host, as in [`host`].
    pub host: String,
    /// The port where it is not the scheme's own.
    pub port: Option<u16>,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Write the scheme and the host, such as \"https://desk.example.org\": no path.".to_owned();
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(wrong()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (name, port) = split_port(authority).ok_or_else(wrong)?;
        let host = host(name).map_err(|_| wrong())?;
        Ok(Self { https, host, port: port.filter(|port| *port != if https { 443 } else { 80 }) })
    }
}

/// Host and port of an authority; `None` when the port is none.
#[must_use]
pub fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let colon = match authority.rfind(']') {
        Some(end) => authority[end..].find(':').map(|at| at + end),
        None => authority.find(':'),
    };
    match colon {
        None => Some((authority, None)),
        Some(at) => {
            let digits = &authority[at + 1..];
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            Some((&authority[..at], Some(digits.parse().ok().filter(|_| plain)?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, address, held) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("fd00::/8", "fdab::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "2001:db8::1", true),
        ] {
            let parsed: AddressRange = range.parse().expect("a range");
            assert_eq!(parsed.contains(address.parse().expect("an address")), held, "{address} in {range}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "::/129", "desk.example", "1/1/1"] {
            assert!(wrong.parse::<AddressRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_and_public_addresses_are_brought_to_one_spelling() {
        assert_eq!(host("Desk.Example.").as_deref(), Ok("desk.example"));
        assert_eq!(host("[::1]").as_deref(), Ok("::1"));
        for wrong in ["", "a b", "https://a", "a:80", "a/b", "-a", "a..b", "*.a.b"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
        assert_eq!(host_pattern("*.WhatsApp.net").as_deref(), Ok("*.whatsapp.net"));
        for wrong in ["*", "*.", "*.net", "a.*.b", "*.127.0.0.1"] {
            assert!(host_pattern(wrong).is_err(), "{wrong}");
        }
        let url = |text: &str| text.parse::<PublicUrl>().map(|url| (url.https, url.host, url.port));
        assert_eq!(url("https://Desk.example/"), Ok((true, "desk.example".to_owned(), None)));
        assert_eq!(url("https://[::1]:8443"), Ok((true, "::1".to_owned(), Some(8443))));
        assert_eq!(url("http://desk.example:80"), Ok((false, "desk.example".to_owned(), None)));
        for wrong in
            ["desk.example", "ftp://a", "https://a/b", "https://", "https://a:b", "https://u@a", "https://a:+1"]
        {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}
