-- Uploaded files. A blob is a content, kept once in the object store under its SHA-256; a file is somebody's upload of it, with a name and
-- an id that cannot be guessed. Objects are put and removed while the blob's row is locked, so a row and its object come and go together.

CREATE TABLE blobs (
  id         bigint      NOT NULL,
  sha256     bytea       NOT NULL,
  size       bigint      NOT NULL,
  width      integer     NOT NULL DEFAULT 0,
  height     integer     NOT NULL DEFAULT 0,
  thumbnail  smallint    NOT NULL DEFAULT 0,
  stored     smallint    NOT NULL DEFAULT 0,
  loose      smallint    NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT blobs_pkey PRIMARY KEY (id),
  CONSTRAINT blobs_sha256_key UNIQUE (sha256)
);
CREATE INDEX blobs_loose ON blobs (updated_at) WHERE loose = 1;
COMMENT ON TABLE  blobs IS 'Contents of uploaded files, each once; written by web';
COMMENT ON COLUMN blobs.id IS 'Snowflake';
COMMENT ON COLUMN blobs.sha256 IS 'Of the content; the object is called by it';
COMMENT ON COLUMN blobs.size IS 'Bytes';
COMMENT ON COLUMN blobs.width IS 'Of a picture, in pixels as it is shown; else 0';
COMMENT ON COLUMN blobs.height IS 'Of a picture, in pixels as it is shown; else 0';
COMMENT ON COLUMN blobs.thumbnail IS 'There is a small picture of it: 1 JPEG, 2 PNG; 0 none';
COMMENT ON COLUMN blobs.stored IS '1: the object is in the store; 0: it may be there in part';
COMMENT ON COLUMN blobs.loose IS '1: it may be that no file has it, and web looks; 0: a file has it';
COMMENT ON COLUMN blobs.created_at IS 'When it came first';
COMMENT ON COLUMN blobs.updated_at IS 'When it came last';
COMMENT ON COLUMN blobs.deleted IS 'Always 0: rows are removed';

CREATE TABLE files (
  id           bigint      NOT NULL,
  public_id    text        NOT NULL DEFAULT '',
  owner_id     bigint      NOT NULL,
  blob_id      bigint      NOT NULL,
  name         text        NOT NULL DEFAULT '',
  mime         text        NOT NULL DEFAULT '',
  size         bigint      NOT NULL,
  width        integer     NOT NULL DEFAULT 0,
  height       integer     NOT NULL DEFAULT 0,
  purpose      smallint    NOT NULL DEFAULT 1,
  client_key   text        NOT NULL DEFAULT '',
  look_at      timestamptz NOT NULL,
  condemned_at timestamptz NOT NULL DEFAULT 'epoch',
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT files_pkey PRIMARY KEY (id),
  CONSTRAINT files_public_id_key UNIQUE (public_id)
);
CREATE UNIQUE INDEX files_client_key ON files (owner_id, client_key) WHERE client_key <> '';
CREATE INDEX files_owner ON files (owner_id, id);
CREATE INDEX files_blob ON files (blob_id);
CREATE INDEX files_look ON files (look_at);
COMMENT ON TABLE  files IS 'Uploads; written by web';
COMMENT ON COLUMN files.id IS 'Snowflake';
COMMENT ON COLUMN files.public_id IS 'What messages call it: 128 random bits in base64url';
COMMENT ON COLUMN files.owner_id IS 'Who uploaded it, the only one who may send it';
COMMENT ON COLUMN files.blob_id IS 'Its content';
COMMENT ON COLUMN files.name IS 'What the owner calls it, without folders';
COMMENT ON COLUMN files.mime IS 'Its type, seen in the content';
COMMENT ON COLUMN files.size IS 'As in blobs';
COMMENT ON COLUMN files.width IS 'As in blobs';
COMMENT ON COLUMN files.height IS 'As in blobs';
COMMENT ON COLUMN files.purpose IS '1 message, 2 avatar';
COMMENT ON COLUMN files.client_key IS 'Idempotency-Key of the upload, or empty';
COMMENT ON COLUMN files.look_at IS 'When web looks next whether anything uses it';
COMMENT ON COLUMN files.condemned_at IS 'Since when nothing uses it and nobody may send it: it is removed at the next look unless a message was on its way; else epoch';
COMMENT ON COLUMN files.created_at IS 'When it was uploaded';
COMMENT ON COLUMN files.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN files.deleted IS 'Always 0: rows are removed';

-- The file that a message is about. The content of these types is JSON that logic has checked; whatever else may stand there has no file.
CREATE FUNCTION message_file(content text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN content::jsonb ->> 'fileId';
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;
COMMENT ON FUNCTION message_file IS 'fileId of the content of an image, file, voice or video';

CREATE INDEX messages_files ON messages (message_file(content)) WHERE type BETWEEN 2 AND 5;

-- Which uploads are somebody's picture.
CREATE INDEX users_file_avatars ON users (avatar) WHERE avatar LIKE '/api/v1/files/%';
CREATE INDEX conversations_file_avatars ON conversations (avatar) WHERE avatar LIKE '/api/v1/files/%';
