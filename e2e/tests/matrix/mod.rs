//! Who may do what over REST: every route of the router against nine kinds of callers, with real logic behind it.
//!
//! `table.txt` has a row for each route of `schema/openapi.json`, which a test of web keeps equal to the router: a route without a row fails.

mod scene;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt as _, stream};
use im_e2e::{Cluster, repository};
use serde_json::Value;

use scene::{CALLERS, Cast, Scene};

/// Rows that are asked at a time. Each cell has a group of its own.
const AT_ONCE: usize = 4;

/// What a route answers each caller with.
#[derive(Debug, Clone)]
struct Row {
    method: String,
    path: String,
    expected: Vec<u16>,
    body: String,
}

impl Row {
    /// `METHOD PATH STATUS... BODY`; none for an empty line and a comment.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let method = words.next().filter(|word| !word.starts_with('#'))?;
        let path = words.next()?;
        let rest: Vec<&str> = words.collect();
        let (statuses, body) = rest.split_at(CALLERS.len().min(rest.len()));
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            expected: statuses
                .iter()
                .filter_map(|word| word.parse().ok())
                .collect(),
            body: body.join(" "),
        })
    }

    fn name(&self) -> (String, String) {
        (self.method.clone(), self.path.clone())
    }
}

fn rows() -> Vec<Row> {
    include_str!("table.txt")
        .lines()
        .filter_map(Row::parse)
        .collect()
}

/// The operations of the committed document.
fn operations() -> Result<BTreeSet<(String, String)>> {
    let text = std::fs::read_to_string(repository().join("schema/openapi.json"))?;
    let document: Value = serde_json::from_str(&text)?;
    let paths = document["paths"].as_object().context("paths")?;
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flat_map(|map| map.keys());
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    Ok(operations.collect())
}

/// B9, B12: a route that nobody thought about is a fault.
#[test]
fn every_route_has_a_row() {
    let rows: Vec<_> = rows().iter().map(Row::name).collect();
    let named: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(named.len(), rows.len(), "a route has two rows");
    assert_eq!(named, operations().unwrap());
}

/// B9, B12, E1: no token, guest, stranger, former member, member, admin, owner, operator, and a token that was revoked.
#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_what_the_matrix_says() -> Result<()> {
    // The owner says something in hundreds of groups within a minute.
    let cluster = Cluster::builder()
        .setting("IM_ACCESS_SESSION__FRAMES_PER_SECOND", 2_000)
        .setting("IM_ACCESS_SESSION__FRAME_BURST", 4_000)
        .start()
        .await?;
    let cast = Cast::assemble(&cluster).await?;
    let answers = stream::iter(rows())
        .map(|row| {
            let cast = &cast;
            async move {
                let mut found = Vec::new();
                for caller in 0..CALLERS.len() {
                    let scene = Scene::set(cast, &row.path, caller).await?;
                    found.push(scene.ask(&row.method, &row.path, &row.body).await?);
                }
                anyhow::Ok((row, found))
            }
        })
        .buffer_unordered(AT_ONCE);
    let mut wrong = String::new();
    let mut answers = std::pin::pin!(answers);
    while let Some(answer) = answers.next().await {
        let (row, found) = answer?;
        if found != row.expected {
            let found: Vec<String> = found.iter().map(u16::to_string).collect();
            let (method, path) = row.name();
            writeln!(wrong, "{method} {path} {} {}", found.join(" "), row.body)?;
        }
    }
    ensure!(
        wrong.is_empty(),
        "the callers are {CALLERS:?}; these rows have other answers:\n{wrong}"
    );
    Ok(())
}
