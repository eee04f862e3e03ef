"""The fund of a simulated county, a file a part."""
