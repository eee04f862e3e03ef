"""Pure decisions of the fund: integers in, integers and reasons out; no Django, no clock, no I/O."""
