//! A disk that fails for moments while messages are on their way.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use deskbell::clock::Clock;
use deskbell::domain::message::Delivery;
use deskbell::store::{BoxedBackend, StoreOptions};
use redb::StorageBackend;
use redb::backends::FileBackend;

use super::{Centre, NOON, message_of};
use crate::raw_graph::{RawGraph, Reply, accepted};

const HEALTHY: u8 = 0;
/// Nothing is synced.
const FULL: u8 = 1;
/// Everything is synced, and an error is returned: a commit that failed and is durable all the same.
const LYING: u8 = 2;

#[derive(Debug)]
struct MoodyDisk {
    file: FileBackend,
    mood: Arc<AtomicU8>,
}

impl StorageBackend for MoodyDisk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.mood.load(Ordering::SeqCst) {
            HEALTHY => self.file.sync_data(),
            LYING => {
                self.file.sync_data()?;
                Err(io::Error::other("lying"))
            }
            _ => Err(io::Error::other("full")),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_for_moments_makes_no_message_go_twice() {
    let mood = Arc::new(AtomicU8::new(HEALTHY));
    let moody = Arc::clone(&mood);
    let clock = Clock::manual(NOON);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().to_owned();
    let options = StoreOptions::new(clock.clone()).with_backend(Arc::new(move |name| {
        let path = path.join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let file = FileBackend::new(file).map_err(io::Error::other)?;
        Ok(BoxedBackend(Box::new(MoodyDisk { file, mood: Arc::clone(&moody) })))
    }));
    let graph =
        RawGraph::start(|number, _| Reply::SayLate(Duration::from_millis(10), accepted(&format!("wamid.{number}"))))
            .await;
    let centre = Centre::with(options, clock);
    centre.channel("1000", &graph.url, 1_000);
    let customers: Vec<_> = (0..10).map(|number| centre.customer("1000", &format!("55{number}"))).collect();
    let messages: Vec<_> = (0..5)
        .flat_map(|round| customers.iter().map(move |customer| (*customer, round)))
        .map(|(customer, round)| centre.send(customer, &format!("line {round}")))
        .collect();
    let outbox = centre.outbox();
    for _ in 0..6 {
        for moment in [FULL, HEALTHY, LYING, HEALTHY] {
            mood.store(moment, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(if moment == HEALTHY { 60 } else { 15 })).await;
        }
    }
    centre.drained(0).await;
    outbox.stop().await;
    let mut asked = BTreeMap::<_, usize>::new();
    for request in graph.seen() {
        *asked.entry(message_of(&request.body)).or_default() += 1;
    }
    for message in messages {
        assert_eq!((centre.delivery(message), asked[&message]), (Delivery::Sent, 1), "{message}");
    }
}
