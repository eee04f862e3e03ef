"""The fast path: a county drawn once at ten thousand and lived again by hundreds of thousands of others."""

from yigongti.simulation.fast.growing import BASE, LEAVES, LINKS, Grown, grow

__all__ = ["BASE", "LEAVES", "LINKS", "Grown", "grow"]
