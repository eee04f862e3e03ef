"""Tables of the fund, a file a part; each table's fence stands beside it."""

from yigongti.benefit.fund.models.claims import (
    Adjustment,
    Claim,
    Settlement,
)

__all__ = ["Adjustment", "Claim", "Settlement"]
