//! Uploaded files. An upload is received into a temporary file (`receive`), loses what a picture tells beside its pixels (`strip`), is looked at
//! (`sniff`, `picture`), kept under its hash in the object store (`objects`) together with its rows, given out by signed URLs (`urls`) in ranges
//! (`range`), and removed once nothing uses it (`sweep`).
//!
//! Memory: an upload costs one chunk of its body, and of a picture some 250 KiB while it is stripped; two at a time are put into the store by parts
//! (5 MiB for S3); one picture at a time is decoded, on a thread of its own (`desk`), within the budget of `picture`.

mod desk;
mod folder;
mod objects;
pub mod picture;
mod places;
pub mod range;
mod receive;
mod s3;
pub mod sniff;
pub mod strip;
pub mod sweep;
pub mod urls;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use im_shared::ids::UserId;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::FileConfig;
use crate::error::ApiError;
use crate::store::{Blob, Look, NewFile, Store, StoredFile};

use desk::Desk;
use objects::Objects;
pub(crate) use objects::hex;
pub use objects::{Content, Variant};
use picture::{Picture, Thumbnail};
pub use places::Place;
use places::Places;
pub use receive::Received;
use sniff::Kind;
use urls::Urls;

/// Files that are put into the store at once.
const PUTS: usize = 2;

/// Why the store of files cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings do not make a store.
    #[error("the store of files")]
    Store(#[from] object_store::Error),
    /// A folder or the secret cannot be read or made.
    #[error("{0}")]
    Io(String, #[source] std::io::Error),
    /// The file of the secret holds less than 32 bytes.
    #[error("the secret in {0} is shorter than 32 bytes")]
    Short(String),
}

/// The files of this server. A cheap clone.
#[derive(Clone)]
pub struct Files(Arc<Inner>);

struct Inner {
    objects: Objects,
    urls: Urls,
    config: FileConfig,
    uploads: Places,
    puts: Semaphore,
    pictures: Semaphore,
    desk: Desk,
}

/// What an upload turned out to be.
pub struct Examined {
    received: Received,
    /// Its type.
    pub kind: Kind,
    picture: Picture,
}

impl Files {
    /// Opens the store and reads or makes the secret. Nothing is asked of a store elsewhere yet.
    ///
    /// # Errors
    /// A setting or a folder is of no use.
    pub fn open(config: &FileConfig) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Inner {
            objects: Objects::open(config)?,
            urls: Urls::new(&folder::secret(config)?, config.url_seconds),
            uploads: Places::new(config.uploads),
            puts: Semaphore::new(PUTS),
            pictures: Semaphore::new(1),
            desk: Desk::new().map_err(|error| OpenError::Io("a thread".to_owned(), error))?,
            config: config.clone(),
        })))
    }

    /// Signed addresses.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.0.urls
    }

    /// How long an upload may take.
    #[must_use]
    pub fn upload_timeout(&self) -> Duration {
        Duration::from_millis(self.0.config.upload_timeout_ms)
    }

    /// What one user's files may come to, in bytes.
    #[must_use]
    pub fn quota(&self) -> u64 {
        self.0.config.quota_bytes
    }

    /// The largest file, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        self.0.config.max_bytes
    }

    /// How long a signed URL is good at least.
    #[must_use]
    pub fn url_seconds(&self) -> u32 {
        self.0.config.url_seconds
    }

    /// Until when a new file waits to be used.
    #[must_use]
    pub fn first_look(&self, now: SystemTime) -> SystemTime {
        now + Duration::from_secs(u64::from(self.0.config.orphan_hours) * 3_600)
    }

    /// A place among the uploads that run.
    ///
    /// # Errors
    /// `RetryLater`: they, or those of this user, are as many as may be.
    pub fn place(&self, user: UserId) -> Result<Place<'_>, ApiError> {
        self.0.uploads.take(user)
    }

    /// Takes a body of at most `limit` bytes to its end.
    ///
    /// # Errors
    /// `FileTooLarge`; `InvalidArgument` for an empty body or one that breaks off; `DeadlineExceeded` for one that stands still.
    pub async fn receive(&self, body: axum::body::Body, limit: u64) -> Result<Received, ApiError> {
        let limit = limit.min(self.0.config.max_bytes);
        let stall = Duration::from_millis(self.0.config.stall_timeout_ms);
        receive::receive(body, &self.0.config.spool, limit, stall).await
    }

    /// Takes out of a picture what it tells beside its pixels; everything else stays as it is. What comes back is what is kept: its size and
    /// its hash are those of the file.
    ///
    /// # Errors
    /// `ImageInvalid`: it begins like a picture and is none.
    pub async fn strip(&self, received: Received, declared: &str) -> Result<Received, ApiError> {
        let format = sniff::sniff(received.head(), declared).format;
        let Some(format) = format.filter(|format| strip::is_stripped(*format)) else {
            return Ok(received);
        };
        let spool = self.0.config.spool.clone();
        tokio::task::spawn_blocking(move || received.stripped(format, &spool))
            .await
            .map_err(|error| ApiError::internal("stripping a picture", error))?
    }

    /// Sees what was received; `known` spares a second look at a content that is here already.
    ///
    /// # Errors
    /// `ImageInvalid`: it begins like a picture and is none.
    pub async fn examine(
        &self,
        mut received: Received,
        declared: &str,
        known: Option<&Blob>,
    ) -> Result<Examined, ApiError> {
        let kind = sniff::sniff(received.head(), declared);
        let picture = match (kind.format, known) {
            (None, _) => Picture::default(),
            (Some(_), Some(blob)) => Picture {
                width: blob.width,
                height: blob.height,
                thumbnail: None,
            },
            (Some(_), None) if received.size() > self.0.config.max_image_bytes => {
                Picture::default()
            }
            (Some(format), None) => {
                let _permit = permit(&self.0.pictures).await?;
                let (file, size) = (received.reader()?, received.size());
                let began = std::time::Instant::now();
                let look = move || picture::examine(file, format, size);
                let examined = self.0.desk.run(look).await?;
                metrics::histogram!("im_files_picture_duration_seconds")
                    .record(began.elapsed().as_secs_f64());
                examined?
            }
        };
        Ok(Examined {
            received,
            kind,
            picture,
        })
    }

    /// Keeps the file: rows, and objects where the content is new.
    ///
    /// # Errors
    /// `FileTooLarge` where the owner's files would be too much; `IdempotencyConflict`; `Unavailable` when the store or PostgreSQL is not there.
    pub async fn keep(
        &self,
        store: &Store,
        examined: Examined,
        new: NewFile,
    ) -> Result<StoredFile, ApiError> {
        let _permit = permit(&self.0.puts).await?;
        let Examined {
            mut received,
            picture,
            ..
        } = examined;
        let blob = Blob {
            sha256: received.sha256(),
            size: received.size(),
            width: picture.width,
            height: picture.height,
            thumbnail: picture.thumbnail.as_ref().map(Thumbnail::kind),
        };
        let objects = &self.0.objects;
        let sha256 = blob.sha256;
        let put = async move {
            if let Some(thumbnail) = picture.thumbnail {
                let kind = thumbnail.kind();
                objects
                    .put(&sha256, Variant::Thumbnail(kind), thumbnail.bytes.into())
                    .await?;
            }
            objects.put_file(&sha256, &mut received).await?;
            metrics::counter!("im_files_stored_bytes_total").increment(received.size());
            Ok(())
        };
        store.keep_file(&new, &blob, self.quota(), put).await
    }

    /// The content, or the part of it.
    ///
    /// # Errors
    /// `Unavailable` when the store is not there.
    pub async fn read(
        &self,
        sha256: &[u8; 32],
        variant: Variant,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Content, ApiError> {
        self.0.objects.get(sha256, variant, range).await
    }

    /// One look at everything that is due; says what became of it.
    ///
    /// # Errors
    /// PostgreSQL or the store is not there; what was done before stays done.
    pub async fn sweep(&self, store: &Store, now: SystemTime) -> Result<Look, ApiError> {
        sweep::sweep(store, &self.0.objects, now).await
    }

    /// How often [`Self::sweep`] is due.
    pub(crate) fn sweep_interval(&self) -> Duration {
        Duration::from_millis(self.0.config.sweep_interval_ms)
    }
}

async fn permit(semaphore: &Semaphore) -> Result<SemaphorePermit<'_>, ApiError> {
    semaphore
        .acquire()
        .await
        .map_err(|error| ApiError::internal("waiting for a place", error))
}
