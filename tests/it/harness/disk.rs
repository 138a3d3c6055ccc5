//! A disk in memory that loses power, fails or lies when a test says so.
//!
//! Invariants: what was synced before a cut is there after it, unless the disk lies; of the rest each sector may be
//! there or not; after a cut nothing works until the power is back. The same seed gives the same damage.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbell::store::{BackendFactory, BoxedBackend};
use redb::StorageBackend;

/// What a disk writes at once, bytes.
const SECTOR_BYTES: usize = 512;

/// A small generator of numbers that look random (xorshift).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// The disk; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<Platter>>);

/// One open file of the disk.
#[derive(Debug)]
struct OpenFile {
    disk: Disk,
    name: String,
}

#[derive(Debug, Default)]
struct File {
    /// What survives a cut.
    durable: Vec<u8>,
    /// What reads show.
    current: Vec<u8>,
    /// Changes since the last sync, in order.
    unsynced: Vec<Change>,
}

#[derive(Debug)]
struct Platter {
    files: BTreeMap<String, File>,
    dice: Dice,
    /// Syncs and other calls so far.
    syncs: u64,
    calls: u64,
    cut_at_sync: Option<u64>,
    fail_at_call: Option<u64>,
    power: bool,
    full: bool,
    lies: bool,
}

#[derive(Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Platter {
            files: BTreeMap::new(),
            dice: Dice::new(seed),
            syncs: 0,
            calls: 0,
            cut_at_sync: None,
            fail_at_call: None,
            power: true,
            full: false,
            lies: false,
        })))
    }

    /// Opens its files as the store wants them.
    pub(crate) fn factory(&self) -> BackendFactory {
        let disk = self.clone();
        Arc::new(move |name| {
            let mut platter = disk.platter();
            platter.alive()?;
            platter.files.entry(name.to_owned()).or_default();
            Ok(BoxedBackend(Box::new(OpenFile { disk: disk.clone(), name: name.to_owned() })))
        })
    }

    /// From now on says that it synced and does not.
    pub(crate) fn lie(&self) {
        self.platter().lies = true;
    }

    /// Cuts the power in the middle of the sync that comes as number `later` from now, from 1.
    pub(crate) fn cut_at_sync(&self, later: u64) {
        let mut platter = self.platter();
        platter.cut_at_sync = Some(platter.syncs + later);
    }

    /// Fails the call that comes as number `later` from now, from 1; just that one.
    pub(crate) fn fail_at_call(&self, later: u64) {
        let mut platter = self.platter();
        platter.fail_at_call = Some(platter.calls + later);
    }

    /// Whether the failure that was asked for has happened.
    pub(crate) fn has_failed(&self) -> bool {
        self.platter().fail_at_call.is_none()
    }

    /// No room for anything more, or room again. What has its place can still be written over.
    pub(crate) fn set_full(&self, full: bool) {
        self.platter().full = full;
    }

    pub(crate) fn has_power(&self) -> bool {
        self.platter().power
    }

    /// Whether a file holds these bytes durably.
    pub(crate) fn holds(&self, name: &str, bytes: &[u8]) -> bool {
        let platter = self.platter();
        let file = platter.files.get(name);
        file.is_some_and(|file| file.durable.windows(bytes.len()).any(|part| part == bytes))
    }

    /// Cuts the power now.
    pub(crate) fn cut(&self) {
        self.platter().cut();
    }

    /// The power is back: what survived is what there is.
    pub(crate) fn power_on(&self) {
        let mut platter = self.platter();
        platter.power = true;
        platter.cut_at_sync = None;
        for file in platter.files.values_mut() {
            file.current.clone_from(&file.durable);
            file.unsynced.clear();
        }
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platter {
    fn alive(&self) -> io::Result<()> {
        if self.power { Ok(()) } else { Err(io::Error::other("no power")) }
    }

    /// Counts a call that may fail.
    fn call(&mut self) -> io::Result<()> {
        self.alive()?;
        self.calls += 1;
        if self.fail_at_call == Some(self.calls) {
            self.fail_at_call = None;
            return Err(io::Error::other("the disk failed, as asked"));
        }
        Ok(())
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.files.get_mut(name).expect("it was opened")
    }

    fn change(&mut self, name: &str, change: Change) -> io::Result<()> {
        self.call()?;
        let full = self.full;
        let file = self.file(name);
        let end = match &change {
            Change::Length(length) => *length,
            Change::Write(offset, data) => offset + data.len(),
        };
        if full && end > file.current.len() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        apply(&mut file.current, &change);
        file.unsynced.push(change);
        Ok(())
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.call()?;
        self.syncs += 1;
        if self.cut_at_sync == Some(self.syncs) {
            self.cut();
            return Err(io::Error::other("the power was cut"));
        }
        if !self.lies {
            let file = self.file(name);
            for change in std::mem::take(&mut file.unsynced) {
                apply(&mut file.durable, &change);
            }
        }
        Ok(())
    }

    /// Of what was not synced some sectors survive: none, all, a beginning, or any.
    fn cut(&mut self) {
        self.power = false;
        for file in self.files.values_mut() {
            let style = self.dice.below(4);
            let kept = self.dice.below(file.unsynced.len() as u64 + 1);
            for (place, change) in std::mem::take(&mut file.unsynced).into_iter().enumerate() {
                match style {
                    0 => {}
                    1 => apply(&mut file.durable, &change),
                    2 if (place as u64) < kept => apply(&mut file.durable, &change),
                    2 => {}
                    _ => tear(&mut file.durable, change, &mut self.dice),
                }
            }
        }
    }
}

fn tear(durable: &mut Vec<u8>, change: Change, dice: &mut Dice) {
    match change {
        Change::Length(_) => {
            if dice.below(2) == 0 {
                apply(durable, &change);
            }
        }
        Change::Write(offset, data) => {
            let whole = dice.below(3);
            for (index, sector) in data.chunks(SECTOR_BYTES).enumerate() {
                if whole == 0 || (whole == 1 && dice.below(2) == 0) {
                    apply(durable, &Change::Write(offset + index * SECTOR_BYTES, sector.to_vec()));
                }
            }
        }
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(offset, data) => {
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*offset..end].copy_from_slice(data);
        }
    }
}

fn size(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(io::Error::other)
}

impl StorageBackend for OpenFile {
    fn len(&self) -> io::Result<u64> {
        let mut platter = self.disk.platter();
        platter.alive()?;
        Ok(platter.file(&self.name).current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut platter = self.disk.platter();
        platter.call()?;
        let start = size(offset)?;
        let found = platter.file(&self.name).current.get(start..start + out.len());
        out.copy_from_slice(found.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.platter().change(&self.name, Change::Length(size(len)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.platter().sync(&self.name)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.platter().change(&self.name, Change::Write(size(offset)?, data.to_vec()))
    }
}
