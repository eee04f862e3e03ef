"""Pure part of the module: values in, decisions and reasons out; no Django, no clock, no files."""
