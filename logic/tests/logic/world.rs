//! Servers, users and workers.

use std::time::Duration;

use im_logic::app::Logic;
use im_logic::config::LogicConfig;
use im_shared::config::{OpsConfig, PostgresConfig};
use im_shared::ids::ConversationId;
use im_shared::testing::{PrivateServers, Servers, TestDatabase, unique_prefix, wait_until};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::TestAccess;

/// Nothing here takes so long, unless it never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The same for what the product would give up sooner, in milliseconds. Nothing here is about these deadlines, and behind each of them a
/// machine that stood still would look like a server that is away.
pub(crate) const PATIENCE_MS: u64 = 20_000;

/// What waits for a lock that a test holds is not given up, in milliseconds.
const HELD_MS: u64 = 120_000;

/// Servers, an own database, and the addresses under which everything lies.
pub(crate) struct World {
    database: TestDatabase,
    pub(crate) config: LogicConfig,
    sql: tokio_postgres::Client,
    private: Option<PrivateServers>,
}

impl World {
    /// On the shared servers.
    pub(crate) async fn new() -> Self {
        let prefix = unique_prefix();
        let database = TestDatabase::create().await;
        let mut config = LogicConfig {
            nats: Servers::nats(&prefix),
            redis: Servers::redis(&prefix),
            ..LogicConfig::default()
        };
        // Of a Redis that a test kills, the product's own deadlines count.
        config.redis.command_timeout_ms = PATIENCE_MS;
        config.redis.cache_timeout_ms = PATIENCE_MS;
        Self::over(database, config, None).await
    }

    /// On servers that this test alone kills and restarts.
    pub(crate) async fn private() -> Self {
        let servers = PrivateServers::start();
        let database = TestDatabase::create_on(&servers.postgres.url()).await;
        let mut config = LogicConfig::default();
        config.nats.url = servers.nats.url().as_str().into();
        config.redis.url = servers.redis.url().as_str().into();
        Self::over(database, config, Some(servers)).await
    }

    async fn over(
        database: TestDatabase,
        mut config: LogicConfig,
        private: Option<PrivateServers>,
    ) -> Self {
        config.ops = OpsConfig::on_port(0);
        config.log.level = "warn".to_owned();
        config.postgres = PostgresConfig {
            pool_size: 24,
            connect_timeout_ms: PATIENCE_MS,
            acquire_timeout_ms: PATIENCE_MS,
            statement_timeout_ms: HELD_MS,
            ..database.config()
        };
        config.lanes.commit_timeout_ms = HELD_MS;
        config.nats.connect_timeout_ms = PATIENCE_MS;
        config.nats.publish_timeout_ms = PATIENCE_MS;
        config.redis.connect_timeout_ms = PATIENCE_MS;
        // A push that is slow would come twice.
        config.fanout.task_deadline_ms = PATIENCE_MS;
        let (sql, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        Self {
            database,
            config,
            sql,
            private,
        }
    }

    pub(crate) fn servers(&self) -> &PrivateServers {
        self.private.as_ref().unwrap()
    }

    /// One worker with the world's settings.
    pub(crate) async fn worker(&self) -> Worker {
        Worker::start(self.config.clone()).await
    }

    pub(crate) async fn access(&self, name: &str) -> TestAccess {
        TestAccess::start(&self.config, name).await
    }

    /// Users 1 to `count`, without friends.
    pub(crate) async fn users(&self, count: i64) {
        let sql = "INSERT INTO users (id, username) SELECT n, 'user' || n FROM generate_series(1, $1::bigint) n";
        self.sql.execute(sql, &[&count]).await.unwrap();
    }

    /// Users `first` to `last`, without friends.
    pub(crate) async fn users_from(&self, first: i64, last: i64) {
        let sql = "INSERT INTO users (id, username) SELECT n, 'user' || n FROM generate_series($1::bigint, $2::bigint) n";
        self.sql.execute(sql, &[&first, &last]).await.unwrap();
    }

    /// Both directions.
    pub(crate) async fn befriend(&self, a: u64, b: u64) {
        let sql = "INSERT INTO friends (id, user_id, friend_id) VALUES ($1::bigint * 1000 + $2::bigint, $1, $2), ($2 * 1000 + $1, $2, $1) \
                   ON CONFLICT (user_id, friend_id) DO UPDATE SET deleted = 0";
        self.sql
            .execute(sql, &[&(a as i64), &(b as i64)])
            .await
            .unwrap();
    }

    pub(crate) async fn unfriend(&self, a: u64, b: u64) {
        let sql = "UPDATE friends SET deleted = 1 WHERE (user_id, friend_id) IN (($1::bigint, $2::bigint), ($2, $1))";
        self.sql
            .execute(sql, &[&(a as i64), &(b as i64)])
            .await
            .unwrap();
    }

    /// `a` blocks `b`, as web writes it.
    pub(crate) async fn block(&self, a: u64, b: u64) {
        self.execute(&format!(
            "INSERT INTO blocks (id, user_id, blocked_id) VALUES ({a} * 1000 + {b}, {a}, {b}); \
             UPDATE friends SET blocked = blocked | CASE WHEN user_id = {a} THEN 2 ELSE 1 END \
             WHERE (user_id, friend_id) IN (({a}, {b}), ({b}, {a}))"
        ))
        .await;
    }

    pub(crate) async fn unblock(&self, a: u64, b: u64) {
        self.execute(&format!(
            "DELETE FROM blocks WHERE user_id = {a} AND blocked_id = {b}; \
             UPDATE friends SET blocked = blocked & ~CASE WHEN user_id = {a} THEN 2 ELSE 1 END \
             WHERE (user_id, friend_id) IN (({a}, {b}), ({b}, {a}))"
        ))
        .await;
    }

    pub(crate) async fn execute(&self, sql: &str) {
        // A connection of its own: the first one may have died with a restarted server.
        let (client, connection) =
            tokio_postgres::connect(&self.database.url(), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    }

    /// One number.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url(), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// One text.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url(), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Holds the lock of a conversation, so that no batch with it is committed, until what comes back is dropped.
    pub(crate) async fn hold(&self, conversation: ConversationId) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url(), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        client
            .query(
                "SELECT pg_advisory_lock($1::bigint)",
                &[&conversation.to_sql()],
            )
            .await
            .unwrap();
        client
    }

    /// Waits until so many transactions, or more, wait for the locks of conversations.
    pub(crate) async fn until_waiting(&self, count: i64) {
        let sql = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
                   WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted";
        wait_until(async || self.count(sql).await >= count, PATIENCE).await;
    }

    /// D5: in every conversation seq is 1..n and the index counts along.
    pub(crate) async fn audit(&self) {
        let holes = "SELECT count(*) FROM (SELECT conversation_id FROM messages GROUP BY 1 \
                     HAVING max(seq) <> count(*) OR min(seq) <> 1 OR max(message_index) <> count(*) FILTER (WHERE type < 32)) h";
        assert_eq!(self.count(holes).await, 0, "a conversation has a hole");
        let back = "SELECT count(*) FROM (SELECT created_at < lag(created_at) OVER \
                    (PARTITION BY conversation_id ORDER BY seq) AS back FROM messages) b WHERE back";
        assert_eq!(self.count(back).await, 0, "a time goes back");
        let miscounted = "SELECT count(*) FROM (SELECT e.low_index, count(*) FILTER (WHERE e.type < 32 AND e.sender_id = c.user_low) \
                          OVER (PARTITION BY e.conversation_id ORDER BY e.seq) AS counted \
                          FROM messages e JOIN conversations c ON c.id = e.conversation_id AND c.type = 1) l WHERE low_index <> counted";
        assert_eq!(
            self.count(miscounted).await,
            0,
            "the entries of one of two are miscounted"
        );
    }
}

/// A worker in this process.
pub(crate) struct Worker {
    stop: CancellationToken,
    running: JoinHandle<anyhow::Result<()>>,
    pub(crate) ops: std::net::SocketAddr,
}

impl Worker {
    pub(crate) async fn start(config: LogicConfig) -> Self {
        let logic = Logic::start(config).await.unwrap();
        let ops = logic.ops_address();
        let stop = CancellationToken::new();
        let running = tokio::spawn(logic.run_until(stop.clone()));
        Self { stop, running, ops }
    }

    /// As after SIGKILL: nothing that is under way goes on.
    pub(crate) async fn kill(self) {
        self.running.abort();
        let _ = self.running.await;
    }

    /// As after SIGTERM.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
    }
}
