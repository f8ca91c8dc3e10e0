//! JPEG (ITU T.81, Annex B): markers, each with a segment; pixels follow a start of scan, up to the next marker.

use std::io::{self, BufRead, Write};

use super::{broken, read, read_or_end, turn};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

const JFIF: &[u8] = b"JFIF\0";
const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const ADOBE: &[u8] = b"Adobe";

/// See `strip::strip`. A picture that breaks off among its pixels stays as far as it goes: decoders show such.
pub(super) fn strip(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    if read(input)? != [0xff, SOI] {
        return Err(broken("no JPEG"));
    }
    output.write_all(&[0xff, SOI])?;
    let (mut seen_exif, mut seen_scan) = (false, false);
    let mut next = marker(input)?;
    while let Some(marker) = next {
        match marker {
            EOI => {
                output.write_all(&[0xff, EOI])?;
                break;
            }
            SOI => return Err(broken("a JPEG in a JPEG")),
            // It stands alone, and means nothing.
            0x01 => {}
            _ => {
                let body = segment(input)?;
                let is_exif = marker == APP1 && body.starts_with(EXIF);
                if !is_exif || !seen_exif {
                    keep(marker, &body, output)?;
                }
                seen_exif |= is_exif;
            }
        }
        seen_scan |= marker == SOS;
        next = if marker == SOS {
            scan(input, output)?
        } else {
            self::marker(input)?
        };
    }
    if seen_scan {
        Ok(())
    } else {
        Err(broken("no scan"))
    }
}

/// Writes what is needed of a segment.
fn keep(marker: u8, body: &[u8], output: &mut impl Write) -> io::Result<()> {
    match marker {
        // Frames, tables, scans.
        0xc0..=0xcf | 0xda..=0xdf => write(marker, &[body], output),
        // Without the small picture that it may hold, which may show more than the picture.
        APP0 if body.starts_with(JFIF) && body.len() >= 14 => {
            write(marker, &[&body[..12], &[0, 0]], output)
        }
        APP1 if body.starts_with(EXIF) => match turn(&body[EXIF.len()..]) {
            Some(turn) => write(marker, &[EXIF, &turn], output),
            None => Ok(()),
        },
        APP2 if body.starts_with(ICC) => write(marker, &[body], output),
        // How colours are written.
        APP14 if body.starts_with(ADOBE) && body.len() >= 12 => {
            write(marker, &[&body[..12]], output)
        }
        _ => Ok(()),
    }
}

fn write(marker: u8, parts: &[&[u8]], output: &mut impl Write) -> io::Result<()> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>() + 2;
    let length = u16::try_from(length).map_err(|_| broken("a long segment"))?;
    output.write_all(&[0xff, marker])?;
    output.write_all(&length.to_be_bytes())?;
    parts.iter().try_for_each(|part| output.write_all(part))
}

/// The segment of a marker, at most 65,533 bytes.
fn segment(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let length = u16::from_be_bytes(read(input)?);
    let length = length
        .checked_sub(2)
        .ok_or_else(|| broken("a short segment"))?;
    let mut body = vec![0; usize::from(length)];
    input.read_exact(&mut body)?;
    Ok(body)
}

/// The next marker, or none at the end. What stands before it is passed over, as decoders do.
fn marker(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    scan(input, &mut io::sink())
}

/// Copies pixels up to the next marker, and gives that; none at the end. Restarts and zeros that were put in are pixels.
fn scan(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<Option<u8>> {
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let found = bytes.iter().position(|byte| *byte == 0xff);
        let pixels = found.unwrap_or(bytes.len());
        output.write_all(&bytes[..pixels])?;
        input.consume(pixels);
        if found.is_none() {
            continue;
        }
        let mut code = 0xff;
        while code == 0xff {
            let Some([next]) = read_or_end(input)? else {
                return Ok(None);
            };
            code = next;
        }
        match code {
            0 | 0xd0..=0xd7 => output.write_all(&[0xff, code])?,
            marker => return Ok(Some(marker)),
        }
    }
}
