//! The machine as the checks see it: files under a root, the disk's room and its speed.
//!
//! Apart so that a test can put another machine in its place: a Raspberry Pi, a full disk, a worn card. Invariant:
//! whatever is read is bounded, and what is not there is `None`.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::limits::{HEALTH_PROBE_BYTES, HEALTH_PROBE_WRITES};

/// Bytes that are read of a file of the system.
const FILE_BYTES_MAX: u64 = 1_024 * 1_024;
/// What a probe writes; it is removed again.
const PROBE_NAME: &str = "deskbell.probe";

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this user may still write.
    pub free_bytes: u64,
    /// Files that may still be made; `None` where there is no bound.
    pub free_files: Option<u64>,
}

type Look<T> = Box<dyn Fn(&Path) -> io::Result<T> + Send + Sync>;

/// A machine.
pub struct Machine {
    root: PathBuf,
    space: Look<Space>,
    probe: Look<Duration>,
}

/// What lies under a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor` of the device.
    pub(super) device: String,
    /// The kind of file system.
    pub(super) kind: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self { root: PathBuf::from("/"), space: Box::new(space), probe: Box::new(probe) }
    }

    /// Another one: its files stand under `root`.
    #[must_use]
    pub fn of(root: &Path, space: Look<Space>, probe: Look<Duration>) -> Self {
        Self { root: root.to_owned(), space, probe }
    }

    pub(super) fn space(&self, folder: &Path) -> io::Result<Space> {
        (self.space)(folder)
    }

    /// The median time of a small durable write.
    pub(super) fn probe(&self, folder: &Path) -> io::Result<Duration> {
        (self.probe)(folder)
    }

    /// Where a file of the system is.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// A file of the system, without the blanks at its ends.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let mut bytes = Vec::new();
        File::open(self.path(path)).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim_matches(['\0', '\n', ' ']).to_owned())
    }

    /// The model, where the machine has one in its device tree, as a Raspberry Pi has.
    pub(super) fn model(&self) -> Option<String> {
        self.text("/proc/device-tree/model").filter(|model| !model.is_empty())
    }

    /// What the folder lies on: the mount with the longest path that holds it, the last one of those.
    pub(super) fn mount(&self, folder: &Path) -> Option<Mount> {
        let folder = folder.canonicalize().ok()?;
        let table = self.text("/proc/self/mountinfo")?;
        let mounts = table.lines().filter_map(|line| {
            // proc(5): … device root mount-point options … - kind source options
            let (front, back) = line.split_once(" - ")?;
            let mut front = front.split(' ');
            let (device, point) = (front.nth(2)?, front.nth(1)?);
            let point = PathBuf::from(point.replace("\\040", " "));
            let mount = Mount { device: device.to_owned(), kind: back.split(' ').next()?.to_owned() };
            folder.starts_with(&point).then(|| (point.components().count(), mount))
        });
        mounts.max_by_key(|(depth, _)| *depth).map(|(_, mount)| mount)
    }
}

fn space(folder: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(Space {
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
        free_files: (found.f_files > 0).then_some(found.f_favail),
    })
}

fn probe(folder: &Path) -> io::Result<Duration> {
    let path = folder.join(PROBE_NAME);
    let took = timed(&path);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    took
}

fn timed(path: &Path) -> io::Result<Duration> {
    let mut file = File::create(path)?;
    let bytes = [0x5a; HEALTH_PROBE_BYTES];
    let mut times = Vec::with_capacity(HEALTH_PROBE_WRITES);
    for _ in 0..HEALTH_PROBE_WRITES {
        let begun = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    times.sort();
    Ok(times[HEALTH_PROBE_WRITES / 2])
}
