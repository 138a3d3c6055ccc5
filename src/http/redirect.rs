//! The plain address beside HTTPS: it sends browsers to HTTPS and does nothing else.
//!
//! Apart from the router because nothing of it is served here. Invariants: nobody is sent to a name that is not ours; no
//! body is read.

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use crate::config::address::split_port;

use super::HttpRules;
use super::error::HttpError;
use super::hosts;
use super::response::{self, Body};

/// Answers a request, whatever it is.
pub(super) fn answer(rules: &HttpRules, request: &Request<Incoming>) -> Response<Body> {
    response::sealed(moved(rules, request).unwrap_or_else(|error| error.closing().into_response(None)), 0)
}

fn moved(rules: &HttpRules, request: &Request<Incoming>) -> Result<Response<Body>, HttpError> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (named.next().and_then(|host| host.to_str().ok()), named.next()) else {
        return Err(HttpError::bad_request("A request must name its Host, once."));
    };
    hosts::check(rules, request.headers())?;
    // What was sent along has been readable on its way already; it is not to be sent again unseen.
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(HttpError::https_required());
    }
    let name = split_port(host).map_or(host, |(name, _)| name);
    let port = rules.https_port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let target = HeaderValue::from_str(&format!("https://{name}{port}{path}"));
    let target = target.map_err(|_| HttpError::bad_request("The address cannot be read."))?;
    let mut response = response::empty();
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, target);
    Ok(response)
}
