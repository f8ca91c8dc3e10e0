-- How users see conversations, and how far they are in them. Both are functions, so that every program says the same, and their plans
-- are index look-ups whatever the statistics say.

-- Own entries never count as unread, and who does not read for months must not cost a walk through what others wrote meanwhile.
CREATE INDEX messages_sender ON messages (conversation_id, sender_id, seq) WHERE type < 32;

-- Where reading starts in a conversation of everybody in which a user has no position: in the world chat (1) at the tip, so that nothing
-- is unread; in the announcements (2) before the first of the last 100 entries that is younger than the account. NULL reads nothing.
CREATE FUNCTION reading_start(p_user bigint, p_conversation bigint)
RETURNS TABLE (seq bigint, message_index bigint)
LANGUAGE plpgsql STABLE STRICT ROWS 1
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  IF p_conversation = 2 THEN
    RETURN QUERY
    SELECT n.seq - 1, n.message_index - (n.type < 32)::integer
      FROM (
        SELECT e.seq, e.message_index, e.type, e.created_at FROM messages e
         WHERE e.conversation_id = 2 ORDER BY e.seq DESC LIMIT 100
      ) n
     WHERE n.created_at > (SELECT u.created_at FROM users u WHERE u.id = p_user)
     ORDER BY n.seq
     LIMIT 1;
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY
  SELECT e.seq, e.message_index FROM messages e WHERE e.conversation_id = p_conversation ORDER BY e.seq DESC LIMIT 1;
END $$;
COMMENT ON FUNCTION reading_start IS 'The read position of a user who has none in a conversation of everybody';

-- Read and delivered positions of many users, moved in one call. A position only grows, never beyond the tip, and never beyond the entry
-- by which a member left; what was read has been delivered. Rows are made and locked in one order first, so that no two calls deadlock; the
-- next statement sees what is there then.
--
-- In the world chat and the announcements the position is in conversation_views, in a row that is made with the id that is given; nobody
-- has a delivered position there, so it is the read one.
--
-- status: 0 a member or a former one, 1 not a member, 2 no such conversation. The positions are those before and after the call.
DROP FUNCTION move_positions(bigint[], bigint[], bigint[], bigint[]);

CREATE FUNCTION move_positions(
  p_ids bigint[], p_users bigint[], p_conversations bigint[], p_reads bigint[], p_delivereds bigint[]
) RETURNS TABLE (
  ordinal integer, status smallint, type smallint, peer_id bigint, member_count integer,
  old_read_seq bigint, read_seq bigint, old_delivered_seq bigint, delivered_seq bigint
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
  -- In an empty log there is nothing to have read.
  INSERT INTO conversation_views (id, user_id, conversation_id)
  SELECT g.id, g.user_id, g.conversation_id
    FROM unnest(p_ids, p_users, p_conversations, p_reads) AS g (id, user_id, conversation_id, read_seq)
   WHERE g.conversation_id IN (1, 2) AND g.read_seq > 0
     AND EXISTS (SELECT FROM messages e WHERE e.conversation_id = g.conversation_id AND e.seq = 1)
     AND NOT EXISTS (
       SELECT FROM conversation_views v WHERE v.user_id = g.user_id AND v.conversation_id = g.conversation_id
     )
   ORDER BY g.user_id, g.conversation_id
  ON CONFLICT DO NOTHING;

  PERFORM m.id
     FROM unnest(p_users, p_conversations) AS g (user_id, conversation_id)
     JOIN conversation_members m ON m.user_id = g.user_id AND m.conversation_id = g.conversation_id
    ORDER BY m.user_id, m.conversation_id
      FOR NO KEY UPDATE OF m;

  PERFORM v.id
     FROM unnest(p_users, p_conversations) AS g (user_id, conversation_id)
     JOIN conversation_views v ON v.user_id = g.user_id AND v.conversation_id = g.conversation_id
    WHERE g.conversation_id IN (1, 2)
    ORDER BY v.user_id, v.conversation_id
      FOR NO KEY UPDATE OF v;

  RETURN QUERY
  WITH held AS (
    SELECT g.ordinal::integer AS ordinal, g.read_seq AS given_read, g.delivered_seq AS given_delivered,
           c.id AS conversation_id, c.type, c.member_count, m.id AS member_id, v.id AS view_id,
           CASE WHEN c.type <> 1 THEN 0 WHEN c.user_low = g.user_id THEN c.user_high ELSE c.user_low END AS peer_id,
           m.until_seq, coalesce(m.read_seq, nullif(v.read_seq, 0), start.seq, 0) AS read_seq,
           coalesce(m.delivered_seq, nullif(v.read_seq, 0), start.seq, 0) AS delivered_seq
      FROM unnest(p_users, p_conversations, p_reads, p_delivereds) WITH ORDINALITY
           AS g (user_id, conversation_id, read_seq, delivered_seq, ordinal)
      LEFT JOIN conversations c ON c.id = g.conversation_id AND c.deleted = 0
      LEFT JOIN conversation_members m
        ON m.user_id = g.user_id AND m.conversation_id = g.conversation_id AND (m.deleted = 0 OR m.until_seq > 0)
      LEFT JOIN conversation_views v
        ON v.user_id = g.user_id AND v.conversation_id = g.conversation_id AND g.conversation_id IN (1, 2)
      -- The first read in the world chat may be a little behind the tip, which runs ahead of whoever reads.
      LEFT JOIN LATERAL (
        SELECT CASE WHEN g.conversation_id = 1 AND g.read_seq > 0 THEN greatest(s.seq - 100, 0) ELSE s.seq END AS seq
          FROM reading_start(
                 g.user_id, CASE WHEN g.conversation_id IN (1, 2) AND coalesce(v.read_seq, 0) = 0 THEN g.conversation_id END
               ) s
      ) start ON true
  ), wanted AS MATERIALIZED (
    SELECT h.*,
           greatest(h.read_seq, least(h.given_read, tip.seq)) AS new_read_seq,
           greatest(h.delivered_seq, least(greatest(h.given_read, h.given_delivered), tip.seq)) AS new_delivered_seq
      FROM held h
      CROSS JOIN LATERAL (
        -- The position is a lower bound of the tip, as a hint is in append_entries.
        SELECT CASE WHEN h.until_seq > 0 THEN h.until_seq ELSE coalesce((
          SELECT e.seq FROM messages e
           WHERE e.conversation_id = h.conversation_id AND e.seq >= h.read_seq
           ORDER BY e.seq DESC
           LIMIT 1
        ), 0) END AS seq
      ) tip
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
  ), viewed AS (
    UPDATE conversation_views v
       SET read_seq = w.new_read_seq,
           read_index = (
             SELECT e.message_index FROM messages e
              WHERE e.conversation_id = w.conversation_id AND e.seq = w.new_read_seq
           ),
           updated_at = greatest(clock_timestamp(), v.updated_at + interval '1 microsecond')
      FROM wanted w
     WHERE v.id = w.view_id AND w.given_read > 0 AND w.new_read_seq > v.read_seq
  )
  SELECT w.ordinal,
         (CASE
            WHEN w.conversation_id IS NULL THEN 2
            WHEN w.member_id IS NULL AND w.conversation_id NOT IN (1, 2) THEN 1
            ELSE 0
          END)::smallint,
         coalesce(w.type, 0::smallint), coalesce(w.peer_id, 0), coalesce(w.member_count, 0),
         w.read_seq, coalesce(w.new_read_seq, 0), w.delivered_seq, coalesce(w.new_delivered_seq, 0)
    FROM wanted w;
END $$;
COMMENT ON FUNCTION move_positions IS 'Moves read and delivered positions of many users; called by logic';

-- The conversations of a user, the last active first: those of which the user is a member or has been one, the world chat and the
-- announcements. Activity is when the tip that the user sees was made, or else the conversation, in whole milliseconds as on the wire.
--
-- p_since: only those in which something changed later: an entry, a position of the user or of the peer, a setting, the face of the group.
-- NULL: all but those that the user has left and then hidden. p_before, p_before_id: only what comes after this one in the list; NULL: all.
CREATE FUNCTION list_conversations(
  p_user bigint, p_since timestamptz, p_before timestamptz, p_before_id bigint, p_limit integer
) RETURNS TABLE (conversation_id bigint, activity timestamptz)
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
  SELECT l.conversation_id, l.activity
    FROM (
      SELECT o.conversation_id, date_trunc('milliseconds', coalesce(tip.created_at, c.created_at)) AS activity,
             CASE
               WHEN p_since IS NULL THEN o.until_seq = 0 OR coalesce(v.hidden_seq, 0) < o.until_seq
               ELSE greatest(tip.created_at, o.updated_at, c.updated_at, v.updated_at, peer.updated_at) > p_since
             END AS is_wanted
        FROM (
          -- The positions are lower bounds of the tip.
          SELECT m.conversation_id, m.until_seq, greatest(m.read_seq, m.delivered_seq, m.from_seq, m.until_seq) AS known_seq, m.updated_at
            FROM conversation_members m
           WHERE m.user_id = p_user AND (m.deleted = 0 OR m.until_seq > 0)
          UNION ALL
          SELECT e.id, 0, 0, e.created_at FROM conversations e WHERE e.id IN (1, 2)
        ) o
        JOIN conversations c ON c.id = o.conversation_id AND c.deleted = 0
        LEFT JOIN LATERAL (
          SELECT e.created_at FROM messages e
           WHERE e.conversation_id = o.conversation_id AND e.seq >= o.known_seq
             AND (o.until_seq = 0 OR e.seq <= o.until_seq)
           ORDER BY e.seq DESC
           LIMIT 1
        ) tip ON true
        -- What is not asked for reads nothing.
        LEFT JOIN LATERAL (
          SELECT w.hidden_seq, w.updated_at FROM conversation_views w
           WHERE w.user_id = p_user AND w.conversation_id = o.conversation_id AND (p_since IS NOT NULL OR o.until_seq > 0)
        ) v ON true
        LEFT JOIN LATERAL (
          SELECT p.updated_at FROM conversation_members p
           WHERE p.conversation_id = o.conversation_id
             AND p.user_id = CASE WHEN c.user_low = p_user THEN c.user_high ELSE c.user_low END
             AND p_since IS NOT NULL AND c.type = 1
        ) peer ON true
    ) l
   WHERE l.is_wanted AND (p_before IS NULL OR (l.activity, l.conversation_id) < (p_before, p_before_id))
   ORDER BY l.activity DESC, l.conversation_id DESC
   LIMIT p_limit;
END $$;
COMMENT ON FUNCTION list_conversations IS 'The conversations of a user, the last active first; cheap for all of them, conversation_states says the rest';

-- How users see conversations: one row per pair of user and conversation, in their order; none where the user has nothing to do with it.
-- Everything is of one snapshot, so that the counts fit the tip and the position that they come with.
--
-- unread: countable entries of others after read_seq, up to the tip that the user sees. mentions: those of them that call the user or
-- everybody as they are now, by their last edit, and are not taken back.
-- role: 0 has left. view_at: when the settings were last changed.
CREATE FUNCTION conversation_states(p_users bigint[], p_conversations bigint[])
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
      SELECT e.seq, e.message_index, e.created_at FROM messages e
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
      SELECT count(*) AS count FROM messages e
       WHERE tip.message_index > own.read_index AND e.conversation_id = c.id AND e.sender_id = g.user_id AND e.type < 32
         AND e.seq > own.read_seq AND e.seq <= tip.seq
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
COMMENT ON FUNCTION conversation_states IS 'How users see conversations: positions, counts, settings, the face of a group';
