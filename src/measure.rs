//! Counters and histograms, and the text in which a monitoring system reads them.
//!
//! Apart from whoever counts and from whoever shows, so that both depend on this and not on each other. Counting is one
//! or two relaxed additions: nothing on the way of a message waits for it. Invariants: a counter never goes back while
//! the process lives; the labels of a sample are ours and never what a stranger sent.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The format's name (Prometheus text exposition format, version 0.0.4).
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Upper bounds of the histograms' classes, microseconds: from a fast disk to a worn card.
const BOUNDS_US: [u64; 14] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
];

/// How often something happened.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Once more.
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something took, in classes.
#[derive(Debug, Default)]
pub struct Histogram {
    classes: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    /// It took so long this time.
    pub fn observe(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = BOUNDS_US.partition_point(|bound| *bound < us);
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }
}

/// What became of a call that was to send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// WhatsApp took it.
    Accepted,
    /// It will not arrive, and is given up.
    Failed,
    /// It is tried again later.
    Retried,
    /// Nobody knows.
    Unknown,
    /// The number can send nothing; the message waits.
    Held,
}

impl SendResult {
    /// All of them, in order, with their labels.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Accepted, "accepted"),
        (Self::Failed, "failed"),
        (Self::Retried, "retried"),
        (Self::Unknown, "unknown"),
        (Self::Held, "held"),
    ];
}

/// What the parts of one server count; it travels with the store, which all of them have.
#[derive(Debug, Default)]
pub struct Measures {
    /// From the first command of a commit to its durability.
    pub commits: Histogram,
    /// From a webhook's head to its acknowledgement.
    pub acknowledgements: Histogram,
    sends: [Counter; SendResult::ALL.len()],
    webhook_at_ms: AtomicI64,
}

impl Measures {
    /// A call ended so.
    pub fn sent(&self, result: SendResult) {
        self.sends[result as usize].add_one();
    }

    /// How many calls ended in each way.
    pub fn sends(&self) -> impl Iterator<Item = (&'static str, u64)> {
        SendResult::ALL.iter().zip(&self.sends).map(|((_, label), counter)| (*label, counter.value()))
    }

    /// A signed webhook came, milliseconds since the epoch.
    pub fn webhook_came(&self, at_ms: i64) {
        self.webhook_at_ms.store(at_ms, Ordering::Relaxed);
    }

    /// When the last signed webhook came, milliseconds since the epoch; `None` before the first one of this process.
    #[must_use]
    pub fn webhook_at_ms(&self) -> Option<i64> {
        Some(self.webhook_at_ms.load(Ordering::Relaxed)).filter(|at_ms| *at_ms > 0)
    }
}

/// What kind of number a family holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Classes of durations.
    Histogram,
}

/// A text that grows family by family.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Begins a family; its samples follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    /// One number of the family.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels = written(labels);
        self.line(format_args!("{name}{labels} {value}"));
    }

    /// A family of one number.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// A whole family of durations, in seconds.
    pub fn durations(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.family(name, Kind::Histogram, help);
        let mut count = 0;
        for (class, counted) in histogram.classes.iter().enumerate() {
            count += counted.load(Ordering::Relaxed);
            let bound = BOUNDS_US.get(class).map_or_else(|| "+Inf".to_owned(), |us| (*us as f64 / 1e6).to_string());
            self.sample(&format!("{name}_bucket"), &[("le", &bound)], count as f64);
        }
        self.sample(&format!("{name}_sum"), &[], histogram.sum_us.load(Ordering::Relaxed) as f64 / 1e6);
        self.sample(&format!("{name}_count"), &[], count as f64);
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        writeln!(self.0, "{arguments}").ok();
    }
}

fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exposition, Histogram, Kind, Measures, SendResult};

    #[test]
    fn classes_are_cumulative_and_the_last_one_holds_all() {
        let histogram = Histogram::default();
        for us in [1, 250, 251, 3_000, 60_000_000] {
            histogram.observe(Duration::from_micros(us));
        }
        let mut exposition = Exposition::default();
        exposition.durations("a_seconds", "A.", &histogram);
        let text = exposition.into_text();
        for line in [
            "# TYPE a_seconds histogram",
            "a_seconds_bucket{le=\"0.00025\"} 2",
            "a_seconds_bucket{le=\"0.0005\"} 3",
            "a_seconds_bucket{le=\"0.005\"} 4",
            "a_seconds_bucket{le=\"10\"} 4",
            "a_seconds_bucket{le=\"+Inf\"} 5",
            "a_seconds_sum 60.003502",
            "a_seconds_count 5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn labels_and_help_are_escaped() {
        let mut exposition = Exposition::default();
        exposition.family("a", Kind::Gauge, "one\\two\nthree");
        exposition.sample("a", &[("b", "c\"d\\e\nf")], 1.5);
        assert_eq!(
            exposition.into_text(),
            "# HELP a one\\\\two\\nthree\n# TYPE a gauge\na{b=\"c\\\"d\\\\e\\nf\"} 1.5\n"
        );
    }

    #[test]
    fn each_result_of_a_send_has_a_place_of_its_own() {
        let measures = Measures::default();
        for (count, (result, _)) in SendResult::ALL.iter().enumerate() {
            (0..=count).for_each(|_| measures.sent(*result));
        }
        let counted: Vec<_> = measures.sends().collect();
        assert_eq!(counted, [("accepted", 1), ("failed", 2), ("retried", 3), ("unknown", 4), ("held", 5)]);
    }
}
