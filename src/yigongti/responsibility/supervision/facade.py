"""What other rooms use of supervision."""

from yigongti.responsibility.supervision.queries import open_failures, recent, standing
from yigongti.responsibility.supervision.words import cause

__all__ = ["cause", "open_failures", "recent", "standing"]
