-- Changing a password and resetting a forgotten one.

ALTER TABLE users ADD COLUMN password_changed_at timestamptz NOT NULL DEFAULT 'epoch';
COMMENT ON COLUMN users.password_changed_at IS 'When the password was last changed or reset; epoch when never';
CREATE INDEX users_email ON users (lower(email)) WHERE email <> '';

CREATE TABLE password_resets (
  id         bigint      NOT NULL,
  user_id    bigint      NOT NULL,
  token_hash bytea       NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz NOT NULL DEFAULT 'epoch',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT password_resets_pkey PRIMARY KEY (id),
  CONSTRAINT password_resets_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX password_resets_user ON password_resets (user_id);
CREATE INDEX password_resets_expires ON password_resets (expires_at);
COMMENT ON TABLE  password_resets IS 'Tokens that were mailed to reset a password, each good for one use; written by web';
COMMENT ON COLUMN password_resets.id IS 'Snowflake';
COMMENT ON COLUMN password_resets.user_id IS 'Whose password';
COMMENT ON COLUMN password_resets.token_hash IS 'SHA-256 of the token; the token itself is not kept';
COMMENT ON COLUMN password_resets.expires_at IS 'Not good after this';
COMMENT ON COLUMN password_resets.used_at IS 'When it, or another one of the user, was used; epoch while it is good';
COMMENT ON COLUMN password_resets.created_at IS 'When it was made';
COMMENT ON COLUMN password_resets.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN password_resets.deleted IS 'Always 0: rows are removed';
