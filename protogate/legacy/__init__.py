"""The bridge to the old data: legacy schemas, how they become contracts, and whether the two agree."""
