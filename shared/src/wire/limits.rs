//! The numbers of `schema/PROTOCOL.md`, section Limits. Sizes are bytes.

/// A frame, without its length on a stream.
pub const MAX_FRAME: usize = 65_536;
/// A frame before authentication ([S1]).
pub const MAX_HANDSHAKE_FRAME: usize = 4_096;
/// The content of one message ([M7]).
pub const MAX_TEXT: usize = 8_192;
/// Messages in one `UserMessage` ([M1]).
pub const MAX_MESSAGES: usize = 64;
/// Cursors in one `SyncRequest`.
pub const MAX_CURSORS: usize = 1_000;
/// Entries asked for by one `HistoryRequest`.
pub const MAX_HISTORY: usize = 200;
/// Users that one message mentions.
pub const MAX_MENTIONS: usize = 32;
/// Members in one page of a `ReceiptResponse`.
pub const MAX_RECEIPTS: usize = 200;
/// Entries in one page of a `SearchResponse`.
pub const MAX_FOUND: usize = 100;
/// A search query.
pub const MAX_QUERY: usize = 256;
/// A reaction: an emoji with its modifiers, or a short word.
pub const MAX_REACTION: usize = 32;
/// What is being written, as a draft.
pub const MAX_DRAFT: usize = MAX_TEXT;
/// The data of a custom message.
pub const MAX_CUSTOM: usize = 4_096;
/// Conversations that a session follows.
pub const MAX_FOLLOWED: usize = 16;
/// States and entries of one `SyncResponse` ([R4]), so that the page and its tables stay below [`MAX_FRAME`].
pub const SYNC_PAGE_BYTES: usize = 48 * 1024;

/// Nested tables in a frame ([F3]).
pub const MAX_DEPTH: usize = 16;
/// Tables in a frame ([F3]). Who builds a page of a `SyncResponse` counts them: the frame, the body, one per entry,
/// one per state and one more for its last entry.
pub const MAX_TABLES: usize = 512;
/// What a frame may amount to when everything that is shared in it is counted each time it is used. A legal frame
/// shares only its vtables and stays below twice its size; a hostile one could make each of its tables point at the
/// same 60 KiB.
pub(super) const MAX_APPARENT_SIZE: usize = 4 * MAX_FRAME;

/// The bytes before each frame on a stream: its length, big-endian, without itself ([F2]).
pub const LENGTH_PREFIX: usize = 4;
