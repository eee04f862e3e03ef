"""The network changes on a day: who may write it, what must not overlap, when residents move."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import NothingUpdated, Unit
from yigongti.kernel.case.facade import Refused
from yigongti.registry import facade as registry
from yigongti.registry.actions.network import alliances, catchment, centres, modes, settling
from yigongti.registry.models import (
    Alliance,
    AllianceMember,
    Belonging,
    Catchment,
    Centre,
    CentreDuty,
    CentreHours,
    CentreService,
    ClinicMode,
    Resident,
)
from yigongti.registry.queries import catchment as places
from yigongti.registry.queries import centres as reading
from yigongti.registry.rules.network import Span

from .small import COUNTY, V1, V2, V3, Small

SPAN = Span(0, time(8), time(12))


@pytest.fixture
def planted(small: Small, as_owner: Any) -> Small:
    """With an imaging centre at the county hospital and a centre of headquarters."""
    with as_owner(), maintenance(reason="test"):
        rows = [
            registry.CentreRow(
                "imaging", "resource", "影像诊断中心", alliance="总医院医共体", host="H1", phone="0730-1"
            ),
            registry.CentreRow("triage", "desk", "转诊服务中心", alliance="总医院医共体", host="H1", phone="0730-9"),
            registry.CentreRow("ecg", "resource", "心电诊断中心", alliance="中医医共体", host="H2"),
        ]
        _, faults = registry.write_centres(rows, on=date(2026, 1, 1))
        assert not faults
        head = registry.StaffRow("head_h1", "head_h1", "H1", "unit_head")
        _, faults, _ = registry.write_staff([head], region=Unit.objects.get(code=COUNTY), on=calendar.today())
        assert not faults
        from yigongti.kernel.access.models import Account, Seat

        Account.objects.update(must_change=False)
        small.accounts["head_h1"] = Account.objects.get(login="head_h1").pk
        small.seats["head_h1"] = Seat.objects.get(name="head_h1").pk
        small.units |= {f"centre:{c.code}": c.pk for c in Centre.objects.all()}
    return small


def _change(small: Small, starts: date, place: str = V1, clinic: str | None = "C2", **more: Any) -> int:
    with small.as_seat("admin") as acting, transaction.atomic():
        head = Unit.objects.get(pk=small.units["T1"]).consortium_id
        assert head is not None
        return catchment.change_catchment(
            acting=acting, place=place, consortium=head, township=small.units["T1"], starts=starts,
            clinic=small.units[clinic] if clinic else None, **({"client_id": uuid4()} | more),
        )  # fmt: skip


def _home(small: Small) -> list[int | None]:
    with small.as_seat("admin"):
        return list(Resident.objects.filter(place=V1).order_by("pk").values_list("home_id", flat=True))


# --- catchment --------------------------------------------------------------------------------


def test_residents_move_on_the_day_not_before_and_once(small: Small) -> None:
    today = calendar.today()
    day = today + timedelta(days=10)
    old, new = [small.units["C1"]] * 3, [small.units["C2"]] * 3
    assert _change(small, day) == 0
    for on, moved, home in ((day - timedelta(days=1), 0, old), (day, 3, new), (day + timedelta(days=1), 0, new)):
        with calendar.at(datetime.combine(on, time(0, 5), tzinfo=calendar.ZONE)):
            with small.as_seat("robot_catchment") as acting:
                assert settling.settle(acting) == moved
            assert _home(small) == home, on
    with small.as_seat("admin"):
        stays = places.belonged(small.people[0])
        assert [(s.clinic, s.starts, s.ends) for s in stays] == [
            ("新塘村卫生室", day, None), ("联盟村卫生室", today, day - timedelta(days=1)),
        ]  # fmt: skip
        lines = Catchment.objects.filter(place=V1).order_by("starts")
        assert [line.ends for line in lines] == [day - timedelta(days=1), None]
    with small.as_seat("village2"):
        assert Belonging.objects.count() == 3
    with small.as_seat("village3"):
        assert Belonging.objects.count() == 0


def test_a_change_for_today_or_before_moves_at_once_and_only_once_when_sent_again(small: Small) -> None:
    again = uuid4()
    assert _change(small, date(2024, 5, 1), client_id=again) == 3
    assert _home(small) == [small.units["C2"]] * 3
    assert _change(small, date(2024, 5, 1), client_id=again) == 0
    with small.as_seat("admin"):
        assert Catchment.objects.filter(place=V1).count() == 2
        assert Belonging.objects.count() == 0, "they never belonged there in the time that is now said to be C2's"


def test_what_contradicts_itself_is_refused_with_the_field(small: Small) -> None:
    later = calendar.today() + timedelta(days=30)
    _change(small, later)
    for field, how in {
        "starts": {"starts": later - timedelta(days=1)},
        "place": {"starts": later, "place": "110101001001"},
        "clinic": {"starts": later, "clinic": "C3"},
    }.items():
        with pytest.raises(Refused) as no:
            _change(small, **how)  # type: ignore[arg-type]
        assert no.value.field == field
    with pytest.raises(Refused) as no:
        _change(small, later, place=V2)
    assert no.value.field == "starts", "nothing would change"
    with small.as_seat("admin"):
        other = Unit.objects.get(pk=small.units["T2"]).consortium_id
        assert other is not None
        with pytest.raises(Refused) as no:
            catchment.belongs_together(other, small.units["T1"], None, later)
        assert no.value.field == "township"


def test_a_change_to_come_can_be_taken_back_one_that_holds_cannot(small: Small) -> None:
    day = calendar.today() + timedelta(days=5)
    _change(small, day)
    with small.as_seat("admin") as acting:
        first, second = Catchment.objects.filter(place=V1).order_by("starts")
        with pytest.raises(Refused):
            catchment.cancel_catchment(acting=acting, line_id=first.pk, client_id=uuid4())
        assert Catchment.objects.filter(pk=first.pk).delete()[0] == 0, "the fence keeps what has begun"
        catchment.cancel_catchment(acting=acting, line_id=second.pk, client_id=uuid4())
        assert Catchment.objects.get(place=V1).ends is None


def test_a_village_without_anybody_is_listed_until_it_has_somebody(small: Small, as_owner: Any) -> None:
    with as_owner(), maintenance(reason="test"):
        registry.write_places([registry.Division(COUNTY + "102202", "新立村")], origin="test")
    with small.as_seat("admin"):
        assert [gap.place for gap in places.gaps(COUNTY)] == [COUNTY + "102202"]
    _change(small, calendar.today() + timedelta(days=3), place=COUNTY + "102202", clinic=None)
    with small.as_seat("admin"):
        (gap,) = places.gaps(COUNTY)
        assert gap.until == calendar.today() + timedelta(days=2)
        assert places.gaps(COUNTY, calendar.today() + timedelta(days=3)) == []


# --- alliances --------------------------------------------------------------------------------


def _alliance(small: Small, **more: Any) -> int:
    values = {"kind": "specialist", "name": "胸痛联盟", "lead": small.units["H1"], "starts": date(2026, 1, 1)} | more
    with small.as_seat("admin") as acting, transaction.atomic():
        return alliances.create_alliance(acting=acting, values=values, client_id=uuid4()).pk


def _join(small: Small, alliance: int, code: str, **more: Any) -> None:
    values = {"institution": small.units[code], "mode": "cooperation", "starts": date(2026, 3, 1)} | more
    with small.as_seat("admin") as acting, transaction.atomic():
        alliances.add_member(acting=acting, alliance_id=alliance, values=values, client_id=uuid4())


def test_an_institution_is_in_several_alliances_and_in_one_mode_at_a_time(small: Small) -> None:
    one, two = _alliance(small), _alliance(small, name="远程网", kind="telemedicine")
    _join(small, one, "T1")
    _join(small, two, "T1", ends=date(2026, 12, 31))
    with small.as_seat("admin") as acting:
        assert reading.memberships(small.units["T1"]).count() == 3, "its consortium is the third"
        member = AllianceMember.objects.get(alliance=one, institution_id=small.units["T1"])
        for starts, field in ((date(2026, 3, 1), "starts"), (date(2026, 2, 1), "starts")):
            with pytest.raises(Refused) as no, transaction.atomic():
                alliances.change_mode(
                    acting=acting, member_id=member.pk, values={"mode": "tight", "starts": starts}, client_id=uuid4()
                )
            assert no.value.field == field
        alliances.change_mode(
            acting=acting,
            member_id=member.pk,
            values={"mode": "trusteeship", "starts": date(2026, 7, 1)},
            client_id=uuid4(),
        )
        rows = AllianceMember.objects.filter(alliance=one, institution_id=small.units["T1"]).order_by("starts")
        assert [(m.mode, m.ends) for m in rows] == [("cooperation", date(2026, 6, 30)), ("trusteeship", None)]


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"ends": date(2026, 2, 1)}, "ends"),
        ({"starts": date(2025, 12, 31)}, "starts"),
        ({"institution": 999_999}, "institution"),
        ({"institution": "H1"}, "institution"),
    ],
)
def test_a_membership_that_cannot_be_is_refused(small: Small, how: dict[str, Any], field: str) -> None:
    made = _alliance(small)
    if how.get("institution") == "H1":
        how = {"institution": small.units["H1"]}
    with pytest.raises(Refused) as no:
        _join(small, made, "T1", **how)
    assert no.value.field == field


def test_a_closed_institution_cannot_join(small: Small, as_owner: Any) -> None:
    made = _alliance(small)
    with as_owner(), maintenance(reason="test"):
        Unit.objects.filter(code="C3").update(active=False)
    with pytest.raises(Refused) as no:
        _join(small, made, "C3")
    assert no.value.field == "institution"


def test_a_township_joins_another_consortium_with_its_clinics_its_places_and_their_people(small: Small) -> None:
    with small.as_seat("admin") as acting:
        target = Alliance.objects.get(name="中医医共体")
        member = AllianceMember.objects.get(institution_id=small.units["T1"])
        with pytest.raises(Refused, match="还负责"):
            alliances.end_member(acting=acting, member_id=member.pk, ends=calendar.today(), client_id=uuid4())
    day = calendar.today() + timedelta(days=1)
    _join(small, target.pk, "T1", mode="tight", starts=day)
    with small.as_seat("admin"):
        assert Unit.objects.get(code="T1").consortium_id != target.unit_id, "the day has not come"
    with (
        calendar.at(datetime.combine(day, time(0, 5), tzinfo=calendar.ZONE)),
        small.as_seat("robot_catchment") as robot,
    ):
        assert settling.settle(robot) == 5
        for code in ("T1", "C1", "C2"):
            unit = Unit.objects.get(code=code)
            assert (unit.consortium_id, unit.path[1]) == (target.unit_id, target.unit_id), code
        assert set(Resident.objects.values_list("consortium_id", flat=True)) == {target.unit_id}
        assert settling.settle(robot) == 0
    with calendar.at(datetime.combine(day, time(9), tzinfo=calendar.ZONE)), small.as_seat("admin"):
        assert places.mismatches() == []
        assert places.gaps(COUNTY) == []


def test_an_alliance_that_ends_takes_its_members_along(small: Small) -> None:
    made = _alliance(small)
    _join(small, made, "T1")
    with small.as_seat("admin") as acting:
        with pytest.raises(Refused), transaction.atomic():
            alliances.end_alliance(acting=acting, alliance_id=made, ends=date(2025, 1, 1), client_id=uuid4())
        alliances.end_alliance(acting=acting, alliance_id=made, ends=date(2026, 6, 30), client_id=uuid4())
        assert set(AllianceMember.objects.filter(alliance=made).values_list("ends", flat=True)) == {date(2026, 6, 30)}
        county = Alliance.objects.get(name="总医院医共体")
        with pytest.raises(Refused, match="还负责"), transaction.atomic():
            alliances.end_alliance(acting=acting, alliance_id=county.pk, ends=calendar.today(), client_id=uuid4())


# --- centres: who may -------------------------------------------------------------------------

MAY_RUN = {
    "admin": {"imaging", "ecg"}, "director": {"imaging"}, "head_h1": {"imaging"}, "head_c1": set(), "desk": set(),
    "village": set(), "registrar": set(), "supervisor": set(),
}  # fmt: skip


def test_host_and_headquarters_keep_their_centres_nobody_else_does(planted: Small) -> None:
    for who, mine in MAY_RUN.items():
        with planted.as_seat(who) as acting:
            assert Centre.objects.count() == 3, "everybody sees the centres"
            for code in ("imaging", "ecg"):
                centre = planted.units[f"centre:{code}"]
                try:
                    with transaction.atomic():
                        CentreHours.objects.create(centre_id=centre, weekday=6, opens=time(8), closes=time(9))
                    fenced = True
                except ProgrammingError:
                    fenced = False
                assert fenced == (code in mine), (who, code, "the fence")
                CentreHours.objects.all().delete()
                if code not in mine:
                    with pytest.raises(Denied):
                        centres.set_hours(acting=acting, centre_id=centre, spans=[SPAN], client_id=uuid4())


def test_only_headquarters_and_the_administrator_change_the_promise(planted: Small) -> None:
    centre = planted.units["centre:imaging"]
    for who, may in (("head_h1", False), ("director", True), ("admin", True)):
        with planted.as_seat(who) as acting:
            values = {"promise": who, "phone": "0730-2", "opens_24h": True}
            if may:
                centres.change_centre(acting=acting, centre_id=centre, values=values, client_id=uuid4())
                continue
            with pytest.raises(Denied):
                centres.change_centre(acting=acting, centre_id=centre, values=values, client_id=uuid4())
            with pytest.raises(NothingUpdated), transaction.atomic():
                Centre.objects.filter(pk=centre).update(promise="x")


def test_the_head_of_the_host_keeps_catalogue_hours_and_roster(planted: Small) -> None:
    centre, again = planted.units["centre:imaging"], uuid4()
    monday = calendar.today() + timedelta(days=7 - calendar.today().weekday())
    with planted.as_seat("head_h1") as acting:
        values = {"code": "ct", "title": "CT 报告", "turnaround": 60, "starts": date(2026, 1, 1)}
        for _ in range(2):
            centres.add_service(acting=acting, centre_id=centre, values=values, client_id=again)
        centres.add_service(
            acting=acting, centre_id=centre, client_id=uuid4(),
            values={**values, "turnaround": 30, "starts": date(2026, 6, 1)},
        )  # fmt: skip
        assert list(CentreService.objects.order_by("starts").values_list("turnaround", "ends")) == [
            (60, date(2026, 5, 31)), (30, None),
        ]  # fmt: skip
        with pytest.raises(Refused, match="重叠"), transaction.atomic():
            centres.set_hours(
                acting=acting, centre_id=centre, spans=[SPAN, Span(0, time(11), time(13))], client_id=uuid4()
            )
        centres.set_hours(acting=acting, centre_id=centre, spans=[SPAN], client_id=uuid4())
        duty = {
            "seat": planted.seats["specialist"], "day": monday, "begins": time(18), "finishes": time(8), "weeks": 2,
            "phone": "13900000000",
        }  # fmt: skip
        centres.add_duty(acting=acting, centre_id=centre, values=duty, client_id=uuid4())
        for wrong, field in (
            ({"begins": time(20), "finishes": time(22)}, "begins"),
            ({"seat": planted.seats["township"]}, "seat"),
            ({"day": calendar.today() - timedelta(days=1)}, "day"),
            ({"weeks": 60}, "day"),
        ):
            with pytest.raises(Refused) as no, transaction.atomic():
                centres.add_duty(acting=acting, centre_id=centre, values={**duty, **wrong}, client_id=uuid4())
            assert no.value.field == field
        assert CentreDuty.objects.count() == 2
    night = datetime.combine(monday + timedelta(days=1), time(3), tzinfo=calendar.ZONE)
    with planted.as_seat("village"):
        (on,) = reading.on_duty([centre], night)[centre]
        assert (on.name, on.phone) == ("specialist", "13900000000")
        assert reading.on_duty([centre], night + timedelta(hours=5)) == {}
        one = Centre.objects.get(pk=centre)
        spans = reading.hours([centre])[centre]
        at = datetime.combine(monday, time(12), tzinfo=calendar.ZONE)
        assert reading.open_now(one, spans, at - timedelta(minutes=1))
        assert not reading.open_now(one, spans, at)


def test_a_host_must_be_a_member_of_the_alliance_it_serves(planted: Small) -> None:
    with planted.as_seat("admin") as acting:
        alliance = Alliance.objects.get(name="中医医共体").pk
        values = {
            "kind": "resource", "code": "lab", "title": "检验中心", "host": planted.units["H1"], "alliance": alliance,
            "starts": calendar.today(),
        }  # fmt: skip
        with pytest.raises(Refused) as no, transaction.atomic():
            centres.create_centre(acting=acting, values=values, client_id=uuid4())
        assert no.value.field == "host"
        made = centres.create_centre(acting=acting, values={**values, "host": planted.units["H2"]}, client_id=uuid4())
        assert made.unit.path[-2] == planted.units["H2"]


def test_the_desk_of_a_consortium_is_found_with_its_telephone(planted: Small) -> None:
    with planted.as_seat("village"):
        head = Unit.objects.get(code="C1").consortium_id
        (desk,) = reading.desks(head)
        assert (desk.title, desk.phone, desk.now) == ("转诊服务中心", "0730-9", ())


def test_a_clinics_mode_changes_from_a_day_and_not_before_the_last_change(small: Small) -> None:
    clinic = small.units["C1"]
    with small.as_seat("admin") as acting:
        with pytest.raises(Refused), transaction.atomic():
            modes.change_clinic_mode(
                acting=acting, institution_id=clinic, client_id=uuid4(),
                values={"mode": "township", "starts": date(2019, 1, 1)},
            )  # fmt: skip
        modes.change_clinic_mode(
            acting=acting, institution_id=clinic, client_id=uuid4(),
            values={"mode": "township", "starts": date(2026, 2, 1)},
        )  # fmt: skip
        rows = ClinicMode.objects.filter(institution_id=clinic).order_by("starts").values_list("mode", "ends")
        assert list(rows) == [("village_township", date(2026, 1, 31)), ("township", None)]
    with small.as_seat("head_c1") as acting, pytest.raises(Denied):
        modes.change_clinic_mode(
            acting=acting, institution_id=clinic, client_id=uuid4(),
            values={"mode": "extension", "starts": date(2026, 3, 1)},
        )  # fmt: skip


def test_villages_keep_their_line_when_their_township_gets_one(small: Small) -> None:
    assert _change(small, calendar.today(), place=COUNTY + "102000", clinic=None) == 0, f"{V3} has a line of its own"
