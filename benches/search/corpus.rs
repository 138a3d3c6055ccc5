//! Messages and queries that look like a centre's, the same for the same size.
//!
//! Words follow Zipf's law over a vocabulary in several scripts; replies take words of what they answer; some messages
//! have order numbers. Invariant: a query of a class is drawn from the messages themselves, so that it has hits.

use std::io::BufRead as _;

/// Words of the made-up vocabulary.
const VOCABULARY: usize = 80_000;
/// One instant every so many milliseconds.
pub(crate) const INTERVAL_MS: i64 = 20_000;
/// When the first message was said.
pub(crate) const START_MS: i64 = 1_500_000_000_000;

pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One message.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) conversation: u64,
    /// 0 for the contact, else an agent.
    pub(crate) agent: u64,
    pub(crate) text: String,
}

pub(crate) struct Corpus {
    dice: Dice,
    words: Vec<String>,
    real: Vec<String>,
    conversations: usize,
    /// Where is being talked now, and how many messages more.
    conversation: u64,
    talk_left: usize,
    last: Vec<String>,
    left: usize,
    made: usize,
}

impl Corpus {
    pub(crate) fn new(messages: usize) -> Self {
        let mut dice = Dice(42);
        let words = (0..VOCABULARY).map(|rank| word(&mut dice, rank)).collect();
        let real = std::env::var("DESKBELL_BENCH_CORPUS").map_or_else(|_| Vec::new(), |path| read(&path));
        let conversations = (messages / 60).max(10);
        Self {
            dice,
            words,
            real,
            conversations,
            conversation: 0,
            talk_left: 0,
            last: Vec::new(),
            left: messages,
            made: 0,
        }
    }

    fn zipf(&mut self) -> usize {
        // The inverse of the distribution's tail, exponent 1.07.
        let spread = (VOCABULARY as f64).powf(-0.07) - 1.0;
        let rank = (1.0 + self.dice.unit() * spread).powf(-1.0 / 0.07);
        (rank as usize).saturating_sub(1).min(VOCABULARY - 1)
    }

    fn text(&mut self) -> String {
        if !self.real.is_empty() {
            let at = self.made % self.real.len();
            return self.real[at].clone();
        }
        if self.dice.below(25) == 0 {
            return (0..4 + self.dice.below(16)).map(|_| ideograph(&mut self.dice)).collect();
        }
        let length = 3 + self.dice.below(9) + self.dice.below(9);
        let mut words = Vec::with_capacity(length + 1);
        for _ in 0..length {
            let again = !self.last.is_empty() && self.dice.below(8) == 0;
            let word = if again {
                let at = self.dice.below(self.last.len());
                self.last[at].clone()
            } else {
                let rank = self.zipf();
                self.words[rank].clone()
            };
            words.push(word);
        }
        if self.dice.below(12) == 0 {
            words.push(format!("AB-{}", 10_000 + self.dice.below(500_000)));
        }
        self.last.clone_from(&words);
        words.join(" ")
    }
}

impl Iterator for Corpus {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        self.left = self.left.checked_sub(1)?;
        let text = self.text();
        self.made += 1;
        // People talk for a while; a few conversations are long.
        if self.talk_left == 0 {
            let share = self.dice.unit();
            self.conversation = (share * share * self.conversations as f64) as u64;
            self.talk_left = 1 + self.dice.below(20);
        }
        self.talk_left -= 1;
        let conversation = self.conversation;
        let agent = if self.dice.below(2) == 0 { 0 } else { 1 + self.dice.below(20) as u64 };
        Some(Line { conversation, agent, text })
    }
}

fn word(dice: &mut Dice, rank: usize) -> String {
    const LATIN: [&str; 40] = [
        "ba", "be", "co", "da", "de", "di", "en", "er", "fa", "ga", "ho", "in", "ka", "la", "le", "li", "ma", "me",
        "mi", "mo", "na", "ne", "no", "on", "or", "pa", "pe", "ra", "re", "ri", "ro", "sa", "se", "si", "ta", "te",
        "ti", "to", "um", "ve",
    ];
    const ACCENTED: [&str; 8] = ["ção", "né", "ür", "ñe", "ós", "åk", "öl", "ží"];
    const CYRILLIC: [&str; 12] = ["за", "ка", "за", "по", "не", "то", "ро", "ли", "ме", "но", "ст", "ра"];
    const ARABIC: [&str; 8] = ["ال", "مر", "كت", "سل", "نو", "با", "ها", "دي"];
    let script = if rank < 200 { 0 } else { dice.below(20) };
    let syllables = match rank {
        0..30 => 1 + rank % 2,
        30..2_000 => 2 + dice.below(2),
        _ => 3 + dice.below(3),
    };
    let mut word = String::new();
    for _ in 0..syllables {
        word.push_str(match script {
            18 => CYRILLIC[dice.below(12)],
            19 => ARABIC[dice.below(8)],
            _ if dice.below(30) == 0 => ACCENTED[dice.below(8)],
            _ => LATIN[dice.below(40)],
        });
    }
    if rank >= 2_000 {
        // Most words of the tail are apart from each other.
        for _ in 0..2 {
            word.push(char::from(b'a' + (dice.below(26)) as u8));
        }
    }
    word
}

fn ideograph(dice: &mut Dice) -> char {
    let rank = (dice.unit() * dice.unit() * 3_000.0) as u32;
    char::from_u32(0x4E00 + rank).unwrap_or('中')
}

/// Texts of a file of dialogues; an apostrophe is cut differently by the two engines, so it is left out.
fn read(path: &str) -> Vec<String> {
    let file = std::fs::File::open(path).expect("the corpus can be read");
    let texts = std::io::BufReader::new(file).lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(&line.ok()?).ok()?;
        Some(line["text"].as_str()?.replace(['\'', '\u{2019}'], " "))
    });
    texts.collect()
}
