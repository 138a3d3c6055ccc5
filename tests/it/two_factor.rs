//! Signing in with a second factor: enrolment, codes, recovery codes, reset.

use deskbell::domain::agent::Role;
use deskbell::domain::command::Command;
use deskbell::domain::ids::AgentId;
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha1::Sha1;

use crate::harness::browser::{Answer, Browser};
use crate::harness::desk::{Desk, PASSWORD, profile};
use crate::people::{administered, cookies};

/// What an authenticator shows for this key, made apart from the product's own code.
pub(crate) fn authenticator(key: &str, at_ms: i64) -> String {
    let (mut bits, mut held, mut secret) = (0, 0_u32, Vec::new());
    for letter in key.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            secret.push(u8::try_from(held >> bits & 255).expect("a byte"));
        }
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).expect("any length");
    mac.update(&(at_ms / 30_000).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[at..at + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Gives the person of this browser a second factor; returns its key and the recovery codes.
fn enrol(desk: &Desk, browser: &Browser) -> (String, Vec<String>) {
    let begun = browser.post("/api/me/second-factor", &json!({ "password": PASSWORD }).to_string());
    assert_eq!(begun.status, 200, "{}", begun.body);
    let key = begun.json()["secret"].as_str().expect("a key").to_owned();
    assert_eq!(browser.get("/api/me/second-factor").json()["enabled"], false, "nothing counts before a code was seen");
    let code = authenticator(&key, desk.clock.now().0);
    let confirmed = browser.put("/api/me/second-factor", &json!({ "code": code }).to_string());
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let codes = confirmed.json()["recovery_codes"].as_array().expect("codes").clone();
    assert_eq!(codes.len(), 10);
    (key, codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect())
}

/// A browser that has shown the password.
fn half_in(desk: &Desk, login: &str) -> Browser {
    let mut browser = desk.browser();
    let answer = browser.sign_in(login, PASSWORD);
    assert_eq!(answer.problem(), (401, "two_factor_required".to_owned()));
    let cookie = answer.header("set-cookie").expect("a cookie");
    for part in ["deskbell_challenge=", "HttpOnly", "SameSite=Strict", "Path=/api/sign-in", "Max-Age=300"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    browser.cookie = Some(cookies(&answer));
    browser
}

fn show(browser: &Browser, code: &str) -> Answer {
    browser.post("/api/sign-in/code", &json!({ "code": code }).to_string())
}

#[test]
fn enrolment_needs_the_password_and_a_code_and_shows_key_address_and_picture() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    assert_eq!(
        ana.post("/api/me/second-factor", r#"{"password":"not this"}"#).problem(),
        (403, "password_wrong".to_owned())
    );
    assert_eq!(ana.put("/api/me/second-factor", r#"{"code":"123456"}"#).problem().1, "enrolment_over");
    let begun = ana.post("/api/me/second-factor", &json!({ "password": PASSWORD }).to_string()).json();
    let key: String = begun["secret"].as_str().expect("a key").split(' ').collect();
    assert_eq!(key.len(), 32, "160 bits");
    assert_eq!(begun["uri"], format!("otpauth://totp/Deskbell:ana?secret={key}&issuer=Deskbell"));
    assert!(
        begun["qr"]["path"].as_str().is_some_and(|path| path.starts_with("M4 4h1v1h-1z")),
        "a QR code has a corner"
    );
    assert_eq!(ana.put("/api/me/second-factor", r#"{"code":"12345"}"#).problem(), (422, "code_wrong".to_owned()));
    desk.clock.advance_ms(10 * 60_000);
    let code = authenticator(&key, desk.clock.now().0);
    let late = ana.put("/api/me/second-factor", &json!({ "code": code }).to_string());
    assert_eq!(late.problem().1, "enrolment_over");
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 200);
}

#[test]
fn with_a_second_factor_the_password_opens_nothing_and_each_code_counts_once() {
    let desk = Desk::open();
    let (key, _) = enrol(&desk, &desk.signed_in("ana"));
    let mut browser = half_in(&desk, "ana");
    assert_eq!(browser.get("/api/me").status, 401);
    assert_eq!(browser.get("/api/sign-in/step").json()["step"], "code");
    let used = authenticator(&key, desk.clock.now().0);
    assert_eq!(
        show(&browser, &used).problem(),
        (401, "second_factor_refused".to_owned()),
        "it confirmed the enrolment"
    );
    desk.clock.advance_ms(30_000);
    let next = authenticator(&key, desk.clock.now().0);
    assert_eq!(show(&desk.browser(), &next).problem().1, "challenge_over", "another browser has shown no password");
    let inside = show(&browser, &next);
    assert_eq!(inside.status, 200, "{}", inside.body);
    assert_eq!(inside.json()["agent"]["login"], "ana");
    assert_eq!(show(&browser, &next).problem().1, "challenge_over");
    browser.cookie = Some(cookies(&inside));
    assert_eq!(browser.get("/api/me").status, 200);
    let again = half_in(&desk, "ana");
    assert_eq!(show(&again, &next).problem().1, "second_factor_refused", "each code counts once");
    desk.clock.advance_ms(5 * 60_000);
    let fresh = authenticator(&key, desk.clock.now().0);
    assert_eq!(show(&again, &fresh).problem().1, "challenge_over", "five minutes are enough");
}

#[test]
fn wrong_codes_are_slowed_down_and_a_right_password_buys_no_more() {
    let desk = Desk::open();
    let (key, _) = enrol(&desk, &desk.signed_in("ana"));
    desk.clock.advance_ms(60_000);
    let mut wrong = 0;
    let throttled = loop {
        // A guesser who knows the password shows it anew each time.
        let mut browser = desk.browser();
        let answer = browser.sign_in("ana", PASSWORD);
        if answer.status == 429 {
            break answer;
        }
        browser.cookie = Some(cookies(&answer));
        let answer = show(&browser, "000000");
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.problem().1, "second_factor_refused");
        wrong += 1;
        assert!(wrong < 10, "nobody slows this down");
    };
    assert_eq!(throttled.problem().1, "sign_in_throttled");
    desk.clock.advance_ms(60_000);
    let browser = half_in(&desk, "ana");
    desk.clock.advance_ms(60_000);
    assert_eq!(show(&browser, &authenticator(&key, desk.clock.now().0)).status, 200, "the owner gets in");
}

#[test]
fn each_recovery_code_opens_once() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    let (_, codes) = enrol(&desk, &ana);
    assert_eq!(show(&half_in(&desk, "ana"), &codes[4].to_uppercase()).status, 200);
    assert_eq!(ana.get("/api/me/second-factor").json()["recovery_codes_left"], 9);
    assert_eq!(show(&half_in(&desk, "ana"), &codes[4]).problem().1, "second_factor_refused");
    assert_eq!(show(&half_in(&desk, "ana"), &codes[5]).status, 200);
}

#[test]
fn two_who_show_one_recovery_code_at_once_do_not_both_get_in() {
    let desk = Desk::open();
    let (_, codes) = enrol(&desk, &desk.signed_in("ana"));
    let browsers = [half_in(&desk, "ana"), half_in(&desk, "ana")];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> = browsers.iter().map(|browser| scope.spawn(|| show(browser, &codes[0]).status)).collect();
        asked.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[test]
fn an_administrator_takes_a_lost_second_factor_away() {
    let (desk, ada) = administered();
    enrol(&desk, &desk.signed_in("ana"));
    let people = || ada.get("/api/administration/people").json()["people"][0]["second_factor"].clone();
    assert_eq!(people(), true);
    assert_eq!(ada.delete("/api/administration/people/1/second-factor").status, 200);
    assert_eq!(people(), false);
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 200);
}

#[test]
fn ones_own_second_factor_goes_with_the_password() {
    let desk = Desk::open();
    let ana = desk.signed_in("ana");
    enrol(&desk, &ana);
    let remove = |password: &str| {
        let body = json!({ "password": password }).to_string();
        let more = format!(
            "Origin: http://{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            desk.address,
            body.len()
        );
        ana.raw((ana.head("DELETE", "/api/me/second-factor", &more) + &body).as_bytes())
    };
    assert_eq!(remove("not this").problem().1, "password_wrong");
    assert_eq!(remove(PASSWORD).status, 204);
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 200);
}

#[test]
fn a_centre_may_ask_administrators_for_a_second_factor() {
    let (desk, ada) = administered();
    let body = r#"{"administrators_need_second_factor":true,"audit_days":365}"#;
    assert_eq!(ada.put("/api/administration/security", body).status, 200);
    assert_eq!(ada.get("/api/administration/people").problem(), (403, "second_factor_needed".to_owned()));
    assert_eq!(ada.post("/api/contacts/1/erase", "{}").problem(), (403, "second_factor_needed".to_owned()));
    assert_eq!(ada.get("/api/snapshot").status, 200, "their other work goes on");
    enrol(&desk, &ada);
    assert_eq!(ada.get("/api/administration/people").status, 200);
}

#[test]
fn whoever_began_with_a_password_that_was_replaced_meanwhile_gets_no_further() {
    let (desk, ada) = administered();
    let reset = |password: &str| {
        let body = json!({ "password": password }).to_string();
        assert_eq!(ada.put("/api/administration/people/1/password", &body).status, 200);
    };
    reset("rain on a tin roof");
    let mut thief = desk.browser();
    let begun = thief.sign_in("ana", "rain on a tin roof");
    assert_eq!(begun.problem(), (401, "password_change_required".to_owned()));
    thief.cookie = Some(cookies(&begun));
    reset("fog over the harbour");
    let late = thief.post("/api/sign-in/password", r#"{"password":"a walk along the canal"}"#);
    assert_eq!(late.problem(), (401, "challenge_over".to_owned()));
    assert_eq!(desk.browser().sign_in("ana", "a walk along the canal").problem().1, "sign_in_failed");
    let begun = desk.browser().sign_in("ana", "fog over the harbour");
    assert_eq!(begun.problem().1, "password_change_required");

    let (key, _) = enrol(&desk, &desk.signed_in("ben"));
    let thief = half_in(&desk, "ben");
    let body = r#"{"password":"rain on a tin roof"}"#;
    assert_eq!(ada.put("/api/administration/people/2/password", body).status, 200);
    desk.clock.advance_ms(30_000);
    let code = show(&thief, &authenticator(&key, desk.clock.now().0));
    assert_eq!(code.problem(), (401, "challenge_over".to_owned()));
}

#[test]
fn after_the_code_a_temporary_password_is_still_replaced() {
    let desk = Desk::open();
    desk.submit(Command::AddAgent(profile("ada", Role::Administrator)));
    let (key, _) = enrol(&desk, &desk.signed_in("ana"));
    let password_hash = deskbell::password::hash(PASSWORD).expect("a good password");
    desk.submit(Command::SetPassword { agent: AgentId(1), password_hash, keep: None, temporary: true });
    desk.clock.advance_ms(30_000);
    let mut browser = half_in(&desk, "ana");
    let code = show(&browser, &authenticator(&key, desk.clock.now().0));
    assert_eq!(code.problem(), (401, "password_change_required".to_owned()));
    let done = browser.post("/api/sign-in/password", r#"{"password":"a walk along the canal"}"#);
    assert_eq!(done.status, 200, "{}", done.body);
    browser.cookie = Some(cookies(&done));
    assert_eq!(browser.get("/api/me").status, 200);
}
