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

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::limits::{
    ACCEPT_PAUSE_MS, CONNECTION_BUFFER_BYTES_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, HEAD_BYTES_MAX,
    HEAD_LINES_MAX, PEER_SILENT_MS_MAX,
};

use super::wire::{Heard, Wire};
use super::{App, response, router};

/// Serves until `stop` says so (or its sender is gone), then lets requests finish and streams say good-bye.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let addresses = Addresses::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = told_to_stop(&mut stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let place = addresses.place(peer.ip().to_canonical(), connections.len());
                if let Some(place) = place {
                    connections.spawn(connection(stream, place, Arc::clone(&app), stop.clone()));
                }
            }
            Err(error) => rest_after(&error).await,
        }
    }
    drop(listener);
    app.feed.close();
    let ended = timeout(app.limits.stop_max, async { while connections.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut at the stop");
        connections.shutdown().await;
    }
    // Requests under way may have waited for the fan-out: it goes last.
    app.stopping.send_replace(true);
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

async fn connection(stream: TcpStream, place: Place, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    if let Err(error) = prepare(&stream) {
        tracing::debug!(error = %error, "a connection ended before it began");
        return;
    }
    let heard = Heard::default();
    let wire = Wire::new(stream, heard.clone(), app.limits.write_stall_max);
    let peer = place.address;
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
        let (app, heard) = (Arc::clone(&app), heard.clone());
        async move {
            let answer = router::answer(&app, request, peer, &heard).await;
            heard.forget();
            Ok::<_, Infallible>(response::sealed(answer))
        }
    });
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(wire), service));
    let outcome = tokio::select! {
        outcome = serving.as_mut() => outcome,
        () = told_to_stop(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(error = %error, "a connection broke off");
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
    /// A place for one more connection, while there is one. The box itself (a proxy before us) may fill them all.
    fn place(&self, address: IpAddr, connections: usize) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&address).copied().unwrap_or(0);
        if connections >= CONNECTIONS_MAX || (count >= CONNECTIONS_PER_ADDRESS_MAX && !address.is_loopback()) {
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
        let mut places: Vec<_> = (0..CONNECTIONS_PER_ADDRESS_MAX).filter_map(|_| addresses.place(office, 0)).collect();
        assert_eq!(places.len(), CONNECTIONS_PER_ADDRESS_MAX);
        assert!(addresses.place(office, 0).is_none());
        assert!(addresses.place(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).is_some());
        assert!(addresses.place(IpAddr::V4(Ipv4Addr::LOCALHOST), CONNECTIONS_MAX).is_none());
        places.pop();
        assert!(addresses.place(office, 0).is_some());
    }
}
