"""The sealer stood still: the log says so, the administrator says why, the supervisor confirms; nobody confirms oneself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test.utils import override_settings
from psycopg import Error

from tests.registry.small import Small
from tests.support import web
from yigongti.kernel import calendar
from yigongti.kernel.audit import log, outage, seal
from yigongti.kernel.case.facade import Case, Refused, perform
from yigongti.kernel.jobs.facade import job_named, run
from yigongti.responsibility.supervision import facade
from yigongti.responsibility.supervision.models import SealOutage
from yigongti.runtime.cli import audit_

pytestmark = pytest.mark.database
WHY = {"cause": "power", "text": "21:00 全楼停电，报修单 12 号", "measures": "已核验，无异常；加装不间断电源"}


@pytest.fixture(autouse=True)
def anchored(database: str, admin: Any, tmp_path: Path) -> Iterator[None]:
    """The log begins anew and is anchored in a folder of its own."""
    admin.execute("truncate audit_entry, audit_sealed")
    with override_settings(AUDIT_ANCHOR=tmp_path / "anchor" / "audit.json", ALLOWED_HOSTS=["testserver"]):
        yield


def cut(admin: Any, anchor: Path) -> None:
    """A power cut of an hour: an entry that waited, and the sealer's statement when it came round again."""
    with calendar.moved(-timedelta(hours=1)):
        outage.came_round(anchor)
    with log.collecting(path="test") as entries:
        log.did("waited", "test", [1])
        entries.write()
    admin.execute(
        "update audit_entry set at = at - interval '1 hour' where action = 'waited' and at > now() - interval '1 minute'"
    )
    seal.seal_once(anchor)


def asked(admin: Any, tmp_path: Path) -> int:
    """A cut, and the case that the robot opened about it."""
    cut(admin, tmp_path / "anchor" / "audit.json")
    assert run(job_named("log_outages")) == 1
    (case,) = admin.execute("select max(id) from case_case where flow = 'seal_outage'").fetchone()
    return int(case)


def do(small: Small, who: str, case: int, step: str, **values: Any) -> Case:
    with small.as_seat(who) as acting:
        return perform(acting=acting, case_id=case, transition=step, values=values, client_id=uuid4())


def test_every_outage_is_asked_about_once(small: Small, admin: Any, tmp_path: Path) -> None:
    first = asked(admin, tmp_path)
    assert run(job_named("log_outages")) == 0
    assert asked(admin, tmp_path) > first
    rows = admin.execute("select waited, outside from supervision_sealoutage order by entry_id").fetchall()
    assert rows == [(1, True), (1, True)]


def test_an_outage_told_only_inside_the_database_says_so(small: Small, admin: Any, tmp_path: Path) -> None:
    cut(admin, tmp_path / "anchor" / "audit.json")
    (tmp_path / "anchor" / "audit.outages.jsonl").unlink()
    assert run(job_named("log_outages")) == 1
    (case,) = admin.execute("select case_id from supervision_sealoutage").fetchone()
    page = web.browser(small.accounts["admin"], small.seats["admin"]).get(f"/case/{case}/").content.decode()
    assert "只有库内有记载" in page


def test_it_is_explained_sent_back_explained_again_and_confirmed(small: Small, admin: Any, tmp_path: Path) -> None:
    case = asked(admin, tmp_path)
    office, above = (web.browser(small.accounts[one], small.seats[one]) for one in ("admin", "supervisor"))
    assert f"/case/{case}/" in office.get("/").content.decode(), "it waits in the administrator's work"
    sent = office.post(f"/case/{case}/do/explain", {"client_id": str(uuid4()), **WHY})
    assert sent.status_code == 302
    page = above.get("/log/").content.decode()
    assert "封存中断" in page and f"/case/{case}/" in page and "待确认" in page
    (until,) = admin.execute("select until from supervision_sealoutage").fetchone()
    assert f"至 {calendar.local(until):%Y-%m-%d %H:%M}" in page, "the county's own time"
    assert f"/case/{case}/" in above.get("/").content.decode()
    back = {"client_id": str(uuid4()), "opinion": "写明核验结果"}
    assert above.post(f"/case/{case}/do/return_outage", back).status_code == 302
    assert office.post(f"/case/{case}/do/explain", {"client_id": str(uuid4()), **WHY}).status_code == 302
    assert above.post(f"/case/{case}/do/confirm_outage", {"client_id": str(uuid4())}).status_code == 302
    assert admin.execute("select state, outcome from case_case where id = %s", [case]).fetchone() == (
        "confirmed",
        "confirmed",
    )
    shown = office.get(f"/case/{case}/").content.decode()
    assert all(text in shown for text in ("停电", "报修单 12 号", "写明核验结果", "不间断电源"))


def test_nobody_else_sees_it_and_the_wrong_side_cannot_act(small: Small, admin: Any, tmp_path: Path) -> None:
    case = asked(admin, tmp_path)
    for who in ("township", "director", "registrar", "patient"):
        client = web.browser(small.accounts[who], small.seats[who])
        assert client.get(f"/case/{case}/").status_code == 404, who
        assert client.get("/desk/seal_outage/").status_code == 404, who
    above = web.browser(small.accounts["supervisor"], small.seats["supervisor"])
    assert above.post(f"/case/{case}/do/explain", {"client_id": str(uuid4()), **WHY}).status_code == 404
    assert admin.execute("select cause from supervision_sealoutage").fetchone() == ("",)


def test_who_explained_it_does_not_confirm_it_in_another_seat(small: Small, admin: Any, tmp_path: Path) -> None:
    case = asked(admin, tmp_path)
    do(small, "admin", case, "explain", **WHY)
    admin.execute(
        "update access_seat set account_id = %s where id = %s", [small.accounts["admin"], small.seats["supervisor"]]
    )
    small.accounts["supervisor"] = small.accounts["admin"]
    with pytest.raises(Refused, match="自己写的说明"):
        do(small, "supervisor", case, "confirm_outage", opinion=None)
    assert admin.execute("select state from case_case where id = %s", [case]).fetchone() == ("explained",)


def test_a_seat_handed_on_does_not_let_the_explainer_confirm(small: Small, admin: Any, tmp_path: Path) -> None:
    """The account of that day counts: the administrator's seat is somebody else's now, the explainer sits in another."""
    case = asked(admin, tmp_path)
    do(small, "admin", case, "explain", **WHY)
    explained, newcomer = small.accounts["admin"], small.accounts["township"]
    move = "update access_seat set account_id = %s where id = %s"
    admin.execute(move, [newcomer, small.seats["admin"]])
    admin.execute(move, [explained, small.seats["supervisor"]])
    small.accounts["supervisor"] = explained
    with pytest.raises(Refused, match="自己写的说明"):
        do(small, "supervisor", case, "confirm_outage", opinion=None)
    with pytest.raises(Error, match="supervision_two_persons"):
        admin.execute(
            "update supervision_sealoutage set confirmed_by_id = %s, confirmed_account = %s, confirmed_at = now()",
            [small.seats["supervisor"], explained],
        )


def test_the_command_line_tells_how_far_the_explanation_has_come(
    small: Small, admin: Any, as_owner: Any, tmp_path: Path
) -> None:
    def lines() -> str:
        with as_owner():
            report = seal.verify(tmp_path / "anchor" / "audit.json")
            return "".join(audit_.told(gap, facade.standing(), facade.cause) for gap in report.outages)

    cut(admin, tmp_path / "anchor" / "audit.json")
    assert "平台运行后会请平台管理员说明" in lines()
    assert run(job_named("log_outages")) == 1
    assert "等平台管理员说明" in lines()
    (case,) = admin.execute("select case_id from supervision_sealoutage").fetchone()
    do(small, "admin", case, "explain", **WHY)
    assert "已说明（停电），等监管人员确认" in lines()
    do(small, "supervisor", case, "confirm_outage", opinion=None)
    assert "监管人员已确认" in lines()
    with small.as_seat("supervisor"):
        told = SealOutage.objects.get()
        assert json.loads((tmp_path / "anchor" / "audit.outages.jsonl").read_text())["entries"] == told.waited
