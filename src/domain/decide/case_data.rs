//! Case data: the administrator's keys, and the values that owners give.

use std::collections::BTreeSet;

use crate::limits::{CASE_CHOICES_MAX, CASE_KEY_CHARS_MAX, CASE_KEYS_MAX, CASE_VALUES_MAX};

use super::Decision;
use super::set_up::named;
use crate::domain::case_data::{CaseKey, CaseKind, is_key, is_words};
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::{AgentId, CaseKeyId, InteractionId};
use crate::domain::rejection::Rejection;

impl Floor {
    /// Adds a key, or changes one; what it is called stays, because values are kept under it.
    pub(super) fn set_case_key(&self, case_key: &CaseKey) -> Decision {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let key = &case_key.key;
        if !(1..=CASE_KEY_CHARS_MAX).contains(&key.len()) || !key.bytes().all(plain) {
            return Err(Rejection::CaseKeyInvalid);
        }
        named(&case_key.label)?;
        let distinct: BTreeSet<&String> = case_key.choices.iter().collect();
        let fits = match case_key.kind {
            CaseKind::Choice => (1..=CASE_CHOICES_MAX).contains(&case_key.choices.len()),
            CaseKind::Text | CaseKind::Number | CaseKind::Date | CaseKind::Boolean => case_key.choices.is_empty(),
        };
        // Nobody could fill it in.
        if case_key.required && case_key.read_only {
            return Err(Rejection::BadValue);
        }
        if !fits || distinct.len() != case_key.choices.len() || !case_key.choices.iter().all(|choice| is_words(choice))
        {
            return Err(Rejection::BadValue);
        }
        let known = self.rows.case_keys.values().find(|known| known.key == *key).map(|known| known.id);
        let mut case_key = case_key.clone();
        match (case_key.id, known) {
            (CaseKeyId(0), Some(_)) => return Err(Rejection::CaseKeyInvalid),
            (CaseKeyId(0), None) if self.rows.case_keys.len() >= CASE_KEYS_MAX => {
                return Err(Rejection::TooManyCaseKeys);
            }
            (CaseKeyId(0), None) => case_key.id = CaseKeyId(self.rows.counters.case_key),
            (id, known) if known != Some(id) => return Err(Rejection::CaseKeyInvalid),
            _ => {}
        }
        Ok(vec![Event::CaseKeySet { case_key }])
    }

    /// Sets a value, or removes it. The owner does so until Done.
    pub(super) fn set_case_value(
        &self,
        facts: &Facts,
        agent: AgentId,
        interaction: InteractionId,
        key: &str,
        value: Option<&str>,
    ) -> Decision {
        self.owned(agent, interaction)?;
        let listed = self.rows.case_keys.values().find(|listed| listed.key == key);
        if listed.is_some_and(|listed| listed.read_only) {
            return Err(Rejection::CaseKeyReadOnly);
        }
        if listed.is_none() && !is_key(key) {
            return Err(Rejection::CaseKeyInvalid);
        }
        let present = facts.case_data.value(key);
        if present == value {
            return Ok(Vec::new());
        }
        if let Some(value) = value {
            let kind = listed.map_or(CaseKind::Text, |listed| listed.kind);
            if !listed.map_or_else(|| is_words(value), |listed| listed.allows(value)) {
                return Err(Rejection::CaseValueInvalid(kind));
            }
            if present.is_none() && facts.case_data.values.len() >= CASE_VALUES_MAX {
                return Err(Rejection::TooManyCaseKeys);
            }
        }
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        Ok(vec![Event::CaseValueSet { interaction, agent, key, value }])
    }
}
