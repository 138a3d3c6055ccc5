//! Other machines in place of this one: what each check says of them.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Backups, Finding, Inputs, Machine, Space, State, examine, host, unopened, worst};
use crate::domain::ids::{AgentId, ConversationId, MessageId};
use crate::domain::message::{Author, Content, Delivery, Message};
use crate::domain::time::Timestamp;

/// The morning of 2026-11-29.
const NOW: Timestamp = Timestamp(1_795_939_200_000);
const HOUR_MS: i64 = 60 * 60 * 1_000;
const GIB: u64 = 1_024 * 1_024 * 1_024;

/// A machine and its data directory.
struct Premises {
    root: tempfile::TempDir,
    data: PathBuf,
    space: Space,
    probe: Result<Duration, io::ErrorKind>,
    now: Timestamp,
    certificates: Vec<PathBuf>,
    backups: Option<Backups>,
}

impl Premises {
    /// A healthy one, with an ext4 disk.
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let data = root.path().join("data");
        fs::create_dir(&data).expect("writable");
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("ours");
        let space = Space { free_bytes: 20 * GIB, free_files: Some(1_000_000) };
        // Files are made now; the machine's time is the tests' own.
        let now = fs::metadata(&data).and_then(|data| data.modified()).expect("a time");
        let now = now.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
        let now = Timestamp(i64::try_from(now).expect("small"));
        let one = Self {
            root,
            data,
            space,
            probe: Ok(Duration::from_millis(2)),
            now,
            certificates: Vec::new(),
            backups: None,
        };
        one.put("proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 100 kB\nMemAvailable: 3000000 kB\n");
        one.put("proc/self/limits", "Limit  Soft Hard Units\nMax open files            65536   65536   files\n");
        one.mount("179:2", "ext4");
        one
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    fn mount(&self, device: &str, kind: &str) {
        let data = self.data.canonicalize().expect("there");
        let table = format!(
            "22 1 8:1 / / rw - btrfs /dev/sda1 rw\n30 22 {device} / {} rw,noatime shared:1 - {kind} /dev/root rw\n",
            data.display()
        );
        self.put("proc/self/mountinfo", &table);
    }

    fn findings(&self) -> Vec<Finding> {
        let (space, probe) = (self.space, self.probe);
        let machine = Machine::of(
            self.root.path(),
            Box::new(move |_: &Path| Ok(space)),
            Box::new(move |_: &Path| probe.map_err(io::Error::from)),
        );
        examine(&Inputs {
            machine: &machine,
            data: &self.data,
            now: self.now,
            store: None,
            search: None,
            certificates: &self.certificates,
            backups: self.backups.clone(),
        })
    }

    /// State and sentence of one check.
    fn check(&self, name: &str) -> Option<(State, String)> {
        let found = self.findings().into_iter().find(|finding| finding.check == name)?;
        assert_eq!(found.remedy.is_some(), found.state != State::Green, "{found:?}");
        assert!(found.sentence.ends_with('.'), "{found:?}");
        Some((found.state, found.sentence))
    }

    fn state(&self, name: &str) -> Option<State> {
        self.check(name).map(|(state, _)| state)
    }
}

#[test]
fn a_healthy_box_is_green_throughout() {
    let healthy = Premises::new();
    let findings = healthy.findings();
    assert_eq!(worst(&findings), State::Green, "{findings:#?}");
    assert!(findings.len() >= 6, "{findings:#?}");
}

#[test]
fn a_disk_that_fills_is_told_before_it_is_full() {
    let mut full = Premises::new();
    for (free_bytes, state) in [(3 * GIB, State::Green), (GIB, State::Yellow), (GIB / 8, State::Red), (0, State::Red)] {
        full.space.free_bytes = free_bytes;
        assert_eq!(full.state("disk_space"), Some(state), "{free_bytes}");
    }
    full.space = Space { free_bytes: 20 * GIB, free_files: Some(12) };
    assert_eq!(full.state("disk_space"), Some(State::Yellow), "no more files can be made");
    full.space.free_files = None;
    assert_eq!(full.state("disk_space"), Some(State::Green), "a file system without a bound of files");
}

#[test]
fn a_worn_card_shows_by_its_speed_and_by_what_it_says_of_itself() {
    let mut worn = Premises::new();
    for (ms, state) in [(20, State::Green), (120, State::Yellow), (900, State::Red)] {
        worn.probe = Ok(Duration::from_millis(ms));
        assert_eq!(worn.state("disk_speed"), Some(state), "{ms}");
    }
    worn.probe = Err(io::ErrorKind::ReadOnlyFilesystem);
    assert_eq!(worn.state("disk_speed"), Some(State::Red), "a card that turned read-only");

    assert_eq!(worn.state("disk_wear"), None, "a disk that says nothing");
    let card = worn.root.path().join("sys/devices/mmc0/block/mmcblk0");
    fs::create_dir_all(card.join("mmcblk0p2")).expect("writable");
    fs::create_dir_all(worn.root.path().join("sys/dev/block")).expect("writable");
    symlink(card.join("mmcblk0p2"), worn.root.path().join("sys/dev/block/179:2")).expect("writable");
    for (life, reserve, state) in [
        ("0x01 0x02", "0x01", Some(State::Green)),
        ("0x0a 0x02", "0x01", Some(State::Yellow)),
        ("0x03 0x02", "0x02", Some(State::Yellow)),
        ("0x0b 0x0b", "0x03", Some(State::Red)),
        ("0x00 0x00", "0x00", None),
        ("rubbish", "", None),
    ] {
        worn.put("sys/devices/mmc0/block/mmcblk0/device/life_time", life);
        worn.put("sys/devices/mmc0/block/mmcblk0/device/pre_eol_info", reserve);
        assert_eq!(worn.state("disk_wear"), state, "{life} {reserve}");
    }
}

#[test]
fn data_on_another_machine_in_memory_or_in_a_container_is_told() {
    let one = Premises::new();
    for (kind, state) in [
        ("ext4", State::Green),
        ("nfs4", State::Red),
        ("cifs", State::Red),
        ("fuse.sshfs", State::Red),
        ("9p", State::Red),
        ("tmpfs", State::Red),
        ("overlay", State::Yellow),
    ] {
        one.mount("0:99", kind);
        assert_eq!(one.state("file_system"), Some(state), "{kind}");
    }
    one.put("proc/self/mountinfo", "rubbish\n1 2 - -\n");
    assert_eq!(one.state("file_system"), None);
}

#[test]
fn data_that_others_can_read_are_told() {
    let open = Premises::new();
    for (mode, state) in [(0o700, State::Green), (0o750, State::Red), (0o755, State::Red), (0o701, State::Red)] {
        fs::set_permissions(&open.data, fs::Permissions::from_mode(mode)).expect("ours");
        assert_eq!(open.state("file_modes"), Some(state), "{mode:o}");
    }
}

#[test]
fn a_clock_set_back_a_year_and_one_that_never_was_set_are_told() {
    let mut box_ = Premises::new();
    box_.put("data/deskbell.log", "");
    let right = box_.now;
    assert_eq!(box_.state("clock"), Some(State::Green));
    box_.now = right.plus_ms(-365 * 24 * HOUR_MS);
    let (state, sentence) = box_.check("clock").expect("a check");
    assert_eq!(state, State::Red);
    assert!(sentence.contains("set back") || sentence.contains("before this program"), "{sentence}");
    box_.now = right.plus_ms(-HOUR_MS);
    let (state, sentence) = box_.check("clock").expect("a check");
    assert!(state == State::Red && sentence.contains("set back by 60 minutes"), "{sentence}");
    box_.now = Timestamp(0);
    assert_eq!(box_.state("clock"), Some(State::Red), "a Pi that has just come up says 1970");
}

#[test]
fn a_raspberry_pi_without_a_clock_of_its_own_is_told_until_the_network_sets_it() {
    let pi = Premises::new();
    pi.put("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0");
    assert_eq!(pi.state("clock"), Some(State::Yellow));
    pi.put("run/systemd/timesync/synchronized", "");
    assert_eq!(pi.state("clock"), Some(State::Green));
    fs::remove_file(pi.root.path().join("run/systemd/timesync/synchronized")).expect("there");
    pi.put("sys/class/rtc/rtc0/name", "rpi-rtc");
    assert_eq!(pi.state("clock"), Some(State::Green), "a Pi 5 has a clock");
}

#[test]
fn a_weak_power_supply_is_told_by_firmware_by_tool_and_by_sensor() {
    let pi = Premises::new();
    assert_eq!(pi.state("power"), None, "not a Pi");
    pi.put("sys/class/hwmon/hwmon3/name", "rpi_volt\n");
    for (alarm, state) in [("0\n", State::Green), ("1\n", State::Red)] {
        pi.put("sys/class/hwmon/hwmon3/in0_lcrit_alarm", alarm);
        assert_eq!(pi.state("power"), Some(state), "{alarm}");
    }
    pi.put("usr/bin/vcgencmd", "#!/bin/sh\necho throttled=0x50000\n");
    let tool = pi.root.path().join("usr/bin/vcgencmd");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("ours");
    assert_eq!(pi.state("power"), Some(State::Yellow), "since the start");
    for (word, state) in [("0", State::Green), ("50005", State::Red), ("0x10000", State::Yellow)] {
        pi.put("sys/devices/platform/soc/soc:firmware/get_throttled", word);
        assert_eq!(pi.state("power"), Some(state), "{word}");
    }
}

#[test]
fn memory_and_open_files_that_run_short_are_told() {
    let one = Premises::new();
    for (available, state) in [(3_000_000, State::Green), (300_000, State::Yellow), (50_000, State::Red)] {
        one.put("proc/meminfo", &format!("MemTotal: 4000000 kB\nMemAvailable: {available} kB\n"));
        assert_eq!(one.state("memory"), Some(state), "{available}");
    }
    let limit = |permitted: &str, open: usize| {
        one.put("proc/self/limits", &format!("Max open files            {permitted}   4096   files\n"));
        let folder = one.root.path().join("proc/self/fd");
        drop(fs::remove_dir_all(&folder));
        (0..open).for_each(|number| one.put(&format!("proc/self/fd/{number}"), ""));
        let machine = Machine::of(
            one.root.path(),
            Box::new(|_: &Path| Err(io::ErrorKind::Other.into())),
            Box::new(|_: &Path| Err(io::ErrorKind::Other.into())),
        );
        let (data, now) = (one.data.as_path(), one.now);
        let inputs =
            Inputs { machine: &machine, data, now, store: None, search: None, certificates: &[], backups: None };
        host::limit_of_files(&inputs).first().map(|told| told.state)
    };
    assert_eq!(limit("65536", 30), Some(State::Green));
    assert_eq!(limit("1024", 30), Some(State::Yellow));
    assert_eq!(limit("40", 39), Some(State::Red));
    assert_eq!(limit("unlimited", 3), None);
}

#[test]
fn a_certificate_is_told_before_it_ends() {
    // Made for this test; good from 2026-01-01 to 2026-12-20.
    let mut one = Premises::new();
    let file = one.root.path().join("certificate.pem");
    fs::write(&file, include_str!("../../tests/data/health/certificate.pem")).expect("writable");
    one.certificates = vec![file.clone()];
    let end = Timestamp(1_797_768_000_000);
    for (days_left, state) in [
        (60, State::Green),
        (22, State::Green),
        (20, State::Yellow),
        (2, State::Red),
        (0, State::Red),
        (-5, State::Red),
    ] {
        one.now = end.plus_ms(-days_left * 24 * HOUR_MS);
        assert_eq!(one.state("certificate"), Some(state), "{days_left}");
    }
    let (_, sentence) = one.check("certificate").expect("a check");
    assert!(sentence.contains("2026-12-20 12:00 UTC"), "{sentence}");
    let whole = fs::read(&file).expect("readable");
    for length in (0..whole.len()).step_by(7) {
        fs::write(&file, &whole[..length]).expect("writable");
        assert_eq!(one.state("certificate"), Some(State::Red), "cut after {length} bytes");
    }
    fs::remove_file(&file).expect("there");
    assert_eq!(one.state("certificate"), Some(State::Red), "gone");
}

#[test]
fn backups_are_spoken_of_only_where_there_are_some() {
    let mut one = Premises::new();
    assert_eq!(one.state("backup"), None);
    let now = one.now;
    let ago = |hours: i64| Some(now.plus_ms(-hours * HOUR_MS));
    let failed = |hours: i64| ago(hours).map(|at| (at, "The disk is full.".to_owned()));
    for (made_at, failed, state) in [
        (ago(20), None, State::Green),
        (ago(72), None, State::Yellow),
        (None, None, State::Yellow),
        (ago(20), failed(40), State::Green),
        (ago(20), failed(1), State::Red),
        (None, failed(1), State::Red),
    ] {
        one.backups = Some(Backups { made_at, failed });
        assert_eq!(one.state("backup"), Some(state), "{:?}", one.backups);
    }
}

#[test]
fn a_second_server_is_told_from_damage() {
    let locked = unopened("Another Deskbell uses this data directory.", true);
    assert!(locked.state == State::Red && locked.remedy.is_some_and(|remedy| remedy.contains("pgrep")));
    let damaged = unopened("A record is damaged.", false);
    assert!(damaged.remedy.is_some_and(|remedy| remedy.contains("backup")));
}

fn message(number: u64, author: Author, minutes_ago: i64, delivery: Option<Delivery>) -> Message {
    Message {
        id: MessageId(number),
        conversation: ConversationId(1),
        interaction: None,
        author,
        at: NOW.plus_ms(-minutes_ago * 60_000),
        content: Content::Text("hello".to_owned()),
        raw: None,
        wamid: None,
        quoted: None,
        client_key: None,
        retry_of: None,
        delivery,
    }
}

#[test]
fn webhooks_that_do_not_arrive_show_by_statuses_that_do_not_come() {
    let ours = |number, ago, delivery| message(number, Author::Agent(AgentId(1)), ago, Some(delivery));
    let theirs = |number, ago| message(number, Author::Contact, ago, None);
    let state = |messages: &[Message], came| super::centre::heard(messages, came, NOW).state;

    let healthy = [theirs(1, 40), ours(2, 30, Delivery::Read), ours(3, 20, Delivery::Sent)];
    assert_eq!(state(&healthy, None), State::Green);
    let silent = [theirs(1, 90), ours(2, 60, Delivery::Sent), ours(3, 50, Delivery::Sent), ours(4, 40, Delivery::Sent)];
    assert_eq!(state(&silent, None), State::Red);
    assert_eq!(state(&silent, Some(NOW)), State::Green, "a webhook came since, so they do arrive");
    let one_phone_on = [&silent[..], &[ours(5, 30, Delivery::Delivered)]].concat();
    assert_eq!(state(&one_phone_on, None), State::Green, "phones that are off send no status");
    let just_now = [theirs(1, 20), ours(2, 2, Delivery::Sent), ours(3, 1, Delivery::Sent), ours(4, 1, Delivery::Sent)];
    assert_eq!(state(&just_now, None), State::Green, "statuses may still come");
    assert_eq!(state(&[], None), State::Yellow, "nothing ever came");
    assert_eq!(state(&[theirs(1, 5 * 24 * 60)], None), State::Yellow, "nothing for five days");
}
