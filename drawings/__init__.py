"""Pictures that are drawn from the code, so that they cannot be wrong for long."""
