-- Full text. Entries are gap-free and never changed, so how far a conversation is indexed is one number, and what is missing is known exactly.

-- The conversation stands beside the words in one index: a search reads those of one's own conversations and no others.
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE search_entries (
  id              bigint      NOT NULL,
  conversation_id bigint      NOT NULL,
  seq             bigint      NOT NULL,
  words           tsvector    NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT search_entries_pkey PRIMARY KEY (conversation_id, seq)
);
CREATE INDEX search_entries_words ON search_entries USING gin (conversation_id, words);
COMMENT ON TABLE  search_entries IS 'The words of messages, as they are now; written by logic. A message that was taken back has no row';
COMMENT ON COLUMN search_entries.id IS 'The message';
COMMENT ON COLUMN search_entries.conversation_id IS 'Where the message is';
COMMENT ON COLUMN search_entries.seq IS 'Its position';
COMMENT ON COLUMN search_entries.words IS 'Words as written and their English stems; of scripts without spaces single characters and pairs';
COMMENT ON COLUMN search_entries.created_at IS 'When the row was made';
COMMENT ON COLUMN search_entries.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN search_entries.deleted IS '0, or 1 when deleted';

CREATE TABLE search_progress (
  id          bigint      NOT NULL,
  indexed_seq bigint      NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  deleted     smallint    NOT NULL DEFAULT 0,
  CONSTRAINT search_progress_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE  search_progress IS 'How far conversations are indexed; written by logic';
COMMENT ON COLUMN search_progress.id IS 'The conversation';
COMMENT ON COLUMN search_progress.indexed_seq IS 'Everything up to this entry is in search_entries';
COMMENT ON COLUMN search_progress.created_at IS 'When the row was made';
COMMENT ON COLUMN search_progress.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN search_progress.deleted IS '0, or 1 when deleted';
