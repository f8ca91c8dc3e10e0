-- Every table has id, created_at, updated_at and deleted; no foreign keys; strings are never null; every column has a comment.
-- One writer per table: web writes accounts and friends, logic writes conversations and messages.

CREATE TABLE id_workers (
  id          bigint      NOT NULL,
  holder      text        NOT NULL DEFAULT '',
  expires_at  timestamptz NOT NULL DEFAULT 'epoch',
  last_millis bigint      NOT NULL DEFAULT 0,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  deleted     smallint    NOT NULL DEFAULT 0,
  CONSTRAINT id_workers_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE  id_workers IS 'Leases of the worker numbers inside snowflake ids; one row per number, written by whoever leases it';
COMMENT ON COLUMN id_workers.id IS 'The worker number, 0 to 1023';
COMMENT ON COLUMN id_workers.holder IS 'Program and start of the process that holds the number';
COMMENT ON COLUMN id_workers.expires_at IS 'The lease ends here unless it is renewed';
COMMENT ON COLUMN id_workers.last_millis IS 'No id of this number has a later time (milliseconds since 1970); the next holder begins after it';
COMMENT ON COLUMN id_workers.created_at IS 'When the row was made';
COMMENT ON COLUMN id_workers.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN id_workers.deleted IS '0, or 1 when deleted';

CREATE TABLE users (
  id            bigint      NOT NULL,
  username      text        NOT NULL DEFAULT '',
  password_hash text        NOT NULL DEFAULT '',
  nickname      text        NOT NULL DEFAULT '',
  avatar        text        NOT NULL DEFAULT '',
  phone         text        NOT NULL DEFAULT '',
  email         text        NOT NULL DEFAULT '',
  status        smallint    NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  deleted       smallint    NOT NULL DEFAULT 0,
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_username_key UNIQUE (username)
);
CREATE INDEX users_username_prefix ON users (username text_pattern_ops);
CREATE INDEX users_nickname_prefix ON users (lower(nickname) text_pattern_ops);
COMMENT ON TABLE  users IS 'Accounts; written by web';
COMMENT ON COLUMN users.id IS 'Snowflake';
COMMENT ON COLUMN users.username IS 'Login name in lower case, unique for ever';
COMMENT ON COLUMN users.password_hash IS 'bcrypt, cost 10';
COMMENT ON COLUMN users.nickname IS 'Shown name';
COMMENT ON COLUMN users.avatar IS 'Address of the picture, or empty';
COMMENT ON COLUMN users.phone IS 'As given, or empty';
COMMENT ON COLUMN users.email IS 'As given, or empty';
COMMENT ON COLUMN users.status IS '1 active, 2 disabled';
COMMENT ON COLUMN users.created_at IS 'When the account was made';
COMMENT ON COLUMN users.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN users.deleted IS '0, or 1 when deleted';

CREATE TABLE refresh_tokens (
  id         bigint      NOT NULL,
  user_id    bigint      NOT NULL,
  family_id  bigint      NOT NULL,
  device_id  text        NOT NULL DEFAULT '',
  platform   smallint    NOT NULL DEFAULT 0,
  token_hash bytea       NOT NULL,
  status     smallint    NOT NULL DEFAULT 1,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user_device ON refresh_tokens (user_id, device_id);
COMMENT ON TABLE  refresh_tokens IS 'Refresh tokens, each good for one use; written by web';
COMMENT ON COLUMN refresh_tokens.id IS 'Snowflake';
COMMENT ON COLUMN refresh_tokens.user_id IS 'Whose it is';
COMMENT ON COLUMN refresh_tokens.family_id IS 'The id of the first token after the login; using a used token revokes its family';
COMMENT ON COLUMN refresh_tokens.device_id IS 'The device that logged in';
COMMENT ON COLUMN refresh_tokens.platform IS 'The platform that logged in, as im.message.Platform';
COMMENT ON COLUMN refresh_tokens.token_hash IS 'SHA-256 of the token; the token itself is not kept';
COMMENT ON COLUMN refresh_tokens.status IS '1 good, 2 used, 3 revoked';
COMMENT ON COLUMN refresh_tokens.expires_at IS 'Not good after this';
COMMENT ON COLUMN refresh_tokens.created_at IS 'When it was issued';
COMMENT ON COLUMN refresh_tokens.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN refresh_tokens.deleted IS '0, or 1 when deleted';

CREATE TABLE friend_requests (
  id           bigint      NOT NULL,
  from_user_id bigint      NOT NULL,
  to_user_id   bigint      NOT NULL,
  message      text        NOT NULL DEFAULT '',
  status       smallint    NOT NULL DEFAULT 1,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT friend_requests_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX friend_requests_pending_pair ON friend_requests (least(from_user_id, to_user_id), greatest(from_user_id, to_user_id)) WHERE status = 1 AND deleted = 0;
CREATE INDEX friend_requests_to ON friend_requests (to_user_id, id);
CREATE INDEX friend_requests_from ON friend_requests (from_user_id, id);
COMMENT ON TABLE  friend_requests IS 'Requests to become friends; written by web';
COMMENT ON COLUMN friend_requests.id IS 'Snowflake';
COMMENT ON COLUMN friend_requests.from_user_id IS 'Who asks';
COMMENT ON COLUMN friend_requests.to_user_id IS 'Who is asked';
COMMENT ON COLUMN friend_requests.message IS 'What the asker says';
COMMENT ON COLUMN friend_requests.status IS '1 pending, 2 accepted, 3 rejected; one pending request per pair';
COMMENT ON COLUMN friend_requests.created_at IS 'When it was asked';
COMMENT ON COLUMN friend_requests.updated_at IS 'When it was answered';
COMMENT ON COLUMN friend_requests.deleted IS '0, or 1 when deleted';

CREATE TABLE friends (
  id         bigint      NOT NULL,
  user_id    bigint      NOT NULL,
  friend_id  bigint      NOT NULL,
  remark     text        NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT friends_pkey PRIMARY KEY (id),
  CONSTRAINT friends_user_id_friend_id_key UNIQUE (user_id, friend_id)
);
COMMENT ON TABLE  friends IS 'Friendships, one row in each direction, made and deleted together; written by web, read by logic at the commit of a message';
COMMENT ON COLUMN friends.id IS 'Snowflake';
COMMENT ON COLUMN friends.user_id IS 'Whose friend';
COMMENT ON COLUMN friends.friend_id IS 'The friend';
COMMENT ON COLUMN friends.remark IS 'What user_id calls the friend, or empty';
COMMENT ON COLUMN friends.created_at IS 'When they became friends';
COMMENT ON COLUMN friends.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN friends.deleted IS '0, or 1 when deleted; becoming friends again sets it back';

CREATE TABLE conversations (
  id         bigint      NOT NULL,
  type       smallint    NOT NULL,
  user_low   bigint      NOT NULL DEFAULT 0,
  user_high  bigint      NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT conversations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX conversations_pair ON conversations (user_low, user_high) WHERE type = 1;
COMMENT ON TABLE  conversations IS 'Private pairs, groups and the world chat; written by logic. The last message is derived from the log';
COMMENT ON COLUMN conversations.id IS 'Snowflake';
COMMENT ON COLUMN conversations.type IS '1 private, 2 group, 3 world, as im.message.ConversationType';
COMMENT ON COLUMN conversations.user_low IS 'Private: the smaller user id of the pair; else 0';
COMMENT ON COLUMN conversations.user_high IS 'Private: the larger user id of the pair; else 0';
COMMENT ON COLUMN conversations.created_at IS 'When it was made';
COMMENT ON COLUMN conversations.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN conversations.deleted IS '0, or 1 when deleted';

CREATE TABLE conversation_members (
  id              bigint      NOT NULL,
  conversation_id bigint      NOT NULL,
  user_id         bigint      NOT NULL,
  role            smallint    NOT NULL DEFAULT 1,
  read_seq        bigint      NOT NULL DEFAULT 0,
  read_index      bigint      NOT NULL DEFAULT 0,
  delivered_seq   bigint      NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT conversation_members_pkey PRIMARY KEY (id),
  CONSTRAINT conversation_members_user_id_conversation_id_key UNIQUE (user_id, conversation_id)
);
CREATE INDEX conversation_members_conversation ON conversation_members (conversation_id);
COMMENT ON TABLE  conversation_members IS 'Members and their positions; written by logic';
COMMENT ON COLUMN conversation_members.id IS 'Snowflake';
COMMENT ON COLUMN conversation_members.conversation_id IS 'The conversation';
COMMENT ON COLUMN conversation_members.user_id IS 'The member';
COMMENT ON COLUMN conversation_members.role IS '1 member, 2 admin, 3 owner';
COMMENT ON COLUMN conversation_members.read_seq IS 'Highest seq that the member has read; only grows';
COMMENT ON COLUMN conversation_members.read_index IS 'message_index at read_seq';
COMMENT ON COLUMN conversation_members.delivered_seq IS 'Highest seq that a device of the member has received; only grows';
COMMENT ON COLUMN conversation_members.created_at IS 'When the member joined';
COMMENT ON COLUMN conversation_members.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN conversation_members.deleted IS '0, or 1 when the member has left';

-- The primary key is made before the other unique index: writers that wait for each other in two orders deadlock (findings.md).
CREATE TABLE messages (
  id                bigint      NOT NULL,
  conversation_id   bigint      NOT NULL,
  seq               bigint      NOT NULL,
  message_index     bigint      NOT NULL,
  sender_id         bigint      NOT NULL,
  client_message_id uuid        NOT NULL,
  target_seq        bigint      NOT NULL DEFAULT 0,
  type              smallint    NOT NULL,
  content           text        NOT NULL DEFAULT '',
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  deleted           smallint    NOT NULL DEFAULT 0,
  CONSTRAINT messages_pkey PRIMARY KEY (conversation_id, seq)
);
ALTER TABLE messages ADD CONSTRAINT messages_client_key UNIQUE (client_message_id, sender_id, conversation_id);
CREATE INDEX messages_id ON messages USING brin (id);
COMMENT ON TABLE  messages IS 'The log: the entries of every conversation; written by logic';
COMMENT ON COLUMN messages.id IS 'Snowflake';
COMMENT ON COLUMN messages.conversation_id IS 'The conversation';
COMMENT ON COLUMN messages.seq IS 'Position in the conversation: 1, 2, 3, no hole';
COMMENT ON COLUMN messages.message_index IS 'Countable entries of the conversation up to this one';
COMMENT ON COLUMN messages.sender_id IS 'Who made the entry';
COMMENT ON COLUMN messages.client_message_id IS 'The client''s id, a UUIDv7; stored once per sender and conversation';
COMMENT ON COLUMN messages.target_seq IS 'The entry that an edit, recall or reaction is about; else 0';
COMMENT ON COLUMN messages.type IS 'As im.message.EntryType; below 32 is countable';
COMMENT ON COLUMN messages.content IS 'The text, or the typed content of another type';
COMMENT ON COLUMN messages.created_at IS 'When it was committed';
COMMENT ON COLUMN messages.updated_at IS 'As created_at: entries are not changed';
COMMENT ON COLUMN messages.deleted IS '0, or 1 when deleted';
