//! The accept loop: limits of connections, the life of each, and the stop.
//!
//! Apart from the router because nothing here knows what is served. Invariants: no peer holds a connection without
//! end, no error of the listener ends it or makes it spin, and a stop takes less than ten seconds.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::limits::{
    ACCEPT_PAUSE_MS, CONNECTION_BUFFER_BYTES_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX,
    H2_CONNECTION_WINDOW_BYTES, H2_PING_MS, H2_RESETS_PENDING_MAX, H2_SEND_BYTES_MAX, H2_STREAM_WINDOW_BYTES,
    H2_STREAMS_MAX, HEAD_BYTES_MAX, HEAD_LINES_MAX, PEER_SILENT_MS_MAX,
};

use super::request::Read;
use super::response::Body;
use super::streams::{Over, Streams};
use super::wire::{Heard, Wire};
use super::{App, client, redirect as moved, router};

/// Serves until `stop` says so (or its sender is gone), then lets requests finish and streams say good-bye. Speaks HTTPS
/// where the rules say how.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    accept(&listener, &app, &mut stop, &mut connections, Manner::Page).await;
    drop(listener);
    app.feed.close();
    finish(&app, connections).await;
    // Requests under way may have waited for the fan-out: it goes last.
    app.stopping.send_replace(true);
}

/// Sends everybody to HTTPS, until `stop` says so.
pub async fn redirect(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    accept(&listener, &app, &mut stop, &mut connections, Manner::Redirect).await;
    drop(listener);
    finish(&app, connections).await;
}

/// What connections are for.
#[derive(Clone, Copy)]
enum Manner {
    Page,
    Redirect,
}

async fn accept(
    listener: &TcpListener,
    app: &Arc<App>,
    stop: &mut watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
    manner: Manner,
) {
    let addresses = Addresses::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = told_to_stop(stop) => return,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let address = peer.ip().to_canonical();
                let many = address.is_loopback() || client::trusts(&app.rules, address);
                if let Some(place) = addresses.place(address, many, connections.len()) {
                    connections.spawn(connection(stream, place, Arc::clone(app), stop.clone(), manner));
                }
            }
            Err(error) => rest_after(&error).await,
        }
    }
}

async fn finish(app: &App, mut connections: JoinSet<()>) {
    let ended = timeout(app.limits.stop_max, async { while connections.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut at the stop");
        connections.shutdown().await;
    }
}

/// Waits for the word, or for the sender to be gone: then nobody could stop us later.
async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A peer that gave up is nothing; a lack of descriptors or memory needs a pause, or the loop would spin.
async fn rest_after(error: &io::Error) {
    let given_up = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset, io::ErrorKind::Interrupted];
    if !given_up.contains(&error.kind()) {
        tracing::warn!(error = %error, "a connection could not be accepted");
        sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
    }
}

async fn connection(stream: TcpStream, place: Place, app: Arc<App>, stop: watch::Receiver<bool>, manner: Manner) {
    let outcome = match (prepare(&stream), manner, &app.rules.tls) {
        (Err(error), ..) => Err(error.into()),
        (Ok(()), Manner::Redirect, _) => {
            lines(stream, &app, stop, |request, _| {
                let answer = moved::answer(&app.rules, &request);
                std::future::ready(answer)
            })
            .await
        }
        (Ok(()), Manner::Page, None) => by_lines(stream, &place, &app, stop).await,
        (Ok(()), Manner::Page, Some(tls)) => {
            let handshake = TlsAcceptor::from(Arc::clone(tls)).accept(stream);
            match timeout(app.limits.head_read_max, handshake).await {
                Err(_) => Err("no handshake in time".into()),
                Ok(Err(error)) => Err(error.into()),
                Ok(Ok(stream)) => match stream.get_ref().1.alpn_protocol() {
                    Some(b"h2") => by_frames(stream, &place, &app, stop).await,
                    None | Some(b"http/1.1") => by_lines(stream, &place, &app, stop).await,
                    // An authority has seen what it asked for.
                    Some(_) => Ok(()),
                },
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(error = %error, "a connection broke off");
    }
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Serves the page in HTTP/1.1.
async fn by_lines<S>(stream: S, place: &Place, app: &Arc<App>, stop: watch::Receiver<bool>) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let peer = place.address;
    lines(stream, app, stop, |request, heard| {
        let (app, heard) = (Arc::clone(app), heard.clone());
        async move {
            let answer = router::answer(&app, request, peer, Read::Lines(&heard)).await;
            heard.forget();
            answer
        }
    })
    .await
}

/// A connection of HTTP/1.1.
async fn lines<S, A, F>(stream: S, app: &Arc<App>, mut stop: watch::Receiver<bool>, answer: A) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Fn(Request<Incoming>, &Heard) -> F,
    F: Future<Output = Response<Body>>,
{
    let heard = Heard::default();
    let wire = Wire::new(stream, Some(heard.clone()), app.limits.write_stall_max);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(app.limits.head_read_max)
        .max_headers(HEAD_LINES_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(CONNECTION_BUFFER_BYTES_MAX)
        .keep_alive(true)
        .half_close(false);
    let service = service_fn(|request| {
        let answer = answer(request, &heard);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(wire), service));
    tokio::select! {
        outcome = serving.as_mut() => outcome?,
        () = told_to_stop(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await?;
        }
    }
    Ok(())
}

/// Serves the page in HTTP/2.
async fn by_frames<S>(stream: S, place: &Place, app: &Arc<App>, mut stop: watch::Receiver<bool>) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let wire = Wire::new(stream, None, app.limits.write_stall_max);
    let (peer, streams) = (place.address, Streams::new());
    let ping = Duration::from_millis(H2_PING_MS);
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(H2_STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(H2_RESETS_PENDING_MAX)
        .max_local_error_reset_streams(H2_RESETS_PENDING_MAX)
        .initial_stream_window_size(H2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(H2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(H2_SEND_BYTES_MAX)
        .keep_alive_interval(ping)
        .keep_alive_timeout(ping);
    let service = service_fn(|request| {
        let (app, stream) = (Arc::clone(app), streams.begin());
        async move {
            let answer = router::answer(&app, request, peer, Read::Frames).await;
            let (head, body) = answer.into_parts();
            Ok::<_, Infallible>(Response::from_parts(head, stream.carried_by(body)))
        }
    });
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(wire), service));
    let (idle_max, stall_max) = (app.limits.head_read_max, app.limits.write_stall_max);
    let over = async {
        loop {
            sleep(idle_max.min(stall_max) / 4).await;
            if let Some(over) = streams.over(idle_max, stall_max) {
                return over;
            }
        }
    };
    let over = tokio::select! {
        outcome = serving.as_mut() => return Ok(outcome?),
        () = told_to_stop(&mut stop) => None,
        over = over => Some(over),
    };
    serving.as_mut().graceful_shutdown();
    match over {
        None => Ok(serving.await?),
        // Its last bytes may still be on their way.
        Some(Over::Idle) => Ok(timeout(stall_max, serving).await.unwrap_or(Ok(()))?),
        Some(over @ (Over::Stalled | Over::Flooded)) => Err(format!("{over:?}").into()),
    }
}

/// Small answers leave at once, and a peer that has vanished is noticed.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_user_timeout(Some(Duration::from_millis(PEER_SILENT_MS_MAX)))
}

/// How many connections each address holds.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection's place; given back when dropped.
struct Place {
    addresses: Addresses,
    address: IpAddr,
}

impl Addresses {
    /// A place for one more connection, while there is one. Who speaks for `many` (the box itself, a proxy) may fill them
    /// all.
    fn place(&self, address: IpAddr, many: bool, connections: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&address).copied().unwrap_or(0);
        if connections >= CONNECTIONS_MAX || (count >= CONNECTIONS_PER_ADDRESS_MAX && !many) {
            tracing::debug!(connections, "a connection was turned away");
            return None;
        }
        counts.insert(address, count + 1);
        Some(Place { addresses: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn an_address_may_hold_so_many_connections_and_gets_places_back() {
        let addresses = Addresses::default();
        let office = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let mut places: Vec<_> =
            (0..CONNECTIONS_PER_ADDRESS_MAX).filter_map(|_| addresses.place(office, false, 0)).collect();
        assert_eq!(places.len(), CONNECTIONS_PER_ADDRESS_MAX);
        assert!(addresses.place(office, false, 0).is_none());
        assert!(addresses.place(office, true, 0).is_some(), "a proxy");
        assert!(addresses.place(office, true, CONNECTIONS_MAX).is_none());
        places.pop();
        assert!(addresses.place(office, false, 0).is_some());
    }
}
