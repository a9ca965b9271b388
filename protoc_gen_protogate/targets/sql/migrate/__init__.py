"""From the tables of one contract to those of another: what changes, step by step, and who has to decide what.

Pure: two lists of `Table` values in, steps or a script out.

1. `matching` finds out which table and column is which: by field number first, then by name.
2. `renames` gives the old tables their new names; from here on tables are compared by name.
3. `values` says what stands in each column for the rows that are there, and what only a person can say.
4. `interim` is the table that has all that is new and has lost nothing yet; `diff` compares two tables.
5. `server` (PostgreSQL, MySQL) and `sqlite` write the statements; `plan` orders them; `script` writes them down.
"""

from protoc_gen_protogate.targets.sql.migrate.plan import Choices, migrate, without_comments
from protoc_gen_protogate.targets.sql.migrate.script import Heading, render_migration
from protoc_gen_protogate.targets.sql.migrate.steps import Decision, Migration, Note, Phase, Step

__all__ = [
    "Choices",
    "Decision",
    "Heading",
    "Migration",
    "Note",
    "Phase",
    "Step",
    "migrate",
    "render_migration",
    "without_comments",
]
