"""What a seat takes along: its waiting cases with the forms that may be filled in without a network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import detail
from yigongti.kernel.desk.desks import desk_for
from yigongti.kernel.form import Env, Field, Form, Parsed, blank
from yigongti.kernel.form.description import NUMBERS
from yigongti.kernel.form.render import parts, summary

MOST = 100
"""Cases one packet holds; the page says how many there are in all."""
LAST_WORDS = 3
"""Entries of the timeline taken along with their answers: the plan that the follow-up is about stands in them."""


@dataclass(frozen=True)
class Person:
    """Who a case is about, as little as the work needs. What the port ``offline_person`` answers."""

    name: str
    about: str
    """Sex and age."""
    alert: str = ""
    """Allergies and whatever must not be overlooked."""
    where: str = ""
    """Address, and what else helps on the way."""


@dataclass(frozen=True)
class Question:
    """What the device may check by itself, from the field's own description; the server decides again."""

    name: str
    label: str
    kind: str
    required: bool
    low: str = ""
    high: str = ""
    places: int = 0
    length: int = 0
    unit: str = ""


def packet(acting: Acting) -> dict[str, Any]:
    """The packet as JSON-able data: seat, moments, papers. Looking at it is written to the log like opening each case."""
    now = calendar.now()
    waiting = queries.my_work(acting, now, most=MOST)
    papers = [made for item in waiting.waiting if (made := _paper(item, acting)) is not None]
    ids = [paper["case"] for paper in papers]
    subjects = [paper.pop("subject") for paper in papers]
    if ids:
        log.saw("offline_packet", ids, [one for one in subjects if one is not None], why="下载离线待办")
    return {
        "seat": acting.seat_id, "who": f"{acting.name} · {acting.unit_name}", "at": now.isoformat(),
        "until": (now + keeps(acting)).isoformat(), "papers": papers,
    }  # fmt: skip


def keeps(acting: Acting) -> timedelta:
    """How long a device may keep a packet (port ``offline_keeps``)."""
    found: timedelta = wiring.port("offline_keeps")(acting.unit_id)
    return found


def _paper(item: queries.WorkItem, acting: Acting) -> dict[str, Any] | None:
    """One case with its offline forms; None where nothing of it can be done without a network."""
    case = item.case
    possible = [one for one in queries.allowed(case, acting) if one.offline]
    if not possible:
        return None
    desk = desk_for(case)
    told = [detail.happened(item.flow, desk, entry) for entry in queries.timeline(case)]
    last = [one for one in told if one.lines][-LAST_WORDS:]
    return {
        "case": case.pk, "subject": case.subject_id, "number": case.number, "title": case.title,
        "state": item.state.title, "meaning": item.state.meaning, "otherwise": item.next_what,
        "due": case.due.isoformat() if case.due else "", "priority": case.priority,
        "person": asdict(_person(case)),
        "story": render_to_string("offline/_story.html", {"entries": last}),
        "acts": [_act(one, blank(detail.form_of(one), env=detail.env_for(desk, case, one, acting))) for one in possible],
    }  # fmt: skip


def _person(case: Case) -> Person:
    if case.subject_id is None:
        return Person(case.title, "")
    found: Person | None = wiring.port("offline_person")(case.subject_id)
    return found or Person(case.title, "")


def _act(one: Transition, parsed: Parsed) -> dict[str, Any]:
    return {
        "code": one.code, "title": one.title, "submit": parsed.form.submit, "main": one.main,
        "html": drawn(parsed), "questions": [asdict(question) for question in questions(parsed.form, parsed.env)],
    }  # fmt: skip


def drawn(parsed: Parsed) -> str:
    """The form's fields with its problems, as every page of the house draws them."""
    return render_to_string(
        "offline/_fields.html", {"parts": parts(parsed), "parsed": parsed, "summary": summary(parsed)}
    )


def questions(form: Form, env: Env) -> list[Question]:
    """What the device may check of each field."""
    return [_question(field, env) for field in form.fields]


def _question(field: Field, env: Env) -> Question:
    low, high = field.limits(env) if field.kind in (*NUMBERS, "date") else (None, None)
    return Question(
        name=field.name, label=field.label, kind=field.kind, required=field.required and field.when is None,
        low=_plain(field, low), high=_plain(field, high), places=field.places if field.kind == "decimal" else 0,
        length=field.length if field.kind in ("text", "longtext") else 0, unit=field.unit,
    )  # fmt: skip


def _plain(field: Field, limit: int | Decimal | date | datetime | None) -> str:
    """A limit as the device compares it: numbers as written, days as ISO; fen are typed in yuan."""
    if limit is None:
        return ""
    if field.kind == "fen" and isinstance(limit, int):
        return str(Decimal(limit) / 100)
    return limit.isoformat() if isinstance(limit, date) else str(limit)
