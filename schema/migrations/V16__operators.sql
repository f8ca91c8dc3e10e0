-- Operators, and what they did.

CREATE TABLE operators (
  id         bigint      NOT NULL,
  role       smallint    NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted    smallint    NOT NULL DEFAULT 0,
  CONSTRAINT operators_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE  operators IS 'Users who may run the service; written by web';
COMMENT ON COLUMN operators.id IS 'The user';
COMMENT ON COLUMN operators.role IS '1 support: reads; 2 admin: changes too';
COMMENT ON COLUMN operators.created_at IS 'When the user first became an operator';
COMMENT ON COLUMN operators.updated_at IS 'When the role was last changed';
COMMENT ON COLUMN operators.deleted IS '0, or 1 when the role was taken away';

-- Rows are added in the transaction of what they tell, and never changed.
CREATE TABLE audit_entries (
  id          bigint      NOT NULL,
  operator_id bigint      NOT NULL DEFAULT 0,
  action      text        NOT NULL DEFAULT '',
  target_id   bigint      NOT NULL DEFAULT 0,
  detail      text        NOT NULL DEFAULT '',
  address     text        NOT NULL DEFAULT '',
  request_id  text        NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  deleted     smallint    NOT NULL DEFAULT 0,
  CONSTRAINT audit_entries_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_entries_operator ON audit_entries (operator_id, id);
CREATE INDEX audit_entries_target ON audit_entries (target_id, id);
COMMENT ON TABLE  audit_entries IS 'What operators did and looked at; written by web, in the same transaction';
COMMENT ON COLUMN audit_entries.id IS 'Snowflake';
COMMENT ON COLUMN audit_entries.operator_id IS 'Who; 0 for who has the database itself (im-web operator)';
COMMENT ON COLUMN audit_entries.action IS 'What, as docs/http-api.md lists it: user.disable';
COMMENT ON COLUMN audit_entries.target_id IS 'The user whom it is about, or 0';
COMMENT ON COLUMN audit_entries.detail IS 'Its parameters, as a JSON object';
COMMENT ON COLUMN audit_entries.address IS 'From which address';
COMMENT ON COLUMN audit_entries.request_id IS 'The id of the request, as in the logs';
COMMENT ON COLUMN audit_entries.created_at IS 'When';
COMMENT ON COLUMN audit_entries.updated_at IS 'As created_at';
COMMENT ON COLUMN audit_entries.deleted IS 'Always 0';
