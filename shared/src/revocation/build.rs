//! Building the mirror from PostgreSQL.

use std::sync::LazyLock;

use fred::interfaces::{ClientLike, LuaInterface, SortedSetsInterface};
use fred::types::InfoKind;
use fred::types::scripts::Script;

use super::Mirror;
use crate::cache::RedisError;

static MARK: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("mark.lua")));

/// A mirror that is being built. What is revoked meanwhile is added by whoever revokes it, so nothing is renamed and nothing lost.
#[derive(Debug)]
pub struct Build {
    mirror: Mirror,
    member: String,
    run: String,
}

impl Build {
    /// Begins: from now on a flush is noticed. Every row that is revoked is to be [`added`](Mirror::add) after this and before
    /// [`Build::finish`].
    ///
    /// # Errors
    /// Redis did not answer.
    pub async fn begin(mirror: Mirror) -> Result<Self, RedisError> {
        let run = run(&mirror).await?;
        let member = format!("building:{}", uuid::Uuid::now_v7());
        let client = mirror.redis.next_connected();
        client
            .zadd::<(), _, _>(
                mirror.key.as_str(),
                None,
                None,
                false,
                false,
                (-1.0, member.as_str()),
            )
            .await?;
        Ok(Self {
            mirror,
            member,
            run,
        })
    }

    /// Says that the mirror is whole. False when Redis was flushed or restarted since the beginning: then it is to be built again.
    ///
    /// # Errors
    /// Redis did not answer.
    pub async fn finish(self) -> Result<bool, RedisError> {
        let client = self.mirror.redis.next_connected().clone();
        let key = self.mirror.key.as_str();
        let marked: u64 = MARK.evalsha_with_reload(&client, key, self.member).await?;
        if marked == 0 {
            return Ok(false);
        }
        let text = self.mirror.read.lua().cloned().unwrap_or_default();
        client.script_load::<(), _>(text).await?;
        // A server that was restarted from a dump in between has the script now, but not what was added before.
        if run(&self.mirror).await? == self.run {
            return Ok(true);
        }
        client.zrem::<(), _, _>(key, "complete").await?;
        Ok(false)
    }
}

/// Which start of the server this is.
async fn run(mirror: &Mirror) -> Result<String, RedisError> {
    let client = mirror.redis.next_connected();
    let info: String = client.info(Some(InfoKind::Server)).await?;
    let run = info.lines().find_map(|line| line.strip_prefix("run_id:"));
    run.map(|run| run.trim().to_owned())
        .ok_or(RedisError::Unreadable)
}
