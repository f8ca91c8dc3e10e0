-- Guests are accounts without a password, and the world chat is the one conversation that everybody is in without a row of members.

ALTER TABLE users ADD COLUMN type smallint NOT NULL DEFAULT 1;
COMMENT ON COLUMN users.type IS '1 registered, 2 guest';
COMMENT ON COLUMN users.username IS 'Login name in lower case, unique for ever; guest-{id} for a guest';
COMMENT ON COLUMN users.password_hash IS 'bcrypt, cost 10; empty for a guest, whom no password signs in';

-- No snowflake is this small.
INSERT INTO conversations (id, type) VALUES (1, 3) ON CONFLICT DO NOTHING;
COMMENT ON COLUMN conversations.id IS 'Snowflake; 1 is the world chat';
