//! The phone page's files, inside the binary.
//!
//! Apart so that the content policy stands beside the only files it is for. Invariant: the page loads nothing from
//! anywhere else and runs no inline code.

use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response};

use super::server::{Body, full};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FILES: &[(&str, &str, &str)] = &[
    ("/", "text/html; charset=utf-8", include_str!("phone/index.html")),
    ("/phone/style.css", "text/css; charset=utf-8", include_str!("phone/style.css")),
    ("/phone/app.js", "text/javascript; charset=utf-8", include_str!("phone/app.js")),
    ("/phone/chat.js", "text/javascript; charset=utf-8", include_str!("phone/chat.js")),
    ("/phone/dom.js", "text/javascript; charset=utf-8", include_str!("phone/dom.js")),
    ("/phone/faults.js", "text/javascript; charset=utf-8", include_str!("phone/faults.js")),
    ("/phone/icon.svg", "image/svg+xml", include_str!("phone/icon.svg")),
];

/// The file that a request asks for, if it asks for one.
pub(crate) fn answer(parts: &Parts) -> Option<Response<Body>> {
    let (_, content_type, text) =
        FILES.iter().find(|(path, ..)| parts.method == Method::GET && *path == parts.uri.path())?;
    let mut response = Response::new(full(*text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_the_page_asks_for_is_here_and_nothing_comes_from_elsewhere() {
        let mut asked = 0;
        for (path, _, text) in FILES {
            for reference in text.split('"').filter(|part| part.starts_with("/phone/") || part.starts_with("./")) {
                let wanted = reference.replacen("./", "/phone/", 1);
                assert!(FILES.iter().any(|(path, ..)| *path == wanted), "{path} asks for {reference}");
                asked += 1;
            }
            let foreign = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("://"), "{path} names another host");
            assert!(!text.contains("innerHTML") && !text.contains("style=\""), "{path} breaks the page's own rules");
        }
        assert!(asked > 5, "the references were found");
    }
}
