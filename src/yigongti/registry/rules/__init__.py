"""Pure decisions of the registry: values in, decision and reasons out. No Django, no clock, no database."""
