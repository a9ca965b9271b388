"""The slices of this gateway: what was taken out of the monolith, each in a folder of its own."""
