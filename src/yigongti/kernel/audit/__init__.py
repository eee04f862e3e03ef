"""The log of who saw whom: written before the answer leaves, chained afterwards, checked by anybody."""
