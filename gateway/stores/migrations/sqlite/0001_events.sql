-- Facts. Positions are given inside the writing transaction, one more than the greatest, so they have no gaps.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  version INTEGER NOT NULL,
  id BLOB NOT NULL UNIQUE,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  metadata TEXT NOT NULL,
  timestamp_us INTEGER NOT NULL,
  UNIQUE (stream, version)
) STRICT;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'events never change'); END;

CREATE TRIGGER events_never_go BEFORE DELETE ON events
BEGIN SELECT raise(ABORT, 'events never go'); END;

-- Idempotency keys with the answers that were given.
CREATE TABLE keys (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  expires_us INTEGER NOT NULL,
  status INTEGER,
  headers TEXT,
  body BLOB,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX keys_by_expiry ON keys (expires_us);

-- Names that only one stream may have.
CREATE TABLE claims (
  space TEXT NOT NULL,
  name TEXT NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (space, name)
) STRICT, WITHOUT ROWID;

-- What other systems must hear. Numbers are never used again, so that a reader may remember one.
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  destination TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE INDEX outbox_by_destination ON outbox (destination, number);

-- Where replays may start. One for each stream.
CREATE TABLE snapshots (
  stream TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  schema TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
