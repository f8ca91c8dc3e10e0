//! Transactions that lose against others are done again (J4).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_postgres::{Object, Transaction};
use im_shared::database::{self, DatabaseError, Outcome, Tries, end, has_lost};
use im_shared::testing::TestDatabase;
use tokio::sync::Barrier;

#[derive(Debug)]
struct Failed(DatabaseError);

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        Self(error)
    }
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error.into())
    }
}

impl Outcome for Failed {
    fn has_lost(&self) -> bool {
        matches!(&self.0, DatabaseError::Failed(error) if has_lost(error))
    }
}

/// Renames two users, in this order; all meet between the first and the second when they try for the first time.
async fn rename(
    transaction: &Transaction<'_>,
    order: [i64; 2],
    meet: Option<&Barrier>,
) -> Result<(), Failed> {
    let sql = "UPDATE users SET nickname = nickname || 'x' WHERE id = $1";
    transaction.execute(sql, &[&order[0]]).await?;
    if let Some(meet) = meet {
        meet.wait().await;
    }
    transaction.execute(sql, &[&order[1]]).await?;
    Ok(())
}

async fn in_turn(
    client: &mut Object,
    order: [i64; 2],
    meet: &Barrier,
    tried: &AtomicUsize,
) -> Result<(), Failed> {
    let (mut tries, mut meet) = (Tries::default(), Some(meet));
    loop {
        tried.fetch_add(1, Ordering::SeqCst);
        let transaction = client.transaction().await?;
        let done = rename(&transaction, order, meet.take()).await;
        match end(transaction, done).await {
            Err(error) if tries.again(&error).await => {}
            ended => return ended,
        }
    }
}

/// J4: of two that wait for each other PostgreSQL ends one, which is done again; both are done once.
#[tokio::test]
async fn a_deadlock_is_tried_again() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let client = database::acquire(&pool).await.unwrap();
    let sql = "INSERT INTO users (id, username) VALUES (1, 'ann'), (2, 'ben')";
    client.batch_execute(sql).await.unwrap();

    let (meet, tried) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(database::acquire(&pool).await.unwrap());
    }
    let mut other = clients.pop().unwrap();
    let mut one = clients.pop().unwrap();
    let (first, second) = tokio::join!(
        in_turn(&mut one, [1, 2], &meet, &tried),
        in_turn(&mut other, [2, 1], &meet, &tried),
    );
    first.unwrap();
    second.unwrap();
    assert_eq!(tried.load(Ordering::SeqCst), 3);
    let names = client.query("SELECT nickname FROM users", &[]);
    for row in names.await.unwrap() {
        assert_eq!(row.get::<_, String>(0), "xx");
    }
}

/// J4: what fails for another reason is undone, and told at once.
#[tokio::test]
async fn a_failure_is_not_tried_again() {
    let database = TestDatabase::create().await;
    let pool = database.pool();
    let mut client = database::acquire(&pool).await.unwrap();
    let mut tries = Tries::default();
    let transaction = client.transaction().await.unwrap();
    let sql = "INSERT INTO users (id, username) VALUES (1, 'ann')";
    transaction.execute(sql, &[]).await.unwrap();
    let done = transaction.execute(sql, &[]).await;
    let failed = end(transaction, done.map_err(Failed::from))
        .await
        .unwrap_err();
    assert!(!tries.again(&failed).await);
    let rows = client.query("SELECT FROM users", &[]).await.unwrap();
    assert!(rows.is_empty());
}
