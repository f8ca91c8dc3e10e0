//! The database behind the cluster: what is prepared straight in it, and what it counts.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use crate::cli::Guard;
use crate::process::round;

/// A server process tells what it counted once it has been idle for 10 s (PostgreSQL 15, `PGSTAT_IDLE_INTERVAL`), if not before.
const COUNTED_AFTER: Duration = Duration::from_secs(11);

/// A connection of our own.
pub(crate) struct Database {
    pub(crate) client: Client,
    connection: JoinHandle<Result<(), tokio_postgres::Error>>, // Ends when the client is dropped.
}

impl Database {
    pub(crate) async fn connect(url: &str, guard: &Guard) -> anyhow::Result<Self> {
        guard.check(url)?;
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .context("cannot reach PostgreSQL")?;
        Ok(Self {
            client,
            connection: tokio::spawn(connection),
        })
    }

    /// So that the planner knows what was just put into `tables`.
    pub(crate) async fn analyze(&self, tables: &str) -> anyhow::Result<()> {
        Ok(self
            .client
            .batch_execute(&format!("VACUUM ANALYZE {tables}"))
            .await?)
    }

    /// Waits until every server process has told what it counted, and reads it.
    pub(crate) async fn writes(&self) -> anyhow::Result<Writes> {
        tokio::time::sleep(COUNTED_AFTER).await;
        let rows = self
            .client
            .query(
                "SELECT relname::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables",
                &[],
            )
            .await?;
        let mut tables = BTreeMap::new();
        for row in rows {
            tables.insert(row.try_get(0)?, row.try_get(1)?);
        }
        Ok(Writes(tables))
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        drop(self.client);
        Ok(self.connection.await??)
    }
}

/// Rows that were inserted, updated or deleted, by table.
pub(crate) struct Writes(BTreeMap<String, i64>);

impl Writes {
    /// Rows per operation since `before`: of all tables, and of each. Without leases, which are renewed whatever happens.
    pub(crate) fn per(&self, before: &Self, operations: u64) -> (f64, Value) {
        #[allow(clippy::cast_precision_loss)]
        let per = |rows: i64| round(rows as f64 / operations.max(1) as f64);
        let written = self.0.iter().map(|(table, after)| {
            let before = before.0.get(table).copied().unwrap_or_default();
            (table, after - before)
        });
        let written: Vec<_> = written
            .filter(|(table, rows)| *rows > 0 && *table != "id_workers")
            .collect();
        let all = per(written.iter().map(|(_, rows)| rows).sum());
        let each = written
            .into_iter()
            .map(|(table, rows)| (table.clone(), json!(per(rows))))
            .collect();
        (all, Value::Object(each))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_told_per_operation_and_table() {
        let of = |pairs: &[(&str, i64)]| {
            Writes(pairs.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect())
        };
        let before = of(&[("messages", 10), ("users", 5), ("id_workers", 1)]);
        let after = of(&[
            ("messages", 30),
            ("users", 5),
            ("id_workers", 9),
            ("push_jobs", 10),
        ]);
        let (all, each) = after.per(&before, 20);
        assert!((all - 1.5).abs() < f64::EPSILON);
        assert_eq!(each, json!({ "messages": 1.0, "push_jobs": 0.5 }));
    }
}
