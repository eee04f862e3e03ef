"""Every write: enter a round, correct it, freeze it. Effects run with the case locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from yigongti.benefit.performance import queries, rules
from yigongti.benefit.performance.models import MemberScore, Round
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.text import cell

_LOCK = 7470
"""Seed of the advisory lock that makes rounds of one consortium and year follow one another."""


def enter(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a round from the typed values of ``forms.SCORES``.

    Raises Denied without the right ``performance.score`` at the consortium, Refused where a rule objects.
    """
    unit = queries.consortium(int(values["consortium"]))
    if unit is None:
        raise Refused("没有这个医共体，或不在您的管辖范围内", field="consortium", remedy="请选择列出的医共体")
    return open_case(
        acting=acting, flow="performance_scores", subject_id=None, from_unit=unit.pk, to_unit=unit.pk, hq_unit=unit.pk,
        title=f"{unit.name} {values['year']} 年考核得分", values=values, client_id=client_id,
    )  # fmt: skip


def on_enter(act: Act) -> None:
    """Write the round as the next one of its consortium and year. Raises Refused."""
    assert act.acting.account_id is not None
    consortium, year = act.case.from_unit_id, act.values["year"]
    lines = _lines(act.values["members"], consortium)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"{consortium}:{year}", _LOCK])
    last = Round.objects.filter(consortium_id=consortium, year=year).aggregate(last=Max("number"))["last"] or 0
    Round.objects.create(
        case=act.case, consortium_id=consortium, year=year, number=last + 1,
        assessment_bp=rules.to_bp(act.values["points"]), basis=act.values["basis"],
        written_by_id=act.acting.seat_id, written_account=act.acting.account_id,
    )  # fmt: skip
    _write(act.case.pk, lines)


def on_correct(act: Act) -> None:
    """What the second person returned is written anew; whoever writes last is the first of the two persons."""
    assert act.acting.account_id is not None
    lines = _lines(act.values["members"], act.case.from_unit_id)
    MemberScore.objects.filter(round_id=act.case.pk).delete()
    Round.objects.filter(pk=act.case.pk).update(
        assessment_bp=rules.to_bp(act.values["points"]), basis=act.values["basis"], written_by_id=act.acting.seat_id,
        written_account=act.acting.account_id,
    )  # fmt: skip
    _write(act.case.pk, lines)


def on_freeze(act: Act) -> None:
    """The second person agrees: hash, two names, and from here on no change. Raises Refused for the writer."""
    row = Round.objects.get(pk=act.case.pk)
    if act.acting.account_id is None or row.written_account == act.acting.account_id:
        raise Refused("得分是您登记的，须由另一人复核", remedy="请绩效复核人用本人账号办理", clause="两人复核")
    Round.objects.filter(pk=row.pk, frozen_at=None).update(
        confirmed_by_id=act.acting.seat_id, confirmed_account=act.acting.account_id, frozen_at=act.at,
        digest=queries.digest_of(row),
    )  # fmt: skip


def _lines(told: Sequence[dict[str, Any]], consortium: int) -> list[rules.Line]:
    lines = [
        rules.Line(
            int(row["institution"]), rules.to_bp(row["points"]), row.get("deduction") or 0, cell(row.get("note") or "")
        )
        for row in told
    ]
    for one in rules.objections(lines, queries.members(consortium)):
        raise Refused(one.message, field=one.field, remedy=one.remedy)
    return lines


def _write(round_id: int, lines: Sequence[rules.Line]) -> None:
    MemberScore.objects.bulk_create(
        MemberScore(
            round_id=round_id, institution_id=line.institution_id, assessment_bp=line.assessment_bp,
            quality_deduction_fen=line.quality_deduction_fen, note=line.note,
        )
        for line in lines
    )  # fmt: skip
