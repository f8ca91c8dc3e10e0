-- Block lists, and what users let others see and do.
--
-- A block is a row of its own, since one may block whom one is no friend of. Where there is a friendship, both of its rows say it too: the
-- message path looks a friendship up anyway, and finds there that it is blocked, without another look.
CREATE TABLE blocks (
  id         bigint      NOT NULL,
  user_id    bigint      NOT NULL,
  blocked_id bigint      NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT blocks_pkey PRIMARY KEY (id),
  CONSTRAINT blocks_user_id_blocked_id_key UNIQUE (user_id, blocked_id)
);
COMMENT ON TABLE  blocks IS 'Whom users have blocked; written by web under the lock of the pair';
COMMENT ON COLUMN blocks.id IS 'Snowflake';
COMMENT ON COLUMN blocks.user_id IS 'Who blocks';
COMMENT ON COLUMN blocks.blocked_id IS 'Who is blocked';
COMMENT ON COLUMN blocks.created_at IS 'Since when';
COMMENT ON COLUMN blocks.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN blocks.deleted IS 'Always 0: rows are removed';

ALTER TABLE friends ADD COLUMN blocked smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN friends.blocked IS 'As blocks has it, for who reads this row anyway: 1 friend_id has blocked user_id, 2 user_id has blocked friend_id, 3 both; 0 neither';

COMMENT ON COLUMN friend_requests.status IS '1 pending, 2 accepted, 3 rejected, 4 cancelled by the asker or by a block; one pending request per pair';

-- A user without a row has the defaults.
CREATE TABLE user_settings (
  id              bigint      NOT NULL,
  findable        smallint    NOT NULL DEFAULT 1,
  friend_requests smallint    NOT NULL DEFAULT 1,
  last_seen       smallint    NOT NULL DEFAULT 1,
  contact         smallint    NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted         smallint    NOT NULL DEFAULT 0,
  CONSTRAINT user_settings_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE  user_settings IS 'What users let others see and do; written by web';
COMMENT ON COLUMN user_settings.id IS 'The user';
COMMENT ON COLUMN user_settings.findable IS '1: strangers find the user by the exact username; 0: they do not';
COMMENT ON COLUMN user_settings.friend_requests IS '1: everybody may ask to be friends; 0: nobody';
COMMENT ON COLUMN user_settings.last_seen IS '1: friends see when the user was last here; 0: nobody';
COMMENT ON COLUMN user_settings.contact IS '1: friends see telephone number and mail address; 0: nobody';
COMMENT ON COLUMN user_settings.created_at IS 'When something was set first';
COMMENT ON COLUMN user_settings.updated_at IS 'When the row was last changed';
COMMENT ON COLUMN user_settings.deleted IS 'Always 0';

-- As V5, which says what it does. New is status 9: the two are friends, and one of them has blocked the other. That is in the row that says
-- whether they are friends.
CREATE OR REPLACE FUNCTION append_entries(
  p_ids bigint[],
  p_conversations bigint[],
  p_kinds smallint[],
  p_senders bigint[],
  p_peers bigint[],
  p_client_ids uuid[],
  p_types smallint[],
  p_contents text[],
  p_targets bigint[],
  p_mentions text[],
  p_hints bigint[]
) RETURNS TABLE (
  ordinal integer, status smallint, id bigint, seq bigint, message_index bigint, created_at timestamptz,
  members_seq bigint, member_count integer
)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
SET work_mem = '32MB'
AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz;
  -- One element per row; NULL, and so every element of it, where no row needs a look.
  v_refusals integer[];
  v_members_seqs bigint[];
  v_member_counts integer[];
BEGIN
  PERFORM pg_advisory_xact_lock(c) FROM (SELECT DISTINCT c FROM unnest(p_conversations) c ORDER BY c) AS sorted;

  -- Not now(): that is when the transaction began, before it waited for the locks.
  v_now := clock_timestamp();

  IF 2 = ANY (p_kinds) OR 0 <> ANY (p_targets) OR '' <> ANY (p_mentions) THEN
    SELECT array_agg(r.refusal ORDER BY r.ordinal), array_agg(coalesce(r.members_seq, 0) ORDER BY r.ordinal),
           array_agg(coalesce(r.member_count, 0) ORDER BY r.ordinal)
      INTO v_refusals, v_members_seqs, v_member_counts
      FROM (
        SELECT g.ordinal, c.members_seq, c.member_count,
               CASE
                 WHEN g.kind = 2 AND coalesce(c.owner_id, 0) = 0 THEN 6
                 WHEN g.kind = 2 AND s.role IS NULL THEN 4
                 WHEN g.kind = 2 AND (s.silenced_until > v_now OR c.silenced = 1 AND s.role < 2) THEN 5
                 WHEN g.target_seq <> 0 AND NOT EXISTS (
                   SELECT FROM messages m
                    WHERE m.conversation_id = g.conversation_id AND m.seq = g.target_seq
                      AND m.seq > coalesce(s.from_seq, 0) AND m.type < 32
                 ) THEN 7
                 WHEN g.mentions <> '' AND NOT coalesce(s.role >= 2, false)
                  AND 0 = ANY (CASE WHEN g.mentions = '' THEN '{}' ELSE g.mentions::bigint[] END) THEN 8
                 ELSE 0
               END AS refusal
          FROM unnest(p_conversations, p_kinds, p_senders, p_targets, p_mentions) WITH ORDINALITY
               AS g (conversation_id, kind, sender_id, target_seq, mentions, ordinal)
          -- Only for rows of groups: an id of NULL reads nothing. The limits are fences: each row has look-ups of its own, whatever the size of
          -- the tables was when the plan was made. Members are compared as pairs, which only the index that begins with the user serves: by
          -- another one the planner may read the whole group.
          LEFT JOIN LATERAL (
            SELECT c.owner_id, c.silenced, c.members_seq, c.member_count
              FROM conversations c
             WHERE c.id = CASE WHEN g.kind = 2 THEN g.conversation_id END
             LIMIT 1
          ) c ON true
          LEFT JOIN LATERAL (
            SELECT s.role, s.from_seq, s.silenced_until
              FROM conversation_members s
             WHERE (s.user_id, s.conversation_id) >= (CASE WHEN g.kind = 2 THEN g.sender_id END, g.conversation_id)
               AND (s.user_id, s.conversation_id) <= (CASE WHEN g.kind = 2 THEN g.sender_id END, g.conversation_id)
               AND s.deleted = 0
             LIMIT 1
          ) s ON true
        OFFSET 0
      ) r;
  END IF;

  RETURN QUERY
  WITH given AS (
    SELECT g.ordinal::integer AS ordinal, g.id, g.conversation_id, g.sender_id, g.client_message_id, g.type, g.content,
           g.target_seq, g.mentions,
           stored.id AS stored_id, stored.seq AS stored_seq,
           stored.message_index AS stored_index, stored.created_at AS stored_at,
           tip.seq AS tip_seq, tip.message_index AS tip_index, tip.created_at AS tip_at,
           CASE
             WHEN stored.id IS NOT NULL THEN CASE
               WHEN stored.type = g.type AND stored.content = g.content AND stored.target_seq = g.target_seq
                AND stored.mentions = CASE WHEN g.mentions = '' THEN '{}' ELSE g.mentions::bigint[] END THEN 1
               ELSE 2
             END
             WHEN v_refusals[g.ordinal] > 0 THEN v_refusals[g.ordinal]
             WHEN g.peer_id = 0 THEN 0
             ELSE coalesce((
               SELECT CASE WHEN f.blocked = 0 THEN 0 ELSE 9 END
                 FROM friends f WHERE f.user_id = g.sender_id AND f.friend_id = g.peer_id AND f.deleted = 0
             ), 3)
           END AS status
      FROM unnest(
             p_ids, p_conversations, p_senders, p_peers, p_client_ids, p_types, p_contents, p_targets, p_mentions, p_hints
           ) WITH ORDINALITY
           AS g (
             id, conversation_id, sender_id, peer_id, client_message_id, type, content, target_seq, mentions, hint, ordinal
           )
      LEFT JOIN LATERAL (
        SELECT m.id, m.seq, m.message_index, m.created_at, m.type, m.content, m.target_seq, m.mentions
          FROM messages m
         WHERE m.client_message_id = g.client_message_id
           AND m.sender_id = g.sender_id
           AND m.conversation_id = g.conversation_id
         LIMIT 1
      ) stored ON true
      -- Only for the first row of a conversation: a bound of NULL reads nothing.
      LEFT JOIN LATERAL (
        SELECT m.seq, m.message_index, m.created_at
          FROM messages m
         WHERE m.conversation_id = g.conversation_id
           AND m.seq >= CASE WHEN p_conversations[g.ordinal - 1] = g.conversation_id THEN NULL ELSE g.hint END
         ORDER BY m.seq DESC
         LIMIT 1
      ) tip ON true
    -- A fence: without it the planner repeats the expression of status, with its look-up, wherever status is used.
    OFFSET 0
  ), placed AS MATERIALIZED (
    SELECT g.ordinal, g.status::smallint AS status,
           g.conversation_id, g.sender_id, g.client_message_id, g.type, g.content, g.target_seq, g.mentions,
           coalesce(g.stored_id, g.id) AS id,
           coalesce(
             g.stored_seq,
             coalesce(first_value(g.tip_seq) OVER same, 0) + count(*) FILTER (WHERE g.status = 0) OVER same
           ) AS seq,
           coalesce(
             g.stored_index,
             coalesce(first_value(g.tip_index) OVER same, 0)
               + count(*) FILTER (WHERE g.status = 0 AND g.type < 32) OVER same
           ) AS message_index,
           -- Never before the entry that it follows, even when a clock steps back.
           coalesce(g.stored_at, greatest(first_value(g.tip_at) OVER same, v_now)) AS created_at
      FROM given g
    WINDOW same AS (PARTITION BY g.conversation_id ORDER BY g.ordinal ROWS UNBOUNDED PRECEDING)
  ), inserted AS (
    INSERT INTO messages (
      id, conversation_id, seq, message_index, sender_id, client_message_id, target_seq, type, content, mentions,
      created_at, updated_at
    )
    SELECT p.id, p.conversation_id, p.seq, p.message_index, p.sender_id, p.client_message_id, p.target_seq, p.type, p.content,
           CASE WHEN p.mentions = '' THEN '{}' ELSE p.mentions::bigint[] END, p.created_at, p.created_at
      FROM placed p
     WHERE p.status = 0
  )
  SELECT p.ordinal, p.status, p.id, p.seq, p.message_index, p.created_at,
         coalesce(v_members_seqs[p.ordinal], 0), coalesce(v_member_counts[p.ordinal], 0)
    FROM placed p;
END $$;
COMMENT ON FUNCTION append_entries IS 'Appends a batch of entries to the logs of their conversations; called by logic, once per transaction';
