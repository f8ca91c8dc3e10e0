-- What is unread over all conversations that a user's list shows, without the rest of their states: three look-ups by index for each.
-- Counted as conversation_states counts (V6), in the same snapshot as whatever statement calls it.
CREATE FUNCTION unread_total(p_user bigint) RETURNS bigint
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
        SELECT e.seq, e.message_index FROM messages e
         WHERE e.conversation_id = m.conversation_id
           AND e.seq >= greatest(m.read_seq, m.delivered_seq, m.from_seq, m.until_seq)
           AND (m.until_seq = 0 OR e.seq <= m.until_seq)
         ORDER BY e.seq DESC
         LIMIT 1
      ) tip
      -- Where nothing is unread, nothing is read.
      LEFT JOIN LATERAL (
        SELECT count(*) AS count FROM messages e
         WHERE tip.message_index > m.read_index AND e.conversation_id = m.conversation_id AND e.sender_id = m.user_id AND e.type < 32
           AND e.seq > m.read_seq AND e.seq <= tip.seq
      ) sent ON true
     WHERE m.user_id = p_user AND (m.deleted = 0 OR m.until_seq > 0)
       AND NOT (coalesce(v.hidden_seq, 0) > 0 AND v.hidden_seq >= tip.seq)
  );
END $$;
COMMENT ON FUNCTION unread_total IS 'Unread entries over all conversations that a user''s list shows';
