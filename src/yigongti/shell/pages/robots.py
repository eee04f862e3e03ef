"""The robots: which of them does what without anybody, when, on which tables, and whether it did."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigongti.kernel.access.web import page
from yigongti.kernel.jobs.facade import FAILED_DAYS, standings
from yigongti.registry import facade as registry
from yigongti.responsibility.supervision import facade as supervision


@page(right=("platform.explain", "audit.read"))
def robots(request: HttpRequest) -> HttpResponse:
    """Every job of the platform as it stands in the queue."""
    found = [(one, registry.BY_CODE[one.job.robot].title) for one in standings()]
    failed = sum(one.failed for one, _ in found)
    cases = {row.job: row.case for row in supervision.open_failures()}
    jobs = [(one, robot, cases.get(one.job.name)) for one, robot in found]
    return render(request, "shell/robots.html", {"jobs": jobs, "failed": failed, "days": FAILED_DAYS})
