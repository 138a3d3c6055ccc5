//! The listener beside the server's own: it shows the numbers and nothing else.
//!
//! Apart from the accept loop because it needs none of its care for crowds: few connections, each brief. Invariant:
//! nothing but the numbers can be reached here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::limits::{ACCEPT_PAUSE_MS, HEAD_BYTES_MAX, METRICS_CONNECTION_MS_MAX, METRICS_CONNECTIONS_MAX};

use super::request::Asked;
use super::wire::{Heard, Wire};
use super::{App, metrics, response};

/// Serves the numbers until `stop` says so.
pub async fn serve_metrics(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(METRICS_CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
                sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let _place = place;
            let wire = Wire::new(stream, Some(Heard::default()), app.limits.write_stall_max);
            let body_read_max = app.limits.body_read_max;
            let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
                let app = Arc::clone(&app);
                async move {
                    let (head, body) = request.into_parts();
                    let asked = Asked { head, body, peer: peer.ip(), secure: false, body_read_max };
                    let outcome = metrics::show_beside(&app, &asked).await;
                    let id = app.traffic.next_id();
                    Ok::<_, Infallible>(response::sealed(
                        outcome.unwrap_or_else(|error| error.into_response(Some(&id))),
                        0,
                    ))
                }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).max_header_size(HEAD_BYTES_MAX).keep_alive(false);
            let serving = builder.serve_connection(TokioIo::new(wire), service);
            if !matches!(timeout(Duration::from_millis(METRICS_CONNECTION_MS_MAX), serving).await, Ok(Ok(()))) {
                tracing::debug!("a connection for metrics broke off");
            }
        });
    }
}
