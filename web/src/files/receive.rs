//! The body of an upload, to a temporary file that has no name: it is gone when this node is.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use im_shared::wire::Code;
use image::ImageFormat;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::sniff::HEAD;
use super::strip;
use crate::error::ApiError;

/// What is read and written at once while a picture is stripped, in bytes.
const CHUNK: usize = 64 << 10;

/// A body that has come to its end.
pub struct Received {
    file: File,
    head: Vec<u8>,
    size: u64,
    sha256: [u8; 32],
}

impl Received {
    /// How it begins.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Bytes, at least one.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash of all of it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Its content from the beginning; there is one place of reading, so one reader at a time.
    pub(super) fn reader(&mut self) -> Result<File, ApiError> {
        let rewound = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.try_clone());
        rewound.map_err(|error| ApiError::internal("reading an upload", error))
    }

    /// The picture without what it tells beside its pixels, in a file of its own. Blocks while it is read, written and hashed: once each.
    ///
    /// # Errors
    /// `ImageInvalid`: it is no picture of this format.
    pub(super) fn stripped(mut self, format: ImageFormat, spool: &Path) -> Result<Self, ApiError> {
        let whole = self.reader()?;
        let stripped = temporary(spool).and_then(|file| {
            let mut output = BufWriter::with_capacity(CHUNK, file);
            let mut input = BufReader::with_capacity(CHUNK, whole);
            strip::strip(&mut input, &mut output, format)?;
            Self::of(output.into_inner()?)
        });
        stripped.map_err(|error| {
            if strip::is_broken(&error) {
                tracing::debug!(%error, "a picture is refused");
                return ApiError::Refused(Code::ImageInvalid);
            }
            ApiError::internal("stripping a picture", error)
        })
    }

    /// What lies in a file.
    fn of(mut file: File) -> io::Result<Self> {
        let (mut size, mut head, mut hash) = (0, Vec::with_capacity(HEAD), Sha256::new());
        let mut chunk = vec![0; CHUNK];
        file.seek(SeekFrom::Start(0))?;
        loop {
            let length = file.read(&mut chunk)?;
            if length == 0 {
                break;
            }
            let chunk = &chunk[..length];
            size += length as u64;
            head.extend(chunk.iter().take(HEAD - head.len()));
            hash.update(chunk);
        }
        Ok(Self {
            file,
            head,
            size,
            sha256: hash.finalize().into(),
        })
    }
}

/// A file without a name.
fn temporary(spool: &Path) -> io::Result<File> {
    if spool.as_os_str().is_empty() {
        tempfile::tempfile()
    } else {
        tempfile::tempfile_in(spool)
    }
}

/// Takes the body; see `Files::receive`.
pub(super) async fn receive(
    body: Body,
    spool: &Path,
    limit: u64,
    stall: Duration,
) -> Result<Received, ApiError> {
    let failed = |error| ApiError::internal("keeping an upload", error);
    let mut file = tokio::fs::File::from_std(temporary(spool).map_err(failed)?);
    let mut chunks = body.into_data_stream();
    let (mut size, mut head, mut hash) = (0, Vec::with_capacity(HEAD), Sha256::new());
    loop {
        let next = tokio::time::timeout(stall, chunks.next()).await;
        let Some(chunk) = next.map_err(|_| ApiError::Deadline("an upload"))? else {
            break;
        };
        let chunk = chunk.map_err(|_| ApiError::invalid("body", "cannot be read to its end"))?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(ApiError::Refused(Code::FileTooLarge));
        }
        head.extend(chunk.iter().take(HEAD - head.len()));
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(failed)?;
    }
    if size == 0 {
        return Err(ApiError::invalid("body", "must not be empty"));
    }
    file.flush().await.map_err(failed)?;
    Ok(Received {
        file: file.into_std().await,
        head,
        size,
        sha256: hash.finalize().into(),
    })
}
