//! Whatever the script and however it is written: what people type finds what people wrote.

use super::Centre;

/// A text, queries that find it, queries that do not.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("O João não está", &["joao", "João", "JOAO", "nao esta", "jo\u{e3}o"], &["joa", "joana"]),
    ("Die Straße ist gesperrt", &["strasse", "STRASSE", "straße", "Strase*"], &["trasse"]),
    ("Größe über alles", &["grosse", "uber", "größe"], &["ueber"]),
    ("İstanbul'dan IĞDIR ışık", &["istanbul", "İSTANBUL", "igdir", "ışık", "isik"], &["istanbu"]),
    ("Ο λόγος της Ελλάδας", &["λογος", "ΛΌΓΟΣ", "ελλαδας", "λόγος"], &["λογο"]),
    ("Ёлка и Москва", &["елка", "ЁЛКА", "москва", "мос*"], &["моск"]),
    ("مُحَمَّدٌ كـــتب الرسالة", &["محمد", "كتب", "الرسالة"], &["كت"]),
    ("שָׁלוֹם עולם", &["שלום", "עולם"], &["שלו"]),
    ("नमस्ते दुनिया, ऑर्डर १२३४५", &["नमस्ते", "दुनिया", "12345"], &["नमस"]),
    ("ผมต้องการคืนสินค้า", &["คืน", "สินค้า", "ต้องการ"], &["คนค"]),
    ("我的订单还没有到", &["订单", "还没有", "我", "到", "订单还没有到"], &["没到", "单订"]),
    ("東京タワーとカタカナ ｶﾞｲﾄﾞ", &["東京", "タワー", "ガイド", "カタカナ"], &["京東"]),
    ("환불을 요청합니다", &["환불", "요청", "환불을"], &["불환"]),
    ("Danke 👍🏽 bis morgen ❤️ 🇧🇷", &["👍", "👍🏿", "❤", "🇧🇷", "danke 👍"], &["👎", "🇩🇪"]),
    (
        "Ruf an: +49 (0)170 123 4567",
        &[
            "0170 1234567",
            "+49 170 1234567",
            "01701234567",
            "0170-123-4567",
            "+491701234567",
            "\"123 4567\"",
            "1234567",
            "123 4567",
        ],
        &["0171 1234567", "1704567"],
    ),
    ("call 0170-1234567", &["+49 170 1234567", "0170 123 4567", "1701234567"], &["+49 171 1234567"]),
    ("Betrag 1.299,00 EUR", &["1299", "1.299,00", "1,299.00", "1299,00", "1 299,00"], &["129", "1299,50"]),
    ("cost $12.50 today", &["12.5", "12,50", "$12.50"], &["125"]),
    (
        "Bestellung AB-1234 fehlt",
        &["ab-1234", "AB1234", "ab 1234", "1234", "\"AB 1234\"", "ab12*", "ab-12*"],
        &["ab-123", "b-1234"],
    ),
    ("order cd5678x now", &["CD-5678-X", "cd5678x", "5678"], &["cd567"]),
    (
        "write to maria.silva@example.org please",
        &["maria.silva@example.org", "silva", "example.org", "MARIA.SILVA@EXAMPLE.ORG", "maria.silva@exa*"],
        &["silva.maria@example.org"],
    ),
    (
        "see https://www.shop.example/returns?id=42",
        &["https://www.shop.example/returns?id=42", "shop.example", "returns", "has:link"],
        &["shop.returns"],
    ),
    ("I don't have John's e-mail", &["dont", "don't", "don’t", "john", "John's", "email", "e-mail"], &["doesnt"]),
    ("iPhone手机壳 XL", &["iphone", "手机壳", "iphone手机", "xl"], &["机手"]),
    ("Ｆｕｌｌ　ｗｉｄｔｈ １２３", &["full", "width", "123"], &[]),
    ("zero\u{200b}width soft\u{ad}hyphen", &["zerowidth", "softhyphen"], &["zero"]),
    ("ﬁne caﬀè №5", &["fine", "caffe"], &[]),
    ("El niño pidió 3x2", &["nino", "3x2", "3 x 2"], &["nina"]),
];

#[test]
fn what_people_type_finds_what_people_wrote() {
    let mut centre = Centre::new();
    for (contact, (text, _, _)) in (0..).zip(TABLE) {
        centre.says(contact, text);
    }
    for round in ["in the tail", "in the index"] {
        for (text, finds, misses) in TABLE {
            for query in *finds {
                let page = centre.finds(query);
                let shown = page.hits.iter().any(|hit| hit.snippet == *text);
                assert!(shown, "{round}: {query:?} does not find {text:?}: {page:?}");
            }
            for query in *misses {
                let page = centre.finds(query);
                let shown = page.read_as.is_none() && page.hits.iter().any(|hit| hit.snippet == *text);
                assert!(!shown, "{round}: {query:?} finds {text:?}");
            }
        }
        centre.settle();
    }
}

#[test]
fn marks_stand_on_what_was_looked_for() {
    let mut centre = Centre::new();
    let cases: [(&str, &str, &[&str]); 8] = [
        ("Die Straße 👍 Straße", "strasse", &["Straße", "Straße"]),
        ("👍👍 order AB-1234!", "ab1234", &["AB-1234"]),
        ("我的订单还没有到", "订单", &["订单"]),
        ("one two three two one", "\"two three\"", &["two three"]),
        ("pay 1.299,00 now", "1299", &["1.299,00"]),
        ("réfund refunded", "refun*", &["réfund", "refunded"]),
        ("red blue green", "blue -yellow OR red", &["red", "blue"]),
        ("call +49 170 1234567 ok", "01701234567", &["49 170 1234567"]),
    ];
    for (text, query, expected) in cases {
        centre.says(1, text);
        let page = centre.finds(query);
        let hit = page.hits.iter().find(|hit| hit.snippet == text).unwrap_or_else(|| panic!("{query:?}: {page:?}"));
        let units: Vec<u16> = hit.snippet.encode_utf16().collect();
        let marked: Vec<String> = hit
            .marks
            .iter()
            .map(|[from, until]| String::from_utf16_lossy(&units[*from as usize..*until as usize]))
            .collect();
        assert_eq!(marked, expected, "{query:?} in {text:?}");
    }
}

#[test]
fn a_long_text_is_cut_around_the_match() {
    let mut centre = Centre::new();
    let filler = "lorem ipsum dolor ".repeat(40);
    centre.says(1, &format!("{filler}needle {filler}"));
    let page = centre.finds("needle");
    let hit = &page.hits[0];
    assert!(hit.snippet.starts_with('…') && hit.snippet.ends_with('…'), "{}", hit.snippet);
    assert!(hit.snippet.chars().count() <= 210, "{}", hit.snippet);
    let [from, until] = hit.marks[0];
    let units: Vec<u16> = hit.snippet.encode_utf16().collect();
    assert_eq!(String::from_utf16_lossy(&units[from as usize..until as usize]), "needle");
}
