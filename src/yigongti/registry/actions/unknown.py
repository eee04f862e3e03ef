"""A patient whom nobody knows: entered at once with what can be seen, found out later, merged with the entry they had."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigongti.kernel import calendar, crypto, ids
from yigongti.kernel.access.door import Acting
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.registry.actions.merge import propose_merge
from yigongti.registry.actions.relations import Evidence, relate_by_visit
from yigongti.registry.actions.residents import change, register
from yigongti.registry.models import Unknown
from yigongti.registry.queries.duplicates import similar
from yigongti.registry.queries.network import region_of
from yigongti.registry.rows import ResidentRow
from yigongti.registry.rules.duplicates import Entry

FLOW = "unknown_patient"
_WORD = {"male": "男", "female": "女"}


def open_unknown(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None = None) -> Case:
    """Enter a patient whom nobody knows, under 无名氏, and open the case that waits for who they are.

    The same client id again returns the case. Raises Denied, Refused.
    """
    acting.demand("registry.resident")
    known: Case | None = Case.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    low, high = int(values["age_low"]), int(values["age_high"])
    if low > high:
        raise Refused("估计年龄的下限大于上限", field="age_low", remedy="核对两个年龄")
    born = date((calendar.today() - timedelta(days=365 * (low + high) // 2)).year, 1, 1)
    row = ResidentRow(
        name=f"无名氏（{_WORD.get(values['sex'], '性别不明')}）",
        place="",
        sex=values["sex"],
        birth_date=born,
        id_kind="none",
    )
    resident = register(acting=acting, row=row, client_id=client_id)
    return open_case(
        acting=acting, flow=FLOW, subject_id=resident.pk, from_unit=acting.unit_id, to_unit=region_of(acting),
        hq_unit=acting.consortium_id or region_of(acting),
        title=f"{resident.name} {calendar.local(values['found_at']):%m-%d %H:%M} {values['found_place']}", values=values,
        client_id=client_id,
    )  # fmt: skip


def recorded(act: Act) -> None:
    """Effect of opening: what was noted on arrival."""
    values, subject = act.values, act.case.subject_id
    assert subject is not None
    Unknown.objects.create(
        case=act.case, subject_id=subject, found_at=values["found_at"], found_place=values["found_place"],
        marks=values.get("marks") or "", brought_by=values.get("brought_by") or "", age_low=values["age_low"],
        age_high=values["age_high"],
    )  # fmt: skip


def identified(act: Act) -> None:
    """Effect: it is known who they are. An entry with that number exists → a merge is proposed to the registrar; none →
    this entry takes name and number and is theirs from now on."""
    values, acting = act.values, act.acting
    subject = act.case.subject_id
    assert subject is not None
    row = Unknown.objects.get(pk=act.case.pk)
    number, kind = values.get("id_number") or "", values.get("id_kind") or "none"
    taken = _entry_of(acting, number, kind) if number else None
    if taken is None:
        born = values.get("birth_date")
        changes = {"name": values["name"], "id_kind": kind, "id_number": number, "sex": values.get("sex") or ""}
        if number and kind in ("resident", "residence"):
            found = _identity(number, kind)
            changes |= {"birth_date": found.birth, "sex": found.sex}
        elif born:
            changes["birth_date"] = born
        elif not number:
            raise Refused("没有出生日期", field="birth_date", remedy="没有证件号码的，填写本人或家属说的出生日期")
        if not changes["sex"]:
            del changes["sex"]
        change(acting=acting, subject_id=subject, changes=changes)
        row.identified_id = subject
    else:
        relate_by_visit(acting=acting, subject_id=taken, evidence=Evidence("typed", number, id_kind=kind))
        propose_merge(
            acting=acting, keep=taken, duplicate=subject, client_id=ids.new_client_id(),
            reason=f"身份不明患者已查明：{values.get('how') or '核对证件'}",
        )  # fmt: skip
        row.identified_id = taken
    row.save(force_update=True)


def _identity(number: str, kind: str) -> ids.Identity:
    try:
        return ids.identity(number, kind)
    except (ids.IdError, ValueError) as wrong:
        raise Refused(str(wrong), field="id_number") from None


def _entry_of(acting: Acting, number: str, kind: str) -> int | None:
    """The entry that bears this number, None: nobody does."""
    index = crypto.ring().index_identity(_identity(number, kind).number)
    probe = Entry(name="", pinyin="", sex="unknown", birth=calendar.today(), id_index=index)
    return next((one.subject_id for one in similar(acting, probe) if one.same_id), None)
