//! The backup before a data directory is brought to a newer layout.
//!
//! The files of the shelf are left out of it: bringing a directory to a newer layout does not touch them, and a disk may
//! have no room for them twice. A restore takes them from beside it. Invariant: without this backup nothing is changed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Clock;
use crate::limits::BACKUPS_BEFORE_UPGRADE_KEPT;
use crate::media::Shelf;
use crate::store::{Dump, StoreOptions};

use super::folder;
use super::make::{Order, make};

/// The folder below the data directory.
const FOLDER: &str = "backups-before-upgrade";

/// How a data directory is opened: one of an earlier layout is backed up first.
#[must_use]
pub fn options(clock: Clock) -> StoreOptions {
    let now = clock.clone();
    StoreOptions::new(clock).with_before_upgrade(Arc::new(move |data: &Path, dump: &Dump| {
        let folder = data.join(FOLDER);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
        let order = Order { target: &folder, passphrase: None, shelf: None, now: now.now(), gentle: false };
        let made = make(dump, &order).map_err(|error| error.to_string())?;
        if made.checked.findings_total > 0 {
            tracing::warn!(findings = made.checked.findings_total, "the data of the earlier layout are not whole");
        }
        tracing::info!(backup = %made.path.display(), "the earlier layout is kept");
        let kept = folder::keep_newest(&folder, &dump.moment().tag, BACKUPS_BEFORE_UPGRADE_KEPT);
        kept.map_err(|error| format!("An old backup cannot be removed: {error}."))
    }))
}

/// Where the files lie that such a backup left in their place.
pub(super) fn shelf_beside(backup: &Path) -> Shelf {
    let folder = backup.parent().unwrap_or(Path::new(""));
    Shelf::of(&folder.join(".."))
}
