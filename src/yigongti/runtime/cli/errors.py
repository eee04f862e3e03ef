"""What a command says when it can't do what was asked."""

from __future__ import annotations


class CommandError(Exception):
    """Refused; the message is Chinese, names what, and says what to do."""
