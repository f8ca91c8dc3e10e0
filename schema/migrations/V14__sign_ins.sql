-- Sign-ins: one row per login on a device, with all tokens that come from it. Its id is `sid` in access tokens and `family_id` of refresh
-- tokens. A revoked row stays until no access token of it can be good any more, and is what says no when Redis has lost its mirror.

CREATE TABLE sign_ins (
  id           bigint      NOT NULL,
  user_id      bigint      NOT NULL,
  device_id    text        NOT NULL DEFAULT '',
  platform     smallint    NOT NULL DEFAULT 0,
  name         text        NOT NULL DEFAULT '',
  user_agent   text        NOT NULL DEFAULT '',
  address      text        NOT NULL DEFAULT '',
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz NOT NULL DEFAULT 'epoch',
  reason       smallint    NOT NULL DEFAULT 0,
  mirrored     smallint    NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT sign_ins_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX sign_ins_device ON sign_ins (user_id, device_id) WHERE revoked_at = 'epoch';
CREATE INDEX sign_ins_user ON sign_ins (user_id, id);
CREATE INDEX sign_ins_revoked ON sign_ins (revoked_at) WHERE revoked_at > 'epoch';
CREATE INDEX sign_ins_not_mirrored ON sign_ins (id) WHERE revoked_at > 'epoch' AND mirrored = 0;
CREATE INDEX sign_ins_expires ON sign_ins (expires_at);
COMMENT ON TABLE  sign_ins IS 'Logins on devices; written by web';
COMMENT ON COLUMN sign_ins.id IS 'Snowflake: sid in access tokens, family_id of refresh tokens';
COMMENT ON COLUMN sign_ins.user_id IS 'Whose';
COMMENT ON COLUMN sign_ins.device_id IS 'The client''s id of the device';
COMMENT ON COLUMN sign_ins.platform IS 'As im.message.Platform';
COMMENT ON COLUMN sign_ins.name IS 'What the device calls itself, for people';
COMMENT ON COLUMN sign_ins.user_agent IS 'The program that signed in';
COMMENT ON COLUMN sign_ins.address IS 'The address that was last seen';
COMMENT ON COLUMN sign_ins.last_seen_at IS 'The last login, refresh or call, to some minutes';
COMMENT ON COLUMN sign_ins.expires_at IS 'When its last refresh token expires; of a revoked one when its last access token does';
COMMENT ON COLUMN sign_ins.revoked_at IS 'When it was revoked; epoch while it is good';
COMMENT ON COLUMN sign_ins.reason IS 'Why: 1 signed out, 2 another login on the device, 3 password changed, 4 administrator, 5 a used refresh token came again, 6 a guest became a user';
COMMENT ON COLUMN sign_ins.mirrored IS '1: Redis was told that it is revoked';
COMMENT ON COLUMN sign_ins.created_at IS 'When it began';
COMMENT ON COLUMN sign_ins.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN sign_ins.deleted IS 'Always 0: rows are removed';

-- Who is signed in stays signed in; their access tokens have no sid and are renewed by their refresh tokens.
INSERT INTO sign_ins (id, user_id, device_id, platform, expires_at)
SELECT DISTINCT ON (t.user_id, t.device_id) t.family_id, t.user_id, t.device_id, t.platform, t.expires_at
  FROM refresh_tokens t
 WHERE t.status = 1 AND t.expires_at > now()
 ORDER BY t.user_id, t.device_id, t.id DESC;

-- A reply that was lost is given again: the successor is sealed with the token before it, which nobody has but the client.
ALTER TABLE refresh_tokens ADD COLUMN used_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE refresh_tokens ADD COLUMN successor_id bigint NOT NULL DEFAULT 0;
ALTER TABLE refresh_tokens ADD COLUMN sealed_successor bytea NOT NULL DEFAULT '';
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);
COMMENT ON COLUMN refresh_tokens.used_at IS 'When it was used; epoch before';
COMMENT ON COLUMN refresh_tokens.successor_id IS 'The token that took its place, or 0';
COMMENT ON COLUMN refresh_tokens.sealed_successor IS 'That token, xor a hash of this one; empty once it was used';
