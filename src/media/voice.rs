//! A voice note as browsers record it becomes one as phones play it: Opus out of WebM into Ogg (RFC 7845).
//!
//! Apart because it is the only place that opens a container. The sound itself stays as it is. Invariant: anything but
//! one track of Opus is refused, and stays the file that it was.

use std::fs::File;
use std::io::{self, Write};

use ogg::writing::{PacketWriteEndInfo, PacketWriter};
use symphonia_core::codecs::CodecParameters;
use symphonia_core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia_core::errors::Error;
use symphonia_core::formats::{FormatOptions, FormatReader as _};
use symphonia_core::io::{MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource};
use symphonia_core::packet::Packet;
use symphonia_format_mkv::MkvReader;

/// The number of the one stream in the file.
const STREAM: u32 = 1;
/// Granule positions count samples at 48 kHz, whatever was recorded (RFC 7845, section 4).
const SAMPLES_PER_MS: u64 = 48;
/// Player's words on who made the file: none (RFC 7845, section 5.2: the vendor, and no comments).
const TAGS: &[u8] = b"OpusTags\x08\0\0\0deskbell\0\0\0\0";
/// A page of sound at least every so often, so that a player can begin before the file is whole.
const PAGE_SAMPLES: u64 = 1_000 * SAMPLES_PER_MS;

/// The first bytes of WebM and of every other file of its family.
pub(super) const EBML: &[u8] = b"\x1a\x45\xdf\xa3";

/// Writes the sound of a WebM recording as Ogg.
///
/// # Errors
/// It is not one track of Opus, or it cannot be read or written.
pub(super) fn write_ogg(webm: File, write: impl Write) -> io::Result<()> {
    // Read from one end to the other: a browser that records cannot go back and write down how long a part became.
    let source = MediaSourceStream::new(Box::new(ReadOnlySource::new(webm)), MediaSourceStreamOptions::default());
    let mut reader = MkvReader::try_new(source, FormatOptions::default()).map_err(io::Error::other)?;
    let [track] = reader.tracks() else { return Err(refused("not one track")) };
    let Some(CodecParameters::Audio(sound)) = &track.codec_params else { return Err(refused("no sound")) };
    let head = sound.extra_data.clone().filter(|head| sound.codec == CODEC_ID_OPUS && head.starts_with(b"OpusHead"));
    let head = head.ok_or_else(|| refused("not Opus"))?;

    let mut writer = PacketWriter::new(write);
    writer.write_packet(head.into_vec(), STREAM, PacketWriteEndInfo::EndPage, 0)?;
    writer.write_packet(TAGS, STREAM, PacketWriteEndInfo::EndPage, 0)?;
    let (mut samples, mut page_from) = (0, 0);
    let mut waiting: Option<Box<[u8]>> = None;
    while let Some(packet) = next(&mut reader)? {
        if let Some(earlier) = waiting.replace(packet.data) {
            samples += samples_of(&earlier).ok_or_else(|| refused("a packet of no length"))?;
            let full = samples - page_from >= PAGE_SAMPLES;
            let end = if full { PacketWriteEndInfo::EndPage } else { PacketWriteEndInfo::NormalPacket };
            page_from = if full { samples } else { page_from };
            writer.write_packet(earlier.into_vec(), STREAM, end, samples)?;
        }
    }
    let last = waiting.ok_or_else(|| refused("no sound at all"))?;
    samples += samples_of(&last).ok_or_else(|| refused("a packet of no length"))?;
    writer.write_packet(last.into_vec(), STREAM, PacketWriteEndInfo::EndStream, samples)
}

/// The next packet. A part of unknown length ends where the file does.
fn next(reader: &mut MkvReader<'_>) -> io::Result<Option<Packet>> {
    match reader.next_packet() {
        Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        packet => packet.map_err(io::Error::other),
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// How long a packet of Opus sounds, in samples at 48 kHz: by its first byte and, with code 3, its second
/// (RFC 6716, section 3.1).
fn samples_of(packet: &[u8]) -> Option<u64> {
    let first = *packet.first()?;
    let (config, code) = (first >> 3, first & 3);
    let frame = match config {
        0..12 => [480, 960, 1_920, 2_880][usize::from(config % 4)],
        12..16 => [480, 960][usize::from(config % 2)],
        _ => [120, 240, 480, 960][usize::from(config % 4)],
    };
    let frames = match code {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(*packet.get(1)? & 0x3f),
    };
    Some(frame * frames)
}

#[cfg(test)]
mod tests {
    use super::samples_of;

    #[test]
    fn the_first_bytes_say_how_long_a_packet_sounds() {
        for (packet, samples) in [
            (&[0xfb, 0x03, 0xff][..], Some(2_880)),
            (&[0x78], Some(960)),
            (&[0x08], Some(960)),
            (&[0x18], Some(2_880)),
            (&[0x61], Some(960)),
            (&[0x80], Some(120)),
            (&[0x83], None),
            (&[], None),
        ] {
            assert_eq!(samples_of(packet), samples, "{packet:?}");
        }
    }
}
