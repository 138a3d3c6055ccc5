//! Small pictures of large ones, for the transcript.
//!
//! Apart because decoding a stranger's picture costs memory: size and number at once are bounded here and by the caller.
//! Invariant: what cannot be made small is shown as it is; a small picture is never kept without its original.

use std::fs::File;
use std::io::{self, BufReader, Cursor};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

use crate::limits::{THUMBNAIL_DECODED_BYTES_MAX, THUMBNAIL_EDGE_PIXELS_MAX, THUMBNAIL_JPEG_QUALITY};

/// The picture as a JPEG of at most `THUMBNAIL_EDGE_PIXELS_MAX` on each side, upright.
///
/// # Errors
/// It is no picture that can be read, too large to be decoded, small already, or lets what is behind it be seen.
pub(super) fn of(file: File) -> io::Result<Vec<u8>> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(THUMBNAIL_DECODED_BYTES_MAX);
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(io::Error::other)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) <= THUMBNAIL_EDGE_PIXELS_MAX {
        return Err(io::Error::other("small already"));
    }
    if decoder.color_type().has_alpha() {
        return Err(io::Error::other("it has no ground of its own"));
    }
    let orientation = decoder.orientation().map_err(io::Error::other)?;
    let whole = DynamicImage::from_decoder(decoder).map_err(io::Error::other)?;
    let mut small = whole.thumbnail(THUMBNAIL_EDGE_PIXELS_MAX, THUMBNAIL_EDGE_PIXELS_MAX);
    drop(whole);
    small.apply_orientation(orientation);
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, THUMBNAIL_JPEG_QUALITY);
    small.to_rgb8().write_with_encoder(encoder).map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}
