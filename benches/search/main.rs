//! Search beside SQLite FTS5: the same messages, the same queries, in the same process.
//!
//! Answers are compared before anything is timed. `DESKBELL_BENCH_MESSAGES` sets the size (100,000 by default),
//! `DESKBELL_BENCH_CORPUS` a file of dialogues instead of made-up texts, `DESKBELL_BENCH_FOLDER` a folder that is kept,
//! so that the next run of the same size need not fill it again. `DESKBELL_BENCH_PEER=no` leaves FTS5 out, to see how
//! answers grow with the number of messages.

#![allow(clippy::print_stdout, clippy::cast_possible_truncation, missing_docs, reason = "a report on the terminal")]

mod corpus;
mod filling;
mod http;
mod peer;
#[path = "../wire.rs"]
mod wire;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deskbell::clock::Clock;
use deskbell::domain::ids::ConversationId;
use deskbell::search::{Permitted, Question, Ranking, Search};
use deskbell::store::{Store, StoreOptions};

use self::corpus::{Corpus, Dice, INTERVAL_MS, Line, START_MS};
use self::filling::{fill, report, talk};
use self::peer::{Limits, Peer};

/// Queries of each class.
const QUERIES: usize = 300;

#[derive(Clone)]
struct Query {
    question: Question,
    peer: Option<(String, Limits)>,
}

#[derive(Default)]
struct Class {
    name: &'static str,
    queries: Vec<Query>,
    ours: Vec<Duration>,
    theirs: Vec<Duration>,
    ours_counted: Vec<Duration>,
    theirs_counted: Vec<Duration>,
}

fn main() {
    let messages: usize =
        std::env::var("DESKBELL_BENCH_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = std::env::var("DESKBELL_BENCH_FOLDER").map_or_else(|_| temporary.path().to_owned(), PathBuf::from);
    let (data, peer_path) = (folder.join("data"), folder.join("peer.sqlite"));
    let filled = peer_path.exists();
    let clock = Clock::system();
    let store = Store::open(&data, StoreOptions::new(clock.clone())).expect("a store");
    let sample = fill((!filled).then_some(&store), messages);
    let beside = std::env::var("DESKBELL_BENCH_PEER").map_or(true, |peer| peer != "no");
    let peer = if filled || !beside { Peer::open(&peer_path) } else { fill_peer(&peer_path, messages) };

    let begun = Instant::now();
    if filled {
        // The index of the run before is not what is measured.
        std::fs::remove_dir_all(data.join("search")).ok();
    }
    let search = Search::start(store.clone(), &data, clock).expect("a thread");
    while search.progress().is_some() {
        std::thread::sleep(Duration::from_millis(10));
    }
    report("rebuild", messages as f64 / begun.elapsed().as_secs_f64(), "messages/s");
    // Merges end.
    let mut bytes = size(&data.join("search"));
    loop {
        std::thread::sleep(Duration::from_millis(3_000));
        let now = size(&data.join("search"));
        if now == bytes {
            break;
        }
        bytes = now;
    }
    report("index", bytes as f64 / messages as f64, "bytes/message");
    for (name, bytes) in sizes(&data.join("search")) {
        report(&format!("  {name}"), bytes as f64 / messages as f64, "bytes/message");
    }

    let mut classes = classes(&sample);
    if !beside {
        classes.iter_mut().flat_map(|class| &mut class.queries).for_each(|query| query.peer = None);
    }
    compare(&search, &peer, &classes);
    time(&search, &peer, &mut classes);
    table(messages, &mut classes);
    findable(&store, &search);
    over_http(&store, &search, &classes);
    memory();
    search.stop();
    store.stop();
}

/// Every query once, in rotating order: the page alone, then the page with the count.
fn time(search: &Search, peer: &Peer, classes: &mut [Class]) {
    let ours = |question: &Question| {
        let begun = Instant::now();
        search.ask(question).expect("an answer");
        begun.elapsed()
    };
    let theirs = |order: Ranking, words: &str, limits: Limits, counted: bool| {
        let begun = Instant::now();
        match order {
            Ranking::Newest => peer.newest(words, limits),
            Ranking::Best => peer.best(words),
        };
        if counted {
            peer.count(words, limits);
        }
        begun.elapsed()
    };
    for round in 0..QUERIES {
        for class in &mut *classes {
            let Some(query) = class.queries.get(round).cloned() else { continue };
            for counted in [false, true] {
                let question = Question { counted, ..query.question.clone() };
                let mine = |class: &mut Class| {
                    let times = if counted { &mut class.ours_counted } else { &mut class.ours };
                    times.push(ours(&question));
                };
                if round % 2 == 0 {
                    mine(class);
                }
                if let Some((words, limits)) = &query.peer {
                    let elapsed = theirs(question.order, words, *limits, counted);
                    if counted { &mut class.theirs_counted } else { &mut class.theirs }.push(elapsed);
                }
                if round % 2 == 1 {
                    mine(class);
                }
            }
        }
    }
}

fn table(messages: usize, classes: &mut [Class]) {
    println!("\n{messages} messages; microseconds; ratio: FTS5's p50 to ours\n");
    println!("{:<20}{:^40}{:^40}", "", "newest 20 with snippets", "with the count to 10,000 as well");
    println!("{:<20}{:^20}{:^20}{:^20}{:^20}", "", "Deskbell", "FTS5", "Deskbell", "FTS5");
    let heads = "       p50       p99";
    println!("{:<20}{heads}{heads}{heads}{heads}{:>10}{:>10}", "class", "ratio", "counted");
    for class in classes {
        let show = |(median, worst): (f64, f64)| {
            if median.is_nan() { format!("{:>10}{:>10}", "-", "-") } else { format!("{median:>10.0}{worst:>10.0}") }
        };
        let (ours, theirs) = (percentiles(&mut class.ours), percentiles(&mut class.theirs));
        let (counted, peer) = (percentiles(&mut class.ours_counted), percentiles(&mut class.theirs_counted));
        let ratio = |(ours, _), (theirs, _): (f64, f64)| {
            if theirs.is_nan() { "-".to_owned() } else { format!("{:.2}", theirs / ours) }
        };
        print!("{:<20}{}{}{}{}", class.name, show(ours), show(theirs), show(counted), show(peer));
        println!("{:>10}{:>10}", ratio(ours, theirs), ratio(counted, peer));
    }
}

/// The same messages for the peer.
fn fill_peer(path: &Path, messages: usize) -> Peer {
    let begun = Instant::now();
    let mut peer = Peer::open(path);
    peer.create();
    let mut part = Vec::new();
    for (line, id) in Corpus::new(messages).zip(1_i64..) {
        part.push((id, line));
        if part.len() == 10_000 {
            peer.add(&part);
            part.clear();
        }
    }
    peer.add(&part);
    peer.finish();
    report("into FTS5", messages as f64 / begun.elapsed().as_secs_f64(), "messages/s");
    peer
}

fn plain_words(text: &str) -> Vec<&str> {
    text.split(' ').filter(|word| word.len() > 1 && word.chars().all(|letter| letter.is_ascii_lowercase())).collect()
}

fn classes(sample: &[(i64, Line)]) -> Vec<Class> {
    let mut frequency = std::collections::HashMap::<&str, usize>::new();
    for (_, line) in sample {
        for word in plain_words(&line.text).into_iter().collect::<BTreeSet<_>>() {
            *frequency.entry(word).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&str, usize)> = frequency.iter().map(|(word, count)| (*word, *count)).collect();
    ranked.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let ranked: Vec<&str> = ranked.into_iter().map(|(word, _)| word).collect();
    let mut dice = Dice(9);
    let between = |dice: &mut Dice, from: usize, until: usize| {
        let until = until.min(ranked.len());
        ranked[from.min(until - 1) + dice.below(until - from.min(until - 1))].to_owned()
    };
    let mut made: Vec<Class> = Vec::new();
    let mut class = |name: &'static str, make: &mut dyn FnMut() -> Option<Query>| {
        let mut queries = Vec::new();
        let mut tries = 0;
        while queries.len() < QUERIES && tries < QUERIES * 50 {
            tries += 1;
            queries.extend(make());
        }
        made.push(Class { name, queries, ..Class::default() });
    };
    let simple = |word: String| Some(Query { question: question(&word), peer: Some((word, Limits::default())) });
    let rare = ranked.len() / 2;
    class("rare word", &mut || simple(between(&mut dice, rare, usize::MAX)));
    class("medium word", &mut || simple(between(&mut dice, 200, 2_000)));
    class("common word", &mut || simple(between(&mut dice, 0, 40)));
    class("two words", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let words = plain_words(&line.text);
        let (one, other) = (words.get(dice.below(words.len()))?, words.get(dice.below(words.len()))?);
        if one == other { None } else { simple(format!("{one} {other}")) }
    });
    class("two common words", &mut || {
        let (one, other) = (between(&mut dice, 0, 60), between(&mut dice, 0, 60));
        if one == other { None } else { simple(format!("{one} {other}")) }
    });
    class("phrase", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let words: Vec<&str> = line.text.split(' ').collect();
        let at = dice.below(words.len().saturating_sub(1));
        let pair = words.get(at..at + 2)?;
        let plain = pair.iter().all(|word| plain_words(word).len() == 1);
        if plain { simple(format!("\"{} {}\"", pair[0], pair[1])) } else { None }
    });
    class("prefix as you type", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let words = plain_words(&line.text);
        let word = words.get(dice.below(words.len()))?;
        let letters = word.get(..2 + dice.below(3))?;
        simple(format!("{letters}*"))
    });
    class("contact and word", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let words = plain_words(&line.text);
        let word = (*words.get(dice.below(words.len()))?).to_owned();
        let conversation = Some(line.conversation);
        let peer = Some((word.clone(), Limits { conversation, ..Limits::default() }));
        Some(Query { question: question(&format!("with:4915{:09} {word}", line.conversation)), peer })
    });
    class("agent and dates", &mut || {
        let (id, line) = &sample[dice.below(sample.len())];
        let words = plain_words(&line.text);
        let word = (*words.get(dice.below(words.len()))?).to_owned();
        if line.agent == 0 {
            return None;
        }
        // Whole days, UTC or not: the dates are taken from the clock that the query is read by.
        let day = 86_400_000;
        let first = (START_MS + id * INTERVAL_MS) / day - 15;
        let show = |day_number: i64| {
            let at = jiff::Timestamp::from_millisecond(day_number * day).expect("a date");
            at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
        };
        let id_of = |day_number: i64| (day_number * day - START_MS + INTERVAL_MS - 1).div_euclid(INTERVAL_MS);
        let limits =
            Limits { agent: Some(line.agent), between: Some((id_of(first), id_of(first + 30))), conversation: None };
        let query = format!("agent:agent{} after:{} before:{} {word}", line.agent, show(first), show(first + 30));
        Some(Query { question: question(&query), peer: Some((word, limits)) })
    });
    class("typo", &mut || {
        let word = between(&mut dice, 100, 20_000);
        if word.len() < 6 {
            return None;
        }
        let at = 1 + dice.below(word.len() - 2);
        let mut typed = word.into_bytes();
        typed[at] = b'a' + (typed[at] - b'a' + 7) % 26;
        let typed = String::from_utf8(typed).expect("letters");
        if frequency.contains_key(typed.as_str()) {
            None
        } else {
            Some(Query { question: question(&typed), peer: None })
        }
    });
    class("CJK", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let letters: Vec<char> = line.text.chars().collect();
        let at = dice.below(letters.len());
        let part = letters.get(at..at + 2 + dice.below(2))?;
        let ideographs = part.iter().all(|letter| ('\u{4E00}'..'\u{9FFF}').contains(letter));
        if ideographs { Some(Query { question: question(&part.iter().collect::<String>()), peer: None }) } else { None }
    });
    class("no hit", &mut || {
        let one = between(&mut dice, rare, usize::MAX);
        simple(format!("{one}qzx"))
    });
    class("best, common word", &mut || {
        let word = between(&mut dice, 0, 40);
        let question = Question { order: Ranking::Best, ..question(&word) };
        Some(Query { question, peer: Some((word, Limits::default())) })
    });
    class("best, two words", &mut || {
        let (_, line) = &sample[dice.below(sample.len())];
        let words = plain_words(&line.text);
        let (one, other) = (words.get(dice.below(words.len()))?, words.get(dice.below(words.len()))?);
        let words = format!("{one} {other}");
        let question = Question { order: Ranking::Best, ..question(&words) };
        if one == other { None } else { Some(Query { question, peer: Some((words, Limits::default())) }) }
    });
    made
}

fn question(query: &str) -> Question {
    Question {
        query: query.to_owned(),
        typing: false,
        conversation: None::<ConversationId>,
        permitted: Permitted::All,
        order: Ranking::Newest,
        limit: 20,
        counted: true,
        cursor: None,
        time_zone: None,
    }
}

/// The same hits, or the figures mean nothing.
fn compare(search: &Search, peer: &Peer, classes: &[Class]) {
    let mut compared = 0;
    for class in classes {
        for query in class.queries.iter().filter(|query| query.question.order == Ranking::Newest) {
            let Some((words, limits)) = &query.peer else { continue };
            let page = search.ask(&query.question).expect("an answer");
            if page.read_as.is_some() {
                continue;
            }
            // Contacts are found too, but have no words of the vocabulary.
            let ours: Vec<i64> = page.hits.iter().filter_map(|hit| Some(hit.message?.0 as i64)).collect();
            assert_eq!(ours, peer.newest(words, *limits), "{}: {}", class.name, query.question.query);
            let count = peer.count(words, *limits);
            if class.name == "phrase" && !page.total_is_exact {
                assert!(page.total as i64 <= count, "a count that was given up");
            } else {
                assert_eq!(page.total as i64, count.min(10_000), "{}: {}", class.name, query.question.query);
                assert_eq!(page.total_is_exact, count <= 10_000);
            }
            compared += 1;
        }
    }
    println!("{compared} answers are the same as FTS5's");
}

fn percentiles(times: &mut [Duration]) -> (f64, f64) {
    if times.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e6;
    (at(50), at(99))
}

/// From the acknowledgement until a query has found it.
fn findable(store: &Store, search: &Search) {
    let mut times = Vec::new();
    for number in 0..200_i64 {
        let text = format!("zebra{number}q");
        let line = Line { conversation: 1, agent: 0, text: text.clone() };
        store.submit_blocking(vec![talk(&[(1_000_000_000 + number, line)])]).expect("the store writes");
        let begun = Instant::now();
        let page = search.ask(&question(&text)).expect("an answer");
        assert_eq!(page.total, 1, "findable at once");
        times.push(begun.elapsed());
    }
    let (median, worst) = percentiles(&mut times);
    println!("\nacknowledged to found: p50 {median:.0}, p99 {worst:.0} microseconds (one query)");
}

/// Queries of all classes by turns, and what an agent waits for the answers.
fn over_http(store: &Store, search: &Search, classes: &[Class]) {
    let newest = |class: &&Class| !class.name.starts_with("best");
    let classes: Vec<&Class> = classes.iter().filter(newest).collect();
    let texts = (0..QUERIES).flat_map(|round| classes.iter().filter_map(move |class| class.queries.get(round)));
    let texts: Vec<String> = texts.map(|query| query.question.query.clone()).collect();
    let mut measured = http::run(store, search, &texts);
    let (median, worst) = percentiles(&mut measured.queries);
    println!(
        "over HTTP, {} queries with counts while {} messages arrived: p50 {median:.0}, p99 {worst:.0} microseconds",
        measured.queries.len(),
        measured.messages
    );
}

fn memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("RssAnon") || line.starts_with("VmHWM")) {
        println!("{line}");
    }
}

fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder");
    files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len())).sum()
}

/// Bytes by the kind of file.
fn sizes(folder: &Path) -> std::collections::BTreeMap<String, u64> {
    let mut sizes = std::collections::BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("a folder").flatten() {
        let ending = file.path().extension().map_or(String::new(), |ending| ending.to_string_lossy().into_owned());
        *sizes.entry(ending).or_default() += file.metadata().map_or(0, |data| data.len());
    }
    sizes
}
