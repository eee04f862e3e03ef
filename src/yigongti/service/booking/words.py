"""Coded answers of booking with their words: one place, used by forms, figures, lists and print."""

from __future__ import annotations

from yigongti.service.booking.models import Booking, Channel, Kind

KINDS: tuple[tuple[str, str], ...] = tuple((one.value, str(one.label)) for one in Kind)
CHANNELS: tuple[tuple[str, str], ...] = tuple((one.value, str(one.label)) for one in Channel)
STATUSES: tuple[tuple[str, str], ...] = tuple((one.value, str(one.label)) for one in Booking.Status)
CANCELS: tuple[tuple[str, str], ...] = (
    ("person", "本人取消"), ("changed", "改约"), ("referral", "转诊结束或取消"), ("suspended", "停诊"),
    ("lapsed", "候补到号未确认"), ("mistake", "登记有误"), ("died", "本人去世"),
)  # fmt: skip
SUSPENSIONS: tuple[tuple[str, str], ...] = (
    ("leave", "医生请假或外出"), ("duty", "临时公务或急救任务"), ("device", "设备故障或检修"), ("ward", "病区满员或调整"),
    ("holiday", "节假日停诊"), ("other", "其他"),
)  # fmt: skip
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
PRIORITIES: tuple[tuple[str, str], ...] = (("0", "择期"), ("1", "尽快"), ("2", "急症"))


def word(pairs: tuple[tuple[str, str], ...], code: str) -> str:
    """The words of a code; the code itself where the list does not have it."""
    return dict(pairs).get(code, code)
