"""A newborn without a number: entered by its mother, under a temporary name; the number comes later to the same entry."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry import identifiers, parameters
from yigongti.registry.actions.residents import register
from yigongti.registry.models import Kin, Resident
from yigongti.registry.rows import ResidentRow

YOUNGEST, OLDEST = 12, 60
"""Years between which a woman is taken for a mother; outside it is a slip."""
_ORDER = ("", "", "二", "三", "四", "五", "六")


def register_newborn(
    *, acting: Acting, mother_id: int, born: date, sex: str, client_id: UUID, order: int = 1, name: str = "",
    certificate: str = "",
) -> Resident:  # fmt: skip
    """Enter a newborn at the mother's address, phone and household.

    Without a name it is called the mother's son or daughter. A second entry for the same mother, day and order is refused.
    Raises Denied; Refused naming the field.
    """
    acting.demand("registry.resident")
    mother = Resident.objects.filter(pk=mother_id, merged=False).first()
    if mother is None:
        raise Denied("resident")
    again: Resident | None = Resident.objects.filter(client_id=client_id).first()
    if again is not None:
        return again
    _check(acting, mother, born, order)
    if Kin.objects.filter(mother_id=mother_id, born=born, birth_order=order).exists():
        raise _already(mother.name, born, order)
    row = ResidentRow(
        name=name or f"{mother.name}之{_ORDER[order]}{'子' if sex == 'male' else '女'}", place=mother.place, sex=sex,
        birth_date=born, id_kind="birth" if certificate else "none", id_number=certificate,
        phone=identifiers.phone_number(mother), address=mother.address, household=mother.household, tags=("child",),
        insurance="none",
    )  # fmt: skip
    try:
        with transaction.atomic():
            child = register(acting=acting, row=row, client_id=client_id)
            Kin.objects.create(
                child_id=child.pk, mother_id=mother_id, born=born, birth_order=order, unit_id=acting.unit_id,
                seat_id=acting.seat_id, at=calendar.now(),
            )  # fmt: skip
    except IntegrityError as clash:
        if "registry_kin_once" in str(clash):
            raise _already(mother.name, born, order) from None
        raise
    log.did("newborn", "resident", [child.pk], [child.pk, mother_id], why="新生儿登记")
    return child


def _check(acting: Acting, mother: Resident, born: date, order: int) -> None:
    age = calendar.age(mother.birth_date, born).years if born >= mother.birth_date else -1
    if mother.sex != "female" or not YOUNGEST <= age <= OLDEST:
        raise Refused(
            f"{mother.name}（{mother.get_sex_display()}）不像是母亲",
            remedy="从母亲本人的档案登记；母亲没有档案的先建档",
        )
    if born > calendar.today():
        raise Refused("出生日期晚于今天", field="born", remedy="核对日期")
    days = parameters.newborn_days(acting.place)
    if calendar.today() - born > timedelta(days=days):
        raise Refused(
            f"出生已超过 {days} 天",
            field="born",
            remedy="按普通居民建档：已上户口的填身份证号码，没有的填出生医学证明编号",
        )
    if not 1 <= order < len(_ORDER):
        raise Refused("胎次应为 1 至 6", field="order", remedy="双胞胎分别登记为第 1、第 2")


def _already(mother: str, born: date, order: int) -> Refused:
    return Refused(
        f"{mother} {born} 出生的第 {order} 个孩子已经登记", field="order",
        remedy="打开母亲档案里的孩子；双胞胎的另一个，胎次选第 2",
    )  # fmt: skip
