//! Meta's error codes: what the outbox does about them, and what an agent is told.
//!
//! Apart because the table is Meta's (whatsapp-cloud-api.md 2.5) and is read by people. Decisions go by code; titles
//! and HTTP status change without notice. Invariant: a code that is not in the table still gets a sentence and a way out.

/// What the outbox does with a send that was surely not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Again later.
    Retry,
    /// Again later, and everything on this number more slowly.
    SlowDown,
    /// Trying again by itself is useless.
    GiveUp,
    /// Nothing of this number goes out until a person has mended something.
    Halt,
}

/// What an agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened.
    pub title: &'static str,
    /// What can be done.
    pub way_out: &'static str,
    /// Whether sending the same once more, now or a little later, can work.
    pub retry: bool,
}

/// The class of a code. Where Meta gave none that is in the table the HTTP status decides: 429 slows down, 5xx tries
/// again, 401 halts.
#[must_use]
pub fn class(code: u32, http_status: u16) -> Class {
    match (row(code).filter(|_| code != 0), http_status) {
        (Some(row), _) => row.class,
        (None, 429) => Class::SlowDown,
        (None, 500..=599) => Class::Retry,
        (None, 401) => Class::Halt,
        (None, _) => Class::GiveUp,
    }
}

/// Whether Meta documents this code, so that it is surely Graph's own answer.
#[must_use]
pub fn listed(code: u32) -> bool {
    code != 0 && row(code).is_some()
}

/// What to tell an agent about a code; 0 also stands for "Meta gave none".
#[must_use]
pub fn explain(code: u32) -> Explanation {
    row(code).map_or(UNKNOWN, |row| row.explanation)
}

const UNKNOWN: Explanation = Explanation {
    title: "WhatsApp did not deliver this message.",
    way_out: "Try again once. If it fails again, tell your administrator the code.",
    retry: true,
};

struct Row {
    code: u32,
    class: Class,
    explanation: Explanation,
}

fn row(code: u32) -> Option<&'static Row> {
    let code = if (200..=299).contains(&code) { 200 } else { code };
    TABLE.binary_search_by_key(&code, |row| row.code).ok().map(|place| &TABLE[place])
}

/// Trying the same again can work.
const fn passing(code: u32, class: Class, title: &'static str, way_out: &'static str) -> Row {
    Row { code, class, explanation: Explanation { title, way_out, retry: true } }
}

/// Trying the same again is useless until something else has changed.
const fn lasting(code: u32, title: &'static str, way_out: &'static str) -> Row {
    Row { code, class: Class::GiveUp, explanation: Explanation { title, way_out, retry: false } }
}

/// Until an administrator has mended it, nothing goes out on this number.
const fn halting(code: u32, title: &'static str, way_out: &'static str) -> Row {
    passing(code, Class::Halt, title, way_out)
}

/// Until an administrator has mended it, messages such as this one do not go out; then sending again works.
const fn mendable(code: u32, title: &'static str, way_out: &'static str) -> Row {
    passing(code, Class::GiveUp, title, way_out)
}

/// In ascending order of codes. 200 stands for all of 200 to 299.
const TABLE: &[Row] = &[
    mendable(
        0,
        "WhatsApp refused the message, most likely because access has ended.",
        "Ask your administrator to check the access token of this number, then send again.",
    ),
    passing(1, Class::Retry, "WhatsApp had a problem of its own.", "Wait a moment, then send again."),
    passing(2, Class::Retry, "WhatsApp is down for the moment.", "Wait a few minutes, then send again."),
    halting(
        3,
        "This number is not allowed to send through WhatsApp's interface.",
        "Ask your administrator to give the access token the permission to send messages.",
    ),
    passing(
        4,
        Class::SlowDown,
        "Too many requests were made to WhatsApp in a short time.",
        "Wait a few minutes, then send again.",
    ),
    halting(
        10,
        "The permission to send was not granted or was taken away.",
        "Ask your administrator to check the permissions of the access token.",
    ),
    lasting(
        33,
        "WhatsApp does not know this business number any more.",
        "Ask your administrator to check the phone-number id of this channel.",
    ),
    lasting(
        100,
        "WhatsApp did not understand a part of this message, or what it refers to is gone.",
        "Write the message anew. If it fails again, tell your administrator the code.",
    ),
    halting(
        190,
        "WhatsApp no longer accepts the access token of this number.",
        "Ask your administrator to set a new access token.",
    ),
    halting(
        200,
        "A permission to send is missing.",
        "Ask your administrator to check the permissions of the access token.",
    ),
    halting(
        368,
        "WhatsApp has blocked this business for breaking its rules.",
        "Ask your administrator to look into WhatsApp Manager; nothing can be sent until the block is lifted.",
    ),
    passing(
        80_007,
        Class::SlowDown,
        "The business has made too many requests to WhatsApp.",
        "Wait a few minutes, then send again.",
    ),
    lasting(130_403, "This contact or this business has blocked the other.", "Reach the contact in another way."),
    passing(
        130_429,
        Class::SlowDown,
        "Too many messages were sent from this number at once.",
        "Wait a moment, then send again.",
    ),
    lasting(
        130_472,
        "WhatsApp held this message back: the contact is part of an experiment of Meta's.",
        "Wait until the contact writes, or reach them in another way.",
    ),
    mendable(
        130_497,
        "The business may not write to contacts in this country.",
        "Ask your administrator to look into WhatsApp Manager which countries are allowed.",
    ),
    passing(
        131_000,
        Class::Retry,
        "WhatsApp could not send the message and does not say why.",
        "Wait a moment, then send again.",
    ),
    halting(
        131_005,
        "WhatsApp denied access for this number.",
        "Ask your administrator to check the permissions of the access token.",
    ),
    lasting(
        131_008,
        "WhatsApp misses something in this message.",
        "Write the message anew. If it fails again, tell your administrator the code.",
    ),
    lasting(
        131_009,
        "WhatsApp does not accept a value in this message.",
        "Check the contact's number and write the message anew. If it fails again, tell your administrator the code.",
    ),
    passing(131_016, Class::Retry, "A service of WhatsApp is overloaded.", "Wait a few minutes, then send again."),
    lasting(
        131_021,
        "The contact has the same number as this business.",
        "Choose another contact: a number cannot write to itself.",
    ),
    lasting(
        131_026,
        "The message cannot be delivered: the contact may not use WhatsApp, may have an old version, or has not accepted its terms.",
        "Check the number, ask the contact to update WhatsApp, or reach them in another way.",
    ),
    halting(
        131_031,
        "WhatsApp has locked the account of this business.",
        "Ask your administrator to look into WhatsApp Manager and to request a review.",
    ),
    halting(
        131_037,
        "WhatsApp has not approved the display name of this number yet.",
        "Ask your administrator to have the display name approved in WhatsApp Manager.",
    ),
    mendable(
        131_042,
        "WhatsApp cannot charge this business.",
        "Ask your administrator to mend the payment method in WhatsApp Manager, then send again.",
    ),
    lasting(
        131_047,
        "More than 24 hours have passed since the contact last wrote.",
        "Send an approved template, or wait until the contact writes.",
    ),
    passing(
        131_048,
        Class::SlowDown,
        "WhatsApp limits this number because contacts have reported or blocked it.",
        "Wait, and write only to people who expect it. Ask your administrator to look at the quality in WhatsApp Manager.",
    ),
    lasting(
        131_049,
        "WhatsApp chose not to deliver this message, so that the contact does not get too many from businesses.",
        "Wait at least 24 hours before you try again, or until the contact writes.",
    ),
    lasting(
        131_050,
        "The contact does not want marketing messages from this business.",
        "Do not send marketing to this contact; answers to their questions are still possible.",
    ),
    lasting(131_051, "WhatsApp does not support this kind of message.", "Send the same as text or as a file."),
    lasting(
        131_052,
        "The file that the contact sent could not be fetched from WhatsApp.",
        "Ask the contact to send it again.",
    ),
    lasting(
        131_053,
        "WhatsApp could not take the file.",
        "Check that the file is whole, that its type is supported and its size allowed, then attach it anew.",
    ),
    passing(
        131_056,
        Class::Retry,
        "Too many messages were sent to this contact in a short time.",
        "Wait a minute, then send again.",
    ),
    passing(
        131_057,
        Class::Retry,
        "The business account is in maintenance at WhatsApp.",
        "Wait a few minutes, then send again.",
    ),
    lasting(
        131_060,
        "This message is not available here.",
        "Ask the contact to send it again, or look at it in the WhatsApp Business app.",
    ),
    lasting(
        131_062,
        "This kind of template needs a phone number, and this contact has not shared theirs.",
        "Ask the contact for their phone number first.",
    ),
    lasting(
        132_000,
        "The template got the wrong number of values.",
        "Fill in every field of the template and send it anew.",
    ),
    lasting(
        132_001,
        "The template does not exist in this language or is not approved.",
        "Choose another template or language, or ask your administrator.",
    ),
    lasting(132_005, "With its values filled in the template is too long.", "Shorten the values and send it anew."),
    lasting(
        132_007,
        "The template breaks a rule of WhatsApp's.",
        "Choose another template and tell your administrator.",
    ),
    lasting(
        132_012,
        "A value does not have the form that the template asks for.",
        "Check the values and send the template anew.",
    ),
    lasting(
        132_015,
        "WhatsApp has paused this template because of its low quality.",
        "Choose another template, or wait until it is released.",
    ),
    lasting(
        132_016,
        "WhatsApp has switched this template off for good.",
        "Choose another template and tell your administrator.",
    ),
    lasting(
        132_068,
        "The form in this template is blocked.",
        "Choose another template and tell your administrator to correct the form.",
    ),
    lasting(
        132_069,
        "The form in this template is used too often at the moment.",
        "Choose another template, or try again in an hour.",
    ),
    passing(
        133_004,
        Class::Retry,
        "WhatsApp's server is not available for the moment.",
        "Wait a few minutes, then send again.",
    ),
    halting(
        133_010,
        "This business number is not registered with WhatsApp.",
        "Ask your administrator to register the number.",
    ),
    lasting(
        135_000,
        "WhatsApp did not accept something in this message and does not say what.",
        "Write the message anew. If it fails again, tell your administrator the code.",
    ),
    lasting(
        2_593_107,
        "The history of the WhatsApp Business app was asked for too often.",
        "Ask your administrator to start the import again later.",
    ),
    lasting(
        2_593_108,
        "The time in which the history of the WhatsApp Business app can be imported is over.",
        "Ask your administrator to connect the number anew.",
    ),
];

#[cfg(test)]
mod tests {
    use super::{Class, TABLE, UNKNOWN, class, explain};

    /// Every code of whatsapp-cloud-api.md 2.5.
    const CODES: [u32; 52] = [
        0, 1, 2, 3, 4, 10, 33, 100, 190, 200, 299, 368, 80_007, 130_403, 130_429, 130_472, 130_497, 131_000, 131_005,
        131_008, 131_009, 131_016, 131_021, 131_026, 131_031, 131_037, 131_042, 131_047, 131_048, 131_049, 131_050,
        131_051, 131_052, 131_053, 131_056, 131_057, 131_060, 131_062, 132_000, 132_001, 132_005, 132_007, 132_012,
        132_015, 132_016, 132_068, 132_069, 133_004, 133_010, 135_000, 2_593_107, 2_593_108,
    ];

    #[test]
    fn every_known_code_has_its_own_words() {
        for code in CODES {
            assert_ne!(explain(code), UNKNOWN, "{code}");
        }
        assert!(TABLE.is_sorted_by_key(|row| row.code));
        assert_eq!(TABLE.len() + 1, CODES.len(), "200 and 299 share a row");
    }

    #[test]
    fn sentences_are_whole_and_free_of_jargon() {
        for row in TABLE {
            for sentence in [row.explanation.title, row.explanation.way_out] {
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{}", row.code);
                for word in ["OAuth", "HTTP", "API", "param", "payload"] {
                    assert!(!sentence.contains(word), "{}: {word}", row.code);
                }
            }
        }
    }

    #[test]
    fn what_the_outbox_repeats_by_itself_an_agent_may_repeat_too() {
        for row in TABLE {
            assert!(row.class == Class::GiveUp || row.explanation.retry, "{}", row.code);
        }
    }

    #[test]
    fn classes_go_by_code_first_and_then_by_status() {
        for (code, http_status, expected) in [
            (131_047, 400, Class::GiveUp),
            (131_047, 500, Class::GiveUp),
            (190, 401, Class::Halt),
            (250, 403, Class::Halt),
            (130_429, 400, Class::SlowDown),
            (131_056, 400, Class::Retry),
            (2, 500, Class::Retry),
            (0, 401, Class::Halt),
            (0, 429, Class::SlowDown),
            (0, 503, Class::Retry),
            (999_999, 400, Class::GiveUp),
            (999_999, 429, Class::SlowDown),
            (999_999, 502, Class::Retry),
        ] {
            assert_eq!(class(code, http_status), expected, "{code} {http_status}");
        }
        assert_eq!(explain(999_999), UNKNOWN);
    }
}
