"""What the fund tells of itself: its facts and the figures over them, a file a part."""

from yigongti.benefit.fund.facts import audit, claims, figures, pool

FACTS = (*claims.FACTS, *audit.FACTS, *pool.FACTS)
INDICATORS = (*figures.INDICATORS, *audit.INDICATORS, *pool.INDICATORS)
