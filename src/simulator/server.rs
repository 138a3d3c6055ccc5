//! The simulator's HTTP server: accepts, bounds what it reads, and hands each request to Graph, the control API or the
//! phone page.
//!
//! Apart from what the requests mean. Invariants: connections and bodies are bounded; every connection ends with the
//! task that accepted it, so a stopped simulator has none.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::graph::Answer;
use super::graph::error::GraphError;
use super::{Shared, control, graph, page};
use crate::limits;

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The connection is dropped on purpose.
#[derive(Debug, thiserror::Error)]
#[error("connection dropped on purpose")]
struct Dropped;

/// Serves until the task is aborted.
pub(crate) async fn run(shared: Arc<Shared>, listener: TcpListener) {
    let slots = Arc::new(Semaphore::new(limits::SIMULATOR_CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let slot = Arc::clone(&slots).acquire_owned().await.expect("the semaphore is never closed");
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give the others time to end.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| serve(Arc::clone(&shared), request));
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_millis(limits::SIMULATOR_HEADER_TIMEOUT_MS))
                .serve_connection(TokioIo::new(stream), service);
            // A client that breaks off is its own affair.
            let _ = connection.await;
            drop(slot);
        });
    }
}

async fn serve(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if let Some(answer) = page::answer(&parts) {
        return Ok(answer);
    }
    let bytes_max = if path.ends_with("/media") || path.ends_with("/files") {
        limits::SIMULATOR_MEDIA_BYTES_MAX + limits::SIMULATOR_REQUEST_BYTES_MAX
    } else {
        limits::SIMULATOR_REQUEST_BYTES_MAX
    };
    let Ok(body) = Limited::new(body, bytes_max).collect().await else {
        let error = GraphError::parameter("The request's body is too large or broken off.");
        return Ok(json(StatusCode::PAYLOAD_TOO_LARGE, &error.body()));
    };
    let body = body.to_bytes();
    if let Some(rest) = path.strip_prefix("/simulator/") {
        return Ok(control::answer(&shared, &parts, rest, &body).await);
    }
    match graph::answer(&shared, &parts, body).await {
        Answer::Json(value) => Ok(json(StatusCode::OK, &value)),
        Answer::File { mime_type, bytes } => Ok(file(&mime_type, bytes)),
        Answer::Error(error) => Ok(graph_error(&error)),
        Answer::Provoked { http_status, body, retry_after_s } => {
            Ok(provoked(http_status, body.as_ref(), retry_after_s))
        }
        Answer::Dropped => Err(Dropped),
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(full(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    response
}

/// A complete body.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

fn status(http_status: u16) -> StatusCode {
    StatusCode::from_u16(http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn graph_error(error: &GraphError) -> Response<Body> {
    let mut response = json(status(error.http_status), &error.body());
    if error.code == 190 {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("OAuth \"Facebook Platform\" \"invalid_token\""));
    }
    response
}

fn provoked(http_status: u16, body: Option<&Value>, retry_after_s: u32) -> Response<Body> {
    let mut response = match body {
        Some(body) => json(status(http_status), body),
        None => {
            let mut response = Response::new(full(Bytes::new()));
            *response.status_mut() = status(http_status);
            response
        }
    };
    if retry_after_s > 0 {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    response
}

/// A file, never to be run.
pub(crate) fn file(mime_type: &str, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(full(bytes));
    let content_type = HeaderValue::from_str(mime_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    // Strangers' files on the phone page's own origin: never to be run.
    headers.insert("content-disposition", HeaderValue::from_static("attachment"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
