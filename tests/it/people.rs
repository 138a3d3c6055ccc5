//! People: added, changed, kept out; who may do that; passwords and sign-ins.

use deskbell::domain::agent::Role;
use deskbell::domain::command::Command;
use serde_json::{Value, json};

use crate::harness::browser::{Answer, Browser};
use crate::harness::desk::{Desk, PASSWORD, profile};
use crate::harness::logged::deskbell;
use crate::harness::server::serve;

/// A desk with ada, an administrator, and a browser in which she has signed in. Ana is 1, ben 2, sue 3, ada 4.
pub(crate) fn administered() -> (Desk, Browser) {
    let desk = Desk::open();
    desk.submit(Command::AddAgent(profile("ada", Role::Administrator)));
    let ada = desk.signed_in("ada");
    (desk, ada)
}

/// All cookies that an answer sets, as a browser sends them back.
pub(crate) fn cookies(answer: &Answer) -> String {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    set.filter_map(|(_, line)| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

fn change(role: &str) -> String {
    json!({ "name": "ANA", "role": role, "capacity": 5, "auto_ready": true, "skills": ["returns"] }).to_string()
}

#[test]
fn only_administrators_reach_any_administrative_route() {
    let (desk, ada) = administered();
    let security = r#"{"administrators_need_second_factor":false,"audit_days":365}"#;
    let routes = [
        ("GET", "/api/administration/people", ""),
        ("POST", "/api/administration/people", "{}"),
        ("PUT", "/api/administration/people/1", &change("agent")),
        ("PUT", "/api/administration/people/2/disabled", r#"{"disabled":true}"#),
        ("PUT", "/api/administration/people/1/password", r#"{"password":"rain on a tin roof"}"#),
        ("DELETE", "/api/administration/people/1/second-factor", "{}"),
        ("GET", "/api/administration/people/1/sign-ins", ""),
        ("DELETE", "/api/administration/people/1/sign-ins", "{}"),
        ("DELETE", "/api/administration/people/1/sign-ins/0011223344556677", "{}"),
        ("GET", "/api/administration/security", ""),
        ("PUT", "/api/administration/security", security),
        ("GET", "/api/administration/audit", ""),
        ("GET", "/api/administration/audit/check", ""),
    ];
    for login in ["ana", "sue"] {
        let browser = desk.signed_in(login);
        for route @ (method, path, body) in routes {
            let answer = browser.ask(method, path, body);
            assert_eq!(answer.problem(), (403, "not_administrator".to_owned()), "{login} {route:?}");
        }
    }
    for route @ (method, path, body) in routes {
        let answer = desk.browser().ask(method, path, body);
        assert_eq!(answer.problem(), (401, "sign_in_required".to_owned()), "{route:?}");
    }
    for route @ (method, path, body) in routes {
        let status = ada.ask(method, path, body).status;
        assert!(status != 403 && status != 401 && status < 500, "ada {route:?}: {status}");
    }
}

#[test]
fn somebody_new_gets_a_first_password_and_chooses_their_own() {
    let (desk, ada) = administered();
    let body = json!({ "login": "Nia", "name": "Nia Obi", "role": "agent", "password": "rain on a tin roof" });
    let added = ada.post("/api/administration/people", &body.to_string());
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!((&added.json()["password_temporary"], &added.json()["capacity"]), (&json!(true), &json!(3)));
    assert_eq!(ada.post("/api/administration/people", &body.to_string()).problem().1, "login_taken");

    let mut nia = desk.browser();
    let first = nia.sign_in("nia", "rain on a tin roof");
    assert_eq!(first.problem(), (401, "password_change_required".to_owned()));
    assert_eq!(first.json()["next"], "/sign-in");
    nia.cookie = Some(cookies(&first));
    assert_eq!(nia.get("/api/me").status, 401, "the first password alone opens nothing");
    assert_eq!(nia.get("/api/sign-in/step").json()["step"], "password");
    let set = |password: &str| nia.post("/api/sign-in/password", &json!({ "password": password }).to_string());
    assert_eq!(set("rain on a tin roof").problem().1, "password_refused", "not the same again");
    assert_eq!(set("short").problem().1, "password_refused");
    assert_eq!(set("nianianianianianianianianianianianianianianiania").problem().1, "password_refused");
    let done = set("a walk along the canal");
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(nia.post("/api/sign-in/password", r#"{"password":"another walk there"}"#).problem().1, "challenge_over");
    nia.cookie = Some(cookies(&done));
    assert_eq!(nia.get("/api/me").json()["name"], "Nia Obi");
    assert_eq!(desk.browser().sign_in("nia", "rain on a tin roof").status, 401);
    assert_eq!(desk.browser().sign_in("nia", "a walk along the canal").status, 200);
}

#[test]
fn a_person_is_changed_and_their_page_hears_of_it() {
    let (desk, ada) = administered();
    let (ana, mut events) = desk.ready("ana");
    let changed = ada.put("/api/administration/people/1", &change("supervisor"));
    assert_eq!(changed.status, 200, "{}", changed.body);
    let person = changed.json();
    assert_eq!(
        (&person["role"], &person["capacity"], &person["skills"]),
        (&json!("supervisor"), &json!(5), &json!(["returns"]))
    );
    let told = events.until("agent_changed");
    assert_eq!((&told["agent"]["role"], &told["agent"]["capacity"]), (&json!("supervisor"), &json!(5)));
    assert!(events.next().is_none(), "the stream ends, so that it goes on with the new rights");
    assert_eq!(ana.get("/api/me").json()["role"], "supervisor");
    for (field, value) in [("capacity", json!(0)), ("name", json!(" ")), ("skills", json!([""]))] {
        let mut body: Value = serde_json::from_str(&change("agent")).expect("JSON");
        body[field] = value;
        assert_eq!(ada.put("/api/administration/people/1", &body.to_string()).problem().1, "bad_value", "{field}");
    }
    assert_eq!(ada.put("/api/administration/people/99", &change("agent")).problem().1, "unknown_agent");
}

#[test]
fn the_last_administrator_can_be_neither_disabled_nor_demoted() {
    let (desk, ada) = administered();
    let disable = |id: u64| ada.put(&format!("/api/administration/people/{id}/disabled"), r#"{"disabled":true}"#);
    assert_eq!(disable(4).problem(), (409, "last_administrator".to_owned()));
    assert_eq!(ada.put("/api/administration/people/4", &change("agent")).problem().1, "last_administrator");
    assert_eq!(ada.put("/api/administration/people/3", &change("administrator")).status, 200);
    assert_eq!(disable(3).status, 200);
    assert_eq!(disable(4).problem().1, "last_administrator", "a disabled one does not count");
    assert_eq!(ada.put("/api/administration/people/3/disabled", r#"{"disabled":false}"#).status, 200);
    assert_eq!(disable(4).status, 200);
    assert_eq!(ada.get("/api/me").status, 401, "who is disabled is signed out at once");
    assert_eq!(desk.browser().sign_in("ada", PASSWORD).status, 401);
}

#[test]
fn whoever_is_disabled_gets_no_work_and_what_they_had_is_put_aside() {
    let (desk, ada) = administered();
    let (ana, mut events) = desk.ready("ana");
    desk.browser().contact_writes("16505551234", "wamid.A", "hello");
    let first = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");
    assert_eq!(ana.post(&format!("/api/interactions/{first}/accept"), "{}").status, 200);
    desk.browser().contact_writes("16505551235", "wamid.B", "hello too");
    let second = events.until("interaction_offered")["interaction"]["id"].as_u64().expect("an id");

    assert_eq!(ada.put("/api/administration/people/1/disabled", r#"{"disabled":true}"#).status, 200);
    assert_eq!(ana.get("/api/me").status, 401);
    let bye = std::iter::from_fn(|| events.next()).find(|event| event.name == "bye");
    assert!(bye.is_some(), "their stream ends");
    let state = |id: u64| ada.get(&format!("/api/interactions/{id}")).json()["state"].clone();
    assert_eq!((state(first), state(second)), (json!("parked"), json!("queued")));
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).problem().1, "sign_in_failed");

    let (_ben, mut heard) = desk.ready("ben");
    let offered = heard.until("interaction_offered");
    assert_eq!(offered["interaction"]["id"], second, "a colleague is asked");
    assert_eq!(ada.put("/api/administration/people/1/disabled", r#"{"disabled":false}"#).status, 200);
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).status, 200);
}

#[test]
fn ones_own_password_needs_the_old_one_and_signs_the_other_browsers_out() {
    let desk = Desk::open();
    let (here, there) = (desk.signed_in("ana"), desk.signed_in("ana"));
    let set = |old: &str, new: &str| here.put("/api/me/password", &json!({ "old": old, "new": new }).to_string());
    assert_eq!(set("not this one", "a walk along the canal").problem(), (403, "password_wrong".to_owned()));
    assert_eq!(set(PASSWORD, PASSWORD).problem().1, "password_refused");
    assert_eq!(set(PASSWORD, "password1234").problem().1, "password_refused", "it is guessed first");
    assert_eq!(there.get("/api/me").status, 200);
    assert_eq!(set(PASSWORD, "a walk along the canal").status, 204);
    assert_eq!((here.get("/api/me").status, there.get("/api/me").status), (200, 401));
    for _ in 0..5 {
        assert_eq!(set("not this one", "x").status, 403);
    }
    assert_eq!(set("not this one", "x").problem().1, "sign_in_throttled", "an open screen is no place to guess");
}

#[test]
fn sign_ins_are_listed_with_browser_and_address_and_can_be_ended() {
    let (desk, ada) = administered();
    let body = json!({ "login": "ana", "password": PASSWORD }).to_string();
    let more = format!(
        "Origin: http://{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n",
        desk.address,
        body.len()
    );
    let mut here = desk.browser();
    let signed_in = here.raw((here.head("POST", "/api/sign-in", &more) + &body).as_bytes());
    here.cookie = Some(cookies(&signed_in));
    let there = desk.signed_in("ana");
    let list = |browser: &Browser, path: &str| browser.get(path).json()["sign_ins"].as_array().expect("a list").clone();
    let mine = list(&here, "/api/me/sign-ins");
    assert_eq!(mine.len(), 2);
    let current = mine.iter().find(|one| one["current"] == true).expect("the one that asks");
    assert_eq!((&current["browser"], &current["address"]), (&json!("Firefox, Linux"), &json!("127.0.0.1")));
    let other = mine.iter().find(|one| one["current"] == false).expect("the other one")["id"].clone();
    let other = other.as_str().expect("a name");

    let ben = desk.signed_in("ben");
    assert_eq!(ben.delete(&format!("/api/me/sign-ins/{other}")).status, 404, "nobody ends a colleague's");
    assert_eq!(here.delete(&format!("/api/me/sign-ins/{other}")).status, 204);
    assert_eq!((here.get("/api/me").status, there.get("/api/me").status), (200, 401));

    let again = desk.signed_in("ana");
    assert_eq!(here.delete("/api/me/sign-ins").status, 204);
    assert_eq!((here.get("/api/me").status, again.get("/api/me").status), (200, 401));
    assert_eq!(list(&ada, "/api/administration/people/1/sign-ins").len(), 1);
    assert_eq!(ada.delete("/api/administration/people/1/sign-ins").status, 204);
    assert_eq!(here.get("/api/me").status, 401);
}

#[test]
fn a_guesser_does_not_keep_the_owner_out_of_a_browser_that_is_known() {
    let desk = Desk::open();
    let mut ana = desk.browser();
    ana.cookie = Some(cookies(&ana.clone().sign_in("ana", PASSWORD)));
    assert_eq!(ana.post("/api/sign-out", "{}").status, 204);
    // All come from one address here, as behind one proxy.
    for _ in 0..5 {
        assert_eq!(desk.browser().sign_in("ana", "wrong password").status, 401);
    }
    assert_eq!(desk.browser().sign_in("ana", PASSWORD).problem().1, "sign_in_throttled");
    assert_eq!(ana.clone().sign_in("ana", PASSWORD).status, 200);
    assert_eq!(ana.clone().sign_in("ben", PASSWORD).status, 200, "for ben it is a browser like any other");
}

#[test]
fn an_administrators_new_password_ends_sign_ins_and_is_temporary() {
    let (desk, ada) = administered();
    let ana = desk.signed_in("ana");
    let set =
        |password: &str| ada.put("/api/administration/people/1/password", &json!({ "password": password }).to_string());
    assert_eq!(set("12345").problem(), (422, "password_refused".to_owned()));
    assert_eq!(set("rain on a tin roof").json()["password_temporary"], true);
    assert_eq!(ana.get("/api/me").status, 401);
    assert_eq!(desk.browser().sign_in("ana", "rain on a tin roof").problem().1, "password_change_required");
}

#[test]
fn the_command_line_changes_people_on_a_stopped_store_and_on_a_running_server() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let data_text = data.to_string_lossy().into_owned();
    let word = folder.path().join("word.txt");
    std::fs::write(&word, "rain on a tin roof\n").expect("writable");
    let word = word.to_string_lossy().into_owned();
    let user = |rest: &[&str]| deskbell(&[&["user"], rest, &["--data", &data_text]].concat());
    let fails = |rest: &[&str], sentence: &str| {
        let output = user(rest);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(sentence), "{told}");
    };
    for (login, role) in [("ana", "agent"), ("ada", "administrator")] {
        assert!(user(&["add", login, "--name", "Somebody", "--role", role, "--password-file", &word]).status.success());
    }
    fails(&["disable", "ada"], "nobody could administer");
    fails(&["role", "ada", "agent"], "nobody could administer");
    fails(&["disable", "nobody"], "Nobody has this login");
    assert!(user(&["disable", "ANA"]).status.success());

    let (server, address) = serve(&data);
    let mut browser = Browser::new(address);
    assert_eq!(browser.sign_in("ana", "rain on a tin roof").status, 401);
    assert!(user(&["enable", "ana"]).status.success());
    assert_eq!(browser.sign_in("ana", "rain on a tin roof").status, 200);
    assert!(user(&["role", "ana", "supervisor"]).status.success());
    let listed = user(&["list", "--json"]);
    let people: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!((&people[0]["login"], &people[0]["role"]), (&json!("ana"), &json!("supervisor")));
    assert!(String::from_utf8_lossy(&user(&["list"]).stdout).contains("supervisor"));
    std::fs::write(folder.path().join("new.txt"), "a walk along the canal\n").expect("writable");
    let new = folder.path().join("new.txt").to_string_lossy().into_owned();
    assert!(user(&["passwd", "ana", "--password-file", &new, "--temporary"]).status.success());
    assert_eq!(browser.get("/api/me").status, 401, "the old sign-in has ended");
    assert_eq!(browser.sign_in("ana", "a walk along the canal").problem().1, "password_change_required");
    assert!(user(&["reset-2fa", "ana"]).status.success());
    std::fs::write(folder.path().join("bad.txt"), "passwordpassword\n").expect("writable");
    let bad = folder.path().join("bad.txt").to_string_lossy().into_owned();
    fails(&["passwd", "ana", "--password-file", &bad], "first that are guessed");
    drop(server);
}
