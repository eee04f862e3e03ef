"""The thresholds of the audit at a place and day, from policy."""

from __future__ import annotations

from datetime import date

from yigongti.benefit.fund.rules.audit import Thresholds
from yigongti.policy import facade as policy


def thresholds(place: str, on: date) -> Thresholds:
    """Everything the rules ask for. Raises PolicyGap, UnknownPlace."""

    def of(name: str) -> object:
        return policy.value(f"fund.audit.{name}", place=place, on=on).value

    def number(name: str) -> int:
        found = of(name)
        assert isinstance(found, int)
        return found

    def texts(name: str) -> tuple[str, ...]:
        found = of(name)
        assert isinstance(found, tuple)
        return found

    table = of("impossible")
    assert isinstance(table, policy.Table)
    return Thresholds(
        split_days=number("split_days"), planned=texts("planned"), hanging_days=number("hanging_days"),
        hanging_day_fen=number("hanging_day_fen"), hanging_low_bp=number("hanging_low"),
        long_stay=texts("long_stay"), peers_least=number("peers_least"),
        dear_bp=100 * number("dear"), dear_fen=number("dear_fen"), upcoded_bp=100 * number("upcoded"), low_bp=number("low"),
        low_share_bp=number("low_share"), low_cases_least=number("low_cases_least"), overlap_days=number("overlap_days"),
        impossible=tuple((str(a), str(b), str(sex), int(c), int(d)) for a, b, sex, c, d in table.rows),
    )  # fmt: skip


def window_days(place: str, on: date) -> int:
    """How far back the nightly run looks, days."""
    return int(str(policy.value("fund.audit.window_days", place=place, on=on).value))


def most(place: str, on: date) -> int:
    """How many findings a rule may open in one night."""
    return int(str(policy.value("fund.audit.most", place=place, on=on).value))
