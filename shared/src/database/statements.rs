//! How long statements take, and which are slow (mission J4).
//!
//! A statement is known by its name: what it does and with which tables. Its parameters are told nowhere.

use std::future::Future;
use std::time::{Duration, Instant};

/// A statement that takes longer is worth a line in the log.
const SLOW: Duration = Duration::from_millis(250);

/// More tables than these do not stand in a name.
const MAX_TABLES: usize = 4;

/// Words after which a table stands.
const BEFORE_TABLES: [&str; 5] = ["from", "join", "into", "update", "lateral"];

/// Words that may stand there and are none.
const NO_TABLES: [&str; 9] = [
    "select", "lateral", "set", "skip", "nowait", "of", "only", "unnest", "values",
];

/// The name of a statement: what it does and with which tables, for example `update users`, or the function that it calls.
#[must_use]
pub fn name(sql: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut words = sql
        .split(|c: char| !u8::try_from(c).is_ok_and(is_word))
        .filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or("nothing").to_ascii_lowercase();
    let verb = name.len();
    let (mut before, mut tables) = (words_of(&name), 0);
    let mut called = None;
    for word in words {
        let is_table = before && !NO_TABLES.iter().any(|no| no.eq_ignore_ascii_case(word));
        if is_table && !name[verb..].split(' ').any(|known| known == word) {
            name.push(' ');
            name.push_str(word);
            tables += 1;
            if tables == MAX_TABLES {
                break;
            }
        }
        called = called.or(Some(word));
        before = words_of(word);
    }
    if tables == 0
        && let Some(called) = called
    {
        name.push(' ');
        name.push_str(called);
    }
    name
}

fn words_of(word: &str) -> bool {
    BEFORE_TABLES
        .iter()
        .any(|before| before.eq_ignore_ascii_case(word))
}

/// Runs the statement called `name` and measures it.
///
/// # Errors
///
/// Those of the statement.
pub async fn timed<T, E>(
    name: &str,
    statement: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let began = Instant::now();
    let result = statement.await;
    let took = began.elapsed();
    metrics::histogram!("im_postgres_statement_seconds", "statement" => name.to_owned())
        .record(took);
    if result.is_err() {
        metrics::counter!("im_postgres_statement_failures_total", "statement" => name.to_owned())
            .increment(1);
    }
    if took >= SLOW {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(statement = name, millis, "slow statement");
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// J4: an operator finds the statement by its name.
    #[test]
    fn a_statement_is_named_by_what_it_does_and_with_which_tables() {
        for (sql, expected) in [
            (
                "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED",
                "select users",
            ),
            ("UPDATE friends SET remark = $3", "update friends"),
            (
                "INSERT INTO friends AS f (id) SELECT id FROM unnest($1) ON CONFLICT DO UPDATE SET deleted = 0",
                "insert friends",
            ),
            (
                "SELECT f.id FROM friends f JOIN users u ON u.id = f.friend_id LEFT JOIN user_presence p ON true",
                "select friends users user_presence",
            ),
            ("DELETE FROM a USING b", "delete a"),
            (
                "SELECT pg_advisory_xact_lock($1::int)",
                "select pg_advisory_xact_lock",
            ),
            (
                "SELECT x FROM (SELECT y FROM t) s CROSS JOIN LATERAL states(s.y)",
                "select t states",
            ),
            ("COMMIT", "commit"),
            ("", "nothing"),
        ] {
            assert_eq!(name(sql), expected, "{sql}");
        }
    }

    /// J4: a slow statement is told by its name and its time; its text and its parameters are told nowhere.
    #[tokio::test]
    async fn a_slow_statement_is_told_by_its_name() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let sql = "SELECT secret FROM users WHERE id = 4711";
        let quick = std::future::ready(Ok::<_, ()>(()));
        timed(&name(sql), quick).await.unwrap();
        let slow = async {
            tokio::time::sleep(SLOW * 2).await;
            Ok::<_, ()>(())
        };
        timed(&name(sql), slow).await.unwrap();
        let text = String::from_utf8(log.0.lock().clone()).unwrap();
        assert_eq!(text.matches("slow statement").count(), 1, "{text}");
        assert!(text.contains("select users"), "{text}");
        assert!(!text.contains("secret") && !text.contains("4711"), "{text}");
    }

    #[derive(Clone, Default)]
    struct Log(std::sync::Arc<parking_lot::Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// J4: whatever a statement holds, its name is short.
    #[test]
    fn a_name_is_short() {
        let sql = (0..100).map(|n| format!("FROM t{n} ")).collect::<String>();
        assert_eq!(name(&format!("SELECT 1 {sql}")), "select t0 t1 t2 t3");
    }
}
