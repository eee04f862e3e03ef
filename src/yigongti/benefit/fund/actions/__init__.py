"""Every write of the fund, a file a part."""
