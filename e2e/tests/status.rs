//! The promises of `docs/status.md` and the documents that they stand among.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every promise: letter and how many rows it has.
const PROMISES: [(char, usize); 13] = [
    ('A', 20),
    ('B', 16),
    ('C', 5),
    ('D', 16),
    ('E', 6),
    ('F', 6),
    ('G', 6),
    ('H', 16),
    ('I', 11),
    ('J', 10),
    ('K', 14),
    ('L', 8),
    ('M', 13),
];

struct Row {
    id: String,
    state: String,
    /// Each `path test_name`, or `path` alone.
    shown_by: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/status.md")).expect("docs/status.md is there");
    let cells = |line: &str| -> Option<Row> {
        let mut cells = line.trim().strip_prefix('|')?.split('|').map(str::trim);
        let id = cells.next()?.to_owned();
        let legal =
            id.starts_with(|c: char| c.is_ascii_uppercase()) && id[1..].parse::<usize>().is_ok();
        let state = cells.next()?.to_owned();
        let shown_by = cells
            .next()?
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        legal.then_some(Row {
            id,
            state,
            shown_by,
        })
    };
    text.lines().filter_map(cells).collect()
}

/// M9: the table has every promise once, with a state that means something.
#[test]
fn every_promise_has_one_row_with_a_legal_state() {
    let rows = rows();
    let wanted: Vec<String> = PROMISES
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")))
        .collect();
    let found: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(found, wanted);
    for row in &rows {
        assert!(
            ["done", "partial", "open"].contains(&row.state.as_str()),
            "{}: state {:?}",
            row.id,
            row.state
        );
        assert!(
            row.state != "done" || !row.shown_by.is_empty(),
            "{} is done and nothing shows it",
            row.id
        );
    }
}

/// M9: what a row names exists: the file, and the test in it.
#[test]
fn every_named_test_exists() {
    let mut missing = Vec::new();
    for row in rows() {
        for shown in &row.shown_by {
            let (path, test) = shown.split_once(' ').unwrap_or((shown, ""));
            let text = fs::read_to_string(root().join(path)).ok();
            if !text.is_some_and(|text| text.contains(test)) {
                missing.push(format!("{}: {shown}", row.id));
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

/// M8: the links between the documents lead somewhere.
#[test]
fn every_link_in_the_documents_leads_to_a_file() {
    let root = root();
    let mut pages: BTreeSet<PathBuf> = BTreeSet::new();
    for folder in ["", "docs", "docs/adr", "schema"] {
        let files = fs::read_dir(root.join(folder)).unwrap();
        pages.extend(
            files
                .map(|file| file.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "md")),
        );
    }
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap();
            if !page.parent().unwrap().join(file).exists() {
                broken.push(format!(
                    "{}: {target}",
                    page.strip_prefix(&root).unwrap().display()
                ));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}
