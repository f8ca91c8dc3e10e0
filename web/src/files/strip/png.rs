//! PNG (W3C, third edition): chunks of a length, a name, data and a checksum.

use std::io::{self, BufRead, Write};

use super::{EXIF, broken, copy, read, read_or_end, read_some, skip, turn};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What a picture is shown with: pixels, colours, transparency, its frames, and how large a pixel is.
const KEPT: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

/// The longest chunk, in bytes.
const LONGEST: u32 = u32::MAX >> 1;

/// See `strip::strip`.
pub(super) fn strip(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    if read(input)? != SIGNATURE {
        return Err(broken("no PNG"));
    }
    output.write_all(&SIGNATURE)?;
    let (mut seen_exif, mut seen_pixels) = (false, false);
    while let Some(head) = read_or_end::<8>(input)? {
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        let is_end = kind == *b"IEND";
        if length > LONGEST || is_end && length > 0 {
            return Err(broken("a long chunk"));
        }
        // The checksum follows.
        let rest = u64::from(length) + 4;
        if is_end || KEPT.contains(&&kind) {
            output.write_all(&head)?;
            copy(input, output, rest)?;
        } else if kind == *b"eXIf" {
            let exif = read_some(input, rest, EXIF.min(u64::from(length)))?;
            if let (false, Some(turn)) = (seen_exif, turn(&exif)) {
                write(b"eXIf", &turn, output)?;
            }
            seen_exif = true;
        } else if kind[0].is_ascii_lowercase() {
            skip(input, rest)?;
        } else {
            return Err(broken("a chunk that must be known"));
        }
        seen_pixels |= kind == *b"IDAT";
        if is_end {
            break;
        }
    }
    if seen_pixels {
        Ok(())
    } else {
        Err(broken("no pixels"))
    }
}

fn write(kind: &[u8; 4], data: &[u8], output: &mut impl Write) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(|_| broken("a long chunk"))?;
    output.write_all(&length.to_be_bytes())?;
    output.write_all(kind)?;
    output.write_all(data)?;
    output.write_all(&checksum(kind.iter().chain(data)).to_be_bytes())
}

/// CRC-32 (ISO 3309), bit by bit: of some thirty bytes.
fn checksum<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    !bytes.fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
