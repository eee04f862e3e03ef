"""What the fund uses of performance: frozen scores."""

from yigongti.benefit.performance.queries import Scores, frozen_rounds, frozen_scores

__all__ = ["Scores", "frozen_rounds", "frozen_scores"]
