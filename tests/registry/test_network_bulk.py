"""Bulk verbs of the network: what they write, that they can be repeated, what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Unit
from yigongti.registry import facade as registry
from yigongti.registry.models import (
    Alliance,
    AllianceMember,
    BodyMember,
    Centre,
    CentreDuty,
    CentreHours,
    GoverningBody,
    Unified,
)

from .small import COUNTY, Small

ON = date(2026, 1, 1)
ALLIANCE = registry.AllianceRow(
    "胸痛专科联盟", "specialist", lead="H1", scope="胸痛救治", agreement_no="协〔2026〕1号", agreement_signed=date(2025, 12, 30),
    members=(registry.MemberRow("H2", "cooperation"), registry.MemberRow("T1", "trusteeship")),
    unified=(registry.UnifiedRow("services", "业务", "三(二)"),), starts=ON,
)  # fmt: skip
BODY = registry.BodyRow(
    "council", "理事会", alliance="胸痛专科联盟", chair="县长", office="卫生健康局", term_years=3,
    members=(registry.BodyMemberRow("卫生健康", role="chair"), registry.BodyMemberRow("医保")), starts=ON,
)  # fmt: skip
CENTRE = registry.CentreRow(
    "imaging", "resource", "影像诊断中心", alliance="总医院医共体", host="H1", promise="30 分钟内出报告", phone="0730-1",
    services=(registry.ServiceRow("dr", "DR 摄片报告", "例", 30), registry.ServiceRow("ct", "CT 报告", "例", 60)),
    hours=(registry.HoursRow(0, time(8), time(12)), registry.HoursRow(0, time(14, 30), time(17, 30))),
    duties=(registry.DutyRow("specialist", ON, time(18), time(8), "0730-2"),), starts=ON,
)  # fmt: skip
HQ = registry.CentreRow("finance", "hq", "财务管理中心", alliance="总医院医共体", starts=ON)


@pytest.fixture
def owner(small: Small, as_owner: Any) -> Iterator[Unit]:
    with as_owner(), maintenance(reason="test"):
        yield Unit.objects.get(code=COUNTY)


def test_alliances_bodies_and_centres_are_written_once_however_often_they_come(owner: Unit) -> None:
    for wanted in ((1, 0, 0), (0, 0, 1)):
        counts, faults = registry.write_alliances([ALLIANCE], region=owner, on=ON)
        assert (counts.created, counts.updated, counts.unchanged, faults) == (*wanted, [])
        counts, faults = registry.write_bodies([BODY], region=owner, on=ON)
        assert (counts.created, counts.updated, counts.unchanged, faults) == (*wanted, [])
        counts, faults = registry.write_centres([CENTRE], region=owner, on=ON)
        assert (counts.created, counts.updated, counts.unchanged, faults) == (*wanted, [])
    assert Unified.objects.filter(alliance__name="胸痛专科联盟").count() == 1
    assert (CentreHours.objects.count(), CentreDuty.objects.count()) == (2, 1)
    assert GoverningBody.objects.get().members.count() == 2
    night = CentreDuty.objects.get()
    assert (night.ends - night.starts).total_seconds() == 14 * 3600


def test_a_hosted_centre_hangs_below_its_host_and_headquarters_below_the_consortium(owner: Unit) -> None:
    registry.write_centres([CENTRE, HQ], region=owner, on=ON)
    hosted, head = Centre.objects.get(code="imaging"), Centre.objects.get(code="finance")
    assert hosted.unit.parent.code == "H1"
    assert head.unit.parent.kind == Unit.Kind.CONSORTIUM
    assert hosted.unit.consortium_id == head.unit.consortium_id == head.alliance.unit_id
    assert hosted.unit.path[-2:] == [hosted.host_id, hosted.pk]


def test_a_changed_mode_keeps_what_was_and_a_party_no_longer_named_leaves(owner: Unit) -> None:
    registry.write_alliances([ALLIANCE], region=owner, on=ON)
    tight = replace(ALLIANCE, members=(registry.MemberRow("H2", "tight"),))
    registry.write_alliances([tight], region=owner, on=date(2026, 7, 1))
    modes = AllianceMember.objects.filter(alliance__name="胸痛专科联盟", institution__unit__code="H2").order_by(
        "starts"
    )
    assert [(m.mode, m.starts, m.ends) for m in modes] == [
        ("cooperation", ON, date(2026, 6, 30)), ("tight", date(2026, 7, 1), None),
    ]  # fmt: skip
    registry.write_bodies([BODY], region=owner, on=ON)
    registry.write_bodies([replace(BODY, members=BODY.members[:1])], region=owner, on=date(2026, 7, 1))
    assert BodyMember.objects.get(party="医保").ends == date(2026, 6, 30)


def test_a_county_consortium_without_institutions_gets_its_place_in_the_tree(owner: Unit) -> None:
    registry.write_alliances([registry.AllianceRow("第三医共体", "county", starts=ON)], region=owner, on=ON)
    unit = Alliance.objects.get(name="第三医共体").unit
    assert (unit.kind, unit.parent_id, unit.consortium_id) == (Unit.Kind.CONSORTIUM, owner.pk, unit.pk)


@pytest.mark.parametrize(
    ("verb", "row", "column"),
    [
        ("write_alliances", replace(ALLIANCE, lead="NONE"), "lead"),
        ("write_alliances", replace(ALLIANCE, kind="club"), "kind"),
        ("write_alliances", replace(ALLIANCE, ends=date(2025, 1, 1)), "ends"),
        ("write_alliances", replace(ALLIANCE, members=(registry.MemberRow("H2", "friend"),)), "members"),
        ("write_bodies", replace(BODY, alliance="无"), "alliance"),
        ("write_bodies", replace(BODY, alliance="", members=(*BODY.members, BODY.members[0])), "members"),
        ("write_centres", replace(CENTRE, host="NONE"), "host"),
        ("write_centres", replace(CENTRE, hours=(*CENTRE.hours, registry.HoursRow(0, time(11), time(13)))), "hours"),
        ("write_centres", replace(CENTRE, duties=(registry.DutyRow("nobody", ON, time(8), time(9)),)), "duties"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_is_written(owner: Unit, verb: str, row: Any, column: str) -> None:
    counts, faults = getattr(registry, verb)([row], region=owner, on=ON)
    assert (counts.total, {fault.field for fault in faults}) == (0, {column})
    assert not Centre.objects.exists()
    assert not Alliance.objects.filter(kind="specialist").exists()
