//! Both ends of the way to a data directory: who asks, and the socket of a running server.
//!
//! Apart from the requests because it knows none of them. Invariant: one JSON object in a line goes each way, and no line
//! is longer than its limit.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::backup::options;
use crate::clock::Clock;
use crate::limits::{
    CONTROL_ANSWER_MS_MAX, CONTROL_LINE_BYTES_MAX, CONTROL_START_MS_MAX, CONTROL_START_PAUSE_MS,
    EXPORT_ANSWER_BYTES_MAX,
};
use crate::search::{Progress, Search};
use crate::store::{Origin, Store, StoreError, Who};
use crate::whatsapp::media::GraphHosts;

use super::{Answer, Request, SOCKET_NAME, channel, erase, execute, search};

/// The way to a data directory: its server, or the directory itself when no server runs.
pub enum Door {
    /// A server listens there.
    Server(PathBuf),
    /// The store, opened by this process.
    Store(Box<Own>),
}

/// A store of this process.
pub struct Own {
    store: Store,
    search: Option<Search>,
    data: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Door {
    /// Finds the way.
    ///
    /// # Errors
    /// A sentence: no such directory, another process holds the store.
    pub fn open(data: &Path) -> Result<Self, String> {
        let open = || Store::open(data, options(Clock::system()));
        let store = match server_or(data, open).map_err(|error| error.to_string())? {
            Ok(store) => store,
            Err(socket) => return Ok(Self::Server(socket)),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("This machine gives no threads: {error}."))?;
        Ok(Self::Store(Box::new(Own { store, search: None, data: data.to_owned(), runtime })))
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// A sentence: the answer did not come, or the index cannot be opened.
    pub fn ask(&mut self, request: Request) -> Result<Answer, String> {
        match self {
            Self::Server(socket) => connected(socket)
                .and_then(|stream| ask_server(stream, &request))
                .map_err(|error| format!("The server did not answer: {error}.")),
            Self::Store(own) => {
                let searches = matches!(request, Request::Search { .. } | Request::Reindex | Request::Compact);
                if searches && own.search.is_none() {
                    own.search = Some(search::open(&own.store, &own.data)?);
                }
                Ok(own.runtime.block_on(Origin::of(Who::CommandLine).scope(execute(
                    &own.store,
                    own.search.as_ref(),
                    request,
                ))))
            }
        }
    }

    /// Whether the index is still being built by this process.
    #[must_use]
    pub fn indexing(&self) -> Option<Progress> {
        match self {
            Self::Server(_) => None,
            Self::Store(own) => own.search.as_ref().and_then(Search::progress),
        }
    }
}

/// What `open` gives, or else the socket of the server that runs there.
pub(super) fn server_or<T>(
    data: &Path,
    mut open: impl FnMut() -> Result<T, StoreError>,
) -> Result<Result<T, PathBuf>, StoreError> {
    let socket = data.join(SOCKET_NAME);
    let begun = Instant::now();
    loop {
        if connected(&socket).is_ok() {
            return Ok(Err(socket));
        }
        match open() {
            // A server that has just started holds the store a moment before it listens here.
            Err(StoreError::Locked) if begun.elapsed() < Duration::from_millis(CONTROL_START_MS_MAX) => {
                std::thread::sleep(Duration::from_millis(CONTROL_START_PAUSE_MS));
            }
            opened => return opened.map(Ok),
        }
    }
}

pub(super) fn connected(socket: &Path) -> io::Result<BlockingStream> {
    BlockingStream::connect(socket)
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(search) = &self.search {
            search.stop();
        }
        self.store.stop();
    }
}

/// Asks one thing of a data directory.
///
/// # Errors
/// A sentence: no such directory, another process holds the store, the answer did not come.
pub fn ask(data: &Path, request: Request) -> Result<Answer, String> {
    Door::open(data)?.ask(request)
}

pub(super) fn ask_server(mut stream: BlockingStream, request: &Request) -> io::Result<Answer> {
    stream.set_read_timeout(Some(Duration::from_millis(request.patience_ms())))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    let bytes_max =
        if matches!(request, Request::Export(_)) { EXPORT_ANSWER_BYTES_MAX } else { CONTROL_LINE_BYTES_MAX };
    BufReader::new(stream.take(bytes_max)).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

/// The socket of a running server; it goes when this is dropped.
pub struct Socket {
    path: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Socket {
    /// Listens in the data directory. The store is open, so a socket that is already there is a dead server's.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn listen(data: &Path, store: Store, search: Search, hosts: GraphHosts) -> io::Result<Self> {
        let path = data.join(SOCKET_NAME);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        tokio::spawn(serve(stream, store.clone(), search.clone(), hosts.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "control socket: accept failed");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        Ok(Self { path, task })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "control socket: not removed");
        }
    }
}

async fn serve(stream: UnixStream, store: Store, search: Search, hosts: GraphHosts) {
    let (reader, mut writer) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(reader.take(CONTROL_LINE_BYTES_MAX));
    let read = reader.read_line(&mut line);
    if !matches!(tokio::time::timeout(Duration::from_millis(CONTROL_ANSWER_MS_MAX), read).await, Ok(Ok(_))) {
        return;
    }
    let answer = match serde_json::from_str(&line) {
        Ok(Request::Compact) => erase::compact(&store, Some(&search), true).await,
        // The server's own configuration counts, not that of whoever asks.
        Ok(Request::ChannelTest { phone_number_id, .. }) => channel::test(&store, &phone_number_id, hosts).await,
        Ok(request) => Origin::of(Who::ControlSocket).scope(execute(&store, Some(&search), request)).await,
        Err(_) => Answer::of(false, "The server does not know this request; is it older?"),
    };
    let Ok(mut line) = serde_json::to_vec(&answer) else { return };
    line.push(b'\n');
    if let Err(error) = writer.write_all(&line).await {
        tracing::debug!(%error, "control socket: the asker left");
    }
}
