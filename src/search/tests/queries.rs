//! What a query means, and that no query is an error.

use super::super::parse;
use super::oracle::Dice;
use super::*;
use crate::domain::contact::Card;
use crate::domain::ids::ConversationId;
use crate::domain::language::Language;
use crate::domain::settings::Settings;
use crate::search::Because;

#[test]
fn words_phrases_and_operators() {
    let mut centre = Centre::new();
    for text in ["red apple", "green apple pie", "apple pie green", "blue sky", "red sky at night"] {
        centre.says(1, text);
    }
    for _ in 0..2 {
        assert_eq!(centre.shows("apple"), ["apple pie green", "green apple pie", "red apple"]);
        assert_eq!(centre.shows("apple pie"), ["apple pie green", "green apple pie"]);
        assert_eq!(centre.shows("\"green apple\""), ["green apple pie"]);
        assert_eq!(centre.shows("“green apple”"), ["green apple pie"]);
        assert_eq!(centre.shows("apple -pie"), ["red apple"]);
        assert_eq!(centre.shows("blue OR red sky"), ["red sky at night", "blue sky"]);
        assert_eq!(centre.shows("red AND sky"), ["red sky at night"]);
        assert_eq!(centre.shows("app*"), ["apple pie green", "green apple pie", "red apple"]);
        assert_eq!(centre.shows("apple -green -red"), [""; 0]);
        centre.settle();
    }
}

#[test]
fn a_word_being_typed_counts_by_its_beginning() {
    let mut centre = Centre::new();
    centre.says(1, "please refund me");
    for typed in ["r", "re", "ref", "refu", "please re", "\"please refund\" m", "+", "refund m"] {
        let page = centre.search.ask(&Question { typing: true, ..question(typed) }).expect("an answer");
        assert_eq!(page.total, u64::from(typed != "+"), "{typed}");
    }
    let page = centre.search.ask(&Question { typing: true, ..question("re ") }).expect("an answer");
    assert_eq!(page.total, 0, "a space ends the word");
}

#[test]
fn what_does_not_fit_is_read_as_plain_words_and_said() {
    let mut centre = Centre::new();
    centre.says(1, "an apple or two");
    for (query, read_as) in [
        ("\"apple two", "apple two"),
        ("apple OR", "apple"),
        ("OR apple", "apple"),
        ("apple before:soon", "apple before soon"),
        ("has:wings apple", "has wings apple"),
        ("from: apple", "from apple"),
        ("apple - two", "apple two"),
        ("from:nobody", "from nobody"),
        ("apple *", "apple"),
    ] {
        let page = centre.finds(query);
        assert_eq!(page.read_as, Some((read_as.to_owned(), Because::PlainWords)), "{query}");
    }
    assert_eq!(centre.finds("\"apple two").total, 1);
    for fine in ["apple", "https://a.example", "note: apple", "12:30", "a:b", "OR-1", "-apple"] {
        assert_eq!(centre.finds(fine).read_as, None, "{fine}");
    }
}

#[test]
fn a_typing_mistake_is_forgiven_only_when_nothing_fits() {
    let mut centre = Centre::new();
    for text in ["the delivery was late", "delivery again", "deliver it", "une livraison"] {
        centre.says(1, text);
    }
    for _ in 0..2 {
        for typed in ["delivry", "delviery", "deliveryy", "dellivery", "dalivery"] {
            let page = centre.finds(typed);
            assert_eq!(page.read_as, Some(("delivery".to_owned(), Because::Corrected)), "{typed}");
            assert_eq!(page.total, 2);
        }
        for typed in ["belivery", "elivery", "edlivery", "xdelivery"] {
            let page = centre.finds(typed);
            assert_eq!(page.read_as, Some(("delivery".to_owned(), Because::Corrected)), "the first letter: {typed}");
        }
        assert_eq!(centre.finds("late delivry").read_as, Some(("late delivery".to_owned(), Because::Corrected)));
        assert_eq!(centre.finds("deliver").read_as, None, "a word that is there is not corrected");
        assert_eq!(centre.finds("lat").read_as, None, "short words are not corrected");
        assert_eq!(centre.finds("livraizon").total, 1);
        centre.settle();
    }
    let mine = Permitted::Conversations(vec![ConversationId(99)]);
    let page = centre.search.ask(&Question { permitted: mine, ..question("delivry") }).expect("an answer");
    assert_eq!((page.total, page.read_as), (0, None), "a correction tells nothing of what may not be read");
}

#[test]
fn other_forms_of_a_word_are_found_where_the_centre_has_a_main_language() {
    let mut centre = Centre::new();
    for text in ["my parcel is late", "two parcels came", "they carry it", "he carries it", "parchment"] {
        centre.says(1, text);
    }
    assert_eq!(centre.shows("parcels"), ["two parcels came"], "as it is written");
    speak(&centre, Some(Language::English));
    for state in ["tail", "index", "after a restart"] {
        assert_eq!(centre.shows("parcels"), ["two parcels came", "my parcel is late"], "{state}");
        assert_eq!(centre.shows("carrying"), ["he carries it", "they carry it"], "{state}: one that nobody wrote");
        assert_eq!(centre.shows("\"two parcel\""), [""; 0], "{state}: a quotation is what was said");
        assert_eq!(centre.shows("parc* -parcel"), ["parchment"], "{state}: excluded in every form");
        assert_eq!(centre.finds("parcels late").read_as, None, "{state}: nothing was corrected");
        assert_eq!(centre.finds("parcles").total, 2, "{state}: a mistake is forgiven, and forms found");
        let page = centre.search.ask(&Question { typing: true, ..question("parcels") }).expect("an answer");
        assert_eq!((page.total, page.hits[1].marks.as_slice()), (2, [[3, 9]].as_slice()), "{state}: typed and marked");
        if state == "tail" {
            centre.settle();
        } else {
            centre = centre.again();
        }
    }
    // Pages of the best hits fit together while new forms come.
    let best = Question { order: Ranking::Best, limit: 1, ..question("parcel OR carry") };
    let first = centre.search.ask(&best).expect("an answer");
    centre.says(2, "parcelled and carrying");
    let second = centre.search.ask(&Question { cursor: first.cursor.clone(), ..best }).expect("the next page");
    assert_eq!((first.hits.len(), second.hits.len()), (1, 1));
    assert_ne!(first.hits[0].snippet, second.hits[0].snippet);
    assert_eq!(centre.shows("parcel")[0], "parcelled and carrying", "new forms are found at once");
    speak(&centre, None);
    assert_eq!(centre.shows("parcels"), ["two parcels came"]);
    speak(&centre, Some(Language::German));
    for text in ["viele Häuser", "ein Haus"] {
        centre.says(1, text);
    }
    assert_eq!(centre.shows("haus"), ["ein Haus", "viele Häuser"]);
}

fn speak(centre: &Centre, main_language: Option<Language>) {
    centre.does(vec![Command::SetSettings(Settings { main_language, ..Settings::default() })]);
}

#[test]
fn a_day_is_the_day_of_whoever_asks() {
    let mut centre = Centre::new();
    // Half past ten in the evening in London, the next morning in Tokyo.
    let at = "2023-11-10T22:30:00Z".parse::<jiff::Timestamp>().expect("a moment").as_millisecond();
    centre.said_at(1, Author::Contact, Timestamp(at), Content::Text("late parcel".to_owned()));
    for (zone, day) in [("Europe/London", "2023-11-10"), ("Asia/Tokyo", "2023-11-11")] {
        let on = |day: &str| {
            let asked = Question { time_zone: Some(zone.to_owned()), ..question(&format!("parcel on:{day}")) };
            centre.search.ask(&asked).expect("an answer").total
        };
        assert_eq!((on(day), on("2023-11-09")), (1, 0), "{zone}");
    }
    let nowhere = Question { time_zone: Some("../../etc/passwd".to_owned()), ..question("parcel on:2023-11") };
    assert_eq!(centre.search.ask(&nowhere).expect("an answer").total, 1, "as this machine has it");
}

#[test]
fn any_bytes_get_an_answer() {
    let mut centre = Centre::new();
    centre.says(1, "something to find 订单 AB-1234");
    let mut odd: Vec<String> = [
        "",
        " ",
        "\"",
        "\"\"",
        "\"\"\"",
        "*",
        "**",
        "-",
        "--",
        "-\"",
        "-*",
        "OR",
        "OR OR",
        "AND",
        "OR AND -",
        ":",
        "from:",
        "from:\"",
        "with:",
        "with:\"\"",
        "a:\"",
        "\0",
        "\u{1}\u{2}\u{3}",
        "\u{202e}abc\u{202c}",
        "\u{200b}",
        "\u{feff}",
        "()",
        "a OR",
        "(a OR b) c",
        "🏽",
        "\u{301}",
        "e\u{301}\u{301}\u{301}",
        "\u{fdfa}",
        "½ ™ ㎏",
        "before:99999999999999d",
        "on:-1",
        "after:0",
        "after:2024-02-31",
        "is:",
        "0",
        "00",
        "+",
        "+0",
        "+000000000",
        ",,,1,,,2",
        "1.2.3.4.5.6.7.8.9.0.1",
    ]
    .map(str::to_owned)
    .to_vec();
    odd.push("word ".repeat(200));
    odd.push("a".repeat(1_024));
    odd.push("ж".repeat(512));
    odd.push("1 ".repeat(512));
    odd.push("\"a ".repeat(300));
    odd.push("字".repeat(341));
    let alphabet: Vec<char> = "ab1\"*-:+. OR\u{301}订👍\u{202e}\0ß,'/with:from:is:".chars().collect();
    let mut dice = Dice(3);
    for _ in 0..1_500 {
        let length = dice.below(30);
        odd.push((0..length).map(|_| *dice.pick(&alphabet)).collect());
    }
    for settled in [false, true] {
        for query in &odd {
            for typing in [false, true] {
                let asked = Question { typing, ..question(query) };
                let page = centre.search.ask(&asked).unwrap_or_else(|error| panic!("{query:?}: {error}"));
                for hit in &page.hits {
                    let units = hit.snippet.encode_utf16().count();
                    let in_order = hit.marks.windows(2).all(|pair| pair[0][1] <= pair[1][0]);
                    let inside = hit.marks.iter().all(|[from, until]| from < until && *until as usize <= units);
                    assert!(in_order && inside, "{query:?}: {hit:?}");
                }
            }
        }
        if !settled {
            centre.settle();
        }
    }
    let long = centre.search.ask(&question(&"a".repeat(1_025)));
    assert!(matches!(long, Err(super::super::SearchError::QueryTooLong)));
    let made_up = centre.search.ask(&Question { cursor: Some("AAAA".to_owned()), ..question("find") });
    assert!(matches!(made_up, Err(super::super::SearchError::CursorInvalid)));
    let zone = jiff::tz::TimeZone::UTC;
    let context = parse::Context { typing: false, now: MORNING, zone: &zone };
    assert!(parse::read("\"", context).sought.is_none());
}

#[test]
fn a_page_alone_is_not_counted() {
    let mut centre = Centre::new();
    for number in 0..30 {
        centre.says(number % 3, &format!("apple number {number}"));
    }
    for _ in 0..2 {
        for order in [Ranking::Newest, Ranking::Best] {
            let asked = Question { counted: false, limit: 10, order, ..question("apple") };
            let page = centre.search.ask(&asked).expect("an answer");
            assert_eq!((page.hits.len(), page.total_is_exact), (10, false), "{order:?}");
            assert!(page.total >= 10, "at least those that are shown");
            let page = centre.search.ask(&Question { limit: 50, ..asked }).expect("an answer");
            assert_eq!((page.hits.len(), page.total, page.total_is_exact), (30, 30, true), "all of them: {order:?}");
        }
        centre.settle();
    }
}

#[test]
fn a_contact_is_shown_by_the_name_of_today() {
    let mut centre = Centre::new();
    centre.says(0, "apple");
    assert_eq!(&*centre.finds("apple").hits[0].contact_name, "Maria Silva");
    let contact = centre.finds("apple").hits[0].contact;
    let card = Card { first_name: Some("Marie".to_owned()), ..Card::default() };
    centre.does(vec![Command::EditContact { contact, agent: ANA, card, version: 1 }]);
    assert_eq!(&*centre.finds("apple").hits[0].contact_name, "Marie");
}

#[test]
fn pages_stay_as_they_were_while_messages_arrive() {
    let mut centre = Centre::new();
    for number in 0..30 {
        centre.says(number % 3, &format!("apple number {number}"));
    }
    for order in [Ranking::Newest, Ranking::Best] {
        let mut asked = Question { order, limit: 7, ..question("apple") };
        let mut seen = Vec::new();
        let mut total = None;
        loop {
            let page = centre.search.ask(&asked).expect("an answer");
            seen.extend(page.hits.iter().map(|hit| hit.message.expect("a message")));
            assert_eq!(*total.get_or_insert(page.total), page.total, "the count of the first page stays");
            centre.says(1, "another apple apple");
            centre.settle();
            match page.cursor {
                Some(cursor) => asked.cursor = Some(cursor),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "nothing twice");
        assert_eq!(seen.len() as u64, total.unwrap_or(0), "nothing missing");
    }
}
