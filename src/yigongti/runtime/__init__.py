"""The machine: set-up, PostgreSQL launcher, server and command line. The top layer; nothing imports it."""
