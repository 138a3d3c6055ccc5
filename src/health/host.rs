//! The machine itself: clock, power, memory, open files. A Raspberry Pi has pitfalls of its own in the first two.

use std::fs;
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::domain::time::Timestamp;
use crate::limits::{
    HEALTH_CLOCK_SKEW_MS, HEALTH_MEMORY_BYTES_MIN, HEALTH_MEMORY_LOW_PERCENT, HEALTH_OPEN_FILES_MIN,
    HEALTH_OPEN_FILES_PERCENT,
};

use super::{Inputs, Told, moment, span};

/// No right clock shows an earlier time than that of this program: 2026-01-01.
const PROGRAM_MADE_AT: Timestamp = Timestamp(1_767_225_600_000);
/// Bits of the Pi's firmware word: under-voltage now, and since the start.
const UNDER_VOLTAGE_NOW: u32 = 1;
const UNDER_VOLTAGE_ONCE: u32 = 1 << 16;
const SET_CLOCK: &str = "Set the clock: `timedatectl set-ntp true`, or connect the machine to the network, and wait until \
                         `timedatectl` says that it is synchronised. Reply windows and time-outs follow the clock; until \
                         it is right again Deskbell's own time stands still, and nothing is lost.";

pub(super) fn clock(inputs: &Inputs<'_>) -> Vec<Told> {
    let now = inputs.now;
    if now < PROGRAM_MADE_AT {
        return vec![Told::red(format!("The clock says {}, before this program was made.", moment(now)), SET_CLOCK)];
    }
    let event = inputs.store.and_then(|store| store.read(|snapshot| snapshot.census()).ok()?.at);
    let newest = event.into_iter().chain(newest_file(inputs)).max();
    if let Some(newest) = newest
        && newest.since_ms(now) > HEALTH_CLOCK_SKEW_MS
    {
        let back = span(newest.since_ms(now));
        let sentence = format!(
            "The clock says {}, but something was written at {}: it was set back by {back}, or was wrong then.",
            moment(now),
            moment(newest)
        );
        return vec![Told::red(sentence, SET_CLOCK)];
    }
    let pi = inputs.machine.model().is_some_and(|model| model.contains("Raspberry Pi"));
    let kept = inputs.machine.path("/sys/class/rtc/rtc0").exists();
    let synchronised = ["/run/systemd/timesync/synchronized", "/run/chrony/chronyd.pid", "/run/chronyd.pid"];
    if pi && !kept && !synchronised.iter().any(|path| inputs.machine.path(path).exists()) {
        return vec![Told::yellow(
            "This Raspberry Pi has no clock of its own, and its time has not been set from the network.",
            "Connect it to the network (`timedatectl set-ntp true`), or add a battery for its clock (Pi 5) or a clock \
             module: after a power cut without network it goes on with the time at which it stopped.",
        )];
    }
    vec![Told::green(format!("The clock says {} and fits what was written.", moment(now)))]
}

/// When a file of the data directory was last changed, as the disk says.
fn newest_file(inputs: &Inputs<'_>) -> Option<Timestamp> {
    let entries = fs::read_dir(inputs.data).ok()?.flatten();
    let changed = entries.filter_map(|entry| {
        let since = entry.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since.as_millis()).ok()
    });
    changed.max().map(Timestamp)
}

pub(super) fn power(inputs: &Inputs<'_>) -> Vec<Told> {
    const REMEDY: &str = "Use the power supply made for this model and a short cable, and no large USB disks without a \
                          supply of their own: a voltage that drops corrupts cards.";
    let Some(word) = throttled(inputs).or_else(|| alarm(inputs)) else { return Vec::new() };
    if word & UNDER_VOLTAGE_NOW != 0 {
        vec![Told::red("The supply voltage is too low now.", REMEDY)]
    } else if word & UNDER_VOLTAGE_ONCE != 0 {
        vec![Told::yellow("The supply voltage was too low since the machine started.", REMEDY)]
    } else {
        vec![Told::green("The supply voltage has been right since the machine started.")]
    }
}

/// What the Pi's firmware says of its power, where it can be asked.
fn throttled(inputs: &Inputs<'_>) -> Option<u32> {
    let hex = |text: &str| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok();
    if let Some(word) = inputs.machine.text("/sys/devices/platform/soc/soc:firmware/get_throttled") {
        return hex(&word);
    }
    let tool = inputs.machine.path("/usr/bin/vcgencmd");
    if !tool.exists() {
        return None;
    }
    let output = Command::new(tool).arg("get_throttled").output().ok().filter(|output| output.status.success())?;
    hex(String::from_utf8_lossy(&output.stdout).trim().strip_prefix("throttled=")?)
}

/// The same of the kernel's sensor, which tells only of the last moments.
fn alarm(inputs: &Inputs<'_>) -> Option<u32> {
    let sensors = fs::read_dir(inputs.machine.path("/sys/class/hwmon")).ok()?.flatten();
    let read = |sensor: &fs::DirEntry, name: &str| fs::read_to_string(sensor.path().join(name)).ok();
    let mut pi = sensors.filter(|sensor| read(sensor, "name").is_some_and(|name| name.trim() == "rpi_volt"));
    let alarm = read(&pi.next()?, "in0_lcrit_alarm")?;
    Some(if alarm.trim() == "1" { UNDER_VOLTAGE_NOW } else { 0 })
}

pub(super) fn memory(inputs: &Inputs<'_>) -> Vec<Told> {
    const REMEDY: &str = "Stop what else runs on this machine, or give it more memory. Deskbell with 1,000,000 messages \
                          needs 64 MiB when idle and some 150 MiB under load.";
    let Some(table) = inputs.machine.text("/proc/meminfo") else { return Vec::new() };
    let field = |name: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1_024)
    };
    let (Some(all), Some(available)) = (field("MemTotal:"), field("MemAvailable:")) else { return Vec::new() };
    let mib = 1_024 * 1_024;
    let sentence = format!("{} of {} MiB memory are available.", available / mib, all / mib);
    if available < HEALTH_MEMORY_BYTES_MIN {
        vec![Told::red(sentence, REMEDY)]
    } else if available < all / 100 * HEALTH_MEMORY_LOW_PERCENT {
        vec![Told::yellow(sentence, REMEDY)]
    } else {
        vec![Told::green(sentence)]
    }
}

/// Of a server only: a command opens few files.
pub(super) fn open_files(inputs: &Inputs<'_>) -> Vec<Told> {
    if inputs.search.is_none() {
        return Vec::new();
    }
    limit_of_files(inputs)
}

pub(super) fn limit_of_files(inputs: &Inputs<'_>) -> Vec<Told> {
    const REMEDY: &str = "Set LimitNOFILE=65536 in the unit (the packaged one does), or say `ulimit -n 65536` before the \
                          start. Browsers beyond the limit wait.";
    let Some(limits) = inputs.machine.text("/proc/self/limits") else { return Vec::new() };
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let Some(permitted) = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) else {
        return Vec::new();
    };
    let open = fs::read_dir(inputs.machine.path("/proc/self/fd")).map_or(0, |open| open.count() as u64);
    let sentence = format!("{open} of {permitted} permitted files are open.");
    if open * 100 > permitted * HEALTH_OPEN_FILES_PERCENT {
        vec![Told::red(sentence, REMEDY)]
    } else if permitted < HEALTH_OPEN_FILES_MIN {
        vec![Told::yellow(sentence, REMEDY)]
    } else {
        vec![Told::green(sentence)]
    }
}
