-- How much of a private conversation each of the two wrote, counted in the log itself: own entries never count as unread, and an index
-- for counting them cost every message as much as a third of its row. Two tips and a subtraction say it now.
--
-- Groups and the world chat are counted by index, as before, and so is every conversation that began before this column: NULL stays NULL.
ALTER TABLE messages ADD COLUMN low_index bigint;
COMMENT ON COLUMN messages.low_index IS 'Of a private conversation: countable entries of the user with the lower id up to this one; NULL: not counted';

DROP INDEX messages_sender;
CREATE INDEX messages_sender ON messages (conversation_id, sender_id, seq) WHERE type < 32 AND low_index IS NULL;

-- As in V17, with low_index.
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
           g.target_seq, g.mentions, g.peer_id,
           stored.id AS stored_id, stored.seq AS stored_seq,
           stored.message_index AS stored_index, stored.created_at AS stored_at,
           tip.seq AS tip_seq, tip.message_index AS tip_index, tip.created_at AS tip_at, tip.low_index AS tip_low,
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
        SELECT m.seq, m.message_index, m.created_at, m.low_index
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
           -- NULL stays NULL: where it was not counted from the first entry on, it is not counted.
           CASE
             WHEN g.peer_id = 0 THEN NULL
             WHEN first_value(g.tip_seq) OVER same IS NULL THEN 0
             ELSE first_value(g.tip_low) OVER same
           END + count(*) FILTER (WHERE g.status = 0 AND g.type < 32 AND g.sender_id < g.peer_id) OVER same AS low_index,
           -- Never before the entry that it follows, even when a clock steps back.
           coalesce(g.stored_at, greatest(first_value(g.tip_at) OVER same, v_now)) AS created_at
      FROM given g
    WINDOW same AS (PARTITION BY g.conversation_id ORDER BY g.ordinal ROWS UNBOUNDED PRECEDING)
  ), inserted AS (
    INSERT INTO messages (
      id, conversation_id, seq, message_index, sender_id, client_message_id, target_seq, type, content, mentions,
      created_at, updated_at, low_index
    )
    SELECT p.id, p.conversation_id, p.seq, p.message_index, p.sender_id, p.client_message_id, p.target_seq, p.type, p.content,
           CASE WHEN p.mentions = '' THEN '{}' ELSE p.mentions::bigint[] END, p.created_at, p.created_at, p.low_index
      FROM placed p
     WHERE p.status = 0
  )
  SELECT p.ordinal, p.status, p.id, p.seq, p.message_index, p.created_at,
         coalesce(v_members_seqs[p.ordinal], 0), coalesce(v_member_counts[p.ordinal], 0)
    FROM placed p;
END $$;

-- As in V6, with what the user wrote by low_index.
CREATE OR REPLACE FUNCTION conversation_states(p_users bigint[], p_conversations bigint[])
RETURNS TABLE (
  ordinal integer, conversation_id bigint, type smallint, peer_id bigint, created_at timestamptz, activity timestamptz,
  tip_seq bigint, tip_index bigint, read_seq bigint, delivered_seq bigint, peer_read_seq bigint, peer_delivered_seq bigint,
  unread bigint, mentions bigint, role smallint, from_seq bigint, until_seq bigint,
  pinned_at timestamptz, muted_until timestamptz, archived boolean, hidden boolean, draft text, draft_at timestamptz,
  view_at timestamptz, silenced_until timestamptz, silenced boolean, name text, avatar text, owner_id bigint, member_count integer
)
LANGUAGE plpgsql STABLE ROWS 100
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_memoize = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT g.ordinal::integer, c.id, c.type, pair.peer_id, c.created_at,
         date_trunc('milliseconds', coalesce(tip.created_at, c.created_at)),
         coalesce(tip.seq, 0), coalesce(tip.message_index, 0), own.read_seq,
         -- What everybody gets is not reported by anybody.
         coalesce(m.delivered_seq, tip.seq, 0), coalesce(p.read_seq, 0), coalesce(p.delivered_seq, 0),
         greatest(coalesce(tip.message_index, 0) - own.read_index - coalesce(sent.count, 0), 0), coalesce(called.count, 0),
         CASE WHEN m.deleted = 1 THEN 0 ELSE coalesce(m.role, 1) END::smallint,
         coalesce(m.from_seq, 0), coalesce(m.until_seq, 0),
         coalesce(v.pinned_at, 'epoch'), coalesce(v.muted_until, 'epoch'), coalesce(v.archived, 0) = 1,
         coalesce(v.hidden_seq, 0) > 0 AND v.hidden_seq >= coalesce(tip.seq, 0),
         coalesce(v.draft, ''), coalesce(v.draft_at, 'epoch'), coalesce(v.updated_at, 'epoch'),
         coalesce(m.silenced_until, 'epoch'), c.silenced = 1, c.name, c.avatar,
         -- Who has left is not told what became of the group.
         CASE WHEN m.deleted = 1 THEN 0 ELSE c.owner_id END, CASE WHEN m.deleted = 1 THEN 0 ELSE c.member_count END
    FROM unnest(p_users, p_conversations) WITH ORDINALITY AS g (user_id, conversation_id, ordinal)
    JOIN conversations c ON c.id = g.conversation_id AND c.deleted = 0
    LEFT JOIN conversation_members m
      ON m.user_id = g.user_id AND m.conversation_id = c.id AND (m.deleted = 0 OR m.until_seq > 0)
    LEFT JOIN conversation_views v ON v.user_id = g.user_id AND v.conversation_id = c.id
    CROSS JOIN LATERAL (
      SELECT CASE WHEN c.type <> 1 THEN 0 WHEN c.user_low = g.user_id THEN c.user_high ELSE c.user_low END AS peer_id
    ) pair
    LEFT JOIN conversation_members p ON p.user_id = pair.peer_id AND p.conversation_id = c.id
    LEFT JOIN LATERAL (
      SELECT e.seq, e.message_index, e.created_at, e.low_index FROM messages e
       WHERE e.conversation_id = c.id AND e.seq >= coalesce(greatest(m.read_seq, m.delivered_seq, m.from_seq, m.until_seq), v.read_seq, 0)
         AND (coalesce(m.until_seq, 0) = 0 OR e.seq <= m.until_seq)
       ORDER BY e.seq DESC
       LIMIT 1
    ) tip ON true
    LEFT JOIN LATERAL
      reading_start(g.user_id, CASE WHEN m.id IS NULL AND coalesce(v.read_seq, 0) = 0 THEN c.id END) start ON true
    CROSS JOIN LATERAL (
      SELECT CASE WHEN m.id IS NOT NULL THEN m.read_seq WHEN v.read_seq > 0 THEN v.read_seq ELSE coalesce(start.seq, 0) END AS read_seq,
             CASE
               WHEN m.id IS NOT NULL THEN m.read_index
               WHEN v.read_seq > 0 THEN v.read_index
               ELSE coalesce(start.message_index, 0)
             END AS read_index
    ) own
    -- Where nothing is unread, nothing is read.
    LEFT JOIN LATERAL (
      SELECT CASE
               WHEN tip.low_index IS NULL THEN (
                 SELECT count(*) FROM messages e
                  WHERE e.conversation_id = c.id AND e.sender_id = g.user_id AND e.type < 32 AND e.low_index IS NULL
                    AND e.seq > own.read_seq AND e.seq <= tip.seq
               )
               WHEN c.user_low = g.user_id THEN tip.low_index - at.low_index
               ELSE tip.message_index - own.read_index - tip.low_index + at.low_index
             END AS count
        FROM (
          SELECT coalesce((SELECT e.low_index FROM messages e WHERE e.conversation_id = c.id AND e.seq = own.read_seq), 0) AS low_index
        ) at
       WHERE tip.message_index > own.read_index
    ) sent ON true
    LEFT JOIN LATERAL (
      SELECT count(*) AS count
        FROM (
          SELECT DISTINCT CASE WHEN e.type = 32 THEN e.target_seq ELSE e.seq END AS seq FROM messages e
           WHERE tip.message_index > own.read_index AND e.conversation_id = c.id AND e.seq > own.read_seq AND e.seq <= tip.seq
             AND e.mentions <> '{}' AND e.mentions && ARRAY[g.user_id, 0] AND e.sender_id <> g.user_id AND e.type <= 32
        ) n
        JOIN messages e ON e.conversation_id = c.id AND e.seq = n.seq
        LEFT JOIN LATERAL (
          SELECT x.type, x.mentions FROM messages x
           WHERE x.conversation_id = c.id AND x.target_seq = n.seq AND x.type IN (32, 33) AND (x.type = 33 OR x.seq <= tip.seq)
           ORDER BY x.type DESC, x.seq DESC
           LIMIT 1
        ) x ON true
       -- An edit may call somebody in a message that was read before.
       WHERE n.seq > own.read_seq AND x.type IS DISTINCT FROM 33 AND coalesce(x.mentions, e.mentions) && ARRAY[g.user_id, 0]
    ) called ON true
   WHERE m.id IS NOT NULL OR c.id IN (1, 2)
   ORDER BY g.ordinal;
END $$;

-- As in V13, in the same way.
CREATE OR REPLACE FUNCTION unread_total(p_user bigint) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_memoize = off
SET jit = off
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(greatest(tip.message_index - m.read_index - coalesce(sent.count, 0), 0)), 0)
      FROM conversation_members m
      JOIN conversations c ON c.id = m.conversation_id AND c.deleted = 0
      LEFT JOIN conversation_views v ON v.user_id = m.user_id AND v.conversation_id = m.conversation_id
      CROSS JOIN LATERAL (
        SELECT e.seq, e.message_index, e.low_index FROM messages e
         WHERE e.conversation_id = m.conversation_id
           AND e.seq >= greatest(m.read_seq, m.delivered_seq, m.from_seq, m.until_seq)
           AND (m.until_seq = 0 OR e.seq <= m.until_seq)
         ORDER BY e.seq DESC
         LIMIT 1
      ) tip
      -- Where nothing is unread, nothing is read.
      LEFT JOIN LATERAL (
        SELECT CASE
                 WHEN tip.low_index IS NULL THEN (
                   SELECT count(*) FROM messages e
                    WHERE e.conversation_id = m.conversation_id AND e.sender_id = m.user_id AND e.type < 32 AND e.low_index IS NULL
                      AND e.seq > m.read_seq AND e.seq <= tip.seq
                 )
                 WHEN c.user_low = m.user_id THEN tip.low_index - at.low_index
                 ELSE tip.message_index - m.read_index - tip.low_index + at.low_index
               END AS count
          FROM (
            SELECT coalesce((SELECT e.low_index FROM messages e WHERE e.conversation_id = m.conversation_id AND e.seq = m.read_seq), 0) AS low_index
          ) at
         WHERE tip.message_index > m.read_index
      ) sent ON true
     WHERE m.user_id = p_user AND (m.deleted = 0 OR m.until_seq > 0)
       AND NOT (coalesce(v.hidden_seq, 0) > 0 AND v.hidden_seq >= tip.seq)
  );
END $$;
