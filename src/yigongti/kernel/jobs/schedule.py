"""When a periodic job runs, in words: five fields of cron in UTC, told in the county's time."""

from __future__ import annotations

from datetime import UTC, datetime

from yigongti.kernel.calendar import local

FAILED_DAYS = 7
"""How long a run that failed is told of: what succeeds leaves nothing in the queue, what fails stays there."""
FAILED = f"j.status = 'failed' and e.type = 'failed' and e.at > now() - interval '{FAILED_DAYS} days'"
"""Of a job j and an event e of the queue: a run that is told of."""
_SOME_DAY = (2026, 1, 1)


def when(cron: str | None) -> str:
    """每分钟, 每 5 分钟, 每小时 07 分, 每日 02:20; 按需 for a job that only others put off.

    Raises ValueError for a cron with days or months in it: none of the house has any.
    """
    if cron is None:
        return "按需"
    minute, hour, *days = cron.split()
    if days != ["*", "*", "*"]:
        raise ValueError(cron)
    if hour == "*":
        if minute == "*":
            return "每分钟"
        return f"每 {minute[2:]} 分钟" if minute.startswith("*/") else f"每小时 {int(minute):02d} 分"
    return "每日 " + "、".join(sorted(f"{_here(int(one), int(minute)):%H:%M}" for one in hour.split(",")))


def _here(hour: int, minute: int) -> datetime:
    return local(datetime(*_SOME_DAY, hour, minute, tzinfo=UTC))
