//! The place in a list of hits from which the next page goes on, as a text that only we read.
//!
//! Invariant: a cursor of another query, or one that somebody made up, is refused and never misread.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::time::Timestamp;

use super::entry::Key;
use super::newest::Place;
use super::rank::{Scored, Statistics};

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cursor {
    /// The hits in all when the first page was made.
    pub(super) total: u64,
    /// Whether there were no more.
    pub(super) exact: bool,
    pub(super) after: After,
}

/// The last hit of the page before.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum After {
    /// By time.
    Newest(Place),
    /// By score, with what scores are computed from.
    Best(Scored, Statistics),
}

impl Cursor {
    /// As a text. `question` is everything that the hits depend on.
    pub(super) fn write(&self, question: &str) -> String {
        let mut bytes = crc32fast::hash(question.as_bytes()).to_le_bytes().to_vec();
        bytes.extend(self.total.to_le_bytes());
        bytes.push(u8::from(self.exact));
        let place = match &self.after {
            After::Newest(place) => place,
            After::Best(hit, _) => &hit.place,
        };
        bytes.extend(place.0.0.to_le_bytes());
        bytes.extend(place.1.0.to_le_bytes());
        if let After::Best(hit, statistics) = &self.after {
            bytes.extend(hit.score.to_le_bytes());
            bytes.extend(statistics.length.to_le_bytes());
            bytes.extend(statistics.documents.to_le_bytes());
            bytes.extend(statistics.having.iter().flat_map(|count| count.to_le_bytes()));
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads it back, if it belongs to the question.
    pub(super) fn read(text: &str, question: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut rest = bytes.as_slice();
        let fits = crc32fast::hash(question.as_bytes()) == u32::from_le_bytes(take(&mut rest)?);
        let total = u64::from_le_bytes(take(&mut rest)?);
        let exact = take::<1>(&mut rest)? == [1];
        let at = Timestamp(i64::from_le_bytes(take(&mut rest)?));
        let place = (at, Key(u64::from_le_bytes(take(&mut rest)?)));
        if !fits {
            return None;
        }
        if rest.is_empty() {
            return Some(Self { total, exact, after: After::Newest(place) });
        }
        let score = f32::from_le_bytes(take(&mut rest)?);
        let length = f32::from_le_bytes(take(&mut rest)?);
        let documents = u64::from_le_bytes(take(&mut rest)?);
        let mut having = Vec::new();
        while !rest.is_empty() {
            having.push(u64::from_le_bytes(take(&mut rest)?));
        }
        let sane = score.is_finite() && length.is_finite() && length >= 1.0;
        let after = After::Best(Scored { score, place }, Statistics { documents, length, having });
        sane.then_some(Self { total, exact, after })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}
