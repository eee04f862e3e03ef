"""Everything that waits is a case: one table, one clock, one timeline, whatever is waited for."""
