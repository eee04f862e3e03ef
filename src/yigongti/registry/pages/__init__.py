"""Pages of the registry that are not desks."""
