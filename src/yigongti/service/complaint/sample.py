"""Reports and complaints of a simulated county: some in every state, late ones among them, written in bulk."""

from __future__ import annotations

from yigongti.kernel.sampling import Sampling


def sample(sampling: Sampling) -> None:
    """Write complaint's rows. Runs as owner inside maintenance, after referral's sample."""
