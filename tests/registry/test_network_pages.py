"""Alliances, centres and catchment through real requests: what is shown, what is sent, what is refused in words."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from yigongti.kernel import calendar
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Unit
from yigongti.registry import facade as registry
from yigongti.registry.facts import NETWORK
from yigongti.registry.models import Alliance, AllianceMember, Catchment, Centre, CentreDuty, CentreHours, Resident

from .browse import browser, text
from .small import V1, Small


def _sent(**more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), **more}


def test_an_administrator_founds_an_alliance_and_gathers_members(small: Small) -> None:
    today = calendar.today()
    with browser(small, "admin") as client:
        wrong = client.post("/alliances/new/", _sent(kind="specialist", name="总医院医共体", starts=str(today)))
        assert wrong.status_code == 422
        assert "已有名为" in text(wrong)
        sent = _sent(
            kind="specialist", name="胸痛联盟", starts=str(today), lead=str(small.units["H1"]), agreement_no="协1号"
        )
        for _ in range(2):
            made = client.post("/alliances/new/", sent)
        url = made["Location"]
        shown = text(client.get(url))
        assert all(word in shown for word in ("胸痛联盟", "协1号", "县人民医院", "牵头"))
        again = client.post(f"{url}member/", _sent(institution=str(small.units["H1"]), mode="tight", starts=str(today)))
        assert again.status_code == 422
        assert "已是成员" in text(again)
        joined = client.post(
            f"{url}member/", _sent(institution=str(small.units["T1"]), mode="trusteeship", starts=str(today))
        )
        assert joined.status_code == 302
        assert "胸痛联盟" in text(client.get(f"/institutions/{small.units['T1']}/"))
    with small.as_seat("village"):
        made_one = Alliance.objects.get(name="胸痛联盟")
        assert AllianceMember.objects.filter(alliance=made_one).count() == 2
    with browser(small, "village") as client:
        assert "加入成员" not in text(client.get(url))
        assert client.post(f"{url}end/", _sent(ends=str(today))).status_code == 404


def test_catchment_is_changed_only_after_its_consequence_was_shown(small: Small) -> None:
    day = calendar.today() + timedelta(days=3)
    with small.as_seat("admin"):
        head = Unit.objects.get(code="C1").consortium_id
    sent = _sent(consortium=str(head), township=str(small.units["T1"]), clinic=str(small.units["C2"]), starts=str(day))
    with browser(small, "admin") as client:
        shown = client.post(f"/catchment/{V1}/", sent)
        assert shown.status_code == 200
        assert "确认调整 3 名居民" in text(shown)
        with small.as_seat("admin"):
            assert Catchment.objects.filter(place=V1).count() == 1, "shown, not done"
        assert client.post(f"/catchment/{V1}/", sent | {"confirmed": "yes"}).status_code == 302
        assert "撤销这次调整" in text(client.get(f"/catchment/{V1}/"))
        wrong = client.post(f"/catchment/{V1}/", _sent(**{**sent, "clinic": str(small.units["C3"])}))
        assert wrong.status_code == 422
        assert "不归" in text(wrong)
    with browser(small, "township") as client:
        assert "调整责任机构" not in text(client.get(f"/catchment/{V1}/"))
        assert client.post(f"/catchment/{V1}/", sent | {"confirmed": "yes"}).status_code == 404
    with small.as_seat("admin"):
        assert set(Resident.objects.filter(place=V1).values_list("home_id", flat=True)) == {small.units["C1"]}


def test_headquarters_keeps_hours_and_roster_and_everybody_reads_the_telephone(small: Small, as_owner: Any) -> None:
    with as_owner(), maintenance(reason="test"):
        rows = [
            registry.CentreRow("triage", "desk", "转诊服务中心", alliance="总医院医共体", host="H1", phone="0730-9")
        ]
        registry.write_centres(rows, on=date(2026, 1, 1))
    with small.as_seat("admin"):
        url = f"/centres/{Centre.objects.get().pk}/"
    line = {"hours-0-weekday": "0", "hours-0-opens": "08:00", "hours-0-closes": "12:00"}
    clash = line | {"hours-1-weekday": "0", "hours-1-opens": "11:00", "hours-1-closes": "13:00"}
    tomorrow = str(calendar.today() + timedelta(days=1))
    duty = _sent(
        seat=str(small.seats["desk"]), day=tomorrow, begins="18:00", finishes="08:00", weeks="1", phone="13900000000"
    )
    with browser(small, "director") as client:
        wrong = client.post(f"{url}hours/", _sent(**clash))
        assert wrong.status_code == 422
        assert "重叠" in text(wrong)
        assert client.post(f"{url}hours/", _sent(**line)).status_code == 302
        assert client.post(f"{url}duty/", duty).status_code == 302
        assert client.post(f"{url}duty/", duty).status_code == 302
        shown = text(client.get(f"{url}?week={tomorrow}"))
        assert "13900000000" in shown
        assert "撤下" in shown
        outside = client.post(
            f"{url}duty/", _sent(**{**duty, "client_id": str(uuid4()), "seat": str(small.seats["township"])})
        )
        assert outside.status_code == 422
        assert "不在承办机构" in text(outside)
    with browser(small, "village") as client:
        assert "0730-9" in text(client.get("/centres/"))
        assert client.post(f"{url}hours/", _sent(**line)).status_code == 404
    with small.as_seat("village"):
        assert (CentreHours.objects.count(), CentreDuty.objects.count()) == (1, 1)


def test_before_the_first_snapshot_map_and_tree_say_what_is_missing_instead_of_nought(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.conf.settings.FACTS_DIR", tmp_path)
    with browser(small, "admin") as client:
        for path in ("/network/", "/network/tree/"):
            page = text(client.get(path))
            assert "数字还没有取到" in page, path
            assert "0 家机构" not in page, path
        assert "还画不出地图" in text(client.get("/network/")), "neither outlines nor places of institutions are known"


def test_staff_that_an_institution_reports_counts_and_who_reports_nothing_is_counted(small: Small, admin: Any) -> None:
    columns = ", ".join(column.name for column in NETWORK.columns)
    sql = f"select staff, doctors, gps from ({NETWORK.sql}) f ({columns}) where row_id = %s"
    hospital = small.units["H1"]

    def told() -> Any:
        return admin.execute(sql, [hospital]).fetchone()

    counted = told()
    assert counted[0] > 0
    admin.execute("update registry_institution set told_staff = 900, told_doctors = 310 where unit_id = %s", [hospital])
    assert told() == (900, 310, counted[2])
    with browser(small, "admin") as client:
        page = text(client.get(f"/institutions/{hospital}/"))
    assert "卫生人员 900 人" in page
    assert "来源未写明" in page
