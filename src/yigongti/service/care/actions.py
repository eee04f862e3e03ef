"""Every write of care, one verb each: authorise → rule → write → log → event."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.db import IntegrityError, transaction

from yigongti.kernel import calendar, events
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.form.values import Picked
from yigongti.registry import facade as registry
from yigongti.service.care import queries
from yigongti.service.care.events import VisitClosed, VisitOpened
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit
from yigongti.service.care.rules import VITALS, DiagnosisLine, diagnoses_in, hinders_closing

EvidenceKind = Literal["card", "scan", "typed", "appointment", "checked_in"]
_TEXTS = ("chief_complaint", "history", "examination", "plan", "consciousness")
_PLAIN = ("glucose_fasting", "days_ill", "pregnant", "gestation_weeks")


def open_visit(*, acting: Acting, subject_id: int, values: dict[str, Any], client_id: UUID) -> Visit:
    """Register a visit with evidence, which opens the person's record to the unit; the same client id again returns it.

    An own open visit of the same person is gone on with. Raises Denied without `care.visit`; Refused where the evidence
    does not hold (the number is another person's, there is no such appointment).
    """
    acting.demand("care.visit")
    known = Visit.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    evidence = values["evidence"]
    appointment = values.get("appointment") if evidence == "appointment" else None
    _relate(acting, subject_id, evidence, values.get("number") or "", int(appointment) if appointment else None)
    already = queries.open_here(acting, subject_id)
    if already is not None:
        return already
    now = calendar.now()
    visit = Visit(
        client_id=client_id, subject_id=subject_id, unit_id=acting.unit_id, seat_id=acting.seat_id, kind=values["kind"],
        evidence="card" if evidence == "scan" else evidence, started_at=now, case_id=int(appointment) if appointment else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:
        return Visit.objects.get(client_id=client_id)
    log.did("visit.opened", "visit", [visit.pk], [subject_id], why=visit.get_evidence_display())
    events.publish(VisitOpened(visit.pk, subject_id, acting.unit_id, acting.seat_id, visit.case_id, now))
    return visit


def _relate(acting: Acting, subject_id: int, kind: EvidenceKind, number: str, case_id: int | None) -> None:
    """Open the record to the unit on this evidence; a refusal names the field of the registering form."""
    try:
        registry.relate_by_visit(
            acting=acting, subject_id=subject_id, evidence=registry.Evidence(kind, number, case_id=case_id)
        )
    except Refused as refused:
        field = {"appointment": "appointment", "checked_in": "evidence"}.get(kind, "number")
        raise Refused(refused.message, field=field, remedy=refused.remedy, clause=refused.clause) from None


def write_visit(*, acting: Acting, visit_id: int, values: dict[str, Any]) -> Visit:
    """Save what was written; an open visit of the seat's own units only.

    Raises Visit.DoesNotExist or Denied; Refused once the visit is closed.
    """
    acting.demand("clinical.write")
    visit = _open(acting, visit_id)
    for name in _TEXTS:
        setattr(visit, name, values.get(name) or "")
    for name in _PLAIN:
        setattr(visit, name, values.get(name))
    for sign in VITALS:
        setattr(visit, sign.code, values.get(sign.code))
    visit.red_flags = list(values.get("red_flags") or ())
    lines = diagnoses_in(values)
    visit.sensitive = any(_sensitive(line.code) for line in lines)
    visit.save(force_update=True)
    _write_diagnoses(visit, lines)
    registry.acted(acting, visit.subject_id)
    log.did("visit.written", "visit", [visit.pk], [visit.subject_id])
    return visit


def _open(acting: Acting, visit_id: int) -> Visit:
    visit: Visit = Visit.objects.get(pk=visit_id)
    if visit.unit_id not in acting.units or visit.status != Visit.Status.OPEN:
        raise Refused("这次接诊已经完成，病历只能阅读", remedy="需要补充时另行接诊并记录")
    locked: Visit = Visit.objects.select_for_update().get(pk=visit_id)
    return locked


def _sensitive(code: str) -> bool:
    known = registry.diagnosis(code)
    return known is not None and known.sensitive


def _write_diagnoses(visit: Visit, lines: list[DiagnosisLine]) -> None:
    held = [(d.code, d.name, d.principal, d.certain) for d in visit.diagnoses.order_by("position")]
    if held == [(d.code, d.name, d.principal, d.certain) for d in lines]:
        return
    Diagnosis.objects.filter(visit=visit).delete()
    Diagnosis.objects.bulk_create(
        Diagnosis(visit=visit, position=place, code=d.code, name=d.name[:120], principal=d.principal, certain=d.certain)
        for place, d in enumerate(lines)
    )


def close_visit(*, acting: Acting, visit_id: int) -> Visit:
    """Complete a visit: from now on it is only read.

    Raises Refused naming the field that is missing; Visit.DoesNotExist, Denied.
    """
    acting.demand("clinical.write")
    visit = _open(acting, visit_id)
    lines = [DiagnosisLine(d.code, d.name, d.principal, d.certain) for d in visit.diagnoses.all()]
    for problem in hinders_closing(chief_complaint=visit.chief_complaint, diagnoses=lines, plan=visit.plan):
        raise Refused(problem.message, field=problem.field, remedy=problem.remedy)
    visit.status, visit.closed_at = Visit.Status.CLOSED, calendar.now()
    visit.save(force_update=True, update_fields=["status", "closed_at"])
    _keep_problems(acting, visit, lines)
    log.did("visit.closed", "visit", [visit.pk], [visit.subject_id])
    events.publish(VisitClosed(visit.pk, visit.subject_id, visit.unit_id, visit.closed_at))
    return visit


def _keep_problems(acting: Acting, visit: Visit, lines: list[DiagnosisLine]) -> None:
    """A certain diagnosis of a chronic disease becomes a lasting problem, once."""
    held = {problem.code for problem in queries.problems_of(visit.subject_id)}
    for line in lines:
        known = registry.diagnosis(line.code) if line.certain and line.code not in held else None
        if known is None or not known.chronic:
            continue
        _new_problem(acting, visit.subject_id, line.code, line.name, known.sensitive, calendar.today())


def _new_problem(acting: Acting, subject_id: int, code: str, name: str, sensitive: bool, since: Any) -> Problem:
    from yigongti.kernel.ids import new_client_id

    made: Problem = Problem.objects.create(
        client_id=new_client_id(), subject_id=subject_id, unit_id=acting.unit_id, seat_id=acting.seat_id, code=code,
        name=name[:120], sensitive=sensitive, since=since, noted_at=calendar.now(),
    )  # fmt: skip
    return made


def note_allergy(*, acting: Acting, subject_id: int, values: dict[str, Any], client_id: UUID) -> Allergy:
    """Note an allergy, or that none is known; the same client id again returns the same row."""
    acting.demand("clinical.write")
    known: Allergy | None = Allergy.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    has = values["known"] == "has"
    made: Allergy = Allergy.objects.create(
        client_id=client_id, subject_id=subject_id, unit_id=acting.unit_id, seat_id=acting.seat_id,
        substance=values["substance"] if has else "", reaction=(values.get("reaction") or "") if has else "",
        severity=(values.get("severity") or "unknown") if has else "unknown", noted_at=calendar.now(),
    )  # fmt: skip
    log.did("allergy.noted", "allergy", [made.pk], [subject_id])
    return made


def note_problem(*, acting: Acting, subject_id: int, values: dict[str, Any], client_id: UUID) -> Problem:
    """Note a lasting problem; the same client id again returns the same row."""
    acting.demand("clinical.write")
    known: Problem | None = Problem.objects.filter(client_id=client_id).first()
    if known is not None:
        return known
    picked: Picked = values["code"]
    made: Problem = Problem.objects.create(
        client_id=client_id, subject_id=subject_id, unit_id=acting.unit_id, seat_id=acting.seat_id, code=picked.code,
        name=picked.label[:120], sensitive=_sensitive(picked.code), since=values.get("since") or calendar.today(),
        noted_at=calendar.now(),
    )  # fmt: skip
    log.did("problem.noted", "problem", [made.pk], [subject_id])
    return made
