"""What others use of the books."""

from yigongti.management.finance.actions import Voucher, post, reverse
from yigongti.management.finance.rules import CHART, Line

__all__ = ["CHART", "Line", "Voucher", "post", "reverse"]
