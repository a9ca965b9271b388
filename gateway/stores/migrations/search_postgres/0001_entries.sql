-- Builds of the index.
CREATE TABLE search_builds (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema TEXT NOT NULL,
  position BIGINT NOT NULL,
  is_live BOOLEAN NOT NULL
);

-- What can be found, in each build.
CREATE TABLE search_entries (
  build BIGINT NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  number BIGINT GENERATED ALWAYS AS IDENTITY,
  title TEXT NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  content TEXT NOT NULL,
  metadata TEXT NOT NULL,
  words TSVECTOR NOT NULL,
  PRIMARY KEY (build, id)
);

CREATE INDEX search_entries_by_category ON search_entries (build, category, number);

CREATE INDEX search_entries_by_number ON search_entries (build, number);

CREATE INDEX search_entries_by_words ON search_entries USING gin (words);
