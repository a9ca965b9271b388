"""What the gateway answers beside its slices: health, delegation, the events, metrics."""
