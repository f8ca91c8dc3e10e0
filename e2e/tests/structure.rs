//! Rules of the house that no compiler knows.

use std::fs;
use std::path::{Path, PathBuf};

use im_e2e::repository;

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// I8: SQL stands in the store of each program; the ids' leases and the migrations are shared.
#[test]
fn one_module_per_program_talks_sql() {
    let root = repository();
    let allowed = [
        "logic/src/store",
        "web/src/store",
        "shared/src/snowflake",
        "shared/src/database",
        "shared/src/testing",
        // The load generator fills the database with its users and groups.
        "client/src/bin/im-bench/",
    ];
    let verbs = [
        "\"SELECT ",
        "\"INSERT INTO ",
        "\"UPDATE ",
        "\"DELETE FROM ",
        "\"WITH ",
        "\"COPY ",
    ];
    let mut files = Vec::new();
    for program in ["access", "logic", "web", "client", "shared"] {
        rust_files(&root.join(program).join("src"), &mut files);
    }
    let mut elsewhere = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap();
        if !allowed.iter().any(|place| name.starts_with(place))
            && verbs.iter().any(|verb| text.contains(verb))
        {
            elsewhere.push(name);
        }
    }
    assert_eq!(elsewhere, Vec::<String>::new());
}

/// What two programs share is a contract in `schema/` and its code in `shared`. Tests may hold a program to what another makes of its answers.
#[test]
fn no_program_depends_on_another() {
    let root = repository();
    for program in ["access", "logic", "web", "client", "shared"] {
        let manifest = fs::read_to_string(root.join(program).join("Cargo.toml")).unwrap();
        let tests = manifest.find("[dev-dependencies]");
        let manifest = &manifest[..tests.unwrap_or(manifest.len())];
        for other in ["access", "logic", "web", "client"]
            .iter()
            .filter(|other| **other != program)
        {
            assert!(
                !manifest.contains(&format!("im-{other}.workspace")),
                "{program} depends on {other}"
            );
            assert!(
                !manifest.contains(&format!("im-{other} =")),
                "{program} depends on {other}"
            );
        }
    }
}
