//! Connections: one of the pool, whose statements are measured (J4), and one outside of it, for a lane: it stays with its task and its
//! prepared statement.

use std::time::Duration;

use deadpool_postgres::{Object, Transaction as Inner};
use im_shared::config::PostgresConfig;
use im_shared::database::{self, DatabaseError, Target, name, timed};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement, ToStatement};
use tokio_util::task::AbortOnDropHandle;

/// A connection of the pool. What it is asked is known by name in the metrics, and in the log when it is slow.
#[derive(Debug)]
pub struct Connection(Object);

/// A transaction on a [`Connection`].
pub struct Transaction<'a>(Inner<'a>);

/// A statement that the connection knows.
pub struct Prepared<'a> {
    sql: &'a str,
    statement: Statement,
}

/// What can be run: text, or what was made of it.
pub trait Sql {
    /// What the driver takes.
    type Statement: ToStatement + ?Sized + Sync;
    /// The text.
    fn text(&self) -> &str;
    /// What the driver takes.
    fn statement(&self) -> &Self::Statement;
}

impl Sql for str {
    type Statement = Self;

    fn text(&self) -> &str {
        self
    }

    fn statement(&self) -> &Self {
        self
    }
}

impl Sql for Prepared<'_> {
    type Statement = Statement;

    fn text(&self) -> &str {
        self.sql
    }

    fn statement(&self) -> &Statement {
        &self.statement
    }
}

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

macro_rules! measured {
    ($type:ty) => {
        impl $type {
            /// The statement of `sql`; the connection remembers it.
            pub async fn prepare_cached<'s>(&self, sql: &'s str) -> Result<Prepared<'s>, Error> {
                let statement = self.0.prepare_cached(sql).await?;
                Ok(Prepared { sql, statement })
            }

            /// The rows of a statement.
            pub async fn query(
                &self,
                sql: &(impl Sql + ?Sized),
                params: Params<'_>,
            ) -> Result<Vec<Row>, Error> {
                timed(&name(sql.text()), self.0.query(sql.statement(), params)).await
            }

            /// How many rows a statement touched.
            pub async fn execute(
                &self,
                sql: &(impl Sql + ?Sized),
                params: Params<'_>,
            ) -> Result<u64, Error> {
                timed(&name(sql.text()), self.0.execute(sql.statement(), params)).await
            }
        }
    };
}

measured!(Connection);
measured!(Transaction<'_>);

impl Connection {
    pub(super) fn new(object: Object) -> Self {
        Self(object)
    }

    /// The one row of a statement, or none.
    pub async fn query_opt(
        &self,
        sql: &(impl Sql + ?Sized),
        params: Params<'_>,
    ) -> Result<Option<Row>, Error> {
        timed(&name(sql.text()), self.0.query_opt(sql.statement(), params)).await
    }

    /// The one row of a statement.
    pub async fn query_one(
        &self,
        sql: &(impl Sql + ?Sized),
        params: Params<'_>,
    ) -> Result<Row, Error> {
        timed(&name(sql.text()), self.0.query_one(sql.statement(), params)).await
    }

    /// Runs text without parameters.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
        timed(&name(sql), self.0.batch_execute(sql)).await
    }

    /// Begins a transaction; one that is dropped is rolled back.
    pub async fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        Ok(Transaction(self.0.transaction().await?))
    }

    /// Closes it instead of giving it back to the pool.
    pub(super) fn discard(self) {
        drop(Object::take(self.0));
    }
}

impl Transaction<'_> {
    /// Makes everything durable.
    pub async fn commit(self) -> Result<(), Error> {
        timed("commit", self.0.commit()).await
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Refused.
    #[error("postgres refused")]
    Refused(#[from] tokio_postgres::Error),
    /// The address is none, or its authorities cannot be read.
    #[error("the address of postgres is not usable")]
    Address(#[from] DatabaseError),
    /// No answer within `postgres.connect_timeout_ms`.
    #[error("postgres did not answer in time")]
    TimedOut,
}

/// Opens a connection and the task that drives it, which ends with the handle.
pub(super) async fn open(
    config: &PostgresConfig,
) -> Result<(Client, AbortOnDropHandle<()>), ConnectError> {
    let Target {
        mut settings,
        connector,
    } = database::target(config)?;
    settings
        .application_name("im-logic lane")
        // A server that vanished without a word is noticed by sends that are not acknowledged.
        .tcp_user_timeout(Duration::from_secs(10));
    let timeout = format!("-c statement_timeout={}", config.statement_timeout_ms);
    let options = match settings.get_options() {
        Some(options) => format!("{options} {timeout}"),
        None => timeout,
    };
    settings.options(options);
    let opening = tokio::time::timeout(config.connect_timeout(), settings.connect(connector));
    let (client, connection) = opening.await.map_err(|_| ConnectError::TimedOut)??;
    let driver = tokio::spawn(async move {
        // The lane sees the same failure at its next call and tells it.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a lane's connection ended");
        }
    });
    Ok((client, AbortOnDropHandle::new(driver)))
}
