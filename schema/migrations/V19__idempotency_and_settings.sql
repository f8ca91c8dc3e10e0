-- Creations that a client may repeat after a lost answer: the row is written in the transaction of what it creates, so one does not exist
-- without the other, and a repeat at the same moment waits for it. Neither the key nor the request stands here: they are hashed, for a
-- request may hold a password and the key of a guest's arrival opens the guest's account.

CREATE TABLE idempotency_keys (
  id           bigint      NOT NULL,
  scope        text        NOT NULL DEFAULT '',
  key_hash     bytea       NOT NULL,
  request_hash bytea       NOT NULL,
  answer       bigint      NOT NULL DEFAULT 0,
  expires_at   timestamptz NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (id),
  CONSTRAINT idempotency_keys_scope_key_hash_key UNIQUE (scope, key_hash)
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
COMMENT ON TABLE  idempotency_keys IS 'Creations that may be repeated; written by web';
COMMENT ON COLUMN idempotency_keys.id IS 'Snowflake';
COMMENT ON COLUMN idempotency_keys.scope IS 'What was created, and by whom where that is known: register, friend_request:7';
COMMENT ON COLUMN idempotency_keys.key_hash IS 'SHA-256 of the client''s Idempotency-Key';
COMMENT ON COLUMN idempotency_keys.request_hash IS 'SHA-256 of the key and the request';
COMMENT ON COLUMN idempotency_keys.answer IS 'The id of what was created';
COMMENT ON COLUMN idempotency_keys.expires_at IS 'From then on the same key is a new request';
COMMENT ON COLUMN idempotency_keys.created_at IS 'When it was first used';
COMMENT ON COLUMN idempotency_keys.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN idempotency_keys.deleted IS 'Always 0: rows are removed';

-- What operators change while the programs run. Nodes ask for what has a version above the one they know.
CREATE TABLE runtime_settings (
  id         bigint      NOT NULL,
  name       text        NOT NULL DEFAULT '',
  value      text        NOT NULL DEFAULT '',
  version    bigint      NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT runtime_settings_pkey PRIMARY KEY (id),
  CONSTRAINT runtime_settings_name_key UNIQUE (name)
);
COMMENT ON TABLE  runtime_settings IS 'Settings that are changed while the programs run; written by web';
COMMENT ON COLUMN runtime_settings.id IS 'Snowflake';
COMMENT ON COLUMN runtime_settings.name IS 'Which setting: limits';
COMMENT ON COLUMN runtime_settings.value IS 'JSON, of the form that the setting has';
COMMENT ON COLUMN runtime_settings.version IS 'Grows by one with each change';
COMMENT ON COLUMN runtime_settings.created_at IS 'When it was first set';
COMMENT ON COLUMN runtime_settings.updated_at IS 'When it was last set';
COMMENT ON COLUMN runtime_settings.deleted IS 'Always 0';
