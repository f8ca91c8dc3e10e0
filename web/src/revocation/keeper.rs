//! Keeps the mirror of revocations whole. Every web node has one; what two of them do at once has the effect of one.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use im_shared::cache::RedisError;
use im_shared::revocation::Build;
use im_shared::tokens::ACCESS_TOKEN_LIFE;
use tokio::time::{Instant, MissedTickBehavior};

use super::Revocations;
use crate::error::ApiError;

/// How often the mirror is looked at. With the poll of access, a signal that was lost is made up for within a second.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often what is over is removed.
const SWEEP_INTERVAL: Duration = Duration::from_secs(600);
/// How long the mirror keeps a revocation: no token of it is good any more, whatever the clocks say.
const KEPT: Duration = ACCESS_TOKEN_LIFE.saturating_add(Duration::from_secs(24 * 60 * 60));
/// Rows of one statement.
const PAGE: usize = 1_000;

/// Why the mirror is not whole.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error("redis")]
    Redis(#[from] RedisError),
    #[error("PostgreSQL")]
    Store(#[from] ApiError),
    #[error("redis lost its data meanwhile")]
    Lost,
}

impl Revocations {
    /// Keeps the mirror, for ever. It may be dropped at any time.
    pub(crate) async fn keep(self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Nodes that start together do not sweep together.
        let mut sweep_at = Instant::now() + SWEEP_INTERVAL.mul_f64(rand::random());
        let mut is_whole = true;
        loop {
            ticks.tick().await;
            is_whole = self.renew(is_whole).await;
            if is_whole && Instant::now() >= sweep_at {
                sweep_at = Instant::now() + SWEEP_INTERVAL;
                if let Err(error) = self.sweep().await {
                    tracing::warn!(%error, "ended sign-ins stay until the next sweep");
                }
            }
        }
    }

    /// Makes the mirror whole if it can; says whether it is, and logs a change.
    pub(crate) async fn renew(&self, was_whole: bool) -> bool {
        let kept = self.look().await;
        let is_whole = kept.is_ok();
        self.is_whole.store(is_whole, Ordering::Release);
        metrics::gauge!("im_web_revocation_mirror_whole").set(f64::from(u8::from(is_whole)));
        match kept {
            Err(error) if was_whole => {
                tracing::warn!(%error, "the mirror of revocations is not whole: PostgreSQL is asked");
            }
            Ok(()) if !was_whole => tracing::info!("the mirror of revocations is whole"),
            _ => {}
        }
        is_whole
    }

    /// Builds the mirror if it is not whole, and adds what it was not told.
    async fn look(&self) -> Result<(), KeepError> {
        if !self.mirror.is_whole().await? {
            self.build().await?;
        }
        loop {
            let untold = self.store.revoked_and_untold(PAGE).await?;
            if untold.is_empty() {
                return Ok(());
            }
            self.mirror.add(&untold).await?;
            let ids: Vec<_> = untold.iter().map(|(sign_in, _)| *sign_in).collect();
            self.store.note_told(&ids).await?;
        }
    }

    async fn build(&self) -> Result<(), KeepError> {
        let began = Instant::now();
        let build = Build::begin(self.mirror.clone()).await?;
        let (mut after, mut added) = (None, 0);
        loop {
            let page = self.store.revoked_page(after, PAGE).await?;
            self.mirror.add(&page.revoked).await?;
            added += page.revoked.len();
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        // Another node may have been faster.
        if !build.finish().await? && !self.mirror.is_whole().await? {
            return Err(KeepError::Lost);
        }
        metrics::counter!("im_web_revocation_builds_total").increment(1);
        tracing::info!(added, took = ?began.elapsed(), "the mirror of revocations was built");
        Ok(())
    }

    /// Removes what no token needs any more.
    async fn sweep(&self) -> Result<(), KeepError> {
        let now = SystemTime::now();
        while self.store.delete_ended_sign_ins(now, PAGE).await? == PAGE as u64 {}
        Ok(self.mirror.forget(KEPT).await?)
    }
}
