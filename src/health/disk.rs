//! The disk under the data: room, speed, wear, what kind it is, and who may read it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::Duration;

use crate::limits::{HEALTH_DISK_FULL_BYTES, HEALTH_DISK_LOW_BYTES, HEALTH_PROBE_FAILING_MS, HEALTH_PROBE_SLOW_MS};

use super::{Inputs, Told};

/// File systems of other machines: their locks and syncs are promises of somebody else.
const NETWORKED: [&str; 13] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "fuse.sshfs",
    "9p",
    "ceph",
    "glusterfs",
    "fuse.glusterfs",
    "afs",
    "virtiofs",
    "vboxsf",
];
/// File systems that forget.
const VOLATILE: [&str; 2] = ["tmpfs", "ramfs"];
/// Files that may still be made, from which on they are short.
const FILES_MIN: u64 = 10_000;
/// The first class of wear that the standard calls "nearing its end" (JESD84-B51, DEVICE_LIFE_TIME_EST: tenths).
const WEAR_TENTHS_MAX: u32 = 9;

pub(super) fn space(inputs: &Inputs<'_>) -> Vec<Told> {
    const ROOM: &str = "Make room: remove what is not Deskbell's, let old messages go by a retention rule, or move the \
                        data directory to a larger disk. Nothing is lost meanwhile: what cannot be written is refused.";
    let space = match inputs.machine.space(inputs.data) {
        Ok(space) => space,
        Err(error) => {
            let sentence = format!("The disk of the data directory cannot be looked at: {error}.");
            return vec![Told::yellow(sentence, "Check that the disk is mounted and can be read.")];
        }
    };
    let free_mib = space.free_bytes / (1_024 * 1_024);
    let sentence = format!("{free_mib} MiB are free on the disk of the data directory.");
    if space.free_bytes < HEALTH_DISK_FULL_BYTES {
        return vec![Told::red(sentence, ROOM)];
    }
    if space.free_bytes < HEALTH_DISK_LOW_BYTES {
        return vec![Told::yellow(sentence, ROOM)];
    }
    match space.free_files {
        Some(files) if files < FILES_MIN => {
            vec![Told::yellow(format!("Only {files} more files can be made on the disk."), ROOM)]
        }
        Some(_) | None => vec![Told::green(sentence)],
    }
}

pub(super) fn speed(inputs: &Inputs<'_>) -> Vec<Told> {
    match inputs.machine.probe(inputs.data) {
        Ok(took) => {
            let ms = took.as_secs_f64() * 1e3;
            let sentence = format!("A small write is durable after {ms:.1} ms.");
            if took > Duration::from_millis(HEALTH_PROBE_FAILING_MS) {
                let remedy = "The disk or card is failing or overloaded. Make a backup now, and replace it.";
                vec![Told::red(sentence, remedy)]
            } else if took > Duration::from_millis(HEALTH_PROBE_SLOW_MS) {
                let remedy = "A worn or slow card takes this long. Make a backup, and move the data to an SSD (on a \
                              Raspberry Pi: by USB 3 or NVMe) or to a card of class A2.";
                vec![Told::yellow(sentence, remedy)]
            } else {
                vec![Told::green(sentence)]
            }
        }
        Err(error) => vec![Told::red(
            format!("The data directory cannot be written: {error}."),
            "Make room on the disk. A file system that has become read-only had an error (see `dmesg`): make a backup, \
             check the disk, and replace it if it fails again.",
        )],
    }
}

pub(super) fn wear(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(mount) = inputs.machine.mount(inputs.data) else { return Vec::new() };
    let link = inputs.machine.path(&format!("/sys/dev/block/{}", mount.device));
    let Ok(block) = link.canonicalize() else { return Vec::new() };
    // A partition's folder stands in its disk's.
    let device = [block.join("device"), block.join("../device")].into_iter().find(|device| device.exists());
    let Some(device) = device else { return Vec::new() };
    let read = |name: &str| fs::read_to_string(device.join(name)).ok();
    let number = |text: &str| u32::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    // Two kinds of memory, each with its tenths of the life that is over; 0 says nothing.
    let life = read("life_time").unwrap_or_default();
    let tenths = life.split_whitespace().filter_map(number).max().filter(|tenths| *tenths > 0);
    // 1: normal, 2: most of the reserve is used, 3: all but the last of it.
    let reserve = read("pre_eol_info").and_then(|text| number(text.trim())).unwrap_or(0);
    const REPLACE: &str = "Make a backup, and replace the card or disk before it stops taking writes.";
    match (tenths, reserve) {
        (_, 3..) => vec![Told::red("The flash memory under the data is at the end of its life.", REPLACE)],
        (Some(tenths), _) if tenths > WEAR_TENTHS_MAX => {
            vec![Told::yellow(
                format!("The flash memory has used {}% of its life or more.", (tenths - 1) * 10),
                REPLACE,
            )]
        }
        (_, 2) => vec![Told::yellow("The flash memory has used most of its reserve.", REPLACE)],
        (Some(tenths), _) => {
            vec![Told::green(format!("The flash memory has used at most {}% of its life.", tenths * 10))]
        }
        (None, _) => Vec::new(),
    }
}

pub(super) fn file_system(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(mount) = inputs.machine.mount(inputs.data) else { return Vec::new() };
    let kind = mount.kind.as_str();
    if NETWORKED.contains(&kind) {
        return vec![Told::red(
            format!("The data directory is on {kind}, a file system of another machine or of a host."),
            "Stop the server, copy the directory to a disk of this machine, and start from there. Locks and durable \
             writes over a network do not hold what Deskbell promises.",
        )];
    }
    if VOLATILE.contains(&kind) {
        return vec![Told::red(
            format!("The data directory is on {kind}: everything is gone when the machine restarts."),
            "Stop the server, copy the directory to a disk, and start from there.",
        )];
    }
    if kind == "overlay" {
        return vec![Told::yellow(
            "The data directory is in a container's own layer, which goes with the container.",
            "Give the container a volume for the data directory (see the notes in packaging).",
        )];
    }
    vec![Told::green(format!("The data directory is on {kind}, on this machine."))]
}

pub(super) fn modes(inputs: &Inputs<'_>) -> Vec<Told> {
    let folder = inputs.data.display();
    let metadata = match fs::metadata(inputs.data) {
        Ok(metadata) => metadata,
        Err(error) => {
            return vec![Told::red(
                format!("The data directory cannot be looked at: {error}."),
                "Check that it is there, and that this user may read it.",
            )];
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return vec![Told::red(
            format!("Other users of this machine can look into the data directory (mode {mode:03o})."),
            format!("Say `chmod 700 {folder}`."),
        )];
    }
    let entries = fs::read_dir(inputs.data).into_iter().flatten().flatten();
    let foreign = entries.filter(|entry| entry.metadata().is_ok_and(|own| own.uid() != metadata.uid())).count();
    if foreign > 0 {
        return vec![Told::red(
            format!("{foreign} files in the data directory belong to another user than the directory."),
            format!("A command was run as another user. Say `chown -R --reference={folder} {folder}`."),
        )];
    }
    vec![Told::green("Only their owner can look into the data.")]
}
