"""The REST API of the registry, and the web page that reads it."""
