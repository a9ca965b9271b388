"""Of the service for devices."""
