//! A line between a browser and its server that can go silent: what is sent does not arrive, and no end says so.
//!
//! Apart from stopping the server, which a browser hears at once. Invariant: what was held back arrives when the line
//! speaks again, in order and once.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub(crate) struct Line {
    /// Where the browser connects to.
    pub address: SocketAddr,
    silent: watch::Sender<bool>,
}

impl Line {
    /// A line to this server.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it was bound");
        let (silent, heard) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { continue };
                let ((from_browser, to_browser), (from_server, to_server)) =
                    (browser.into_split(), server.into_split());
                tokio::spawn(carry(from_browser, to_server, heard.clone()));
                tokio::spawn(carry(from_server, to_browser, heard.clone()));
            }
        });
        Self { address, silent }
    }

    /// Nothing arrives from here on.
    pub(crate) fn fall_silent(&self) {
        self.silent.send_replace(true);
    }

    /// All is as before.
    pub(crate) fn speak(&self) {
        self.silent.send_replace(false);
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut silent: watch::Receiver<bool>,
) -> Option<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).await.ok().filter(|read| *read > 0)?;
        silent.wait_for(|silent| !silent).await.ok()?;
        to.write_all(&bytes[..read]).await.ok()?;
    }
}
