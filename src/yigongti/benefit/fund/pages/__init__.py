"""Pages of the fund that are not desks, a file a part."""
