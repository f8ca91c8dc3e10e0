-- A request to join makes no entry, so what makes its repeats harmless stands in its row. A member may ask for somebody else where
-- admins have to agree.

ALTER TABLE group_requests
  ADD COLUMN asked_by    bigint NOT NULL DEFAULT 0,
  ADD COLUMN request_key uuid   NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  ADD COLUMN answer_key  uuid   NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
COMMENT ON COLUMN group_requests.user_id IS 'Who wants to join';
COMMENT ON COLUMN group_requests.asked_by IS 'Who asked: user_id, or a member who invited them';
COMMENT ON COLUMN group_requests.request_key IS 'The client''s id of the request, which makes a repeat harmless';
COMMENT ON COLUMN group_requests.answer_key IS 'The client''s id of the rejection, which makes a repeat harmless';
CREATE INDEX group_requests_request_key ON group_requests (request_key);
CREATE INDEX group_requests_answer_key ON group_requests (answer_key) WHERE status = 3;

-- The groups that a user owns are counted at each creation and transfer.
CREATE INDEX conversations_owner ON conversations (owner_id) WHERE type = 2 AND owner_id > 0;
