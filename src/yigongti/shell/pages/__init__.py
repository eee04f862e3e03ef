"""Pages that are not desks."""
