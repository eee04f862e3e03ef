"""The fast path: a county drawn once at ten thousand and lived again by hundreds of thousands of others."""

from yigongti.simulation.fast.growing import BASE, LEAVES, Grown, grow

__all__ = ["BASE", "LEAVES", "Grown", "grow"]
