"""The mask over a value that is shown but not for everybody to read."""

from __future__ import annotations


def mask(text: str) -> str:
    """A text with only its ends readable: three and four signs, or the first alone when it is short."""
    if len(text) >= 10:
        return text[:3] + "*" * (len(text) - 7) + text[-4:]
    return text[:1] + "*" * max(len(text) - 1, 1)
