"""Django's PostgreSQL engine with the few things that every request does made cheaper; named in the settings' ENGINE."""
