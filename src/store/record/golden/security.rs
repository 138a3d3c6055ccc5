//! Golden bytes of what keeps strangers out and says who did what.

use super::super::people::Person;
use super::super::security::{AuditEnds, AuditEntry, AuditRow, Sealed, SetUpLink, SignInOrigin};
use super::{each, still};
use crate::domain::ids::TokenHash;
use crate::domain::second_factor::SecondFactor;
use crate::domain::security::SecurityRules;
use crate::domain::time::Timestamp;

#[test]
fn golden_security() {
    let (token, hash) = (TokenHash([7; 32]), [8; 32]);
    each("sealed", [Sealed(vec![1, 2, 3])]);
    each("second_factor", [SecondFactor { last_step: 56_666_666, recovery: vec![token, TokenHash([9; 32])] }]);
    each("security", [SecurityRules { administrators_need_second_factor: true, audit_days: 400 }]);
    each("sign_in_origin", [SignInOrigin { address: "192.0.2.1".to_owned(), browser: "Firefox, Linux".to_owned() }]);
    each("set_up_link", [SetUpLink(token, Timestamp(1_700_000_000_000))]);
    let entry = AuditEntry {
        at: 1_700_000_000_000,
        who: "agent".to_owned(),
        agent: Some(4),
        address: "192.0.2.1".to_owned(),
        browser: "Firefox, Linux".to_owned(),
        action: "person_changed".to_owned(),
        subject: "agent".to_owned(),
        subject_id: Some(1),
        detail: "role agent".to_owned(),
    };
    each("audit", [AuditRow { entry, previous: [0; 32], hash }]);
    each("audit_ends", [AuditEnds { removed: (3, hash), newest: (9, hash) }]);
}

#[test]
fn golden_person() {
    let person = Person {
        login: "ana".to_owned(),
        name: "Ana Sm\u{ed}th".to_owned(),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        password_temporary: false,
    };
    still(1, "person-0", &person);
    each("person", [person.clone(), Person { password_temporary: true, ..person }]);
}
