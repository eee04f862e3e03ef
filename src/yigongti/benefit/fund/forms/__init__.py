"""Forms of the fund as descriptions, a file a part."""
