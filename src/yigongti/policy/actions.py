"""Every write of the module: propose, record, approve, reject, withdraw, keep a set.

``record``, ``approve``, ``reject`` and ``withdraw`` are effects of the flow: the case is locked, the form is checked.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yigongti.kernel import calendar, events
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.case.facade import Act, Case, Refused, open_case

from . import shelves
from .events import ParameterAmended
from .models import Amendment, KeptSet
from .queries import places_of
from .rules import amendments, change, units
from .rules.amendments import Objection, Person
from .rules.terms import Parameter, Plain, Value, ValueSet

_kept: set[tuple[str, str]] = set()


def propose(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open the case of an amendment from the typed values of ``forms.PROPOSAL``.

    Raises Denied without the right to propose this key, Refused where a rule objects.
    """
    if not amendments.may_propose(acting.may, ""):
        raise Denied("policy.propose")
    parameter = _parameter(values)
    if not amendments.may_propose(acting.may, parameter.key):
        raise Denied("policy.propose")
    shown = units.write(parameter, _value(parameter, values))
    before = _in_force(parameter.key, values["place"], values)
    if "\n" in shown and before is not None:
        shown = change.brief(units.write(parameter, before.value), shown)
    title = f"{parameter.title}：{_first_line(shown)}，自 {values['starts']} 起"
    return open_case(
        acting=acting, flow="policy_amendment", subject_id=None, from_unit=acting.unit_id, to_unit=acting.unit_id,
        hq_unit=acting.unit_id, title=title[:120], values=values, client_id=client_id,
    )  # fmt: skip


def record(act: Act) -> None:
    """On opening: check the proposal once more and write its row. Raises Refused."""
    values, acting = act.values, act.acting
    parameter = _parameter(values)
    value = _value(parameter, values)
    place, starts, ends = values["place"], values["starts"], values.get("ends")
    if place not in [choice.code for choice in places_of(acting)]:
        raise Refused("该地区不在您的管辖范围内", field="place", remedy="请选择列出的地区")
    before = _in_force(parameter.key, place, values)
    _refuse(amendments.object_to_days(starts, ends, calendar.today()), amendments.object_to_same(value, before))
    assert acting.account_id is not None
    Amendment.objects.create(
        case=act.case, place=place, key=parameter.key, starts=starts, ends=ends, value=units.raw(value),
        written=units.write(parameter, value), before=units.write(parameter, before.value) if before else "",
        unit=parameter.unit, status=values["status"], source=values["source"], clause=values["clause"],
        reason=values["reason"], evidence=_code(values.get("evidence")),
        proposed_by_id=acting.seat_id, proposed_account=acting.account_id, proposed_at=act.at,
    )  # fmt: skip


def approve(act: Act) -> None:
    """A second person agrees: the value is in force from its first day. Raises Refused."""
    row = _amendment(act)
    proposer = Person(row.proposed_by_id, row.proposed_account)
    decider = Person(act.acting.seat_id, act.acting.account_id)
    _refuse(amendments.object_to_approval(proposer, decider, row.starts, calendar.today()))
    _decide(act, row, Amendment.Decision.APPROVED)
    shelves.forget()
    events.publish(ParameterAmended(act.case.pk, row.key, row.place, row.starts, row.ends))


def reject(act: Act) -> None:
    """The second person disagrees, with a reason."""
    _decide(act, _amendment(act), Amendment.Decision.REJECTED)


def withdraw(act: Act) -> None:
    """The proposer takes it back. Raises Refused for anybody else."""
    row = _amendment(act)
    if row.proposed_by_id != act.acting.seat_id:
        raise Refused("只有提出人可以撤回", remedy="请由提出人撤回，或由审批人驳回")
    _decide(act, row, Amendment.Decision.WITHDRAWN)


def keep(found: ValueSet) -> str:
    """Keep a resolved set under its hash, once; returns the hash for the result to point to."""
    known = (str(connection.settings_dict["NAME"]), found.hash)
    if known not in _kept:
        row = KeptSet(hash=found.hash, place=found.place.code, content=found.content, kept_at=calendar.now())
        KeptSet.objects.bulk_create([row], ignore_conflicts=True)
        transaction.on_commit(lambda: _kept.add(known))
    return found.hash


def _amendment(act: Act) -> Amendment:
    """The row of a case that the engine holds locked."""
    row: Amendment = Amendment.objects.get(case=act.case)
    return row


def _decide(act: Act, row: Amendment, decision: str) -> None:
    Amendment.objects.filter(case=row.case_id, decision="").update(
        decision=decision, decided_by_id=act.acting.seat_id, decided_account=act.acting.account_id, decided_at=act.at,
        comment=act.values.get("comment") or "",
    )  # fmt: skip


def _parameter(values: dict[str, Any]) -> Parameter:
    code = getattr(values["key"], "code", values["key"])
    parameter = shelves.shelf().parameters.get(code)
    if parameter is None:
        raise Refused(f"没有名为 {code} 的政策参数", field="key", remedy="请从列表中选择")
    return parameter


def _code(chosen: Any) -> str:
    """What was chosen from a source; "" for nothing."""
    return str(getattr(chosen, "code", chosen) or "")


def _value(parameter: Parameter, values: dict[str, Any]) -> Plain:
    value, objections = amendments.read_value(parameter, values["value"])
    _refuse(objections)
    assert value is not None
    return value


def _in_force(key: str, place: str, values: dict[str, Any]) -> Value | None:
    steps = shelves.shelf().considered(key, place, values["starts"])
    return next((step.value for step in steps if step.taken), None)


def _refuse(*objections: tuple[Objection, ...]) -> None:
    for one in (one for group in objections for one in group):
        raise Refused(one.message, field=one.field, remedy=one.remedy)


def _first_line(text: str) -> str:
    line, _, rest = text.partition("\n")
    return f"{line} 等" if rest else line
