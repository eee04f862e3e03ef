"""What those above look at, and what they are told: outages of the log, explained and confirmed."""
