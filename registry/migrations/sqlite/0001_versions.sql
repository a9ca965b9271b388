-- A content is kept once, however many versions have it. When the last one is deleted for good the content is emptied,
-- yet its row stays: a number that clients have in their data never comes to mean something else. Text, descriptor and
-- source info are compressed by zlib.
CREATE TABLE contents (
  content INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  schema_text BLOB NOT NULL,
  canonical BLOB NOT NULL,
  source_info BLOB NOT NULL
) STRICT;

CREATE TABLE schema_ids (
  context TEXT NOT NULL,
  schema_id INTEGER NOT NULL,
  content INTEGER NOT NULL REFERENCES contents,
  PRIMARY KEY (context, schema_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX schema_ids_by_content ON schema_ids (content, context);

CREATE TABLE subjects (
  subject INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  context TEXT NOT NULL
) STRICT;

CREATE TABLE versions (
  subject INTEGER NOT NULL REFERENCES subjects,
  version INTEGER NOT NULL,
  content INTEGER NOT NULL REFERENCES contents,
  schema_id INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  metadata TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (subject, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_content ON versions (content, subject, version);

CREATE TABLE version_references (
  subject INTEGER NOT NULL,
  version INTEGER NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  to_subject INTEGER NOT NULL,
  to_version INTEGER NOT NULL,
  PRIMARY KEY (subject, version, place),
  FOREIGN KEY (subject, version) REFERENCES versions,
  FOREIGN KEY (to_subject, to_version) REFERENCES versions DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;
CREATE INDEX version_references_by_target ON version_references (to_subject, to_version);

-- The scope is a subject, a context such as ':.ctx:', or empty for all.
CREATE TABLE settings (
  scope TEXT PRIMARY KEY,
  compatibility TEXT,
  access_mode TEXT
) STRICT, WITHOUT ROWID;
