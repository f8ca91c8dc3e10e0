//! Files: up, about, down, away. What the messages that carry them say is checked by logic.

use std::time::SystemTime;

use axum::Extension;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use im_shared::wire::Code;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::{AsItIs, Route};
use crate::auth::{Caller, Registered};
use crate::error::ApiError;
use crate::extract::{InPath, InQuery, RepeatHeader, RepeatKey};
use crate::files::range::{Wanted, wanted};
use crate::files::sniff::Kind;
use crate::files::{Files, Variant, hex};
use crate::reply::{Created, Done, Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::{NewFile, Purpose, StoredFile, millis};

/// No upload takes longer, whatever is configured.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(600);

/// Random bytes in the name of a file.
const ID_BYTES: usize = 16;

/// These bytes in base64url.
const ID_CHARS: usize = 22;

/// A file's name, in bytes, as in a message.
const NAME_BYTES: usize = 255;

/// How long a browser keeps an avatar, which never changes under its address.
const AVATAR_CACHE: &str = "public, max-age=86400, immutable";

/// What came from somebody runs nothing, whatever it is taken for.
const SANDBOX: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/files", upload)
            .within(UPLOAD_DEADLINE)
            .for_who_waits(),
        Route::get("/api/v1/files/{fileId}", info),
        Route::delete("/api/v1/files/{fileId}", delete),
        Route::post("/api/v1/files/{fileId}/copy", copy),
        Route::get("/api/v1/files/{fileId}/{variant}", download),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(upload, info, delete, copy, download))]
pub(super) struct Paths;

/// A file, and where it is for some minutes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileInfo {
    /// What messages call it.
    #[schema(example = "q3hVbWx2Q0mYx1ZkT3v8Jw")]
    file_id: String,
    /// What its owner calls it.
    name: String,
    /// Its type by its content; a message says the same.
    #[schema(example = "image/png")]
    mime: String,
    /// Bytes that are kept; a message says the same.
    size: u64,
    /// Of its content, in hexadecimal.
    sha256: String,
    /// Of a picture, in pixels; a message says the same.
    width: Option<u32>,
    /// Of a picture, in pixels; a message says the same.
    height: Option<u32>,
    /// When it was uploaded.
    created_at: i64,
    /// Where it is: a path of this server that needs no token until `urlExpiresAt`.
    url: String,
    /// Where a small picture of it is, at most 320 pixels wide and high; null where the file itself is small or is no picture.
    thumbnail_url: Option<String>,
    /// When these addresses end; of an avatar they never do, and this is null.
    url_expires_at: Option<i64>,
}

impl FileInfo {
    fn new(file: StoredFile, files: &Files, now: SystemTime) -> Self {
        let id = file.row.public_id.clone();
        let avatar = file.is_avatar();
        let address = |variant: &str| {
            if avatar {
                return (format!("/api/v1/files/{id}/{variant}"), None);
            }
            let signed = files.urls().sign(&id, variant, now);
            (signed.url, Some(signed.expires_at))
        };
        let (url, url_expires_at) = address(ORIGINAL);
        let side = |pixels: u32| (pixels > 0).then_some(pixels);
        Self {
            url,
            url_expires_at,
            thumbnail_url: file.blob.thumbnail.map(|_| address(THUMBNAIL).0),
            sha256: hex(&file.blob.sha256),
            size: file.blob.size,
            width: side(file.blob.width),
            height: side(file.blob.height),
            created_at: millis(file.row.created_at),
            file_id: file.row.public_id,
            name: file.row.name,
            mime: file.row.mime,
        }
    }
}

/// What an upload is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum UploadPurpose {
    /// To be sent in a message.
    #[default]
    Message,
    /// The picture of a user or a group: everybody who knows its address sees it.
    Avatar,
}

/// What is said of an upload beside its content.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// At most 255 bytes without folders; `file` if missing.
    name: Option<String>,
    /// `message` if missing.
    #[serde(default)]
    #[param(inline)]
    purpose: UploadPurpose,
}

/// Uploads a file: the body is its content. Of a JPEG, PNG or WebP is kept what it is shown with (pixels, colours, frames, how it is turned), and
/// nothing of where, when and by whom it was made: `size` and `sha256` are those of what is kept. All else stays as it is. The type is seen in the
/// content; a `Content-Type` of `image/*`, `audio/*` or `video/*` is a promise that is checked, and says of a container that may hold either whether
/// it is sound. A file that is not sent in a message within 24 hours is removed.
#[utoipa::path(post, path = "/api/v1/files", tag = "files", params(UploadQuery, RepeatHeader), security(("bearer" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The content"),
    responses(
        (status = 201, body = Envelope<FileInfo>),
        (status = 400, body = Failure, description = "InvalidArgument; FileTypeRefused: not what its Content-Type promises, or an avatar that is no picture; ImageInvalid"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 409, body = Failure, description = "IdempotencyConflict: the key was used for another content"),
        (status = 413, body = Failure, description = "FileTooLarge: larger than a file may be, or than what is left of the caller's quota"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded: the body stood still, or took too long"),
    ))]
pub async fn upload(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(query): InQuery<UploadQuery>,
    RepeatKey(key): RepeatKey,
    headers: HeaderMap,
    body: RawBody,
) -> Result<Created<FileInfo>, ApiError> {
    let files = &services.files;
    let _place = files.place(caller.user)?;
    let name = file_name(query.name)?;
    let left = files
        .quota()
        .saturating_sub(services.store.file_bytes(caller.user).await?);
    let promised = text(&headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if promised.is_some_and(|length: u64| length > left.min(files.max_bytes())) {
        return Err(ApiError::Refused(Code::FileTooLarge));
    }
    let declared = text(&headers, &header::CONTENT_TYPE).unwrap_or_default();
    let now = SystemTime::now();
    let work = async {
        let received = files.receive(body, left).await?;
        let received = files.strip(received, declared).await?;
        let known = services.store.blob(&received.sha256()).await?;
        let examined = files.examine(received, declared, known.as_ref()).await?;
        let purpose = match query.purpose {
            UploadPurpose::Message => Purpose::Message,
            UploadPurpose::Avatar => Purpose::Avatar,
        };
        let is_picture = examined.kind.format.is_some();
        if examined.kind.contradicts(declared) || purpose == Purpose::Avatar && !is_picture {
            return Err(ApiError::Refused(Code::FileTypeRefused));
        }
        let new = NewFile {
            public_id: new_id(),
            owner: caller.user,
            name,
            mime: examined.kind.mime.to_owned(),
            purpose,
            client_key: key.to_string(),
            look_at: files.first_look(now),
        };
        files.keep(&services.store, examined, new).await
    };
    let kept = tokio::time::timeout(files.upload_timeout(), work)
        .await
        .map_err(|_| ApiError::Deadline("an upload"))??;
    metrics::counter!("im_files_uploaded_total").increment(1);
    Ok(Created(FileInfo::new(kept, files, now)))
}

/// What a file is, and where it is for some minutes. Its owner may see it, and whoever may read a message that it was sent in.
#[utoipa::path(get, path = "/api/v1/files/{fileId}", tag = "files", params(("fileId" = String, Path, description = "The file")), security(("bearer" = [])),
    responses(
        (status = 200, body = Envelope<FileInfo>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 404, body = Failure, description = "FileNotFound, also where it is not for the caller"),
    ))]
pub async fn info(
    State(services): State<Services>,
    caller: Caller,
    InPath(id): InPath<String>,
) -> Result<Reply<FileInfo>, ApiError> {
    let file = services
        .store
        .visible_file(caller.user, legal(&id)?)
        .await?;
    Ok(Reply(FileInfo::new(
        file,
        &services.files,
        SystemTime::now(),
    )))
}

/// Removes a file of the caller, also from the messages that it was sent in.
#[utoipa::path(delete, path = "/api/v1/files/{fileId}", tag = "files", params(("fileId" = String, Path, description = "The file")), security(("bearer" = [])),
    responses(
        (status = 200, body = Envelope<Done>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "FileNotFound, also where it is not the caller's"),
    ))]
pub async fn delete(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<String>,
) -> Result<Reply<Done>, ApiError> {
    services.store.remove_file(caller.user, legal(&id)?).await?;
    Ok(Reply(Done {}))
}

/// Makes a file of the caller's own from one that they may see, to send it on: only the owner of a file can send it. Nothing is uploaded.
#[utoipa::path(post, path = "/api/v1/files/{fileId}/copy", tag = "files",
    params(("fileId" = String, Path, description = "The file"), RepeatHeader), security(("bearer" = [])),
    responses(
        (status = 201, body = Envelope<FileInfo>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest"),
        (status = 404, body = Failure, description = "FileNotFound, also where it is not for the caller"),
        (status = 409, body = Failure, description = "IdempotencyConflict: the key was used for another content"),
        (status = 413, body = Failure, description = "FileTooLarge: more than what is left of the caller's quota"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    ))]
pub async fn copy(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<String>,
    RepeatKey(key): RepeatKey,
) -> Result<Created<FileInfo>, ApiError> {
    let (store, files, now) = (&services.store, &services.files, SystemTime::now());
    let seen = store.visible_file(caller.user, legal(&id)?).await?;
    let new = NewFile {
        public_id: new_id(),
        owner: caller.user,
        name: seen.row.name,
        mime: seen.row.mime,
        purpose: Purpose::Message,
        client_key: key.to_string(),
        look_at: files.first_look(now),
    };
    // A file has its content; one that lost it just now is not there.
    let nothing = async { Err(ApiError::Refused(Code::FileNotFound)) };
    let kept = store.keep_file(&new, &seen.blob, files.quota(), nothing);
    Ok(Created(FileInfo::new(kept.await?, files, now)))
}

const ORIGINAL: &str = "original";
const THUMBNAIL: &str = "thumbnail";

/// The signature of an address; the server makes it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Signature {
    /// When the address ends, in seconds since 1970.
    e: Option<u64>,
    /// The signature.
    s: Option<String>,
}

/// The content of a file, by an address that `GET /files/{fileId}` gave; an avatar needs no signature. One range of bytes may be asked for.
/// Pictures, sound and video are shown in their place, everything else is saved under its name.
#[utoipa::path(get, path = "/api/v1/files/{fileId}/{variant}", tag = "files",
    params(("fileId" = String, Path, description = "The file"), ("variant" = String, Path, description = "`original` or `thumbnail`"), Signature),
    responses(
        (status = 200, content_type = "*/*", body = Vec<u8>, description = "The whole"),
        (status = 206, content_type = "*/*", body = Vec<u8>, description = "The range"),
        (status = 304, description = "As `If-None-Match` says"),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 403, body = Failure, description = "Forbidden: the address was changed, has ended, or has no signature"),
        (status = 404, body = Failure, description = "FileNotFound"),
        (status = 416, description = "There are no such bytes"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    ))]
pub async fn download(
    State(services): State<Services>,
    InPath((id, variant)): InPath<(String, String)>,
    InQuery(signature): InQuery<Signature>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let files = &services.files;
    let signed = signature.e.zip(signature.s).is_some_and(|(expires, tag)| {
        files
            .urls()
            .is_good(&id, &variant, expires, &tag, SystemTime::now())
    });
    let found = match legal(&id) {
        Ok(id) => services.store.file(id).await?,
        Err(_) => None,
    };
    // Who has no good address does not learn what there is.
    if !signed && !found.as_ref().is_some_and(StoredFile::is_avatar) {
        return Err(ApiError::Refused(Code::Forbidden));
    }
    let file = found.ok_or(ApiError::Refused(Code::FileNotFound))?;
    let small = file.blob.thumbnail;
    let (variant, mime, tag) = match (variant.as_str(), small) {
        (ORIGINAL, _) => (Variant::Original, file.row.mime.as_str(), ""),
        (THUMBNAIL, Some(small)) => (Variant::Thumbnail(small), small.mime(), "-small"),
        _ => return Err(ApiError::Refused(Code::FileNotFound)),
    };
    let etag = format!("\"{}{tag}\"", hex(&file.blob.sha256));
    let mut answer = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.insert(name, value);
        }
    };
    set(header::ETAG, &etag);
    set(header::ACCEPT_RANGES, "bytes");
    let private = format!("private, max-age={}, immutable", files.url_seconds());
    let caching = if file.is_avatar() {
        AVATAR_CACHE
    } else {
        &private
    };
    set(header::CACHE_CONTROL, caching);
    set(header::CONTENT_TYPE, mime);
    set(
        header::CONTENT_DISPOSITION,
        &disposition(&file.row.name, mime),
    );
    answer.insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
    if names(&headers, &header::IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }

    let whole =
        headers.contains_key(header::IF_RANGE) && !names(&headers, &header::IF_RANGE, &etag);
    let range = match text(&headers, &header::RANGE) {
        Some(range) if !whole && variant == Variant::Original => {
            wanted(Some(range), file.blob.size)
        }
        _ => Wanted::Whole,
    };
    let (status, range) = match range {
        Wanted::Unsatisfiable => {
            let size = HeaderValue::from_str(&format!("bytes */{}", file.blob.size));
            answer.extend(size.ok().map(|size| (header::CONTENT_RANGE, size)));
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, answer).into_response());
        }
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(range) => {
            let part = format!("bytes {}-{}/{}", range.start, range.end - 1, file.blob.size);
            let part = HeaderValue::from_str(&part);
            answer.extend(part.ok().map(|part| (header::CONTENT_RANGE, part)));
            (StatusCode::PARTIAL_CONTENT, Some(range))
        }
    };
    let content = files.read(&file.blob.sha256, variant, range).await?;
    answer.insert(header::CONTENT_LENGTH, HeaderValue::from(content.length));
    let body = RawBody::from_stream(content.pieces);
    Ok((status, Extension(AsItIs), answer, body).into_response())
}

/// A name that nobody guesses.
fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; ID_BYTES]>())
}

/// What can be the name of a file at all.
fn legal(id: &str) -> Result<&str, ApiError> {
    let is_id = id.len() == ID_CHARS
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_id
        .then_some(id)
        .ok_or(ApiError::Refused(Code::FileNotFound))
}

/// What a file may be called: as a message may, and without control characters, which have no place in a header.
fn file_name(given: Option<String>) -> Result<String, ApiError> {
    let name = given.unwrap_or_else(|| "file".to_owned());
    let is_legal = (1..=NAME_BYTES).contains(&name.len())
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control);
    is_legal.then_some(name).ok_or_else(|| {
        ApiError::invalid(
            "name",
            "is 1 to 255 bytes without folders and control characters",
        )
    })
}

/// Shown in its place, or saved; with its name for those who save it (RFC 6266, RFC 8187).
fn disposition(name: &str, mime: &str) -> String {
    let kind = if Kind::is_shown(mime) {
        "inline"
    } else {
        "attachment"
    };
    let escaped: String = name
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("{kind}; filename*=UTF-8''{escaped}")
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a list of tags has this one, or is `*`.
fn names(headers: &HeaderMap, name: &HeaderName, etag: &str) -> bool {
    text(headers, name).is_some_and(|list| {
        list.split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == etag || tag == "*")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// D15: a name is no header of its own, and no page is shown in its place.
    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("a \"b\"\r\nX: y.png", "image/png"),
            "inline; filename*=UTF-8''a%20%22b%22%0D%0AX%3A%20y.png"
        );
        assert!(disposition("é.html", "application/octet-stream").starts_with("attachment; "));
        for bad in ["", "a/b", "a\\b", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(file_name(Some(bad.to_owned())).is_err(), "{bad:?}");
        }
        assert_eq!(file_name(None).unwrap(), "file");
    }

    #[test]
    fn an_id_has_one_shape() {
        assert!(legal(&new_id()).is_ok());
        assert_ne!(new_id(), new_id());
        for bad in ["", "1", "../../../../etc/passwd", "AAAAAAAAAAAAAAAAAAAAA\0"] {
            assert!(legal(bad).is_err(), "{bad:?}");
        }
    }
}
