-- The guests there are, to find those who never came back: a sweep pages through them by id.
CREATE INDEX users_guests ON users (id) WHERE type = 2 AND deleted = 0;
COMMENT ON COLUMN users.type IS '1 registered, 2 guest; a guest who registers becomes 1 and keeps the id';
