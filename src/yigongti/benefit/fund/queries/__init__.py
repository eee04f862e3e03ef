"""Every read of the fund, a file a part."""
