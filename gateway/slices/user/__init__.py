"""Users: the slice that was taken out first."""
