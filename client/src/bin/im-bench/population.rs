//! Makes users and friendships straight in PostgreSQL, since bcrypt and requests would take minutes.

use std::time::Instant;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cli::Prepare;
use crate::people::Person;

/// Friendship rows have ids of their own range, below any snowflake.
const FIRST_FRIENDSHIP: u64 = 100_000_000;

pub(crate) async fn run(command: Prepare) -> anyhow::Result<Value> {
    command.guard.check(&command.postgres)?;
    let begun = Instant::now();
    let (client, connection) = tokio_postgres::connect(&command.postgres, tokio_postgres::NoTls)
        .await
        .context("cannot reach PostgreSQL")?;
    let connection = tokio::spawn(connection); // Ends when the client is dropped.
    let (first_user, users, degree) = (
        Person(0).id().to_sql(),
        i64::try_from(command.users)?,
        i64::try_from(command.degree)?,
    );
    let first_friendship = i64::try_from(FIRST_FRIENDSHIP)?;
    let made = client
        .execute(
            "INSERT INTO users (id, username, nickname) \
             SELECT $1::bigint + n, 'bench-' || n, 'Bench ' || n FROM generate_series(0, $2::bigint - 1) n \
             ON CONFLICT DO NOTHING",
            &[&first_user, &users],
        )
        .await
        .context("cannot make users")?;
    // Both directions of each pair. The id is derived from the pair, so that preparing again changes nothing.
    let friendships = client
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
        .context("cannot make friendships")?;
    client
        .batch_execute("ANALYZE users; ANALYZE friends")
        .await?;
    drop(client);
    connection.await??;
    Ok(json!({
        "users": command.users, "newUsers": made, "newFriendships": friendships,
        "firstUsername": Person(0).username(), "seconds": crate::process::round(begun.elapsed().as_secs_f64()),
    }))
}
