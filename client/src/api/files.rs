//! Uploaded files.

use std::time::Duration;

use im_shared::content::{File, Image};
use im_shared::wire::Code;
use reqwest::{Body, Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{Api, ApiError, Nothing, answer};
use crate::message::Message;

/// A file may be large, and the way to the server slow.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A file of the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadedFile {
    /// What messages call it.
    pub file_id: String,
    /// What its owner calls it.
    pub name: String,
    /// As `image/png`, seen in the content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Of the content, in hexadecimal.
    pub sha256: String,
    /// Of a picture, in pixels.
    pub width: Option<u64>,
    /// Of a picture, in pixels.
    pub height: Option<u64>,
    /// Where it is, without a token, until [`Self::url_expires_at`]: a path of the server.
    pub url: String,
    /// Where a small picture of it is, if there is one.
    pub thumbnail_url: Option<String>,
    /// Milliseconds since 1970; none for what has no end.
    pub url_expires_at: Option<i64>,
}

impl UploadedFile {
    /// A message about it: a picture is sent as one, everything else as a file. `caption` stands under a picture.
    #[must_use]
    pub fn message(&self, caption: &str) -> Message {
        match (self.width, self.height) {
            (Some(width), Some(height)) => Message::image(&Image {
                file_id: self.file_id.clone(),
                mime: self.mime.clone(),
                size: self.size,
                width,
                height,
                caption: caption.to_owned(),
            }),
            _ => Message::file(&File {
                file_id: self.file_id.clone(),
                name: self.name.clone(),
                mime: self.mime.clone(),
                size: self.size,
            }),
        }
    }
}

impl Api {
    /// Uploads `content`, of which nothing has to be in memory: a `tokio::fs::File` will do. `size` in bytes, where it is known, lets the server refuse at once.
    ///
    /// # Errors
    /// `FileTooLarge`, `FileTypeRefused`, `ImageInvalid`.
    pub async fn upload(
        &self,
        name: &str,
        size: Option<u64>,
        content: impl Into<Body>,
    ) -> Result<UploadedFile, ApiError> {
        let unreachable = |source| self.unreachable(source);
        let mut request = self
            .request(Method::POST, "/files")
            .query(&[("name", name)])
            .timeout(TIMEOUT)
            .body(content);
        if let Some(size) = size {
            request = request.header("content-length", size);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(unreachable)?;
        answer(status, &bytes)
    }

    /// What a file is, and where it is for some minutes.
    ///
    /// # Errors
    /// `FileNotFound`, also where it is not for the caller.
    pub async fn file(&self, file_id: &str) -> Result<UploadedFile, ApiError> {
        self.get(&format!("/files/{file_id}"), &[]).await
    }

    /// A file of the caller's own from one that they may see, to be sent on.
    ///
    /// # Errors
    /// `FileNotFound`, `FileTooLarge`.
    pub async fn copy_file(&self, file_id: &str) -> Result<UploadedFile, ApiError> {
        self.post(&format!("/files/{file_id}/copy"), &Value::Null)
            .await
    }

    /// Removes a file of the caller, also from the messages about it.
    ///
    /// # Errors
    /// `FileNotFound`.
    pub async fn delete_file(&self, file_id: &str) -> Result<(), ApiError> {
        let path = format!("/files/{file_id}");
        let Nothing {} = self.call(Method::DELETE, &path, &[], None).await?;
        Ok(())
    }

    /// Opens an address of [`UploadedFile`]; its `chunk` gives the content piece by piece.
    ///
    /// # Errors
    /// `Forbidden` once it has ended, `FileNotFound`.
    pub async fn open_file(&self, url: &str) -> Result<reqwest::Response, ApiError> {
        let unreachable = |source| self.unreachable(source);
        let request = self.http.get(format!("{}{url}", self.server));
        let response = request.timeout(TIMEOUT).send().await.map_err(unreachable)?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let bytes = response.bytes().await.map_err(unreachable)?;
        // A success of another kind, such as a part, is none: nobody asked for it.
        answer::<Nothing>(status, &bytes).and(Err(ApiError::Refused {
            code: Code::Internal,
            message: "an unexpected answer".to_owned(),
            status,
        }))
    }
}
