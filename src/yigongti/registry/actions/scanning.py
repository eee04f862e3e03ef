"""Reading a health code: checked, noted with its outcome, good as evidence for a while. Nothing of the person is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from yigongti.kernel import calendar, crypto
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry import parameters
from yigongti.registry.models import CardUse
from yigongti.registry.rules import cards

STAMP = "health-card"
_ENDED = ("这张健康卡已挂失、补发或注销", "请居民使用新的健康码；没有的用身份证核对后补发")
_USED = ("这个健康码已经用过一次", "请居民刷新健康码后再扫；不是本人出示的截图不能用")


@dataclass(frozen=True)
class Read:
    """A code that was good: whose, how it was shown, the note of the reading."""

    subject_id: int
    how: str
    use_id: int


def seal(message: str) -> bytes:
    """The keyed digest that makes a code this installation's own."""
    return crypto.ring().stamp(STAMP, message)


def scan(acting: Acting, text: str) -> Read:
    """Read a code at the acting seat. Every genuine code that was read is noted, also one that is refused.

    Raises Refused: not ours, forged, run out, used before, of a card that has ended.
    """
    acting.demand("resident.search")
    now = calendar.now()
    try:
        code = cards.read(text, now=int(now.timestamp()), valid=parameters.code_seconds(acting.place), seal=seal)
    except cards.CodeFault as no:
        log.did("scan_refused", "card", [], [], why=str(no)[:80])
        raise Refused(str(no), field="number", remedy=no.remedy) from None
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from registry.read_card(%s, %s, %s)",
            [crypto.ring().index_identity(code.number), code.how, code.nonce],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused("没有找到这张健康卡", field="number", remedy="改用身份证核对；需要时重新发卡")
    outcome, subject, use = row
    if outcome != CardUse.Outcome.GOOD:
        message, remedy = _USED if outcome == CardUse.Outcome.USED else _ENDED
        log.did("scan_refused", "card", [use], [], why=message)
        raise Refused(message, field="number", remedy=remedy)
    log.did("scanned", "card", [use], [subject], why="扫健康码")
    return Read(subject, code.how, use)


def scanned_lately(acting: Acting, subject_ids: tuple[int, ...]) -> tuple[datetime, str] | None:
    """When and how this seat has read a good code of the person, as far back as policy lets it count as evidence."""
    since = calendar.now() - parameters.scan_counts(acting.place)
    found = (
        CardUse.objects.filter(seat_id=acting.seat_id, subject_id__in=subject_ids, at__gte=since, outcome="good")
        .order_by("-at").first()
    )  # fmt: skip
    return (found.at, found.get_how_display()) if found is not None else None
