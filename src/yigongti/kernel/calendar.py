"""The one clock and everything about days: now, today, ages, deadlines in words, working days.

Moments are aware ``datetime`` in UTC; days are ``date`` in the region's civil time (Asia/Shanghai).
Tests and the simulation shift the clock with :func:`moved` and :func:`at`; nothing else can.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")

_fixed: ContextVar[datetime | None] = ContextVar("kernel_calendar_fixed", default=None)
_shift: ContextVar[timedelta] = ContextVar("kernel_calendar_shift", default=timedelta(0))


class CalendarError(ValueError):
    """A day or moment that cannot be used; the message is for the user."""


# --- the clock --------------------------------------------------------------------------------


def now() -> datetime:
    """The present moment, aware, in UTC."""
    fixed = _fixed.get()
    return (fixed if fixed is not None else datetime.now(UTC)) + _shift.get()


def today() -> date:
    """The present civil day in Asia/Shanghai."""
    return local(now()).date()


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Within the block the clock runs *by* ahead (or behind, if negative); nested shifts add up."""
    token = _shift.set(_shift.get() + by)
    try:
        yield
    finally:
        _shift.reset(token)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block the clock stands still at *moment* (aware); outer shifts do not apply."""
    fixed, shift = _fixed.set(_aware(moment).astimezone(UTC)), _shift.set(timedelta(0))
    try:
        yield
    finally:
        _shift.reset(shift)
        _fixed.reset(fixed)


# --- moments and days -------------------------------------------------------------------------


def local(moment: datetime) -> datetime:
    """The same moment on the wall clock of Asia/Shanghai. Raises CalendarError for a naive one."""
    return _aware(moment).astimezone(ZONE)


def start_of(day: date) -> datetime:
    """The first moment of a civil day, in UTC."""
    return datetime.combine(day, time(0), ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The last moment of a civil day, in UTC: what is due on a day is in time the whole day."""
    return start_of(day + timedelta(days=1)) - datetime.resolution


def bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open span [first moment of the day, first moment of the next), in UTC."""
    return start_of(day), start_of(day + timedelta(days=1))


def add_months(day: date, months: int) -> date:
    """The same day *months* later; where that month is shorter, its last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (first_after - timedelta(days=1)).day))


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise CalendarError(f"时间 {moment} 没有时区，不能使用")
    return moment


# --- age --------------------------------------------------------------------------------------

NEWBORN_DAYS = 28  # the neonatal period: an age is told in days
INFANT_YEARS = 3  # up to here an age in years alone hides too much; months are told


@dataclass(frozen=True)
class Age:
    """A completed age: *years*, then *months* beyond the years, then *days* beyond the months.

    ``text`` is the age in the unit a clinician expects: ``12 天``, ``7 个月``, ``1 岁 3 个月``, ``35 岁``.
    """

    years: int
    months: int
    days: int
    text: str
    total_days: int

    def __str__(self) -> str:
        return self.text


def age(birth: date, on: date | None = None) -> Age:
    """The age completed on a day (default today). Raises CalendarError when *on* is before *birth*.

    A birthday on 29 February is completed on 1 March of a common year.
    """
    on = on or today()
    if on < birth:
        raise CalendarError(f"出生日期 {birth} 晚于 {on}，请核对出生日期")
    months = (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)
    anchor = add_months(birth, months)
    total = (on - birth).days
    years, rest = divmod(months, 12)
    return Age(years, rest, (on - anchor).days, _age_text(years, rest, total), total)


def _age_text(years: int, months: int, total_days: int) -> str:
    if total_days < NEWBORN_DAYS or (years == 0 and months == 0):
        return f"{total_days} 天"
    if years == 0:
        return f"{months} 个月"
    if years < INFANT_YEARS:
        return f"{years} 岁 {months} 个月" if months else f"{years} 岁"
    return f"{years} 岁"


# --- deadlines and history in words -----------------------------------------------------------


def until(due: datetime, *, at_moment: datetime | None = None) -> str:
    """A deadline in words: ``3 小时后到期``, ``即将到期``, ``已超 2 天``.

    What remains is rounded down, so that the words never promise more time than there is.
    """
    left = _aware(due) - (at_moment or now())
    if left < timedelta(0):
        words = span(-left)
        return f"已超 {words}" if words else "刚刚超时"
    words = span(left)
    return f"{words}后到期" if words else "即将到期"


def since(moment: datetime, *, at_moment: datetime | None = None) -> str:
    """A past moment in words: ``刚刚``, ``5 分钟前``, ``2 天前``; a future one as ``3 小时后``."""
    gone = (at_moment or now()) - _aware(moment)
    words = span(abs(gone))
    if not words:
        return "刚刚"
    return f"{words}前" if gone > timedelta(0) else f"{words}后"


def span(length: timedelta) -> str:
    """A length of time in words, rounded down, empty below one minute: ``26 分钟``, ``1 天 3 小时``."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} 分钟" if minutes else ""
    hours = minutes // 60
    if hours < 24:
        return f"{hours} 小时"
    days, hours = divmod(hours, 24)
    return f"{days} 天 {hours} 小时" if hours and days < 3 else f"{days} 天"


# --- working days -----------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkingDays:
    """Working days from published holiday arrangements: weekdays, less *closed*, plus *opened* (调休).

    *years* are the years whose arrangement is known; asking about any other is an error, not a guess.
    """

    years: frozenset[int]
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether offices work on this day. Raises CalendarError when its year's arrangement is unknown."""
        if day.year not in self.years:
            raise CalendarError(f"没有 {day.year} 年的节假日安排，无法判断 {day} 是否为工作日，请先在政策参数中补充")
        return day in self.opened or (day.weekday() < 5 and day not in self.closed)

    def add(self, day: date, count: int) -> date:
        """The *count*-th working day after *day* (count ≥ 0; 0 is *day* itself)."""
        if count < 0:
            raise CalendarError(f"工作日天数不能为负：{count}")
        while count:
            day += timedelta(days=1)
            count -= self.works(day)
        return day
