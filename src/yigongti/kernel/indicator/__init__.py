"""Indicators over facts: one definition each, every figure opens to it, to its clause and to its rows."""
