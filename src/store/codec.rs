//! Bytes of a value: version, checksum, then bincode with every option spelled out.
//!
//! The only place that names bincode, so that it can be replaced (its `legacy` bytes are what these options write).
//! redb does not check checksums on ordinary reads, so each value carries its own. Invariant: a value decodes to what
//! was encoded, consuming every byte, or it is reported; it never panics.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::RECORD_BYTES_MAX;

/// Version byte and checksum.
const HEADER_BYTES: usize = 5;

const OPTIONS: Configuration<LittleEndian, Fixint, Limit<RECORD_BYTES_MAX>> =
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<RECORD_BYTES_MAX>();

/// Why bytes are not a value.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodecError {
    /// Too short to hold version and checksum.
    #[error("the value is cut short")]
    Short,
    /// The bytes are not those that were written.
    #[error("the checksum does not match")]
    Checksum,
    /// Written by a newer Deskbell, or not by Deskbell.
    #[error("version {0} of this record is unknown")]
    Version(u8),
    /// The checksum holds, yet the content is not of the expected shape.
    #[error("{0}")]
    Shape(String),
}

/// A kind of record: a domain type, the shape in which it is stored, and the number of that shape.
pub(super) trait Record: Sized {
    /// The newest shape's number.
    const VERSION: u8;
    /// The newest shape.
    type Stored: Serialize + DeserializeOwned;

    /// The shape of this value.
    fn to_stored(&self) -> Self::Stored;

    /// The value of this shape.
    fn from_stored(stored: Self::Stored) -> Result<Self, CodecError>;

    /// The value of a shape with this number. A later version overrides this and keeps the arms of the earlier ones.
    fn from_version(version: u8, payload: &[u8]) -> Result<Self, CodecError> {
        if version == Self::VERSION { Self::from_stored(shape(payload)?) } else { Err(CodecError::Version(version)) }
    }
}

/// A record whose value is its own stored shape.
macro_rules! stored_as_is {
    ($record:ty) => {
        impl $crate::store::codec::Record for $record {
            const VERSION: u8 = 1;
            type Stored = Self;

            fn to_stored(&self) -> Self {
                self.clone()
            }

            fn from_stored(stored: Self) -> Result<Self, $crate::store::codec::CodecError> {
                Ok(stored)
            }
        }
    };
}

pub(super) use stored_as_is;

/// The bytes of a value.
pub(super) fn encode<R: Record>(record: &R) -> Vec<u8> {
    let mut bytes = vec![R::VERSION, 0, 0, 0, 0];
    bincode::serde::encode_into_std_write(record.to_stored(), &mut bytes, OPTIONS)
        .expect("our shapes have no maps and no unsized parts, and memory does not fail");
    let checksum = checksum(R::VERSION, &bytes[HEADER_BYTES..]);
    bytes[1..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The value of these bytes.
pub(super) fn decode<R: Record>(bytes: &[u8]) -> Result<R, CodecError> {
    let (header, payload) = bytes.split_at_checked(HEADER_BYTES).ok_or(CodecError::Short)?;
    let [version, written @ ..] = header else { return Err(CodecError::Short) };
    if checksum(*version, payload).to_le_bytes() != written {
        return Err(CodecError::Checksum);
    }
    R::from_version(*version, payload)
}

/// The shape in these bytes, all of them.
pub(super) fn shape<S: DeserializeOwned>(payload: &[u8]) -> Result<S, CodecError> {
    let (stored, used) = bincode::serde::decode_from_slice(payload, OPTIONS)
        .map_err(|error| CodecError::Shape(format!("not of the expected shape: {error}")))?;
    if used == payload.len() { Ok(stored) } else { Err(CodecError::Shape("bytes are left over".to_owned())) }
}

fn checksum(version: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[version]);
    hasher.update(payload);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::{CodecError, decode, encode};
    use crate::store::record::Pointer;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let bytes = encode(&Pointer(0x0102_0304_0506_0708));
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode::<Pointer>(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(decode::<Pointer>(&bytes[..length]).is_err(), "cut to {length}");
        }
        assert_eq!(decode::<Pointer>(&bytes).expect("undamaged"), Pointer(0x0102_0304_0506_0708));
    }

    #[test]
    fn bytes_left_over_and_unknown_versions_are_refused() {
        let mut longer = encode(&Pointer(7));
        longer.push(0);
        let checksum = super::checksum(longer[0], &longer[5..]);
        longer[1..5].copy_from_slice(&checksum.to_le_bytes());
        assert!(matches!(decode::<Pointer>(&longer), Err(CodecError::Shape(_))));

        let mut newer = encode(&Pointer(7));
        newer[0] = 200;
        let checksum = super::checksum(200, &newer[5..]);
        newer[1..5].copy_from_slice(&checksum.to_le_bytes());
        assert!(matches!(decode::<Pointer>(&newer), Err(CodecError::Version(200))));
    }
}
