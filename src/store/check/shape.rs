//! The few shapes that rows have: a record under a key, a pointer, a key that says everything.
//!
//! Apart from what each table means. Invariant: a key or a value that cannot be read ends as a finding, and never in a
//! panic.

use std::fmt::Display;

use redb::Value;

use super::super::codec::{self, Record};
use super::super::keys::SoundKey;
use super::super::record::Pointer;
use super::bits::Balance;
use super::{Checker, Noun, Pair};

/// A key that is a text: findings do not show it.
pub(super) const TEXT: &str = "(text)";

impl Checker {
    /// A row whose value is a record.
    pub(super) fn record<K: SoundKey, R: Record>(
        &mut self,
        name: &'static str,
        key: &[u8],
        value: &[u8],
        take: impl FnOnce(&mut Self, K::SelfType<'_>, &R),
    ) {
        if !K::is_sound(key) {
            return self.fault(name, "?", "the key is none of this table");
        }
        let key = <K as Value>::from_bytes(key);
        match codec::decode::<R>(value) {
            Ok(record) => take(self, key, &record),
            Err(error) => self.fault(name, shown(&key), error),
        }
    }

    /// A record under a number.
    pub(super) fn numbered<R: Record>(
        &mut self,
        name: &'static str,
        key: &[u8],
        value: &[u8],
        take: impl FnOnce(&mut Self, u64, &R),
    ) {
        self.record::<u64, R>(name, key, value, take);
    }

    /// A record that others refer to, under its own number.
    pub(super) fn own<R: Record>(
        &mut self,
        name: &'static str,
        key: &[u8],
        value: &[u8],
        noun: Noun,
        id: impl FnOnce(&R) -> u64,
        take: impl FnOnce(&mut Self, &R),
    ) {
        self.numbered::<R>(name, key, value, |check, number, record| {
            check.same(name, number, id(record));
            if !check.present.entry(noun).or_default().insert(number) {
                check.fault(name, number, "it is there twice");
            }
            take(check, record);
        });
    }

    /// A row that leads to the number of something.
    pub(super) fn pointer<K: SoundKey>(
        &mut self,
        name: &'static str,
        key: &[u8],
        value: &[u8],
        noun: Noun,
        take: impl FnOnce(&mut Self, K::SelfType<'_>, u64),
    ) {
        self.record::<K, Pointer>(name, key, value, |check, key, Pointer(id)| {
            check.refer(name, noun, *id);
            take(check, key, *id);
        });
    }

    /// A row that says everything by its key.
    pub(super) fn link<K: SoundKey>(
        &mut self,
        name: &'static str,
        key: &[u8],
        value: &[u8],
        take: impl FnOnce(&mut Self, K::SelfType<'_>),
    ) {
        if !K::is_sound(key) {
            self.fault(name, "?", "the key is none of this table");
        } else if !value.is_empty() {
            self.fault(name, shown(&<K as Value>::from_bytes(key)), "it has a value");
        } else {
            take(self, <K as Value>::from_bytes(key));
        }
    }

    pub(super) fn refer(&mut self, name: &'static str, noun: Noun, id: u64) {
        self.checked.references += 1;
        self.wanted.entry((name, noun)).or_default().insert(id);
    }

    pub(super) fn refer_all(&mut self, name: &'static str, noun: Noun, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            self.refer(name, noun, id);
        }
    }

    pub(super) fn balance(&mut self, pair: Pair) -> &mut Balance {
        self.balances.entry(pair).or_default()
    }

    pub(super) fn same(&mut self, name: &'static str, key: u64, id: u64) {
        if key != id {
            self.fault(name, key, format!("it says that it is {id}"));
        }
    }

    pub(super) fn fault(&mut self, name: &'static str, key: impl Display, reason: impl Display) {
        self.checked.note(format!("Table {name}, row {key}: {reason}."));
    }
}

/// A key as a finding shows it: numbers, and never a text.
fn shown(key: &impl std::fmt::Debug) -> String {
    let shown = format!("{key:?}");
    if shown.contains('"') || shown.len() > 80 { TEXT.to_owned() } else { shown }
}
