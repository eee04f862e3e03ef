"""What other rooms use of supervision."""

from yigongti.responsibility.supervision.queries import recent, standing
from yigongti.responsibility.supervision.words import cause

__all__ = ["cause", "recent", "standing"]
