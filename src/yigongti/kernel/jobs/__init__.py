"""Background jobs: each acts as a named robot seat, visible in the log; its arguments hold ids only."""
