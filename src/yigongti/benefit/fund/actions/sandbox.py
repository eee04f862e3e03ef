"""Every write of the sandbox: save a comparison, ask a saved one again, propose its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from yigongti.benefit.fund.actions.shared import account
from yigongti.benefit.fund.models import EVIDENCE, Comparison
from yigongti.benefit.fund.queries.sandbox import base, facts, reckoning, saved
from yigongti.benefit.fund.queries.sandbox.base import Base
from yigongti.benefit.fund.queries.sandbox.facts import Data
from yigongti.benefit.fund.rules import sandbox
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case, Refused
from yigongti.policy import facade as policy


def save(
    *, acting: Acting, found: Base, data: Data, change: Mapping[str, Any], name: str, note: str, client_id: UUID,
    again: Comparison | None = None,
) -> Comparison:  # fmt: skip
    """Ask once more and keep change and result as they are. The same client id again gives the same comparison.

    Raises Denied without ``fund.sandbox`` at the consortium, Refused for a change that can't be asked or that is none.
    """
    acting.demand("fund.sandbox")
    if found.unit.pk not in acting.units:
        raise Denied("fund.sandbox")
    known = Comparison.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    if sandbox.empty(change):
        raise Refused("没有改动任何参数，没有可比较的结果", remedy="请先改动参数、试算，再保存")
    try:
        result = reckoning.ask(found, data, change)
        changed = base.words(found, change)
    except (reckoning.Unanswerable, policy.ValueFault, KeyError) as fault:
        raise Refused(f"这组改动现在不能试算：{fault}", remedy="请在沙盘中按现行参数重新改动") from fault
    last = min(date(found.year, 12, 31), calendar.today())
    row = Comparison.objects.create(
        consortium=found.unit, year=found.year, name=name, note=note, change=dict(change), changed=changed,
        parameter_hash=sandbox.digest(base.as_text(found), sandbox.canonical(change)), policy_set=policy.keep(place=found.place, on=last),
        data_version=data.version, data_as_of=data.as_of, result=result, place=found.place, again=again,
        made_by_id=acting.seat_id, made_account=account(acting), made_at=calendar.now(), client_id=client_id,
    )  # fmt: skip
    log.did("saved", "fund_comparison", [row.pk], [], why=f"保存沙盘比较：{name}")
    return row


def ask_again(*, acting: Acting, row: Comparison, client_id: UUID) -> Comparison:
    """The change of a saved comparison on the data and parameters of now, as a further one beside it.

    Raises as `save`, and Refused where there are no facts any more.
    """
    try:
        data = facts.data(row.consortium_id, row.year)
        found = base.base(row.consortium, row.year, acting.place)
    except (facts.NoFacts, policy.PolicyGap) as fault:
        raise Refused(str(fault), remedy="请稍后再试") from fault
    return save(
        acting=acting,
        found=found,
        data=data,
        change=row.change,
        name=row.name,
        note=row.note,
        client_id=client_id,
        again=row,
    )


def propose(*, acting: Acting, row: Comparison, typed: Mapping[str, Any], client_id: UUID) -> list[Case]:
    """Propose each changed parameter of policy, with the comparison attached: a case each, all or none.

    Raises Denied for a key that the seat may not propose, Refused where a form or a rule objects.
    """
    keys = [one for one in row.changed if one["key"]]
    if not keys:
        why = "；".join(saved.unproposed(row))
        raise Refused("这份比较没有改动政策参数", remedy=why or "请先在沙盘中改动参数并保存")
    made = []
    with transaction.atomic():
        for one in keys:
            text = {**typed, "key": one["key"], "value": one["after"], "evidence": f"{EVIDENCE}{row.pk}"}
            try:
                made.append(policy.propose(acting=acting, typed=text, client_id=uuid5(client_id, one["key"])))
            except ValueError as fault:
                raise Refused(f"“{one['title']}”：{fault}", remedy="请改正后再提交") from fault
            except Refused as no:
                field = no.field if no.field in typed else ""
                raise Refused(
                    f"“{one['title']}”：{no.message}", field=field, remedy=no.remedy, clause=no.clause
                ) from no
    return made
