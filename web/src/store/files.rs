//! Uploaded files and their contents. V18 describes the tables.

use std::time::SystemTime;

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::Code;
use tokio_postgres::Row;

use super::model::{Model, model};
use super::{Result, Store, execute, optional, rows, transact};
use crate::error::ApiError;
use crate::files::picture::Small;

model! {
    /// An upload.
    FileRow in "files" {
        /// Its id in this table.
        id: i64,
        /// What everybody calls it.
        public_id: String,
        /// Who uploaded it.
        owner_id: UserId,
        /// Its content.
        blob_id: i64,
        /// Without folders.
        name: String,
        /// As `image/png`.
        mime: String,
        /// Bytes.
        size: i64,
        /// Pixels, or 0.
        width: i32,
        /// Pixels, or 0.
        height: i32,
        /// [`Purpose`].
        purpose: i16,
        /// `Idempotency-Key`, or empty.
        client_key: String,
        /// When it is looked at next.
        look_at: SystemTime,
        /// Since when nothing uses it; epoch while something does or may.
        condemned_at: SystemTime,
        /// When it was uploaded.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

model! {
    /// A content.
    BlobRow in "blobs" {
        /// Its id.
        id: i64,
        /// Of the content.
        sha256: Vec<u8>,
        /// Bytes.
        size: i64,
        /// Pixels, or 0.
        width: i32,
        /// Pixels, or 0.
        height: i32,
        /// [`Small`], or 0.
        thumbnail: i16,
        /// 1: the object is there.
        stored: i16,
        /// 1: it may be that no file has it.
        loose: i16,
        /// When it came first.
        created_at: SystemTime,
        /// When it came last.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A message; who sees the message sees the file.
    Message = 1,
    /// A picture of a user or a group; everybody sees it.
    Avatar = 2,
}

/// A content, before or after it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// Pixels, or 0.
    pub width: u32,
    /// Pixels, or 0.
    pub height: u32,
    /// The small picture that there is.
    pub thumbnail: Option<Small>,
}

/// What is said of a new file; validated.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Cannot be guessed.
    pub public_id: String,
    /// Who uploads it.
    pub owner: UserId,
    /// Without folders.
    pub name: String,
    /// Seen in the content.
    pub mime: String,
    /// What it is for.
    pub purpose: Purpose,
    /// `Idempotency-Key`, or empty.
    pub client_key: String,
    /// Until when it waits to be used.
    pub look_at: SystemTime,
}

/// A file and its content.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// The upload.
    pub row: FileRow,
    /// The content.
    pub blob: Blob,
}

impl StoredFile {
    /// Whether everybody may see it.
    #[must_use]
    pub fn is_avatar(&self) -> bool {
        self.row.purpose == Purpose::Avatar as i16
    }
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Files that were looked at.
    pub seen: u64,
    /// Of these, nothing uses them and they wait for the next look.
    pub condemned: u64,
    /// Of these, removed.
    pub removed: u64,
    /// Contents that were removed.
    pub blobs: u64,
}

impl Look {
    /// Both.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.condemned += other.condemned;
        self.removed += other.removed;
        self.blobs += other.blobs;
    }
}

const FILE: &str = "\
    SELECT f.*, b.sha256 AS blob_sha256, b.thumbnail AS blob_thumbnail FROM files f JOIN blobs b ON b.id = f.blob_id";

/// The messages `m` about file `f`: those of its owner that were not taken back. The words of the condition are those of `messages_files`.
const USES: &str = "\
    messages m WHERE m.type BETWEEN 2 AND 5 AND message_file(m.content) = f.public_id AND m.sender_id = f.owner_id AND m.deleted = 0 \
    AND NOT EXISTS (SELECT FROM messages r WHERE r.conversation_id = m.conversation_id AND r.target_seq = m.seq AND r.type = 33)";

/// Whether the file `f` is somebody's or a group's avatar, whole or small. The words are those of the partial indexes.
fn is_avatar_in_use() -> String {
    let used = |table: &str| {
        format!(
            "EXISTS (SELECT FROM {table} a WHERE a.avatar LIKE '/api/v1/files/%' AND a.deleted = 0 \
             AND a.avatar IN ('/api/v1/files/' || f.public_id || '/original', '/api/v1/files/' || f.public_id || '/thumbnail'))"
        )
    };
    format!("({} OR {})", used("users"), used("conversations"))
}

#[allow(clippy::cast_possible_wrap)]
fn sql(number: u64) -> i64 {
    number.min(i64::MAX.unsigned_abs()) as i64
}

fn pixels(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(0)
}

fn stored(row: &Row) -> Result<StoredFile> {
    let file = FileRow::read(row)?;
    let blob = Blob {
        sha256: hash(&row.try_get::<_, Vec<u8>>("blob_sha256")?)?,
        size: file.size.unsigned_abs(),
        width: file.width.unsigned_abs(),
        height: file.height.unsigned_abs(),
        thumbnail: Small::from_sql(row.try_get("blob_thumbnail")?),
    };
    Ok(StoredFile { row: file, blob })
}

fn hash(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes
        .try_into()
        .map_err(|error| ApiError::internal("reading a hash", error))
}

fn blob(row: &BlobRow) -> Result<Blob> {
    Ok(Blob {
        sha256: hash(&row.sha256)?,
        size: row.size.unsigned_abs(),
        width: row.width.unsigned_abs(),
        height: row.height.unsigned_abs(),
        thumbnail: Small::from_sql(row.thumbnail),
    })
}

impl Store {
    /// The file of this name.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn file(&self, public_id: &str) -> Result<Option<StoredFile>> {
        let sql = format!("{FILE} WHERE f.public_id = $1");
        let row = optional(&self.client().await?, &sql, &[&public_id]).await?;
        row.as_ref().map(stored).transpose()
    }

    /// The file of this name, if `user` may see it: their own, an avatar, or that of a message which they may read.
    ///
    /// # Errors
    /// `FileNotFound`, also where it is there and not for this user.
    pub async fn visible_file(&self, user: UserId, public_id: &str) -> Result<StoredFile> {
        let missing = || ApiError::Refused(Code::FileNotFound);
        let file = self.file(public_id).await?.ok_or_else(missing)?;
        if file.row.owner_id == user || file.is_avatar() {
            return Ok(file);
        }
        let everybodys =
            [ConversationId::WORLD, ConversationId::ANNOUNCEMENTS].map(ConversationId::to_sql);
        // As `Store::history`: also what was said before a member left.
        let sql = format!(
            "SELECT FROM files f WHERE f.public_id = $1 AND EXISTS (SELECT FROM {USES} AND (m.conversation_id = ANY($3) OR EXISTS ( \
               SELECT FROM conversation_members v JOIN conversations c ON c.id = v.conversation_id AND c.deleted = 0 \
               WHERE v.user_id = $2 AND v.conversation_id = m.conversation_id AND (v.deleted = 0 OR v.until_seq > 0) \
                 AND m.seq > v.from_seq AND (v.until_seq = 0 OR m.seq <= v.until_seq))))"
        );
        let client = self.client().await?;
        let seen = optional(
            &client,
            &sql,
            &[&public_id, &user.to_sql(), &everybodys.as_slice()],
        )
        .await?;
        seen.map(|_| file).ok_or_else(missing)
    }

    /// A content that is here whole.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn blob(&self, sha256: &[u8; 32]) -> Result<Option<Blob>> {
        let sql = format!(
            "SELECT {} FROM blobs WHERE sha256 = $1 AND stored = 1",
            BlobRow::LIST
        );
        let row = optional(&self.client().await?, &sql, &[&sha256.as_slice()]).await?;
        row.map(|row| blob(&BlobRow::read(&row)?)).transpose()
    }

    /// Bytes of all files of a user.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn file_bytes(&self, owner: UserId) -> Result<u64> {
        let sql = "SELECT coalesce(sum(size), 0)::bigint FROM files WHERE owner_id = $1";
        let rows = rows(&self.client().await?, sql, &[&owner.to_sql()]).await?;
        let bytes: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(bytes.unsigned_abs())
    }

    /// Keeps a file. `put` brings its content to the store; it runs where the content is new, while its row is locked, so that a sweep
    /// cannot remove what is just coming. A repeat with the same key gives the file of the first time.
    ///
    /// # Errors
    /// `FileTooLarge`: all files of the owner would be more than `quota` bytes. `IdempotencyConflict`: the key was used for another content.
    /// What `put` fails with.
    pub async fn keep_file(
        &self,
        new: &NewFile,
        blob: &Blob,
        quota: u64,
        put: impl Future<Output = Result<()>> + Send,
    ) -> Result<StoredFile> {
        let mut client = self.client().await?;
        let (id, file_id) = (self.id()?, self.id()?);
        let hash = blob.sha256.as_slice();
        // Somebody else brings the same content at the moment, and it takes longer than a statement may.
        let busy = |error| match error {
            ApiError::Deadline(_) => ApiError::Busy("the content of a file"),
            other => other,
        };
        // Committed by itself: where all else fails, this row leads the sweep to what was put.
        execute(
            &client,
            "INSERT INTO blobs (id, sha256, size) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO UPDATE SET updated_at = now(), loose = 1",
            &[&id, &hash, &sql(blob.size)],
        )
        .await
        .map_err(busy)?;
        let transaction = client.transaction().await?;
        let lock = format!(
            "SELECT {} FROM blobs WHERE sha256 = $1 FOR UPDATE",
            BlobRow::LIST
        );
        let found = optional(&transaction, &lock, &[&hash])
            .await
            .map_err(busy)?;
        // Removed in between, after an hour without a file: nearly impossible, and harmless when repeated.
        let found = found.ok_or(ApiError::Busy("the content of a file"))?;
        let found = BlobRow::read(&found)?;
        if found.stored == 0 {
            put.await?;
            let small = blob.thumbnail.map_or(0, Small::to_sql);
            execute(
                &transaction,
                "UPDATE blobs SET stored = 1, width = $2, height = $3, thumbnail = $4, updated_at = now() WHERE id = $1",
                &[&found.id, &pixels(blob.width), &pixels(blob.height), &small],
            )
            .await?;
        }
        let owner = new.owner.to_sql();
        let lock = "SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE";
        optional(&transaction, lock, &[&owner]).await?;
        if !new.client_key.is_empty() {
            let sql = format!("{FILE} WHERE f.owner_id = $1 AND f.client_key = $2");
            let known = optional(&transaction, &sql, &[&owner, &new.client_key]).await?;
            if let Some(known) = known {
                let known = stored(&known)?;
                if known.blob.sha256 != blob.sha256 {
                    return Err(ApiError::Refused(Code::IdempotencyConflict));
                }
                transaction.commit().await?;
                return Ok(known);
            }
        }
        let insert = "\
            INSERT INTO files (id, public_id, owner_id, blob_id, name, mime, size, width, height, purpose, client_key, look_at) \
            SELECT $1, $2, $3, b.id, $5, $6, b.size, b.width, b.height, $7, $8, $9 FROM blobs b \
            WHERE b.id = $4 AND b.size + (SELECT coalesce(sum(size), 0) FROM files WHERE owner_id = $3) <= $10::bigint";
        let purpose = new.purpose as i16;
        let made = execute(
            &transaction,
            insert,
            &[
                &file_id,
                &new.public_id,
                &owner,
                &found.id,
                &new.name,
                &new.mime,
                &purpose,
                &new.client_key,
                &new.look_at,
                &sql(quota),
            ],
        )
        .await?;
        if made == 1 {
            let sql = "UPDATE blobs SET loose = 0 WHERE id = $1";
            execute(&transaction, sql, &[&found.id]).await?;
        }
        // Committed in any case: the content is in the store, and the sweep has to know.
        let file = optional(
            &transaction,
            &format!("{FILE} WHERE f.id = $1"),
            &[&file_id],
        )
        .await?;
        transaction.commit().await?;
        match file {
            Some(file) if made == 1 => stored(&file),
            _ => Err(ApiError::Refused(Code::FileTooLarge)),
        }
    }

    /// Removes a file of this owner; its content goes when no other file has it.
    ///
    /// # Errors
    /// `FileNotFound`.
    pub async fn remove_file(&self, owner: UserId, public_id: &str) -> Result<()> {
        let removed = execute(
            &self.client().await?,
            "WITH gone AS (DELETE FROM files WHERE public_id = $1 AND owner_id = $2 RETURNING blob_id) \
             UPDATE blobs SET loose = 1, updated_at = now() WHERE id IN (SELECT blob_id FROM gone)",
            &[&public_id, &owner.to_sql()],
        )
        .await?;
        if removed == 0 {
            return Err(ApiError::Refused(Code::FileNotFound));
        }
        Ok(())
    }

    /// Looks at up to `limit` files that are due at `now`: used ones are due again at `again`, unused ones are condemned until `grace`, and
    /// condemned ones that are still unused are removed.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn look_at_files(
        &self,
        now: SystemTime,
        again: SystemTime,
        grace: SystemTime,
        limit: i64,
    ) -> Result<Look> {
        transact!(self, |transaction| {
            let sql = format!(
                "SELECT f.id, f.condemned_at > 'epoch' AS condemned, EXISTS (SELECT FROM {USES}) OR {} AS used \
             FROM files f WHERE f.look_at <= $1 ORDER BY f.look_at LIMIT $2 FOR UPDATE OF f SKIP LOCKED",
                is_avatar_in_use()
            );
            let due = rows(transaction, &sql, &[&now, &limit]).await?;
            let (mut used, mut condemned, mut removed) = (Vec::new(), Vec::new(), Vec::new());
            for row in &due {
                let id: i64 = row.try_get("id")?;
                match (row.try_get("used")?, row.try_get("condemned")?) {
                    (true, _) => used.push(id),
                    (false, false) => condemned.push(id),
                    (false, true) => removed.push(id),
                }
            }
            let mark = "UPDATE files SET look_at = $2, condemned_at = $3, updated_at = now() WHERE id = ANY($1)";
            execute(transaction, mark, &[&used, &again, &SystemTime::UNIX_EPOCH]).await?;
            execute(transaction, mark, &[&condemned, &grace, &now]).await?;
            // Contents without a file are found by when they were used last.
            execute(
            transaction,
            "UPDATE blobs SET loose = 1, updated_at = $2 WHERE id IN (SELECT blob_id FROM files WHERE id = ANY($1))",
            &[&removed, &now],
        )
        .await?;
            let sql = "DELETE FROM files WHERE id = ANY($1)";
            let removed = execute(transaction, sql, &[&removed]).await?;
            Ok(Look {
                seen: due.len() as u64,
                condemned: condemned.len() as u64,
                removed,
                blobs: 0,
            })
        })
    }

    /// Up to `limit` contents that no file has and none has had since `cutoff`.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn unused_blobs(&self, cutoff: SystemTime, limit: i64) -> Result<Vec<Blob>> {
        let client = self.client().await?;
        // What another file has after all, or again.
        let settle = "UPDATE blobs b SET loose = 0 WHERE loose = 1 AND updated_at < $1 AND EXISTS (SELECT FROM files f WHERE f.blob_id = b.id)";
        execute(&client, settle, &[&cutoff]).await?;
        let sql = format!(
            "SELECT {} FROM blobs b WHERE loose = 1 AND updated_at < $1 AND NOT EXISTS (SELECT FROM files f WHERE f.blob_id = b.id) LIMIT $2",
            BlobRow::LIST
        );
        let found = rows(&client, &sql, &[&cutoff, &limit]).await?;
        found.iter().map(|row| blob(&BlobRow::read(row)?)).collect()
    }

    /// Removes a content that still no file has: its objects by `remove`, while the row is locked, then the row. Says whether it did.
    ///
    /// # Errors
    /// What `remove` fails with; the row stays.
    pub async fn remove_blob(
        &self,
        blob: &Blob,
        cutoff: SystemTime,
        remove: impl Future<Output = Result<()>> + Send,
    ) -> Result<bool> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await?;
        let lock = "SELECT id FROM blobs b WHERE sha256 = $1 AND updated_at < $2 AND NOT EXISTS (SELECT FROM files f WHERE f.blob_id = b.id) \
                    FOR UPDATE SKIP LOCKED";
        let hash = blob.sha256.as_slice();
        let Some(row) = optional(&transaction, lock, &[&hash, &cutoff]).await? else {
            return Ok(false);
        };
        remove.await?;
        let id: i64 = row.try_get("id")?;
        execute(&transaction, "DELETE FROM blobs WHERE id = $1", &[&id]).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
