//! The provider's words about a file, and which addresses are the provider's.
//!
//! Apart from the client because it is pure. Invariant: a token is only ever sent to a host that this file allows.

use std::sync::Arc;

use serde_json::Value as Json;

/// What Graph says about a file.
pub struct Description {
    /// Where its bytes are, for some minutes.
    pub url: String,
    /// Their hash, in the provider's spelling; possibly empty.
    pub sha256: String,
    /// Their number; 0 where it was not told.
    pub bytes: u64,
}

/// The description in Graph's answer.
#[must_use]
pub fn description(answer: &Json) -> Option<Description> {
    let size = &answer["file_size"];
    Some(Description {
        url: answer["url"].as_str().filter(|url| !url.is_empty())?.to_owned(),
        sha256: answer["sha256"].as_str().unwrap_or_default().to_owned(),
        bytes: size.as_u64().or_else(|| size.as_str()?.parse().ok()).unwrap_or_default(),
    })
}

/// The hosts that may get an access token, by HTTPS: names, and `*.` with a domain below which every host counts. A Graph
/// on this machine (the simulator) needs no entry.
#[derive(Clone, Debug, Default)]
pub struct GraphHosts(Arc<[String]>);

impl GraphHosts {
    /// These, in lower case.
    #[must_use]
    pub fn new(hosts: &[String]) -> Self {
        Self(hosts.into())
    }

    /// Whether Graph calls may go to this address.
    #[must_use]
    pub fn allow_graph(&self, graph_url: &str) -> bool {
        let Some((scheme, authority)) = origin(graph_url) else { return false };
        is_loopback(authority) || self.allow(scheme, authority)
    }

    /// Whether a file at this address may be fetched with the token of a channel account whose Graph is at `graph_url`.
    /// A Graph on this machine may name its own address, and no other.
    #[must_use]
    pub fn allow_file(&self, graph_url: &str, url: &str) -> bool {
        let Some((scheme, authority)) = origin(url) else { return false };
        if let Some((graph_scheme, graph)) = origin(graph_url)
            && is_loopback(graph)
        {
            return scheme == graph_scheme && authority == graph;
        }
        self.allow(scheme, authority)
    }

    fn allow(&self, scheme: &str, authority: &str) -> bool {
        let host = authority.strip_suffix(":443").unwrap_or(authority).to_ascii_lowercase();
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        let named = |allowed: &String| match allowed.strip_prefix('*') {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| !rest.is_empty()),
            None => host == *allowed,
        };
        scheme == "https" && plain && self.0.iter().any(named)
    }
}

/// Scheme and authority of an address, as they are written.
fn origin(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    Some((scheme, &rest[..end]))
}

fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host == "127.0.0.1" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::GraphHosts;

    fn meta() -> GraphHosts {
        GraphHosts::new(&["*.fbsbx.com", "*.fbcdn.net", "*.whatsapp.net"].map(str::to_owned))
    }

    #[test]
    fn only_metas_hosts_get_the_token() {
        let graph = "https://graph.facebook.com";
        for fine in [
            "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1",
            "https://mmg.whatsapp.net:443/x",
            "https://scontent.xx.fbcdn.net/a",
        ] {
            assert!(meta().allow_file(graph, fine), "{fine}");
        }
        for wrong in [
            "http://lookaside.fbsbx.com/",
            "https://fbsbx.com.evil.example/",
            "https://evilfbsbx.com/",
            "https://lookaside.fbsbx.com@evil.example/",
            "https://lookaside.fbsbx.com:8443/",
            "https://evil.example/?lookaside.fbsbx.com",
            "https://evil.example\\.fbsbx.com/",
            "http://127.0.0.1:8081/",
            "https://169.254.169.254/",
            "ftp://lookaside.fbsbx.com/",
            "lookaside.fbsbx.com",
        ] {
            assert!(!meta().allow_file(graph, wrong), "{wrong}");
        }
    }

    #[test]
    fn graph_is_called_at_the_hosts_that_are_allowed() {
        let hosts = GraphHosts::new(&["graph.example".to_owned(), "*.proxy.example".to_owned()]);
        for fine in [
            "https://graph.example",
            "https://Graph.example:443/v1",
            "https://a.proxy.example",
            "http://127.0.0.1:8081",
        ] {
            assert!(hosts.allow_graph(fine), "{fine}");
        }
        for wrong in [
            "http://graph.example",
            "https://graph.facebook.com",
            "https://proxy.example",
            "https://x@graph.example",
            "graph.example",
        ] {
            assert!(!hosts.allow_graph(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_graph_on_this_machine_names_its_own_address_only() {
        let graph = "http://127.0.0.1:8081";
        assert!(meta().allow_file(graph, "http://127.0.0.1:8081/whatsapp_business/attachments/?mid=1"));
        assert!(!meta().allow_file(graph, "http://127.0.0.1:8080/"));
        assert!(!meta().allow_file(graph, "https://lookaside.fbsbx.com/"));
    }
}
