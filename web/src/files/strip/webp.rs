//! WebP (RFC 9649): RIFF chunks of a name, a length, data and a byte where the length is odd. Nothing is put between the chunks, and what they
//! are together is said at the beginning.

use std::io::{self, BufRead, Read as _, Seek, SeekFrom, Write};

use super::{EXIF, broken, copy, read, read_or_end, read_some, skip, turn};

/// Where the length of all is.
const LENGTH_AT: u64 = 4;

/// Where the flags are, in a file that has them.
const FLAGS_AT: u64 = 20;

/// Of the flags: there is an EXIF, or XMP.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// The data of `VP8X` in bytes, and what stands before the chunks of a frame.
const CANVAS: usize = 10;
const FRAME: u64 = 16;

/// See `strip::strip`.
pub(super) fn strip(input: &mut impl BufRead, output: &mut (impl Write + Seek)) -> io::Result<()> {
    let [r, i, f0, f1, a, b, c, d, w @ ..] = read::<12>(input)?;
    if [r, i, f0, f1] != *b"RIFF" || w != *b"WEBP" {
        return Err(broken("no WebP"));
    }
    output.write_all(b"RIFF\0\0\0\0WEBP")?;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let input = &mut input.take(length.saturating_sub(4));
    let (mut first, mut seen_pixels) = (true, false);
    let (mut flags, mut exif) = (0, None);
    while let Some(head) = read_or_end::<8>(input)? {
        let (kind, length) = split(head);
        match &kind {
            b"VP8X" if first => {
                let rest = length.checked_sub(CANVAS as u64);
                let mut canvas = read::<CANVAS>(input)?;
                skip(input, rest.ok_or_else(|| broken("a short canvas"))?)?;
                flags = canvas[0];
                canvas[0] &= !(HAS_EXIF | HAS_XMP);
                write(*b"VP8X", &canvas, output)?;
                pad(input, length)?;
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => keep(head, input, output)?,
            b"ANMF" => {
                output.write_all(&head)?;
                frame(input, output, length)?;
            }
            b"EXIF" if exif.is_none() && flags & HAS_EXIF != 0 => {
                let data = read_some(input, length, EXIF)?;
                pad(input, length)?;
                // Some programs write it as it stands in a JPEG.
                exif = turn(data.strip_prefix(b"Exif\0\0").unwrap_or(&data));
                if let Some(turn) = &exif {
                    write(*b"EXIF", turn, output)?;
                }
            }
            _ => {
                skip(input, length)?;
                pad(input, length)?;
            }
        }
        first = false;
        seen_pixels |= matches!(&kind, b"VP8 " | b"VP8L" | b"ANMF");
    }
    if !seen_pixels {
        return Err(broken("no pixels"));
    }
    let end = output.stream_position()?;
    let length = u32::try_from(end - 8).map_err(|_| broken("a long file"))?;
    output.seek(SeekFrom::Start(LENGTH_AT))?;
    output.write_all(&length.to_le_bytes())?;
    if exif.is_some() {
        output.seek(SeekFrom::Start(FLAGS_AT))?;
        output.write_all(&[flags & !HAS_XMP])?;
    }
    output.seek(SeekFrom::Start(end))?;
    Ok(())
}

/// Copies a frame, whose chunks are its pixels. No program writes another; who does is refused, because the length of the frame is written by now.
fn frame(input: &mut impl BufRead, output: &mut impl Write, length: u64) -> io::Result<()> {
    copy(input, output, FRAME)?;
    let chunks = length.checked_sub(FRAME);
    let chunks = chunks.ok_or_else(|| broken("a short frame"))?;
    let mut whole = input.take(chunks);
    while let Some(head) = read_or_end::<8>(&mut whole)? {
        if !matches!(&split(head).0, b"VP8 " | b"VP8L" | b"ALPH") {
            return Err(broken("a frame that holds more than pixels"));
        }
        keep(head, &mut whole, output)?;
    }
    if whole.limit() > 0 || length % 2 == 1 {
        return Err(broken("a frame that breaks off"));
    }
    Ok(())
}

fn split(head: [u8; 8]) -> ([u8; 4], u64) {
    let [k, i, n, d, a, b, c, e] = head;
    ([k, i, n, d], u64::from(u32::from_le_bytes([a, b, c, e])))
}

/// Copies a chunk.
fn keep(head: [u8; 8], input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let (_, length) = split(head);
    output.write_all(&head)?;
    copy(input, output, length)?;
    pad(input, length)?;
    output.write_all(&[0][..usize::from(length % 2 == 1)])
}

/// A chunk of an even length.
fn write(kind: [u8; 4], data: &[u8], output: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(|_| broken("a long chunk"))?;
    output.write_all(&kind)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(data)
}

/// Passes over the byte after data of an odd length; the last one may be missing.
fn pad(input: &mut impl BufRead, length: u64) -> io::Result<()> {
    if length % 2 == 1 {
        read_or_end::<1>(input)?;
    }
    Ok(())
}
