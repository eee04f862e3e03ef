"""Rows as analytic facts: columns with units, surrogate ids only, outside the fence in a private directory."""
