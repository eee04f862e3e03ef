"""A case on paper: the form its module describes, else what its own forms held; with a code by which it is checked.

The code on the paper carries what was printed (number, kind, institution, state, when), signed with the installation's
key, and no word about a person; whoever scans it learns whether the paper is ours and reads the same words again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.core import signing

from yigongti.kernel import calendar, printing
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case import queries
from yigongti.kernel.case.facade import Case

from . import detail
from .desks import desk_for

_SALT = "desk.print"


@dataclass(frozen=True)
class Printed:
    """What a paper's code says of it."""

    number: str
    title: str
    institution: str
    state: str
    at: datetime


def pdf(case: Case, acting: Acting, *, verify: Callable[[str], str]) -> bytes:
    """The case as PDF; *verify* makes the address of a code."""
    desk = desk_for(case)
    made = desk.printout(case) if desk.printout is not None else plain(case, acting)
    whole = printing.as_printed(acting, replace(made, number=made.number or case.number))
    state, at = queries.item(case, acting).state.title, (whole.printed_at or calendar.now()).isoformat()
    code = signing.dumps([whole.number, whole.title, whole.institution, state, at], salt=_SALT, compress=True)
    return printing.render_pdf(replace(whole, verify_url=whole.verify_url or verify(code)))


def printed(code: str) -> Printed | None:
    """What a code says, or None when it is not ours."""
    try:
        number, title, institution, state, at = signing.loads(code, salt=_SALT)
        return Printed(number, title, institution, state, datetime.fromisoformat(at))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def plain(case: Case, acting: Acting) -> printing.Printout:
    """The form of a kind of case that describes none: its state, what each step held, who did it."""
    item = queries.item(case, acting)
    desk = desk_for(case)
    entries = queries.timeline(case)
    head = printing.Fields(
        (
            ("事项", case.title),
            ("状态", item.state.title),
            ("发起单位", case.from_unit.name),
            ("接收单位", case.to_unit.name),
            ("发起时间", _stamp(case.opened_at)),
            ("时限", _stamp(case.due)),
            ("现由谁处理", item.holder),
        )
    )
    blocks: list[printing.Block] = [head]
    for title, at, who, lines in detail.answers(item.flow, desk, entries):
        pairs = tuple((line.label, line.text) for line in lines if not line.heads)
        if pairs:
            blocks.append(printing.Fields(pairs, title=f"{title}（{who}，{_stamp(at)}）"))
        blocks += [printing.Table(line.heads, line.rows, title=line.label) for line in lines if line.heads]
    rows = [(_stamp(entry.at), entry.title, f"{entry.unit_name} {entry.seat_name}") for entry in entries]
    columns = (printing.Column("时间", 2), printing.Column("事项", 3), printing.Column("办理人", 3))
    blocks.append(printing.Table(columns, rows, title="经过"))
    blocks.append(printing.Signatures(("经办人签名",)))
    return printing.Printout(item.flow.title, case.number, case.from_unit.name, tuple(blocks))


def _stamp(moment: datetime | None) -> str:
    return f"{calendar.local(moment):%Y-%m-%d %H:%M}" if moment is not None else ""
