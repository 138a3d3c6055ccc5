//! Many numbers in little memory, and tables compared without being held.
//!
//! Numbers are counted up, so bitmaps of their ranges are dense. Invariant: memory is bounded by the rows that were seen,
//! whatever numbers they name.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Numbers of one page.
const PAGE_NUMBERS: u64 = 4_096;
/// Words of one page.
const PAGE_WORDS: usize = 64;

/// A set of numbers.
#[derive(Default)]
pub(super) struct Numbers {
    pages: BTreeMap<u64, Box<[u64; PAGE_WORDS]>>,
    count: u64,
}

/// Page, word in it, bit in that.
fn place(number: u64) -> (u64, usize, u64) {
    let within = number % PAGE_NUMBERS;
    (number / PAGE_NUMBERS, usize::try_from(within / 64).unwrap_or(0), 1 << (within % 64))
}

impl Numbers {
    /// Whether it is new.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        let (page, word, bit) = place(number);
        let word = &mut self.pages.entry(page).or_insert_with(|| Box::new([0; PAGE_WORDS]))[word];
        let is_new = *word & bit == 0;
        *word |= bit;
        self.count += u64::from(is_new);
        is_new
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let (page, word, bit) = place(number);
        self.pages.get(&page).is_some_and(|page| page[word] & bit != 0)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn last(&self) -> Option<u64> {
        let (page, words) = self.pages.last_key_value()?;
        let (word, bits) = words.iter().enumerate().rev().find(|(_, bits)| **bits != 0)?;
        Some(page * PAGE_NUMBERS + word as u64 * 64 + u64::from(63 - bits.leading_zeros()))
    }

    /// Those that are not in the other set, in order.
    pub(super) fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u64> + 'a {
        self.pages.iter().flat_map(move |(page, words)| {
            let theirs = other.pages.get(page);
            words.iter().enumerate().flat_map(move |(word, bits)| {
                let left = bits & !theirs.map_or(0, |theirs| theirs[word]);
                let bits = (0..64).filter(move |bit| left & (1 << bit) != 0);
                bits.map(move |bit| page * PAGE_NUMBERS + word as u64 * 64 + bit)
            })
        })
    }
}

/// For each number one byte of a hash: whether something else that names the number means the same.
#[derive(Default)]
pub(super) struct Marks {
    pages: BTreeMap<u64, Box<[u8; 256]>>,
    numbers: Numbers,
}

impl Marks {
    pub(super) fn set(&mut self, number: u64, marked: &(impl Hash + ?Sized)) {
        let page = self.pages.entry(number / 256).or_insert_with(|| Box::new([0; 256]));
        page[usize::from(number.to_le_bytes()[0])] = byte(marked);
        self.numbers.insert(number);
    }

    pub(super) fn fits(&self, number: u64, marked: &(impl Hash + ?Sized)) -> bool {
        let page = self.pages.get(&(number / 256));
        self.numbers.contains(number)
            && page.is_some_and(|page| page[usize::from(number.to_le_bytes()[0])] == byte(marked))
    }

    pub(super) fn count(&self) -> u64 {
        self.numbers.count()
    }
}

fn byte(marked: &(impl Hash + ?Sized)) -> u8 {
    hash(marked).to_le_bytes()[0]
}

/// A hash that is the same in every run of this program.
pub(super) fn hash(hashed: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    hashed.hash(&mut hasher);
    hasher.finish()
}

/// Whether two lists hold the same, in whatever order they come.
#[derive(Default)]
pub(super) struct Balance {
    lefts: u64,
    rights: u64,
    sum: u64,
}

impl Balance {
    pub(super) fn left(&mut self, entry: &(impl Hash + ?Sized)) {
        self.lefts += 1;
        self.sum = self.sum.wrapping_add(hash(entry));
    }

    pub(super) fn right(&mut self, entry: &(impl Hash + ?Sized)) {
        self.rights += 1;
        self.sum = self.sum.wrapping_sub(hash(entry));
    }

    /// How many each side holds, when they are not the same.
    pub(super) fn difference(&self) -> Option<(u64, u64)> {
        (self.lefts != self.rights || self.sum != 0).then_some((self.lefts, self.rights))
    }
}

#[cfg(test)]
mod tests {
    use super::{Balance, Marks, Numbers};

    #[test]
    fn numbers_are_a_set() {
        let (mut numbers, mut others) = (Numbers::default(), Numbers::default());
        assert_eq!((numbers.last(), numbers.count()), (None, 0));
        for number in [0, 1, 63, 64, 4_095, 4_096, 1 << 40, u64::MAX] {
            assert!(numbers.insert(number), "{number}");
            assert!(!numbers.insert(number), "{number}");
            assert!(numbers.contains(number) && !others.contains(number), "{number}");
        }
        assert_eq!((numbers.last(), numbers.count()), (Some(u64::MAX), 8));
        for number in [1, 64, 1 << 40, 77] {
            others.insert(number);
        }
        assert_eq!(numbers.without(&others).collect::<Vec<_>>(), [0, 63, 4_095, 4_096, u64::MAX]);
        assert_eq!(others.without(&numbers).collect::<Vec<_>>(), [77]);
    }

    #[test]
    fn lists_balance_in_any_order_and_not_when_one_entry_differs() {
        let mut balance = Balance::default();
        for entry in [(1, "a"), (2, "b"), (2, "b")] {
            balance.left(&entry);
        }
        for entry in [(2, "b"), (1, "a"), (2, "b")] {
            balance.right(&entry);
        }
        assert_eq!(balance.difference(), None);
        balance.left(&(3, "c"));
        assert_eq!(balance.difference(), Some((4, 3)));
        balance.right(&(3, "d"));
        assert_eq!(balance.difference(), Some((4, 4)));
    }

    #[test]
    fn a_mark_fits_what_it_was_made_of() {
        let mut marks = Marks::default();
        marks.set(300, "one");
        assert!(marks.fits(300, "one") && !marks.fits(301, "one") && !marks.fits(300, "two"));
        assert_eq!(marks.count(), 1);
    }
}
