//! What systemd is told: that we are ready, that we stop, that we are alive (sd_notify(3)).
//!
//! Written by hand because it is one datagram: the address in `NOTIFY_SOCKET`, a path or (with `@`) a name in the
//! abstract namespace. Invariant: "alive" is said only after the writer has answered, so that a server which takes no
//! message any more is started again and not kept for years.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::limits::WATCHDOG_RETRY_MS;
use crate::store::{Store, SubmitError};

/// The way to the service manager, where there is one.
#[derive(Debug)]
pub struct Manager {
    address: Option<SocketAddr>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// What the environment says.
    ///
    /// # Errors
    /// `NOTIFY_SOCKET` is no address.
    pub fn from_environment() -> io::Result<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let address = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()).map(address).transpose()?;
        let watchdog = interval(variable("WATCHDOG_USEC"), variable("WATCHDOG_PID"), std::process::id());
        Ok(Self { address, watchdog })
    }

    /// Tells one thing; `READY=1` and the like.
    pub fn tell(&self, state: &str) {
        let Some(address) = &self.address else { return };
        let sent = UnixDatagram::unbound().and_then(|socket| socket.send_to_addr(state.as_bytes(), address));
        if let Err(error) = sent {
            tracing::warn!(%error, "the service manager cannot be told {}", state.lines().next().unwrap_or_default());
        }
    }

    /// Tells again and again that we are alive, as long as the writer answers. Does not end; does nothing where nobody
    /// asks for it.
    pub async fn keep_alive(&self, store: &Store) -> Infallible {
        let Some(interval) = self.watchdog else { return std::future::pending().await };
        loop {
            if answers(store, interval).await {
                self.tell("WATCHDOG=1");
            }
            tokio::time::sleep(interval).await;
        }
    }
}

/// Whether the writer answers within `patience`. A refusal for a full disk is an answer: starting again would mend
/// nothing. A full mailbox is none, but may be empty again in a moment.
async fn answers(store: &Store, patience: Duration) -> bool {
    let asked = async {
        loop {
            match store.submit(Vec::new()).await {
                Ok(_) | Err(SubmitError::Unavailable) => return true,
                Err(SubmitError::Stopped) => return false,
                Err(SubmitError::Overloaded) => tokio::time::sleep(Duration::from_millis(WATCHDOG_RETRY_MS)).await,
            }
        }
    };
    let answered = tokio::time::timeout(patience, asked).await.unwrap_or(false);
    if !answered {
        tracing::error!("the writer does not answer; the service manager is not told that all is well");
    }
    answered
}

/// A third of the time after which the manager takes us for dead; `None` where it does not watch this process.
fn interval(usec: Option<String>, pid: Option<String>, own: u32) -> Option<Duration> {
    let usec: u64 = usec?.parse().ok().filter(|usec| *usec > 0)?;
    if pid.is_some_and(|pid| pid.parse() != Ok(own)) {
        return None;
    }
    Some(Duration::from_micros(usec / 3))
}

fn address(name: OsString) -> io::Result<SocketAddr> {
    let bytes = name.as_bytes();
    match bytes.first() {
        Some(b'@') => SocketAddr::from_abstract_name(&bytes[1..]),
        Some(b'/') => SocketAddr::from_pathname(OsString::from_vec(bytes.to_vec())),
        Some(_) | None => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "NOTIFY_SOCKET is neither a path nor a name"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::UnixDatagram;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use redb::StorageBackend;
    use redb::backends::InMemoryBackend;

    use super::{Manager, address, answers, interval};
    use crate::clock::Clock;
    use crate::domain::command::Command;
    use crate::domain::settings::Settings;
    use crate::store::{BoxedBackend, Store, StoreOptions};

    /// A disk that hangs while a test says so.
    #[derive(Debug)]
    struct Hanging(InMemoryBackend, Arc<AtomicBool>);

    impl StorageBackend for Hanging {
        fn len(&self) -> std::io::Result<u64> {
            self.0.len()
        }
        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            self.0.read(offset, out)
        }
        fn set_len(&self, length: u64) -> std::io::Result<()> {
            self.0.set_len(length)
        }
        fn sync_data(&self) -> std::io::Result<()> {
            while self.1.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            self.0.sync_data()
        }
        fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
            self.0.write(offset, data)
        }
        fn close(&self) -> std::io::Result<()> {
            self.0.close()
        }
    }

    #[tokio::test]
    async fn a_server_whose_writer_hangs_is_not_said_to_be_alive() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let hangs = Arc::new(AtomicBool::new(false));
        let disk = Arc::clone(&hangs);
        let options = StoreOptions::new(Clock::system()).with_backend(Arc::new(move |_: &str| {
            Ok(BoxedBackend(Box::new(Hanging(InMemoryBackend::new(), Arc::clone(&disk)))))
        }));
        let store = Store::open(folder.path(), options).expect("a store");
        let (long, brief) = (Duration::from_secs(20), Duration::from_millis(200));
        assert!(answers(&store, long).await);
        hangs.store(true, Ordering::SeqCst);
        let settings = Settings { reject_allowed: !Settings::default().reject_allowed, ..Settings::default() };
        let under_way = store.submit(vec![Command::SetSettings(settings)]);
        assert!(!answers(&store, brief).await, "the disk hangs");
        hangs.store(false, Ordering::SeqCst);
        assert!(under_way.await.is_ok());
        assert!(answers(&store, long).await, "it goes on");
        store.stop();
        assert!(!answers(&store, brief).await, "it has stopped");
    }

    #[test]
    fn the_manager_hears_by_path_and_by_abstract_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("notify");
        let name = format!("@deskbell-test-{}", std::process::id());
        for socket in [path.to_string_lossy().into_owned(), name] {
            let known = address(socket.clone().into()).expect("an address");
            let manager = UnixDatagram::bind_addr(&known).expect("a socket");
            Manager { address: Some(known), watchdog: None }.tell("READY=1");
            let mut heard = [0; 64];
            let length = manager.recv(&mut heard).expect("a datagram");
            assert_eq!(&heard[..length], b"READY=1", "{socket}");
        }
        assert!(address("notify".into()).is_err());
        // Nobody listens any more: nothing happens.
        let gone = std::os::unix::net::SocketAddr::from_abstract_name("deskbell-nobody").expect("an address");
        Manager { address: Some(gone), watchdog: None }.tell("READY=1");
    }

    #[test]
    fn the_watchdog_is_for_the_process_that_it_names() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(interval(text("30000000"), text("7"), 7), Some(Duration::from_secs(10)));
        assert_eq!(interval(text("30000000"), None, 7), Some(Duration::from_secs(10)));
        assert_eq!(interval(text("30000000"), text("8"), 7), None);
        assert_eq!(interval(text("0"), None, 7), None);
        assert_eq!(interval(text("soon"), None, 7), None);
        assert_eq!(interval(None, None, 7), None);
    }
}
