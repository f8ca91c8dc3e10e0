-- What was said about an entry is found without reading the rest of what is about it: a message may have thousands of reactions and answers.

-- In this order the first row says how a message is now: its recall, or else its last edit.
CREATE INDEX messages_revisions ON messages (conversation_id, target_seq, type DESC, seq DESC) WHERE type IN (32, 33);
CREATE INDEX messages_reactions ON messages (conversation_id, target_seq, sender_id, seq) WHERE type = 34;
-- Nobody asks for all of them at once.
DROP INDEX messages_target;
COMMENT ON COLUMN messages.content IS 'The text, or JSON: the typed content, the change of members, the face of a group; of an edit the new text, of a reaction + or - and the reaction';
