-- What outlives a user's sessions: when they were last here, and whether they want to be seen.

CREATE TABLE user_presence (
  id           bigint      NOT NULL,
  last_seen_at timestamptz NOT NULL DEFAULT 'epoch',
  invisible    smallint    NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT user_presence_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE  user_presence IS 'Presence of users; written by logic. A user without a row is visible and was never here';
COMMENT ON COLUMN user_presence.id IS 'The user';
COMMENT ON COLUMN user_presence.last_seen_at IS 'When the last session ended, or the user became invisible; 1970 when unknown';
COMMENT ON COLUMN user_presence.invisible IS '1 when the user is offline to everybody';
COMMENT ON COLUMN user_presence.created_at IS 'When the row was made';
COMMENT ON COLUMN user_presence.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN user_presence.deleted IS '0, or 1 when deleted';
