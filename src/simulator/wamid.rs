//! Message ids as WhatsApp makes them: `wamid.` and base64 over the customer's number, the direction and a unique part.
//!
//! Apart because the id carries what the simulator needs to know about a message that its capped transcripts have
//! already forgotten. Invariant: two simulators, or one started twice, never make the same id.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::faults::mix;

/// Who wrote the message that an id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    FromCustomer,
    FromBusiness,
}

/// Makes ids; one for each simulator.
pub(crate) struct WamidMaker {
    start: u64,
    made: AtomicU64,
}

impl WamidMaker {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self {
            start: getrandom::u64().map_err(|error| std::io::Error::other(error.to_string()))?,
            made: AtomicU64::new(0),
        })
    }

    /// A new id for a message between the business and the customer `wa_id`.
    pub(crate) fn make(&self, wa_id: &str, direction: Direction) -> String {
        let unique = mix(self.start.wrapping_add(self.made.fetch_add(1, Ordering::Relaxed)));
        let mut bytes = Vec::with_capacity(48);
        bytes.extend([0x1c, 0x18, u8::try_from(wa_id.len()).unwrap_or(u8::MAX)]);
        bytes.extend(wa_id.as_bytes());
        let (mark, unique) = match direction {
            Direction::FromBusiness => (0x11, format!("{unique:016X}9A")),
            Direction::FromCustomer => (0x12, format!("3A{unique:016X}7B")),
        };
        bytes.extend([0x15, 0x02, 0x00, mark, 0x18]);
        bytes.push(u8::try_from(unique.len()).expect("at most twenty digits"));
        bytes.extend(unique.as_bytes());
        bytes.push(0);
        format!("wamid.{}", STANDARD.encode(bytes))
    }
}

/// The customer and the direction that an id names; `None` if it is no id of this shape.
pub(crate) fn read(wamid: &str) -> Option<(String, Direction)> {
    let bytes = STANDARD.decode(wamid.strip_prefix("wamid.")?).ok()?;
    let number_bytes = usize::from(*bytes.get(2)?);
    let number = std::str::from_utf8(bytes.get(3..3 + number_bytes)?).ok()?;
    let direction = match bytes.get(3 + number_bytes + 3)? {
        0x11 => Direction::FromBusiness,
        0x12 => Direction::FromCustomer,
        _ => return None,
    };
    Some((number.to_owned(), direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_customer_and_direction() {
        let maker = WamidMaker::new().expect("the system has random bytes");
        for direction in [Direction::FromCustomer, Direction::FromBusiness] {
            let wamid = maker.make("16505551234", direction);
            assert_eq!(read(&wamid), Some(("16505551234".to_owned(), direction)));
        }
    }

    #[test]
    fn ids_published_by_meta_have_the_same_shape() {
        assert_eq!(
            read("wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjY4OTU1NEEwQTZFNzcA"),
            Some(("16503879439".to_owned(), Direction::FromBusiness))
        );
    }

    #[test]
    fn nonsense_is_no_id() {
        for text in ["", "wamid.", "wamid.AA==", "wamid.%%", "HBgLMTY1MDM4Nzk0Mzk"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn ids_do_not_repeat() {
        let maker = WamidMaker::new().expect("the system has random bytes");
        let ids: std::collections::HashSet<String> =
            (0..10_000).map(|_| maker.make("1", Direction::FromCustomer)).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
