"""The outside: one adapter a folder."""
