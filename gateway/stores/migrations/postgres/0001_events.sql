-- Counts positions. Whoever holds its row writes, so commits become visible in the order of their positions.
CREATE TABLE positions (one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one), position BIGINT NOT NULL);

INSERT INTO positions (position) VALUES (0);

-- Facts. No key but that of the stream, so that the table may be spread over machines by it.
CREATE TABLE events (
  position BIGINT NOT NULL,
  stream TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  id BYTEA NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  metadata TEXT NOT NULL,
  timestamp_us BIGINT NOT NULL,
  PRIMARY KEY (stream, version)
);

CREATE INDEX events_by_position ON events (position);

CREATE INDEX events_by_id ON events (id);

-- Idempotency keys with the answers that were given.
CREATE TABLE keys (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  expires_us BIGINT NOT NULL,
  status INTEGER,
  headers TEXT,
  body BYTEA,
  PRIMARY KEY (scope, key)
);

CREATE INDEX keys_by_expiry ON keys (expires_us);

-- Names that only one stream may have.
CREATE TABLE claims (
  space TEXT NOT NULL,
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (space, name)
);

-- What other systems must hear.
CREATE TABLE outbox (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  destination TEXT NOT NULL,
  since_us BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX outbox_by_destination ON outbox (destination, number);

-- Where replays may start. One for each stream.
CREATE TABLE snapshots (
  stream TEXT COLLATE "C" PRIMARY KEY,
  version BIGINT NOT NULL,
  schema TEXT NOT NULL,
  state TEXT NOT NULL
);
