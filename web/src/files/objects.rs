//! The object store: a folder, or S3. An object is called by the hash of its content, so it never changes and may be put twice.

use std::io::Read as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use im_shared::breaker::{Breaker, Broken, Policy};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    BackoffConfig, GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt as _, RetryConfig,
};

use super::OpenError;
use super::picture::Small;
use super::receive::Received;
use super::s3::Connector;
use crate::config::FileConfig;
use crate::error::ApiError;

/// A larger file is put in parts of this size, the least that S3 takes (but for the last part). Bytes.
const S3_PART: usize = 5 << 20;

/// The same for a folder, which takes parts of any size. Bytes.
const FOLDER_PART: usize = 256 << 10;

/// A request to S3 is repeated for so long.
const RETRY_FOR: Duration = Duration::from_secs(5);

/// A call takes less, repeats included: a part is 5 MiB.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which object of a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The upload, a picture without what it tells beside its pixels.
    Original,
    /// A small picture of it.
    Thumbnail(Small),
}

/// What is read of an object.
pub struct Content {
    /// Bytes in all.
    pub length: u64,
    /// Piece by piece.
    pub pieces: BoxStream<'static, Result<Bytes, object_store::Error>>,
}

/// All objects of this server.
#[derive(Debug)]
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    breaker: Breaker,
    prefix: Path,
    part: usize,
}

impl Objects {
    /// As configured. A folder is made; S3 is not asked.
    pub(super) fn open(config: &FileConfig) -> Result<Self, OpenError> {
        let Some(place) = config.store.strip_prefix("s3://") else {
            let folder = &config.folder;
            let failed = |error| OpenError::Io(format!("the folder {}", folder.display()), error);
            std::fs::create_dir_all(folder).map_err(failed)?;
            return Ok(Self {
                store: Arc::new(LocalFileSystem::new_with_prefix(folder)?),
                breaker: breaker(),
                prefix: Path::default(),
                part: FOLDER_PART,
            });
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let mut builder = AmazonS3Builder::new()
            .with_http_connector(Connector)
            .with_bucket_name(bucket)
            .with_region(&config.region)
            .with_access_key_id(config.access_key.expose())
            .with_secret_access_key(config.secret_key.expose())
            // One object at a time, by the request that every store knows.
            .with_disable_bulk_delete(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: 3,
                retry_timeout: RETRY_FOR,
            });
        if !config.endpoint.is_empty() {
            builder = builder
                .with_endpoint(&config.endpoint)
                .with_allow_http(config.endpoint.starts_with("http://"));
        }
        Ok(Self {
            store: Arc::new(builder.build()?),
            breaker: breaker(),
            prefix: Path::from(prefix),
            part: S3_PART,
        })
    }

    fn path(&self, sha256: &[u8; 32], variant: Variant) -> Path {
        let (folder, ending) = match variant {
            Variant::Original => ("blobs", ""),
            Variant::Thumbnail(Small::Jpeg) => ("thumbs", ".jpg"),
            Variant::Thumbnail(Small::Png) => ("thumbs", ".png"),
        };
        let hash = hex(sha256);
        [folder, &hash[..2], &hash[2..4], &format!("{hash}{ending}")]
            .into_iter()
            .fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// Asks the store, unless it failed again and again (J9). What is not there is no failure of it.
    async fn through<T>(
        &self,
        asked: impl Future<Output = Result<T, object_store::Error>>,
    ) -> Result<T, ApiError> {
        let is_failure =
            |error: &object_store::Error| !matches!(error, object_store::Error::NotFound { .. });
        let answer = self.breaker.call_if(asked, is_failure).await;
        answer.map_err(unavailable)
    }

    /// Puts a small object.
    pub(super) async fn put(
        &self,
        sha256: &[u8; 32],
        variant: Variant,
        content: Bytes,
    ) -> Result<(), ApiError> {
        let path = self.path(sha256, variant);
        self.through(self.store.put(&path, content.into())).await?;
        Ok(())
    }

    /// Puts an upload: whole, or part after part.
    pub(super) async fn put_file(
        &self,
        sha256: &[u8; 32],
        received: &mut Received,
    ) -> Result<(), ApiError> {
        let mut file = Arc::new(received.reader()?);
        let first = part(&mut file, self.part).await?;
        if received.size() <= self.part as u64 {
            return self.put(sha256, Variant::Original, first).await;
        }
        let path = self.path(sha256, Variant::Original);
        let mut parts = Parts(Some(self.through(self.store.put_multipart(&path)).await?));
        let mut next = first;
        while !next.is_empty() {
            self.through(parts.upload()?.put_part(next.clone().into()))
                .await?;
            next = part(&mut file, self.part).await?;
        }
        self.through(parts.upload()?.complete()).await?;
        parts.0 = None;
        Ok(())
    }

    /// Reads an object, or a part of it.
    pub(super) async fn get(
        &self,
        sha256: &[u8; 32],
        variant: Variant,
        range: Option<Range<u64>>,
    ) -> Result<Content, ApiError> {
        let options = GetOptions::new().with_range(range);
        let path = self.path(sha256, variant);
        let found = self.through(self.store.get_opts(&path, options)).await?;
        Ok(Content {
            length: found.range.end - found.range.start,
            pieces: found.into_stream().inspect_err(broken_off).boxed(),
        })
    }

    /// Removes all objects of a content; what is not there is as good as removed.
    pub(super) async fn remove(
        &self,
        sha256: &[u8; 32],
        small: Option<Small>,
    ) -> Result<(), ApiError> {
        let variants = [Some(Variant::Original), small.map(Variant::Thumbnail)];
        for variant in variants.into_iter().flatten() {
            let path = self.path(sha256, variant);
            let deleted = async {
                match self.store.delete(&path).await {
                    Err(object_store::Error::NotFound { .. }) => Ok(()),
                    deleted => deleted,
                }
            };
            self.through(deleted).await?;
        }
        Ok(())
    }
}

/// The next part of a file, empty at its end.
async fn part(file: &mut Arc<std::fs::File>, size: usize) -> Result<Bytes, ApiError> {
    let file = Arc::clone(file);
    let read = move || {
        let mut part = Vec::with_capacity(size);
        (&*file).take(size as u64).read_to_end(&mut part)?;
        Ok::<_, std::io::Error>(Bytes::from(part))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| ApiError::internal("reading an upload", error))?;
    read.map_err(|error| ApiError::internal("reading an upload", error))
}

/// In lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer has begun: its reader sees that it is short.
fn broken_off(error: &object_store::Error) {
    tracing::warn!(%error, "a file breaks off");
}

fn breaker() -> Breaker {
    Breaker::new("files", Policy::patient_for(PATIENCE))
}

fn unavailable(error: Broken<object_store::Error>) -> ApiError {
    metrics::counter!("im_files_store_failures_total").increment(1);
    ApiError::Unavailable {
        what: "the store of files",
        source: error.into(),
    }
}
/// An upload in parts. What is not completed is taken back, also when nobody waits for it any more: a store keeps parts for ever, and nobody
/// sees them.
struct Parts(Option<Box<dyn MultipartUpload>>);

impl Parts {
    fn upload(&mut self) -> Result<&mut dyn MultipartUpload, ApiError> {
        match &mut self.0 {
            Some(upload) => Ok(upload.as_mut()),
            None => Err(ApiError::internal("keeping an upload", "it is complete")),
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let Some(mut upload) = self.0.take() {
            // Ends by itself: the store has its own deadlines.
            tokio::spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, "parts of a file stay in the store");
                }
            });
        }
    }
}
