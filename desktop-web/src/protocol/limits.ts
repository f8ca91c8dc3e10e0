// Limits of PROTOCOL.md. Bytes unless said otherwise.

export const MAX_FRAME = 65_536;
export const MAX_TEXT = 8_192;

/** Messages in one request. */
export const MAX_MESSAGES = 64;

/** Cursors in one SyncRequest. */
export const MAX_CURSORS = 1_000;

/** Entries in one HistoryRequest. */
export const MAX_HISTORY = 200;

/** Users that one message mentions. */
export const MAX_MENTIONS = 32;

/** A group's name, characters. */
export const MAX_GROUP_NAME = 64;

/** Text in one request: leaves room in a frame for ids and table headers. */
export const MAX_REQUEST_TEXT = 48_000;

/** One file: docs/http-api.md. */
export const MAX_FILE = 50 * 1_024 * 1_024;

/** A reaction ([C4]). */
export const MAX_REACTION = 32;
