//! Makes users and friendships straight in PostgreSQL, since bcrypt and requests would take minutes.

use std::time::Instant;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cli::Prepare;
use crate::database::Database;
use crate::people::Person;

/// Friendship rows have ids of their own range, below any snowflake.
const FIRST_FRIENDSHIP: u64 = 100_000_000;

pub(crate) async fn run(command: Prepare) -> anyhow::Result<Value> {
    let begun = Instant::now();
    let database = Database::connect(&command.postgres, &command.guard).await?;
    let made = users(&database, command.users).await?;
    let friendships = friendships(&database, command.users, command.degree).await?;
    database.analyze("users, friends").await?;
    database.close().await?;
    Ok(json!({
        "users": command.users, "newUsers": made, "newFriendships": friendships,
        "firstUsername": Person(0).username(), "seconds": crate::process::round(begun.elapsed().as_secs_f64()),
    }))
}

/// The first `count` people. Gives how many are new.
pub(crate) async fn users(database: &Database, count: u64) -> anyhow::Result<u64> {
    some_users(database, 0, count).await
}

/// `count` people from `first` on. Gives how many are new.
pub(crate) async fn some_users(database: &Database, first: u64, count: u64) -> anyhow::Result<u64> {
    let (zero, first, count) = (
        Person(0).id().to_sql(),
        i64::try_from(first)?,
        i64::try_from(count)?,
    );
    database
        .client
        .execute(
            "INSERT INTO users (id, username, nickname) \
             SELECT $1::bigint + n, 'bench-' || n, 'Bench ' || n FROM generate_series($2::bigint, $2 + $3::bigint - 1) n \
             ON CONFLICT DO NOTHING",
            &[&zero, &first, &count],
        )
        .await
        .context("cannot make users")
}

/// Makes everybody of the first `users` a friend of their `degree` neighbours on either side. Gives how many rows are new.
pub(crate) async fn friendships(
    database: &Database,
    users: u64,
    degree: u64,
) -> anyhow::Result<u64> {
    let (first_user, users, degree) = (
        Person(0).id().to_sql(),
        i64::try_from(users)?,
        i64::try_from(degree)?,
    );
    let first_friendship = i64::try_from(FIRST_FRIENDSHIP)?;
    // Both directions of each pair. The id is derived from the pair, so that preparing again changes nothing.
    database
        .client
        .execute(
            "INSERT INTO friends (id, user_id, friend_id) \
             SELECT $4::bigint + (n * 50 + step) * 2 + side, \
                    $1::bigint + CASE side WHEN 0 THEN n ELSE n + step END, \
                    $1::bigint + CASE side WHEN 0 THEN n + step ELSE n END \
             FROM generate_series(0, $2::bigint - 1) n, generate_series(1, $3::bigint) step, generate_series(0, 1) side \
             WHERE n + step < $2::bigint ON CONFLICT DO NOTHING",
            &[&first_user, &users, &degree, &first_friendship],
        )
        .await
        .context("cannot make friendships")
}
