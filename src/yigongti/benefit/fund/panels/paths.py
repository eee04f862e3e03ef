"""What the fund contributes to other rooms' screens: what each path would cost, beside the diagnosis and beside the form that refers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yigongti.benefit.fund.pages import paths
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.panel import Panel

REFERRING = ("referral", "referral_out")
"""Flows whose opening form asks where the patient shall go."""


def costs(context: Any) -> Iterable[Panel]:
    """Slot ``visit.after_diagnosis``: for a typical bill of the disease, what each path would cost this person."""
    visit, acting, picture = context.visit, context.acting, context.picture
    if visit.status != "open" or visit.unit_id not in acting.units:
        return
    yield from _costs(acting, visit.subject_id, getattr(picture, "principal", "") or next(iter(picture.codes), ""))


def before_referring(context: Any) -> Iterable[Panel]:
    """Slot ``desk.create``: the same beside the form that sends the patient on, for the diagnosis that stands in it."""
    if context.flow.code not in REFERRING or context.env.subject_id is None:
        return
    diagnosis = context.value("diagnosis")
    code = diagnosis.get("code", "") if isinstance(diagnosis, dict) else getattr(diagnosis, "code", diagnosis) or ""
    yield from _costs(context.env.acting, context.env.subject_id, code, follows=True)


def _costs(acting: Acting, subject_id: int, code: str, *, follows: bool = False) -> Iterable[Panel]:
    if not (code or follows) or not acting.may("referral.sender"):
        return
    told = paths.told(acting, subject_id, code, follows=follows)
    if told is not None:
        yield Panel("fund-paths", paths.TITLE, "fund/_paths.html", told)
