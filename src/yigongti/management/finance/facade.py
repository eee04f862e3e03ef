"""What others use of the books."""

from yigongti.management.finance import sampled
from yigongti.management.finance.actions.posting import Voucher, post, replace, reverse
from yigongti.management.finance.queries import posting
from yigongti.management.finance.rules import CHART, Line

__all__ = ["CHART", "Line", "Voucher", "post", "posting", "replace", "reverse", "sampled"]
