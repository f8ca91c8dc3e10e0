//! Removes what nothing uses: files that no message is about and that are nobody's avatar, and contents that no file has any more.
//!
//! A file that is found unused is condemned first: nobody may send it then, and who has it in a message that was just on its way keeps it,
//! because it is removed at the next look only, when that message is long stored.

use std::time::{Duration, SystemTime};

use super::Files;
use super::objects::Objects;
use crate::error::ApiError;
use crate::store::{Look, Store};

/// Rows that are looked at in one transaction.
const BATCH: i64 = 200;

/// Used files are looked at again after so long: their message may have been taken back.
const AGAIN: Duration = Duration::from_secs(7 * 86_400);

/// Condemned files are looked at again after so long; no message is on its way for longer.
const GRACE: Duration = Duration::from_secs(600);

/// A content without a file may be one that is just coming.
const BLOB_GRACE: Duration = Duration::from_secs(3_600);

/// Sweeps once per interval, for ever. Every web node does; they pass over what another one has in hand. It may be dropped at any time.
pub(crate) async fn run(files: Files, store: Store) {
    let interval = files.sweep_interval();
    // Nodes that start together do not sweep together.
    tokio::time::sleep(interval.mul_f64(rand::random())).await;
    loop {
        match files.sweep(&store, SystemTime::now()).await {
            Ok(look) => {
                metrics::counter!("im_files_removed_total").increment(look.removed);
                metrics::counter!("im_files_blobs_removed_total").increment(look.blobs);
                if look.removed + look.blobs > 0 {
                    tracing::info!(
                        files = look.removed,
                        blobs = look.blobs,
                        "unused files are removed"
                    );
                }
            }
            Err(error) => {
                metrics::counter!("im_files_sweep_failures_total").increment(1);
                tracing::warn!(%error, "unused files stay until the next sweep");
            }
        }
        tokio::time::sleep(interval).await;
    }
}

/// One look at everything that is due at `now`.
pub(super) async fn sweep(
    store: &Store,
    objects: &Objects,
    now: SystemTime,
) -> Result<Look, ApiError> {
    let mut all = Look::default();
    loop {
        let look = store
            .look_at_files(now, now + AGAIN, now + GRACE, BATCH)
            .await?;
        all.add(look);
        if look.seen == 0 {
            break;
        }
    }
    for blob in store.unused_blobs(now - BLOB_GRACE, BATCH).await? {
        let remove = objects.remove(&blob.sha256, blob.thumbnail);
        all.blobs += u64::from(store.remove_blob(&blob, now - BLOB_GRACE, remove).await?);
    }
    Ok(all)
}
