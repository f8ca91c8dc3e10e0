-- Groups, what a user sets for themselves, and what entries say about other entries.

ALTER TABLE conversations
  ADD COLUMN name         text        NOT NULL DEFAULT '',
  ADD COLUMN avatar       text        NOT NULL DEFAULT '',
  ADD COLUMN description  text        NOT NULL DEFAULT '',
  ADD COLUMN owner_id     bigint      NOT NULL DEFAULT 0,
  ADD COLUMN creator_id   bigint      NOT NULL DEFAULT 0,
  ADD COLUMN creation_key uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN member_count integer     NOT NULL DEFAULT 0,
  ADD COLUMN members_seq  bigint      NOT NULL DEFAULT 0,
  ADD COLUMN join_policy  smallint    NOT NULL DEFAULT 3,
  ADD COLUMN history_open smallint    NOT NULL DEFAULT 0,
  ADD COLUMN silenced     smallint    NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX conversations_creation_key ON conversations (creator_id, creation_key) WHERE type = 2;
COMMENT ON COLUMN conversations.id IS 'Snowflake; 1 is the world chat, 2 the announcements to everybody';
COMMENT ON COLUMN conversations.type IS '1 private, 2 group, 3 world, 4 system, as im.message.ConversationType';
COMMENT ON COLUMN conversations.user_low IS 'Private: the smaller user id of the pair; system: whose notifications; else 0';
COMMENT ON COLUMN conversations.user_high IS 'Private: the larger user id of the pair; system: whose notifications; else 0';
COMMENT ON COLUMN conversations.name IS 'Groups: the shown name';
COMMENT ON COLUMN conversations.avatar IS 'Groups: address of the picture, or empty';
COMMENT ON COLUMN conversations.description IS 'Groups: what it is about, or empty';
COMMENT ON COLUMN conversations.owner_id IS 'Groups: the member with role 3; 0 once dissolved';
COMMENT ON COLUMN conversations.creator_id IS 'Groups: who made it';
COMMENT ON COLUMN conversations.creation_key IS 'Groups: the client''s id of the creation, which makes a repeat harmless';
COMMENT ON COLUMN conversations.member_count IS 'Groups: members now; changed in the transaction that changes a membership, under the lock of the conversation';
COMMENT ON COLUMN conversations.members_seq IS 'Groups: the entry that last changed a membership, a role or who may write; a cache of members is right when it has this number';
COMMENT ON COLUMN conversations.join_policy IS 'Groups: 1 free, 2 approval, 3 invite, as im.message.JoinPolicy';
COMMENT ON COLUMN conversations.history_open IS 'Groups: 1 when new members read what was before them';
COMMENT ON COLUMN conversations.silenced IS 'Groups: 1 when only admins and the owner write';
COMMENT ON COLUMN conversations.deleted IS '0, or 1 when deleted; a dissolved group keeps its row and its log, and has no members';

-- The operator's word to everybody.
INSERT INTO conversations (id, type) VALUES (2, 4) ON CONFLICT DO NOTHING;
-- The notifications of one user.
CREATE UNIQUE INDEX conversations_system ON conversations (user_low) WHERE type = 4 AND user_low > 0;

ALTER TABLE conversation_members
  ADD COLUMN from_seq       bigint      NOT NULL DEFAULT 0,
  ADD COLUMN until_seq      bigint      NOT NULL DEFAULT 0,
  ADD COLUMN changed_seq    bigint      NOT NULL DEFAULT 0,
  ADD COLUMN invited_by     bigint      NOT NULL DEFAULT 0,
  ADD COLUMN silenced_until timestamptz NOT NULL DEFAULT 'epoch';
CREATE INDEX conversation_members_changed ON conversation_members (conversation_id, changed_seq);
DROP INDEX conversation_members_conversation;
COMMENT ON COLUMN conversation_members.from_seq IS 'Entries up to this one were before the member''s time and are not given';
COMMENT ON COLUMN conversation_members.until_seq IS 'The entry by which the member left, the last that is given; 0 while a member';
COMMENT ON COLUMN conversation_members.changed_seq IS 'The entry that last changed this membership: joined, left, role, voice';
COMMENT ON COLUMN conversation_members.invited_by IS 'Who invited or admitted the member; 0 for one who came alone';
COMMENT ON COLUMN conversation_members.silenced_until IS 'The member may not write until then';
COMMENT ON COLUMN conversation_members.deleted IS '0, or 1 when the member has left; the row keeps what may still be read';

ALTER TABLE messages ADD COLUMN mentions bigint[] NOT NULL DEFAULT '{}';
CREATE INDEX messages_target ON messages (conversation_id, target_seq, seq) WHERE target_seq > 0;
CREATE INDEX messages_mentions ON messages (conversation_id, seq) WHERE mentions <> '{}';
COMMENT ON COLUMN messages.target_seq IS 'The entry that an edit, recall or reaction is about, or that a message answers; else 0';
COMMENT ON COLUMN messages.content IS 'The text, or JSON: the typed content, the change of members, the face of a group';
COMMENT ON COLUMN messages.mentions IS 'Users that are called by name; 0 stands for everybody';
COMMENT ON COLUMN messages.sender_id IS 'Who made the entry; 0 is the operator';

-- One row per conversation in which a user has set something, and per conversation of everybody that a user has read: those have no
-- rows of members.
CREATE TABLE conversation_views (
  id              bigint      NOT NULL,
  user_id         bigint      NOT NULL,
  conversation_id bigint      NOT NULL,
  pinned_at       timestamptz NOT NULL DEFAULT 'epoch',
  muted_until     timestamptz NOT NULL DEFAULT 'epoch',
  archived        smallint    NOT NULL DEFAULT 0,
  hidden_seq      bigint      NOT NULL DEFAULT 0,
  draft           text        NOT NULL DEFAULT '',
  draft_at        timestamptz NOT NULL DEFAULT 'epoch',
  read_seq        bigint      NOT NULL DEFAULT 0,
  read_index      bigint      NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT conversation_views_pkey PRIMARY KEY (id),
  CONSTRAINT conversation_views_user_id_conversation_id_key UNIQUE (user_id, conversation_id)
);
COMMENT ON TABLE  conversation_views IS 'What users set for themselves in conversations; written by logic';
COMMENT ON COLUMN conversation_views.id IS 'Snowflake';
COMMENT ON COLUMN conversation_views.user_id IS 'Whose view';
COMMENT ON COLUMN conversation_views.conversation_id IS 'Of which conversation';
COMMENT ON COLUMN conversation_views.pinned_at IS 'When it was pinned; 1970 when it is not';
COMMENT ON COLUMN conversation_views.muted_until IS 'Nothing notifies until then';
COMMENT ON COLUMN conversation_views.archived IS '1 when put away';
COMMENT ON COLUMN conversation_views.hidden_seq IS 'Not shown while no entry is after this one; 0 shown';
COMMENT ON COLUMN conversation_views.draft IS 'What the user is writing';
COMMENT ON COLUMN conversation_views.draft_at IS 'When the draft was last changed; 1970 when there is none';
COMMENT ON COLUMN conversation_views.read_seq IS 'Conversations of everybody: highest seq that the user has read; only grows';
COMMENT ON COLUMN conversation_views.read_index IS 'message_index at read_seq';
COMMENT ON COLUMN conversation_views.created_at IS 'When the row was made';
COMMENT ON COLUMN conversation_views.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN conversation_views.deleted IS '0, or 1 when deleted';

CREATE TABLE group_requests (
  id              bigint      NOT NULL,
  conversation_id bigint      NOT NULL,
  user_id         bigint      NOT NULL,
  message         text        NOT NULL DEFAULT '',
  status          smallint    NOT NULL DEFAULT 1,
  answered_by     bigint      NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT group_requests_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX group_requests_pending ON group_requests (conversation_id, user_id) WHERE status = 1;
COMMENT ON TABLE  group_requests IS 'Requests to join a group; written by logic';
COMMENT ON COLUMN group_requests.id IS 'Snowflake';
COMMENT ON COLUMN group_requests.conversation_id IS 'The group';
COMMENT ON COLUMN group_requests.user_id IS 'Who asks';
COMMENT ON COLUMN group_requests.message IS 'For the admins';
COMMENT ON COLUMN group_requests.status IS '1 pending, 2 accepted, 3 rejected, 4 void: became a member otherwise, or the group was dissolved';
COMMENT ON COLUMN group_requests.answered_by IS 'The admin who answered; 0 while pending';
COMMENT ON COLUMN group_requests.created_at IS 'When it was made';
COMMENT ON COLUMN group_requests.updated_at IS 'When it was last changed';
COMMENT ON COLUMN group_requests.deleted IS '0, or 1 when deleted';
