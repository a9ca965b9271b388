"""Who answers: the legacy application, a slice, or the one beside the other until both agree."""
