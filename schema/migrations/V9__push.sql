-- Who is told of a message while they are away: the browsers that take pushes, and what is to be sent.

CREATE TABLE push_subscriptions (
  id           bigint      NOT NULL,
  user_id      bigint      NOT NULL,
  device_id    text        NOT NULL DEFAULT '',
  endpoint     text        NOT NULL DEFAULT '',
  p256dh       text        NOT NULL DEFAULT '',
  auth         text        NOT NULL DEFAULT '',
  hide_content smallint    NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  deleted      smallint    NOT NULL DEFAULT 0,
  CONSTRAINT push_subscriptions_pkey PRIMARY KEY (id),
  CONSTRAINT push_subscriptions_user_id_device_id_key UNIQUE (user_id, device_id)
);
-- A hash: addresses are long, and one is only ever looked up as a whole.
CREATE INDEX push_subscriptions_endpoint ON push_subscriptions USING hash (endpoint);
COMMENT ON TABLE  push_subscriptions IS 'Where browsers take pushes (Push API), one per device; written by logic. Rows are removed, not marked';
COMMENT ON COLUMN push_subscriptions.id IS 'Snowflake';
COMMENT ON COLUMN push_subscriptions.user_id IS 'Whose browser';
COMMENT ON COLUMN push_subscriptions.device_id IS 'The device that subscribed';
COMMENT ON COLUMN push_subscriptions.endpoint IS 'Address at the push service, an https URL; a secret of the browser';
COMMENT ON COLUMN push_subscriptions.p256dh IS 'The browser''s public key: a point of P-256, base64url (RFC 8291)';
COMMENT ON COLUMN push_subscriptions.auth IS 'The browser''s authentication secret: 16 bytes, base64url (RFC 8291)';
COMMENT ON COLUMN push_subscriptions.hide_content IS '1: pushes say that there is a message, and not what or from whom';
COMMENT ON COLUMN push_subscriptions.created_at IS 'When the device first subscribed';
COMMENT ON COLUMN push_subscriptions.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN push_subscriptions.deleted IS 'Always 0';

-- One live row per conversation, channel and addressee. It is used again and again, so that the table grows with the conversations and not
-- with the messages: later messages raise seq, a pass over the members works up to run_seq, and what came meanwhile is the next pass.
--
-- not_before is when somebody may take the job, so it is the lease as well: taking a job moves it into the future, and the job of a worker
-- that was killed is due again then. claims tells the holders apart: whoever was too slow finds another number and changes nothing.
CREATE TABLE push_jobs (
  id              bigint      NOT NULL,
  conversation_id bigint      NOT NULL,
  channel         smallint    NOT NULL,
  subscription_id bigint      NOT NULL DEFAULT 0,
  since_seq       bigint      NOT NULL DEFAULT 0,
  seq             bigint      NOT NULL DEFAULT 0,
  run_seq         bigint      NOT NULL DEFAULT 0,
  cursor_user_id  bigint      NOT NULL DEFAULT 0,
  attempts        integer     NOT NULL DEFAULT 0,
  claims          bigint      NOT NULL DEFAULT 0,
  not_before      timestamptz NOT NULL DEFAULT now(),
  status          smallint    NOT NULL DEFAULT 1,
  error           text        NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT push_jobs_pkey PRIMARY KEY (id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX push_jobs_live ON push_jobs (conversation_id, channel, subscription_id) WHERE status < 3;
CREATE INDEX push_jobs_due ON push_jobs (channel, not_before) WHERE status = 1;
CREATE INDEX push_jobs_dead ON push_jobs (id) WHERE status = 3;
COMMENT ON TABLE  push_jobs IS 'What is to be told to members who are away; written by logic. Dead rows hold all that push_again needs';
COMMENT ON COLUMN push_jobs.id IS 'Snowflake';
COMMENT ON COLUMN push_jobs.conversation_id IS 'Of which conversation';
COMMENT ON COLUMN push_jobs.channel IS '1 Web Push, 2 webhook';
COMMENT ON COLUMN push_jobs.subscription_id IS 'Only this subscription, which failed before; 0: every member';
COMMENT ON COLUMN push_jobs.since_seq IS 'Entries up to here were told in an earlier pass';
COMMENT ON COLUMN push_jobs.seq IS 'Entries up to here are to be told';
COMMENT ON COLUMN push_jobs.run_seq IS 'Entries up to here are told in the pass that is under way; 0 between passes';
COMMENT ON COLUMN push_jobs.cursor_user_id IS 'Members up to this one are done in the pass that is under way';
COMMENT ON COLUMN push_jobs.attempts IS 'Failures since something last worked';
COMMENT ON COLUMN push_jobs.claims IS 'How often it was taken; only the last taker may change it';
COMMENT ON COLUMN push_jobs.not_before IS 'Nobody takes it before: the delay, the backoff, or the lease of whoever has it';
COMMENT ON COLUMN push_jobs.status IS '1 pending, 2 sent, 3 dead: tried too often';
COMMENT ON COLUMN push_jobs.error IS 'Why the last attempt failed';
COMMENT ON COLUMN push_jobs.created_at IS 'When it was made';
COMMENT ON COLUMN push_jobs.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN push_jobs.deleted IS 'Always 0';

-- Members are gone through page by page.
CREATE INDEX conversation_members_pages ON conversation_members (conversation_id, user_id) WHERE deleted = 0;

-- For the operator: sends dead jobs again, at once and with all their attempts. A dead row goes into the live one of its conversation,
-- if there is one; the holder of that one finds its claim gone.
CREATE FUNCTION push_again(p_ids bigint[]) RETURNS bigint
LANGUAGE sql VOLATILE
AS $$
  WITH dead AS (
    DELETE FROM push_jobs WHERE id = ANY (p_ids) AND status = 3
    RETURNING id, conversation_id, channel, subscription_id, since_seq, seq
  ), again AS (
    INSERT INTO push_jobs AS j (id, conversation_id, channel, subscription_id, since_seq, seq)
    SELECT min(d.id), d.conversation_id, d.channel, d.subscription_id, min(d.since_seq), max(d.seq)
      FROM dead d
     GROUP BY d.conversation_id, d.channel, d.subscription_id
        ON CONFLICT (conversation_id, channel, subscription_id) WHERE status < 3
        DO UPDATE SET since_seq = least(j.since_seq, excluded.since_seq), seq = greatest(j.seq, excluded.seq),
                      run_seq = 0, cursor_user_id = 0, attempts = 0, claims = j.claims + 1,
                      not_before = now(), status = 1, updated_at = now()
  )
  SELECT count(*) FROM dead
$$;
COMMENT ON FUNCTION push_again IS 'Sends dead jobs again and returns how many; called by the operator';
