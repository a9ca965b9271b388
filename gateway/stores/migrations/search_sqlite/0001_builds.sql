-- Builds of the index. Each has two tables of its own, which are made with it: entries_N, and texts_N over it.
CREATE TABLE builds (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  schema TEXT NOT NULL,
  position INTEGER NOT NULL,
  is_live INTEGER NOT NULL
) STRICT;
