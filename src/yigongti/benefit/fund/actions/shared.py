"""What the writes of the year's money share: the account that acts, the consortium meant, refusals in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.rules.pool import PoolFault
from yigongti.kernel import wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.policy import facade as policy

TWO_PERSONS = "基金事项由两人办理"
_LOCK = 7471
"""Seed of the advisory lock that makes versions of one consortium and year follow one another."""


def account(acting: Acting) -> int:
    """The account that acts. Raises Refused for a seat without one: money is never moved by a robot."""
    if acting.account_id is None:
        raise Refused("系统账号不能办理基金事项", remedy="请用本人账号办理")
    return acting.account_id


def meant(values: dict[str, Any]) -> Unit:
    """The chosen consortium. Raises Refused for one outside the reach."""
    unit = queries.consortium(int(values["consortium"]))
    if unit is None:
        raise Refused("没有这个医共体，或不在您的管辖范围内", field="consortium", remedy="请选择列出的医共体")
    return unit


def opened(
    *, acting: Acting, flow: str, unit: Unit, title: str, values: dict[str, Any], client_id: UUID,
    from_unit: int | None = None, to_unit: int | None = None,
) -> Case:  # fmt: skip
    """A case of the consortium; its sides are the consortium's unless told."""
    return open_case(
        acting=acting, flow=flow, subject_id=None, from_unit=from_unit or unit.pk, to_unit=to_unit or unit.pk,
        hq_unit=unit.pk, title=title, values=values, client_id=client_id,
    )  # fmt: skip


def lock(consortium_id: int, year: int) -> None:
    """Whoever makes the next version of a consortium and year waits for who is doing so."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"{consortium_id}:{year}", _LOCK])


def another(act: Act, first: int, *, who: str) -> None:
    """Raises Refused where the account that acts is the first of the two persons."""
    if account(act.acting) == first:
        raise Refused(f"这是您{who}的，须由另一人办理", remedy="请负责人用本人账号办理", clause=TWO_PERSONS)


def is_real(place: str) -> bool:
    """Whether real money is at stake: everywhere but in a county of simulated data."""
    return not wiring.port("print_mark")(place)


def bp(percent: Decimal) -> int:
    """12.5 % → 1250."""
    return int(percent * 100)


@contextmanager
def in_words() -> Iterator[None]:
    """What policy or the rules of the pool object to, as a refusal for the user."""
    try:
        yield
    except policy.AssumedRefused as no:
        raise Refused(
            f"真实县不能用未经确认的参数：{no}", remedy="请先通过参数修订，按本县文件确定该参数", clause="平台参数管理",
        ) from no  # fmt: skip
    except policy.PolicyGap as gap:
        raise Refused(f"缺少政策参数：{gap}", remedy="请先通过参数修订补上") from gap
    except PoolFault as fault:
        raise Refused("；".join(fault.problems), remedy="请核对参数、成员、考核得分后再试") from fault
