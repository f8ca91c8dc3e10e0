//! `docs/errors.md` describes every code, with the numbers that hold.

use im_shared::wire::{CloseCode, Code};

fn document() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");
    std::fs::read_to_string(file).unwrap()
}

/// The first cells of the table rows that begin with `number`.
fn row(document: &str, number: u16) -> Vec<String> {
    let mut rows = document.lines().map(|line| {
        line.split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    });
    rows.find(|cells| cells.len() > 4 && cells[1] == number.to_string())
        .unwrap_or_default()
}

#[test]
fn every_code_is_described_with_its_name_and_status() {
    let document = document();
    for code in Code::ENUM_VALUES {
        let row = row(&document, code.0);
        let expected = [
            code.0.to_string(),
            format!("`{}`", code.name()),
            code.http_status().to_string(),
        ];
        assert_eq!(row.get(1..4), Some(&expected[..]), "{}", code.name());
    }
}

#[test]
fn every_close_code_is_described_with_its_name_and_what_to_do() {
    let document = document();
    for code in CloseCode::ENUM_VALUES
        .iter()
        .filter(|code| **code != CloseCode::None)
    {
        let row = row(&document, code.0);
        let again = if code.may_reconnect() { "yes" } else { "no" };
        let expected = [
            code.0.to_string(),
            format!("`{}`", code.name()),
            again.to_owned(),
        ];
        assert_eq!(row.get(1..4), Some(&expected[..]), "{}", code.name());
    }
}
