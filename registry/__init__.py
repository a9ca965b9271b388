"""The schema registry: subjects, versions and verdicts, in SQLite or PostgreSQL, on the command line or over REST."""
