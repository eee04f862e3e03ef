"""Who missed too often: kept from window and phone for a time, with two ways off: an appeal, and the day it ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, Denied
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Act, Refused
from yigongti.registry import facade as registry
from yigongti.service.booking import rules
from yigongti.service.booking.actions import shared
from yigongti.service.booking.models import Appeal, Booking, Restriction


def restrict_if_due(acting: Acting, row: Booking) -> Restriction | None:
    """Apply the rule after a no-show. Referrals do not count; what an earlier restriction counted does not count again.

    A seat that may not write restrictions (the doctor's own list) leaves it to the robot.
    """
    if row.channel == "referral" or not (acting.may("booking.desk") or acting.may("booking.robot")):
        return None
    today = calendar.today()
    rule = shared.restricting(row.unit.place, today)
    group = registry.same_person(row.subject_id)
    earlier = list(Restriction.objects.filter(subject_id__in=group, unit_id=row.unit_id))
    if any(one.lifted_at is None and one.starts <= today <= one.ends for one in earlier):
        return None
    counted = {pk for one in earlier for pk in one.missed}
    since = calendar.start_of(today - timedelta(days=rule.within_days))
    found = Booking.objects.filter(
        subject_id__in=group, unit_id=row.unit_id, status=Booking.Status.MISSED, starts__gte=since
    ).exclude(channel="referral")
    rows = [one for one in found.order_by("starts") if one.pk not in counted]
    if not rules.restricted([calendar.local(one.starts).date() for one in rows], rule, today):
        return None
    made: Restriction = Restriction.objects.create(
        unit_id=row.unit_id, subject_id=row.subject_id, name=row.name, missed=[one.pk for one in rows],
        made_at=calendar.now(), starts=today, ends=today + timedelta(days=rule.for_days),
    )  # fmt: skip
    log.did("booking.restricted", "booking", rows and [made.pk], [row.subject_id], why=f"{len(rows)} 次爽约")
    return made


def appeal(*, acting: Acting, restriction_id: int, text: str, client_id: UUID) -> Appeal:
    """Say why it should be lifted: the person, their family, or the desk for them. The desk decides within a limit.

    Raises Restriction.DoesNotExist; Denied; Refused: it has ended, or an appeal is being decided.
    """
    known: Appeal | None = Appeal.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    one = Restriction.objects.get(pk=restriction_id)
    if not (acting.may("booking.desk") or one.subject_id in acting.subjects):
        raise Denied("resident.self")
    if one.lifted_at is not None or one.ends < calendar.today():
        raise Refused("限制已经解除，无需申诉")
    if not text.strip():
        raise Refused("请写明理由", field="text", remedy="如当时的情况、能提供的证明")
    row = Appeal(
        client_id=client_id, restriction=one, unit_id=one.unit_id, subject_id=one.subject_id, text=text[:1000],
        filed_at=calendar.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        again = Appeal.objects.filter(client_id=client_id).first()
        if again is not None:
            return again
        raise Refused("申诉已提交，正在处理", remedy="请等待预约窗口答复") from clash
    log.did("booking.appealed", "booking", [row.pk], [row.subject_id])
    return row


# ---- the appeal's case -------------------------------------------------------------------------


def _of(act: Act) -> Appeal:
    found: Appeal = Appeal.objects.select_related("restriction").get(case=act.case)
    return found


def on_lift(act: Act) -> None:
    """The desk lifts the restriction."""
    row = _of(act)
    one = row.restriction
    one.lifted_at, one.lifted_why = act.at, str(act.values["reason"])[:200]
    one.save(force_update=True, update_fields=["lifted_at", "lifted_why"])
    _decide(act, row, lifted=True)


def on_uphold(act: Act) -> None:
    """It stays, until its last day; the person reads why."""
    _decide(act, _of(act), lifted=False)


def _decide(act: Act, row: Appeal, *, lifted: bool) -> None:
    row.decided_at, row.lifted = act.at, lifted
    row.save(force_update=True, update_fields=["decided_at", "lifted"])
    act.reason = "lifted" if lifted else "upheld"
