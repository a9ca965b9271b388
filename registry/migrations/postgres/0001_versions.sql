-- One row, which every write locks first: writes go one after another, as in SQLite, and never deadlock.
CREATE TABLE write_lock (
  one INTEGER PRIMARY KEY
);
INSERT INTO write_lock VALUES (1);

-- A content is kept once, however many versions have it. When the last one is deleted for good the content is emptied,
-- yet its row stays: a number that clients have in their data never comes to mean something else. Text, descriptor and
-- source info are compressed by zlib.
CREATE TABLE contents (
  content BIGINT PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  schema_text BYTEA NOT NULL,
  canonical BYTEA NOT NULL,
  source_info BYTEA NOT NULL
);

CREATE TABLE schema_ids (
  context TEXT COLLATE "C" NOT NULL,
  schema_id BIGINT NOT NULL,
  content BIGINT NOT NULL REFERENCES contents,
  PRIMARY KEY (context, schema_id)
);
CREATE UNIQUE INDEX schema_ids_by_content ON schema_ids (content, context);

CREATE TABLE subjects (
  subject BIGINT PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL UNIQUE,
  context TEXT COLLATE "C" NOT NULL
);

CREATE TABLE versions (
  subject BIGINT NOT NULL REFERENCES subjects,
  version BIGINT NOT NULL,
  content BIGINT NOT NULL REFERENCES contents,
  schema_id BIGINT NOT NULL,
  file_name TEXT NOT NULL,
  metadata TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (subject, version)
);
CREATE INDEX versions_by_content ON versions (content, subject, version);

CREATE TABLE version_references (
  subject BIGINT NOT NULL,
  version BIGINT NOT NULL,
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  to_subject BIGINT NOT NULL,
  to_version BIGINT NOT NULL,
  PRIMARY KEY (subject, version, place),
  FOREIGN KEY (subject, version) REFERENCES versions,
  FOREIGN KEY (to_subject, to_version) REFERENCES versions DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX version_references_by_target ON version_references (to_subject, to_version);

-- The scope is a subject, a context such as ':.ctx:', or empty for all.
CREATE TABLE settings (
  scope TEXT COLLATE "C" PRIMARY KEY,
  compatibility TEXT,
  access_mode TEXT
);
