//! Takes out of a picture what it tells beside its pixels: where and when it was taken, by whose camera, by whom. JPEG, PNG and WebP lie in
//! containers of segments or chunks; those that are needed to show the picture are copied as they are, and everything else is left out, also
//! what nobody knows yet and what follows the end. Nothing is decoded, so pixels, colours and animations stay the same to the bit.
//!
//! Of the EXIF one tag stays, the orientation, where the picture is shown turned: browsers turn by it.
//!
//! Memory: the buffers of the reader and the writer, and one segment or the beginning of one chunk, of at most [`EXIF`] bytes.

mod jpeg;
mod png;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod webp;

use std::io::{self, BufRead, ErrorKind, Read as _, Seek, Write};

use image::ImageFormat;
use image::metadata::Orientation;

/// So much of an EXIF is looked into, in bytes: no JPEG has a longer one, and the orientation stands at its beginning.
const EXIF: u64 = 1 << 16;

/// An EXIF that says one thing. Bytes.
type Turn = [u8; 26];

/// Whether pictures of this format are stripped.
#[must_use]
pub fn is_stripped(format: ImageFormat) -> bool {
    matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
    )
}

/// Copies a picture without what it tells beside its pixels. The output is empty before. Other formats than those of [`is_stripped`] are refused.
///
/// # Errors
/// `InvalidData` and `UnexpectedEof`: the container is not one of this format. Others are those of input and output.
pub fn strip(
    input: &mut impl BufRead,
    output: &mut (impl Write + Seek),
    format: ImageFormat,
) -> io::Result<()> {
    match format {
        ImageFormat::Jpeg => jpeg::strip(input, output),
        ImageFormat::Png => png::strip(input, output),
        ImageFormat::WebP => webp::strip(input, output),
        _ => Err(broken("another format")),
    }
}

/// Whether an error of [`strip`] is the picture's.
#[must_use]
pub fn is_broken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof
    )
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// What is left of an EXIF; none where the picture is shown as it lies. TIFF, big-endian: one directory of one entry.
fn turn(exif: &[u8]) -> Option<Turn> {
    let number = Orientation::from_exif_chunk(exif)?.to_exif();
    let mut turn = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    turn[19] = number;
    (number != Orientation::NoTransforms.to_exif()).then_some(turn)
}

/// The next bytes.
fn read<const N: usize>(input: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The same, or none at the end.
fn read_or_end<const N: usize>(input: &mut impl BufRead) -> io::Result<Option<[u8; N]>> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    read(input).map(Some)
}

/// The first `keep` of the next `length` bytes; the others are passed over.
fn read_some(input: &mut impl BufRead, length: u64, keep: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let kept = length.min(keep);
    copy(input, &mut bytes, kept)?;
    skip(input, length - kept)?;
    Ok(bytes)
}

fn copy(input: &mut impl BufRead, output: &mut impl Write, length: u64) -> io::Result<()> {
    if io::copy(&mut input.take(length), output)? == length {
        Ok(())
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}

fn skip(input: &mut impl BufRead, length: u64) -> io::Result<()> {
    copy(input, &mut io::sink(), length)
}
