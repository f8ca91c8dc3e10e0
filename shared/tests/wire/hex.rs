//! The golden files: bytes as two digits each, `#` begins a comment.
//!
//! The first lines are the frame as this test understands it; then come the root's parts one by one and the body in
//! rows of 16 bytes, with their text at the side.

use std::fmt::{Debug, Write};

/// The bytes in the text of a golden file.
pub(crate) fn parse(text: &str) -> Vec<u8> {
    let digits = text.lines().map(|line| line.split('#').next().unwrap());
    let pairs = digits.flat_map(str::split_whitespace);
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// The text of the golden file `name` for `bytes`, a buffer whose root table has these fields in the order of the
/// schema.
pub(crate) fn annotate(
    name: &str,
    value: &impl Debug,
    bytes: &[u8],
    fields: &[(&str, usize)],
) -> String {
    let mut text = format!("# {name}\n#\n");
    for line in outline(value).lines() {
        writeln!(text, "# {line}").unwrap();
    }
    text.push_str("#\n");
    let mut marks = marks(bytes, fields);
    marks.sort_by_key(|mark| mark.0);
    let mut at = 0;
    for (start, length, meaning) in marks {
        rows(&mut text, bytes, at, start);
        row(&mut text, &bytes[start..start + length], &meaning);
        at = start + length;
    }
    rows(&mut text, bytes, at, bytes.len());
    text
}

/// The value over many lines, with what is in a newtype on one.
fn outline(value: &impl Debug) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in format!("{value:#?}").lines() {
        let opened = |back: usize| lines.len() >= back && lines[lines.len() - back].ends_with('(');
        let short = line.trim_start();
        if short.starts_with(')') && opened(2) {
            let inner = lines.pop().unwrap();
            let line = lines.last_mut().unwrap();
            line.push_str(inner.trim().trim_end_matches(','));
            line.push_str(short);
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// Where the parts of the root table lie: start, length, meaning.
fn marks(bytes: &[u8], fields: &[(&str, usize)]) -> Vec<(usize, usize, String)> {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let i32_at = |at: usize| i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let root = i32_at(0) as usize;
    let vtable = (root as i64 - i64::from(i32_at(root))) as usize;
    let vtable_length = u16_at(vtable);
    let mut marks = vec![
        (0, 4, format!("root table at {root:#04x}")),
        (4, 4, "file identifier".to_owned()),
        (
            vtable,
            vtable_length,
            format!(
                "vtable of the root: its size, the table's size, {} fields",
                vtable_length / 2 - 2
            ),
        ),
        (root, 4, "root table: distance to its vtable".to_owned()),
    ];
    for (index, (field, length)) in fields.iter().enumerate() {
        let slot = 4 + 2 * index;
        if slot < vtable_length && u16_at(vtable + slot) != 0 {
            marks.push((root + u16_at(vtable + slot), *length, (*field).to_owned()));
        }
    }
    marks
}

fn rows(text: &mut String, bytes: &[u8], from: usize, to: usize) {
    for (index, chunk) in bytes[from..to].chunks(16).enumerate() {
        let readable = |byte: &u8| {
            if byte.is_ascii_graphic() {
                char::from(*byte)
            } else {
                '.'
            }
        };
        let side: String = chunk.iter().map(readable).collect();
        row(text, chunk, &format!("{:#04x} {side}", from + 16 * index));
    }
}

fn row(text: &mut String, bytes: &[u8], comment: &str) {
    for byte in bytes {
        write!(text, "{byte:02x} ").unwrap();
    }
    writeln!(text, "# {comment}").unwrap();
}
