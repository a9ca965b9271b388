"""The legacy database: what is written into it, and how it is put right."""
