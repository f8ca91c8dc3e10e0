//! The rules of mission I1 and I6, read from the catalogue of a migrated database.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use im_shared::database;
use im_shared::testing::TestDatabase;
use tokio_postgres::Row;

/// Tables of ours; refinery's own is none of them.
const TABLES: &str = "
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'refinery_schema_history'";

async fn query(database: &TestDatabase, sql: &str) -> Vec<Row> {
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    client.query(sql, &[]).await.unwrap()
}

async fn names(database: &TestDatabase, sql: &str) -> Vec<String> {
    let rows = query(database, sql).await;
    rows.iter().map(|row| row.get(0)).collect()
}

/// [I1]
#[tokio::test]
async fn every_table_has_the_four_columns() {
    let database = TestDatabase::create().await;
    let sql = format!(
        "SELECT t.relname || '.' || w.name FROM ({TABLES}) t
         CROSS JOIN (VALUES ('id', 'int8', ''), ('created_at', 'timestamptz', 'now()'), ('updated_at', 'timestamptz', 'now()'),
                            ('deleted', 'int2', '0')) w (name, type, standard)
         WHERE NOT EXISTS (
           SELECT FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
           WHERE a.attrelid = t.oid AND a.attname = w.name AND y.typname = w.type AND a.attnotnull
             AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') = w.standard)"
    );
    assert_eq!(names(&database, &sql).await, Vec::<String>::new());
    assert!(
        names(&database, &format!("SELECT relname FROM ({TABLES}) t"))
            .await
            .len()
            >= 8
    );
}

/// [I1]
#[tokio::test]
async fn there_are_no_foreign_keys() {
    let database = TestDatabase::create().await;
    let sql = "SELECT conname FROM pg_constraint WHERE contype = 'f'";
    assert_eq!(names(&database, sql).await, Vec::<String>::new());
}

/// [I1]
#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let database = TestDatabase::create().await;
    let sql = format!(
        "SELECT t.relname || coalesce('.' || a.attname, '') FROM ({TABLES}) t
         CROSS JOIN LATERAL (
           SELECT attnum, attname FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped
           UNION ALL SELECT 0, NULL) a
         LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = t.oid AND d.objsubid = a.attnum
         WHERE coalesce(d.description, '') = ''"
    );
    assert_eq!(names(&database, &sql).await, Vec::<String>::new());
}

/// [I1]
#[tokio::test]
async fn strings_are_never_null_and_empty_by_default() {
    let database = TestDatabase::create().await;
    let sql = format!(
        "SELECT t.relname || '.' || a.attname FROM ({TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
         JOIN pg_type y ON y.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
         WHERE y.typcategory = 'S' AND NOT (a.attnotnull AND coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE '''''::%')"
    );
    assert_eq!(names(&database, &sql).await, Vec::<String>::new());
}

/// Findings: made the other way round, two writers deadlock.
#[tokio::test]
async fn the_primary_key_of_messages_is_made_before_its_other_unique_index() {
    let database = TestDatabase::create().await;
    let sql = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE i.indrelid = 'messages'::regclass AND i.indisunique ORDER BY i.indexrelid";
    let expected = ["messages_pkey", "messages_client_key"];
    assert_eq!(names(&database, sql).await, expected);
}

/// [I6]
#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = TestDatabase::create().await;
    let history = "SELECT name FROM refinery_schema_history ORDER BY version";
    let before = names(&database, history).await;
    assert_eq!(database::migrate(&database.config()).await.unwrap(), 0);
    assert_eq!(names(&database, history).await, before);
    assert!(!before.is_empty());
}

/// [I6]
#[tokio::test]
async fn programs_that_start_together_migrate_once() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    let sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    client.batch_execute(sql).await.unwrap();
    let config = database.config();
    let runs = (0..4).map(|_| database::migrate(&config));
    let applied = futures_util::future::try_join_all(runs).await.unwrap();
    let made: Vec<&usize> = applied.iter().filter(|count| **count > 0).collect();
    assert_eq!(made.len(), 1, "{applied:?}");
}
