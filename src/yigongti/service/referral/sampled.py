"""For the samples of higher modules: a case told step by step, with its timeline, notices and clock, written in bulk; who arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from yigongti.service.referral.models import Referral
from yigongti.service.referral.sample import the_county
from yigongti.service.referral.sample.telling import County, Story

__all__ = ["County", "Story", "arrivals", "the_county"]


def arrivals() -> Iterator[tuple[int, int, int, int, tuple[str, str], datetime, datetime | None]]:
    """(case, subject, sender's unit, receiver, disease, arrived, sent down) of up-referrals whose patient arrived, by case."""
    rows = Referral.objects.filter(direction="up", arrived_at__isnull=False).order_by("pk")
    for case, subject, sender, receiver, code, name, final, final_name, arrived, returned in rows.values_list(
        "case_id", "subject_id", "case__from_unit_id", "case__to_unit_id", "dx_code", "dx_name", "final_dx_code",
        "final_dx_name", "arrived_at", "returned_at",
    ):  # fmt: skip
        yield case, subject, sender, receiver, (final or code, final_name or name), arrived, returned
