-- The one statement of the message path: a batch of entries is appended in one call, which is one transaction.
--
-- Rows of one conversation stand together, in the order in which they are to be appended. The steps are statements of their
-- own, because under READ COMMITTED each statement sees what was committed before it began:
--   1. the transaction locks of all conversations, in the order of their ids, so that no two batches deadlock;
--   2. with the locks held: duplicates, friendships and tips by index, then seq and message_index by counting, then the insert.
-- A batch that breaks the rule of rows standing together, or brings a hint above the tip, fails on messages_pkey.
--
-- hints: a seq that the conversation is known to hold, or 0. Before PostgreSQL 17 a backward index scan reads every entry of the
-- conversation on the last leaf page; from a hint it reads the few after it (2 to 3 us per row less, measured).
-- peers: the other member of a private conversation, who must be a friend; 0 where no friendship is asked for.
--
-- status: 0 stored now, 1 stored before with the same type and content, 2 stored before with others, 3 not friends.
-- For 1 and 2, id, seq, message_index and created_at are those of the stored entry.
CREATE FUNCTION append_entries(
  p_ids bigint[],
  p_conversations bigint[],
  p_senders bigint[],
  p_peers bigint[],
  p_client_ids uuid[],
  p_types smallint[],
  p_contents text[],
  p_hints bigint[]
) RETURNS TABLE (ordinal integer, status smallint, id bigint, seq bigint, message_index bigint, created_at timestamptz)
LANGUAGE plpgsql VOLATILE
-- One plan for every batch, made of index look-ups whatever the statistics say: planning again costs a millisecond, and a plan
-- that was made while a table was empty would read it from end to end later.
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
BEGIN
  PERFORM pg_advisory_xact_lock(c) FROM (SELECT DISTINCT c FROM unnest(p_conversations) c ORDER BY c) AS sorted;

  -- Not now(): that is when the transaction began, before it waited for the locks.
  v_now := clock_timestamp();

  RETURN QUERY
  WITH given AS (
    SELECT g.ordinal::integer AS ordinal, g.id, g.conversation_id, g.sender_id, g.client_message_id, g.type, g.content,
           stored.id AS stored_id, stored.seq AS stored_seq,
           stored.message_index AS stored_index, stored.created_at AS stored_at,
           tip.seq AS tip_seq, tip.message_index AS tip_index, tip.created_at AS tip_at,
           CASE
             WHEN stored.id IS NOT NULL THEN CASE WHEN stored.type = g.type AND stored.content = g.content THEN 1 ELSE 2 END
             WHEN g.peer_id = 0 OR EXISTS (
               SELECT FROM friends f WHERE f.user_id = g.sender_id AND f.friend_id = g.peer_id AND f.deleted = 0
             ) THEN 0
             ELSE 3
           END AS status
      FROM unnest(p_ids, p_conversations, p_senders, p_peers, p_client_ids, p_types, p_contents, p_hints) WITH ORDINALITY
           AS g (id, conversation_id, sender_id, peer_id, client_message_id, type, content, hint, ordinal)
      LEFT JOIN LATERAL (
        SELECT m.id, m.seq, m.message_index, m.created_at, m.type, m.content
          FROM messages m
         WHERE m.client_message_id = g.client_message_id
           AND m.sender_id = g.sender_id
           AND m.conversation_id = g.conversation_id
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
           g.conversation_id, g.sender_id, g.client_message_id, g.type, g.content,
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
      id, conversation_id, seq, message_index, sender_id, client_message_id, type, content, created_at, updated_at
    )
    SELECT p.id, p.conversation_id, p.seq, p.message_index, p.sender_id, p.client_message_id, p.type, p.content,
           p.created_at, p.created_at
      FROM placed p
     WHERE p.status = 0
  )
  SELECT p.ordinal, p.status, p.id, p.seq, p.message_index, p.created_at FROM placed p;
END $$;
COMMENT ON FUNCTION append_entries IS 'Appends a batch of entries to the logs of their conversations; called by logic, once per transaction';

-- Read and delivered positions of many members, moved in one call. A position is capped at the tip and only grows; what was read has
-- been delivered. Rows are locked in one order first, so that no two calls deadlock; the next statement sees what is there then.
--
-- status: 0 a member, 1 not a member, 2 no such conversation. The positions are those that hold after the call.
CREATE FUNCTION move_positions(p_users bigint[], p_conversations bigint[], p_reads bigint[], p_delivereds bigint[])
RETURNS TABLE (
  ordinal integer, status smallint, peer_id bigint,
  read_seq bigint, delivered_seq bigint, read_moved boolean, delivered_moved boolean
)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  PERFORM m.id
     FROM unnest(p_users, p_conversations) AS g (user_id, conversation_id)
     JOIN conversation_members m ON m.user_id = g.user_id AND m.conversation_id = g.conversation_id
    ORDER BY m.user_id, m.conversation_id
      FOR NO KEY UPDATE OF m;

  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT g.ordinal::integer AS ordinal, m.id AS member_id, c.id AS conversation_id,
           CASE WHEN c.type <> 1 THEN 0 WHEN c.user_low = g.user_id THEN c.user_high ELSE c.user_low END AS peer_id,
           m.read_seq, m.delivered_seq,
           greatest(m.read_seq, least(g.read_seq, coalesce(tip.seq, 0))) AS new_read_seq,
           greatest(m.delivered_seq, least(greatest(g.read_seq, g.delivered_seq), coalesce(tip.seq, 0))) AS new_delivered_seq
      FROM unnest(p_users, p_conversations, p_reads, p_delivereds) WITH ORDINALITY
           AS g (user_id, conversation_id, read_seq, delivered_seq, ordinal)
      LEFT JOIN conversations c ON c.id = g.conversation_id
      LEFT JOIN conversation_members m
        ON m.user_id = g.user_id AND m.conversation_id = g.conversation_id AND m.deleted = 0
      -- The position is a lower bound of the tip, as a hint is in append_entries.
      LEFT JOIN LATERAL (
        SELECT e.seq FROM messages e
         WHERE e.conversation_id = m.conversation_id AND e.seq >= m.read_seq
         ORDER BY e.seq DESC
         LIMIT 1
      ) tip ON true
  ), moved AS (
    UPDATE conversation_members m
       SET read_seq = w.new_read_seq,
           read_index = CASE
             WHEN w.new_read_seq > w.read_seq THEN (
               SELECT e.message_index FROM messages e
                WHERE e.conversation_id = w.conversation_id AND e.seq = w.new_read_seq
             )
             ELSE m.read_index
           END,
           delivered_seq = w.new_delivered_seq,
           updated_at = now()
      FROM wanted w
     WHERE m.id = w.member_id
       AND (w.new_read_seq > w.read_seq OR w.new_delivered_seq > w.delivered_seq)
  )
  SELECT w.ordinal,
         (CASE WHEN w.conversation_id IS NULL THEN 2 WHEN w.member_id IS NULL THEN 1 ELSE 0 END)::smallint,
         coalesce(w.peer_id, 0), coalesce(w.new_read_seq, 0), coalesce(w.new_delivered_seq, 0),
         coalesce(w.new_read_seq > w.read_seq, false), coalesce(w.new_delivered_seq > w.delivered_seq, false)
    FROM wanted w;
END $$;
COMMENT ON FUNCTION move_positions IS 'Moves read and delivered positions of many members; called by logic';
