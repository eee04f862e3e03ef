"""What modules use of facts."""

from yigongti.kernel.facts.description import Column, Fact, Lines
from yigongti.kernel.facts.store import NoSnapshot, Snapshot, build, fact_named, read, snapshot

__all__ = ["Column", "Fact", "Lines", "NoSnapshot", "Snapshot", "build", "fact_named", "read", "snapshot"]
