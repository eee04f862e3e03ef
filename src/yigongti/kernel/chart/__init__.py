"""Charts as descriptions: the server says what is drawn and always gives the same as a table."""
