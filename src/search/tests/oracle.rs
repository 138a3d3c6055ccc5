//! The plain scan, and random centres and queries that are compared with it.

use std::collections::BTreeMap;

use crate::domain::ids::{ConversationId, MessageId, QueueId};
use crate::store::{InteractionRow, Snapshot};

use super::super::analyzer::Analysis;
use super::super::entry::{Entry, Facet, HitKind, Key};
use super::super::expression::{Expression, InteractionRule};
use super::super::source::{self, Outcomes};
use super::*;

/// Numbers that look random and are the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.below(from.len() as u64)).expect("small")]
    }
}

/// One thing that a scan looks at.
struct Row {
    entry: Entry,
    /// Words with their places, as the analyzer says.
    words: Vec<(String, u32)>,
}

/// Everything of a store, as a scan reads it.
struct Scan {
    rows: Vec<Row>,
    interactions: BTreeMap<u64, InteractionRow>,
}

impl Scan {
    fn of(snapshot: &Snapshot) -> Result<Self, crate::store::StoreError> {
        let mut analysis = Analysis::default();
        let outcomes = Outcomes::new(snapshot.dispositions()?);
        let mut rows = Vec::new();
        let mut add = |entry: Option<Entry>, text: &str| {
            let analysis = Analysis::of(text);
            let words = analysis.terms().map(|(term, token)| (term.to_owned(), token.position)).collect();
            rows.extend(entry.map(|entry| Row { entry, words }));
        };
        for message in snapshot.messages_before(MessageId(u64::MAX), usize::MAX)? {
            let text = source::message_text(&message).into_owned();
            add(source::message_entry(&mut analysis, &message), &text);
        }
        let mut interactions = BTreeMap::new();
        snapshot.each_interaction(&mut |row| {
            let text = source::note_text(&row, &outcomes);
            add(source::note_entry(&mut analysis, &row, &outcomes), &text);
            interactions.insert(row.interaction.id.0, row);
            Ok(())
        })?;
        snapshot.each_conversation(&mut |conversation, contact| {
            let text = source::contact_text(&contact);
            add(Some(source::contact_entry(&mut analysis, &conversation, &contact)), &text);
            Ok(())
        })?;
        Ok(Self { rows, interactions })
    }

    fn meets(&self, row: &Row, expression: &Expression) -> bool {
        match expression {
            Expression::Everything => true,
            Expression::Nothing => false,
            Expression::Word(word) => row.words.iter().any(|(term, _)| term == word),
            Expression::Forms(forms) => row.words.iter().any(|(term, _)| forms.contains(term)),
            Expression::Beginning(letters) => row.words.iter().any(|(term, _)| term.starts_with(letters)),
            Expression::Phrase { words, beginning } => row.words.iter().any(|(_, start)| {
                words.iter().zip(*start..).enumerate().all(|(place, (word, position))| {
                    let open = *beginning && place + 1 == words.len();
                    let fits = |term: &str| if open { term.starts_with(word.as_str()) } else { term == word };
                    row.words.iter().any(|(term, at)| *at == position && fits(term))
                })
            }),
            Expression::Facet(facet) => row.entry.facets.contains(facet),
            Expression::Between(from, until) => *from <= row.entry.at.0 && row.entry.at.0 < *until,
            Expression::Conversations(numbers) => numbers.contains(&row.entry.conversation),
            Expression::Interaction(InteractionRule::Readable(queues)) if row.entry.interaction == 0 => {
                let mut those = self.interactions.values().map(|found| &found.interaction);
                those.any(|one| one.conversation.0 == row.entry.conversation && queues.contains(&one.queue.0))
            }
            Expression::Interaction(rule) => {
                self.interactions.get(&row.entry.interaction).is_some_and(|found| match rule {
                    InteractionRule::Open => found.done.is_none(),
                    InteractionRule::Done => found.done.is_some(),
                    InteractionRule::Queues(queues) | InteractionRule::Readable(queues) => {
                        queues.contains(&found.interaction.queue.0)
                    }
                    InteractionRule::Dispositions(wanted) => {
                        found.interaction.disposition.is_some_and(|disposition| wanted.contains(&disposition.0))
                    }
                })
            }
            Expression::All(parts) => parts.iter().all(|part| self.meets(row, part)),
            Expression::Any(parts) => parts.iter().any(|part| self.meets(row, part)),
            Expression::Not(part) => !self.meets(row, part),
        }
    }

    /// The places of the hits, newest first.
    fn newest(&self, expression: &Expression) -> Vec<(Timestamp, Key)> {
        let hits = self.rows.iter().filter(|row| self.meets(row, expression));
        let mut places: Vec<_> = hits.map(|row| (row.entry.at, row.entry.key)).collect();
        places.sort_unstable_by(|one, other| other.cmp(one));
        places
    }
}

const WORDS: [&str; 26] = [
    "refund",
    "refunds",
    "refundable",
    "order",
    "ordre",
    "the",
    "a",
    "straße",
    "strasse",
    "AB-1234",
    "ab1234",
    "+49 170 123456",
    "0170-123456",
    "1.299,00",
    "1299",
    "e-mail",
    "don't",
    "João",
    "订单",
    "没有到",
    "สินค้า",
    "👍",
    "москва",
    "re",
    "r",
    "www.shop.example",
];

/// A centre with a random past and present.
fn fill(centre: &mut Centre, dice: &mut Dice, messages: u64) {
    let mut open = Vec::new();
    for _ in 0..messages {
        let length = 1 + dice.below(6);
        let text: Vec<&str> = (0..length).map(|_| *dice.pick(&WORDS)).collect();
        let text = text.join(" ");
        let contact = dice.below(7);
        match dice.below(12) {
            0..=5 => {
                // Few instants, so that many entries share one.
                let at = Timestamp(MORNING.0 - i64::try_from(dice.below(40)).expect("small") * 86_400_000 / 4);
                let author = *dice.pick(&[Author::Contact, Author::Agent(ANA), Author::Agent(BEN), Author::System]);
                centre.said_at(contact, author, at, Content::Text(text));
            }
            6 => {
                let kind = (*dice.pick(&["image", "document", "audio", "location"])).to_owned();
                centre.writes(contact, Content::Other { kind, text });
            }
            7..=9 => open.extend(centre.writes(contact, Content::Text(text))),
            _ => {
                let Some(interaction) = open.last().copied() else { continue };
                work(centre, dice, interaction, &text, &mut open);
            }
        }
    }
}

/// Something happens to an interaction.
fn work(centre: &Centre, dice: &mut Dice, interaction: InteractionId, text: &str, open: &mut Vec<InteractionId>) {
    let row = centre.store.read(|snapshot| snapshot.interaction(interaction)).expect("the store reads");
    let row = row.expect("it is there");
    let agent = match row.interaction.owner {
        Some(agent) => agent,
        None => {
            let token = crate::domain::ids::TokenHash([u8::try_from(dice.below(250)).expect("small"); 32]);
            let presence = crate::domain::agent::Presence::Ready;
            centre.does(vec![
                Command::SignIn { agent: ANA, token },
                Command::Connect { agent: ANA },
                Command::SetPresence { agent: ANA, presence },
            ]);
            if centre
                .store
                .submit_blocking(vec![Command::Accept { agent: ANA, interaction }])
                .is_ok_and(|a| a[0].is_err())
            {
                return;
            }
            ANA
        }
    };
    let version = row.interaction.note_version;
    let disposition = crate::domain::ids::DispositionId(1 + dice.below(4));
    let note = if dice.below(4) == 0 { String::new() } else { text.to_owned() };
    centre
        .store
        .submit_blocking(vec![Command::SetNote { agent, interaction, text: note, version, mentions: Vec::new() }])
        .expect("written");
    if dice.below(2) == 0 {
        let settle = Command::SetDisposition { agent, interaction, disposition: Some(disposition) };
        centre.store.submit_blocking(vec![settle]).expect("written");
        if dice.below(3) == 0 {
            hand_over(centre, agent, interaction);
            return;
        }
        if dice.below(2) == 0 {
            let done = centre.store.submit_blocking(vec![Command::MarkDone { agent, interaction }]).expect("written");
            if done[0].is_ok() {
                open.pop();
            }
        }
    }
}

/// It goes to the other queue, where the other agent takes it.
fn hand_over(centre: &Centre, agent: AgentId, interaction: InteractionId) {
    let colleague = if agent == ANA { BEN } else { ANA };
    let target = crate::domain::interaction::TransferTarget::Queue(RETURNS);
    let note = String::new();
    let token = crate::domain::ids::TokenHash([255 - u8::try_from(agent.0).expect("small"); 32]);
    let commands = vec![
        Command::SignIn { agent: colleague, token },
        Command::Connect { agent: colleague },
        Command::SetPresence { agent: colleague, presence: crate::domain::agent::Presence::Ready },
        Command::Transfer { agent, interaction, target, note },
        Command::Accept { agent: colleague, interaction },
    ];
    let answers = centre.store.submit_blocking(commands).expect("written");
    if answers.iter().all(Result::is_ok) {
        HANDED_OVER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

/// How often that came about.
static HANDED_OVER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
/// The second queue.
const RETURNS: QueueId = QueueId(2);

/// A random query of each class.
fn query(dice: &mut Dice) -> String {
    let word = |dice: &mut Dice| (*dice.pick(&WORDS)).to_owned();
    match dice.below(16) {
        0 | 1 => word(dice),
        2 => format!("{} {}", word(dice), word(dice)),
        3 => format!("\"{} {}\"", word(dice), word(dice)),
        4 => format!(
            "{}*",
            dice.pick(&["r", "re", "ref", "refu", "refund", "o", "or", "ord", "s", "订", "ab-1", "17", "+49 17"])
        ),
        5 => format!("{} -{}", word(dice), word(dice)),
        6 => format!("{} OR {}", word(dice), word(dice)),
        7 => format!("{} OR {} {}", word(dice), word(dice), word(dice)),
        8 => format!("-{}", word(dice)),
        9 => format!(
            "with:{} {}",
            dice.pick(&["maria", "\"João Müller\"", "491700000002", "李小龙", "nobody"]),
            word(dice)
        ),
        10 => format!(
            "{} {}",
            dice.pick(&["from:contact", "from:ana", "agent:ben", "from:agent", "-from:contact"]),
            word(dice)
        ),
        11 => format!(
            "{} {}",
            dice.pick(&["is:open", "is:done", "is:failed", "in:support", "disposition:solved", "disposition:spam"]),
            word(dice)
        ),
        12 => format!("has:{}", dice.pick(&["image", "file", "audio", "location", "link", "video"])),
        13 => format!("{} after:2023-11-09 before:2023-11-12", word(dice)),
        14 => (*dice.pick(&["on:2023-11-10", "is:open", "in:support -has:image", "from:ana after:6d"])).to_owned(),
        _ => (*dice.pick(&["silva", "solved", "Müller", "1700000003", "souza", "订单没有", "\"订单 refund\""]))
            .to_owned(),
    }
}

/// Who may read what.
fn permitted(dice: &mut Dice) -> Permitted {
    match dice.below(4) {
        0 => Permitted::Conversations((0..dice.below(5)).map(|_| ConversationId(1 + dice.below(7))).collect()),
        1 => Permitted::Queues(vec![QueueId(dice.below(3))]),
        _ => Permitted::All,
    }
}

/// The expression that a question stands for, by the product's own reading.
fn read(centre: &Centre, scan: &Scan, query: &str) -> Option<Expression> {
    use super::super::parse::{self, Context};
    let zone = jiff::tz::TimeZone::system();
    let context = Context { typing: false, now: centre.clock.now(), zone: &zone };
    let contacts = |text: &str| {
        let all = text.split_whitespace().filter_map(|word| super::super::words::word(word, false));
        let named = all.reduce(Expression::and).unwrap_or(Expression::Nothing);
        let groups: Vec<&str> = text.split_whitespace().collect();
        let number = super::super::words::spaced_number(&groups, false).unwrap_or(Expression::Nothing);
        let contact = Expression::Facet(Facet::kind(HitKind::Contact));
        let either = Expression::All(vec![contact, Expression::Any(vec![named, number])]);
        let mut found: Vec<u64> = scan.newest(&either).iter().map(|(_, key)| key.number()).collect();
        found.sort_unstable();
        found
    };
    let sought = parse::read(query, context).sought?;
    let resolved = centre.store.read(|snapshot| {
        let outcomes = Outcomes::new(snapshot.dispositions()?);
        super::super::resolve::Resolver { snapshot, outcomes: &outcomes, contacts: &contacts }.resolve(sought)
    });
    resolved.expect("the store reads")
}

fn restricted(expression: Expression, permitted: &Permitted) -> Expression {
    match permitted {
        Permitted::All => expression,
        Permitted::Conversations(ids) => {
            let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
            Expression::All(vec![expression, Expression::Conversations(ids.into())])
        }
        Permitted::Queues(ids) => {
            let rule = InteractionRule::Readable(ids.iter().map(|id| id.0).collect());
            Expression::All(vec![expression, Expression::Interaction(rule)])
        }
    }
}

/// Compares many random queries, page by page.
pub(super) fn compare(centre: &Centre, dice: &mut Dice, queries: usize, state: &str) {
    let scan = centre.store.read(Scan::of).expect("the store reads");
    for _ in 0..queries {
        let query = query(dice);
        let permitted = permitted(dice);
        let limit = 1 + usize::try_from(dice.below(9)).expect("small");
        let Some(expression) = read(centre, &scan, &query) else { continue };
        let expected = scan.newest(&restricted(expression, &permitted));
        let mut asked = Question { permitted, limit, ..question(&query) };
        let mut found = Vec::new();
        loop {
            let page = centre.search.ask(&asked).expect("an answer");
            if page.read_as.is_some() && expected.is_empty() {
                break;
            }
            assert_eq!(page.total, expected.len() as u64, "{state}: {query:?} {:?}", asked.permitted);
            assert!(page.total_is_exact);
            let places = page.hits.iter().map(|hit| {
                let number = match hit.kind {
                    HitKind::Message => hit.message.expect("a message").0,
                    HitKind::Note => hit.interaction.expect("an interaction").0,
                    HitKind::Contact => hit.conversation.0,
                };
                (hit.at, Key::new(hit.kind, number))
            });
            found.extend(places);
            match page.cursor {
                Some(cursor) => asked.cursor = Some(cursor),
                None => break,
            }
        }
        assert_eq!(found, expected, "{state}: {query:?} {:?} by {limit}", asked.permitted);
    }
}

/// While the index is built, answers may lack hits, and say so; none is wrong.
fn incomplete(centre: &Centre, dice: &mut Dice) {
    let scan = centre.store.read(Scan::of).expect("the store reads");
    let query = query(dice);
    let Some(expression) = read(centre, &scan, &query) else { return };
    let expected = scan.newest(&expression);
    let page = centre.search.ask(&Question { limit: 200, ..question(&query) }).expect("an answer");
    // A contact that is not found yet makes another query of it.
    if page.read_as.is_some() || query.contains("with:") {
        return;
    }
    if page.total < expected.len() as u64 {
        assert!(page.indexing.is_some(), "{query:?} lacks hits, and does not say why");
    }
    for hit in page.hits {
        assert!(expected.iter().any(|(at, _)| *at == hit.at), "{query:?} {hit:?}");
    }
}

#[test]
fn every_state_of_the_index_answers_like_a_scan() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(3);
    for seed in 0..seeds {
        let mut dice = Dice(seed);
        let mut centre = Centre::new();
        centre.does(vec![Command::SetQueue(crate::domain::queue::Queue::new(QueueId(0), "Returns"))]);
        fill(&mut centre, &mut dice, 60);
        compare(&centre, &mut dice, 60, "tail and index");
        centre.settle();
        compare(&centre, &mut dice, 60, "index alone");
        for _ in 0..10 {
            fill(&mut centre, &mut dice, 12);
            compare(&centre, &mut dice, 10, "many segments");
            centre.settle();
        }
        compare(&centre, &mut dice, 60, "after merges");
        let mut centre = centre.again();
        compare(&centre, &mut dice, 60, "after a restart");
        fill(&mut centre, &mut dice, 20);
        compare(&centre, &mut dice, 30, "after a restart, with a tail");
        centre.search.rebuild();
        assert!(centre.search.progress().is_some(), "a rebuild is seen from the moment it is asked for");
        while centre.search.progress().is_some() {
            incomplete(&centre, &mut dice);
        }
        centre.settle();
        compare(&centre, &mut dice, 60, "after a rebuild");
    }
    assert!(HANDED_OVER.load(std::sync::atomic::Ordering::Relaxed) > 0, "no interaction changed its queue");
}

#[test]
fn best_first_is_the_order_of_scores() {
    let mut dice = Dice(7);
    let mut centre = Centre::new();
    fill(&mut centre, &mut dice, 150);
    for state in ["tail", "index"] {
        let scan = centre.store.read(Scan::of).expect("the store reads");
        for word in ["refund", "order refund", "the OR refund", "\"a the\"", "AB-1234"] {
            let Some(expression) = read(&centre, &scan, word) else { continue };
            let scored = scan.best(&expression);
            let mut asked = Question { order: Ranking::Best, limit: 4, ..question(word) };
            let mut found = Vec::new();
            loop {
                let page = centre.search.ask(&asked).expect("an answer");
                found.extend(page.hits.iter().map(|hit| (hit.at, hit.conversation)));
                match page.cursor {
                    Some(cursor) => asked.cursor = Some(cursor),
                    None => break,
                }
            }
            assert_eq!(found, scored, "{state}: {word}");
        }
        centre.settle();
    }
}

impl Scan {
    /// BM25 by the book, over everything.
    #[allow(clippy::wildcard_enum_match_arm, reason = "looks for some kinds, whatever others there are")]
    fn best(&self, expression: &Expression) -> Vec<(Timestamp, ConversationId)> {
        let mut wanted = Vec::new();
        expression.wanted(&mut |word| wanted.push(word.clone()));
        let documents = self.rows.len() as f32;
        let words: usize = self.rows.iter().map(|row| row.words.len()).sum();
        let average = (words as f32 / documents).max(1.0);
        let having = |word: &str| self.rows.iter().filter(|row| row.words.iter().any(|(term, _)| term == word)).count();
        let idf = |word: &Expression| {
            let rarest = match word {
                Expression::Word(word) => having(word),
                Expression::Forms(forms) => forms.iter().map(|word| having(word)).sum(),
                Expression::Phrase { words, .. } => words.iter().map(|word| having(word)).min().unwrap_or(0),
                _ => return 0.0,
            } as f32;
            (1.0 + (documents - rarest + 0.5) / (rarest + 0.5)).ln()
        };
        let count = |row: &Row, word: &Expression| match word {
            Expression::Word(word) => row.words.iter().filter(|(term, _)| term == word).count(),
            Expression::Forms(forms) => row.words.iter().filter(|(term, _)| forms.contains(term)).count(),
            Expression::Phrase { words, .. } => {
                let starts = 0..=row.words.iter().map(|(_, at)| *at).max().unwrap_or(0);
                let at = |word: &str, place: u32| row.words.iter().any(|(term, at)| *at == place && term == word);
                starts.filter(|start| words.iter().zip(*start..).all(|(word, place)| at(word, place))).count()
            }
            _ => 0,
        };
        let score = |row: &Row| {
            let length = row.words.len() as f32;
            let parts = wanted.iter().map(|word| {
                let count = count(row, word) as f32;
                let norm = 1.2 * (1.0 - 0.75 + 0.75 * length / average);
                idf(word) * 2.2 * count / (count + norm)
            });
            parts.sum::<f32>()
        };
        let hits = self.rows.iter().filter(|row| self.meets(row, expression));
        let mut hits: Vec<_> =
            hits.map(|row| ((score(row) * 1e3).round(), row.entry.at, row.entry.key, row.entry.conversation)).collect();
        hits.sort_by(|one, other| other.0.total_cmp(&one.0).then((other.1, other.2).cmp(&(one.1, one.2))));
        hits.into_iter().map(|(_, at, _, conversation)| (at, ConversationId(conversation))).collect()
    }
}
