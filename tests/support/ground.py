"""Two consortia in which the same things happen side by side, every text of them marked: what shows where it must not
is seen at once.

Home is the consortium of the county hospital (H1, township T1, villages C1, C2), away is that of the hospital of Chinese
medicine (H2, T2, C3). Each has a visit, referrals and people of its own; the region has its offices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest import mock
from uuid import uuid4

import psycopg
from django.test import Client

from tests.registry import small as planting
from tests.service.story import Story
from tests.support import web
from yigongti.kernel import crypto, pinyin, wiring
from yigongti.kernel.access.maintenance import maintenance
from yigongti.kernel.access.models import Seat, Unit
from yigongti.registry import facade as registry
from yigongti.registry.models import Alliance, Centre

COUNTY = planting.COUNTY
MORE_STAFF = (
    ("townhead", "T1", "unit_head"), ("h1head", "H1", "unit_head"), ("township2", "T2", "township_doctor"),
    ("desk2", "H2", "referral_desk"), ("head2", "H2", "unit_head"), ("townhead2", "T2", "unit_head"),
    ("director2", COUNTY + "-2", "hq_director"), ("bureau_head", COUNTY, "bureau_head"),
    ("settle", "H1", "settlement_clerk"), ("townsettle", "T1", "settlement_clerk"), ("settle2", "H2", "settlement_clerk"),
    ("fund", COUNTY + "-1", "insurance_office"), ("fund2", COUNTY + "-2", "insurance_office"),
    ("fundaudit", COUNTY + "-1", "fund_auditor"), ("fundaudit2", COUNTY + "-2", "fund_auditor"),
    ("expert", COUNTY + "-1", "fund_expert"), ("expertb", COUNTY + "-1", "fund_expert"),
    ("fundhead", COUNTY + "-1", "insurance_approver"), ("insurance", COUNTY, "insurance_bureau"),
    ("officer", COUNTY, "policy_officer"), ("approver", COUNTY, "policy_approver"), ("supervisor2", COUNTY, "supervisor"),
    ("scorer", COUNTY + "-1", "performance_officer"), ("scorehead", COUNTY + "-1", "performance_confirmer"),
    ("accountant", COUNTY + "-1", "accountant"), ("chief", COUNTY + "-1", "chief_accountant"),
    ("chief2", COUNTY + "-2", "chief_accountant"),
    ("scorer2", COUNTY + "-2", "performance_officer"),
)  # fmt: skip
HOME_STAFF = (
    "village",
    "village2",
    "township",
    "townhead",
    "desk",
    "specialist",
    "h1head",
    "director",
    "settle",
    "townsettle",
    "fund",
    "fundaudit",
    "fundhead",
    "expert",
    "expertb",
    "accountant",
    "chief",
)
AWAY_STAFF = (
    "village3",
    "township2",
    "townhead2",
    "desk2",
    "tcm",
    "head2",
    "director2",
    "settle2",
    "fund2",
    "fundaudit2",
    "chief2",
)
OFFICES = ("supervisor", "bureau_head", "admin", "registrar", "officer", "approver")
RESIDENTS = ("patient", "neighbour")
HOME_TEXT, AWAY_TEXT = "本方诊疗记号", "对方诊疗记号"


@dataclass
class Ground:
    """Ids of what was planted, and the words by which it would be recognised on a page."""

    small: planting.Small
    rows: dict[str, int] = field(default_factory=dict)
    home_names: tuple[str, ...] = ()
    away_names: tuple[str, ...] = ()
    home_secrets: tuple[str, ...] = ()
    away_secrets: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    glass_name: str = ""
    figure: str = ""

    def browser(self, who: str, **how: Any) -> Client:
        return web.browser(self.small.accounts[who], self.small.seats[who], **how)

    def forbidden(self, who: str) -> set[str]:
        """Words that no page may show this seat, however it got there (a search by a whole number apart)."""
        names, secrets = set(self.home_names) | set(self.away_names), set(self.home_secrets) | set(self.away_secrets)
        if who in HOME_STAFF:
            return {*self.away_names, *self.away_secrets, *self.identities}
        if who in AWAY_STAFF:
            return {*self.home_names, *self.home_secrets, *self.identities}
        if who == "patient":
            return (names | secrets | set(self.identities)) - {self.home_names[0], *self.home_secrets}
        if who == "neighbour":
            return (names | secrets | set(self.identities)) - {self.away_names[0], *self.away_secrets}
        texts = {word for word in secrets if "诊疗记号" in word} | set(self.identities)
        if who in ("admin", "registrar", "registrar2"):
            return texts
        # The merge waits at the region; the region's supervision reads complaints, and who complained is their subject.
        by_case = {self.glass_name, *(self.home_names[:1] if who in ("bureau_head", "supervisor") else ())}
        return (names | texts) - by_case


def plant(as_owner: Any, connect: Callable[[], psycopg.Connection]) -> Ground:
    """Write the ground into an empty county."""
    with mock.patch.object(planting, "Small", partial(planting.Small, ring=crypto.ring())):
        small = planting.plant(as_owner)  # under the cluster's own keys, so that a server of its own can read it
    ground = Ground(small)
    with as_owner(), maintenance(reason="ground"):
        region = Unit.objects.get(kind="region")
        staff = [
            registry.StaffRow(login, login, unit, role, category="clinical", licence=f"MORE{i:03d}", prescribes=True)
            for i, (login, unit, role) in enumerate(MORE_STAFF)
        ]
        _, faults, _ = registry.write_staff(staff, region=region, on=planting.calendar.today())
        assert not faults, faults
        centre = registry.CentreRow(
            "imaging", "resource", "影像诊断中心", alliance="总医院医共体", host="H1", phone="0730-1"
        )
        _, faults = registry.write_centres([centre], region=region, on=planting.calendar.today())
        assert not faults, faults
        ground.rows["centre"] = Centre.objects.get().pk
        ground.rows["alliance"] = Alliance.objects.get(name="总医院医共体").pk
        registry.resident_account(
            subject_id=small.people[5], region=region, login="neighbour", name="邻居", password="!"
        )
        planting.Account.objects.update(must_change=False)  # as if everybody had changed the first password
        small.accounts = {a.login: a.pk for a in planting.Account.objects.all()}
        small.seats = {s.account.login: s.pk for s in Seat.objects.exclude(account=None).select_related("account")}
    with connect() as admin:
        for i, subject in enumerate(small.people):
            name = ("本方" if i < 5 else "对方") + "甲乙丙丁戊己庚"[i] + "记号"
            sound = pinyin.name(name)
            admin.execute(
                "update registry_resident set name = %s, pinyin = %s, initials = %s where subject_id = %s",
                [name, sound.full.replace(" ", ""), sound.initials, subject],
            )
            admin.execute("update access_seat set name = %s where subject_id = %s", [name, subject])
    ground.home_names = tuple("本方" + "甲乙丙丁戊"[i] + "记号" for i in range(5))
    ground.away_names = ("对方己记号", "对方庚记号")
    ground.identities = tuple(small.numbers)
    with crypto.using(small.ring):
        _live(ground, Story(small))
    with connect() as admin:
        _marks(ground, admin)
    ground.figure = next((one.code for one in wiring.offer("INDICATORS")), "")
    return ground


def _complained(told: Story) -> int:
    """A complaint of the patient about the home township."""
    from yigongti.service.complaint.actions import report
    from yigongti.service.complaint.flow import COMPLAINT

    with told.seat("patient") as acting:
        values = {
            "about": str(told.unit("T1")), "category": "waiting", "happened_on": planting.calendar.today(), "text": "等候太久",
        }  # fmt: skip
        return int(report(
            acting=acting, flow=COMPLAINT.code, values=values, client_id=uuid4(), subject_id=acting.subject_id
        ).pk)  # fmt: skip


def _outage(told: Story) -> int:
    """A time in which the log was not sealed, as the robot asks about it."""
    from yigongti.kernel.audit.facade import Statement
    from yigongti.responsibility.supervision import actions
    from yigongti.responsibility.supervision.models import SealOutage
    from yigongti.shell import wiring as house

    now = planting.calendar.now()
    one = Statement(1, now - timedelta(hours=2), now - timedelta(hours=1), 3, True)
    with (
        wiring.using(house),
        told.seat("robot_log") as acting,
        mock.patch.object(actions, "statements", return_value=[one]),
    ):
        assert actions.watch(acting) == 1
        return int(SealOutage.objects.get().pk)


def _job_failed(told: Story) -> int:
    """A job that failed, as the robot asks about it."""
    from yigongti.kernel.jobs.facade import Failure, job_named
    from yigongti.responsibility.supervision import actions
    from yigongti.responsibility.supervision.models import JobFailure
    from yigongti.shell import wiring as house

    with wiring.using(house), told.seat("robot_log") as acting:
        one = Failure(1, 1, job_named("facts"), planting.calendar.now())
        with mock.patch.object(actions, "failures", return_value=[one]):
            assert actions.watch_jobs(acting) == 1
        return int(JobFailure.objects.get().pk)


def _cleared(told: Story) -> int:
    """A year end of the home consortium without claims, computed and not yet approved; nothing is kept, the score is 0."""
    from yigongti.benefit.fund.actions import budgeting, clearing
    from yigongti.benefit.performance.actions import enter
    from yigongti.kernel.case.facade import perform
    from yigongti.shell import wiring as house

    year, unit = planting.calendar.today().year - 3, str(told.unit(COUNTY + "-1"))

    def act(who: str, case: int, step: str) -> None:
        with told.seat(who) as acting:
            perform(acting=acting, case_id=case, transition=step, values={"note": None}, client_id=uuid4())

    with wiring.using(house):
        line = {"institution": str(told.unit("H1")), "points": Decimal(0), "deduction": None, "note": HOME_TEXT}
        values = {"consortium": unit, "year": year, "points": Decimal(0), "basis": HOME_TEXT, "members": (line,)}
        with told.seat("scorer") as acting:
            scores = enter(acting=acting, values=values, client_id=uuid4()).pk
        act("scorehead", scores, "freeze")
        values = {
            "consortium": unit,
            "year": year,
            "headcount_day": None,
            "origin": "entered",
            "residents": 10,
            "employees": 1,
        }
        with told.seat("fund") as acting:
            budget = budgeting.prepare(acting=acting, values=values, client_id=uuid4()).pk
        act("fundhead", budget, "approve")
        with told.seat("fund") as acting:
            values = {"consortium": unit, "year": year, "scores": None, "note": None}
            return int(clearing.compute(acting=acting, values=values, client_id=uuid4()).pk)


def _settled(ground: Ground) -> int:
    """A stay of the home patient, settled at the county hospital."""
    from tests.benefit.claims import YEAR, settled

    return settled(ground, dx_name=HOME_TEXT, start_date=date(YEAR - 1, 3, 1), end_date=date(YEAR - 1, 3, 9))


def _catalogue(told: Story) -> int:
    """The home consortium's disease groups, trained on the settled stay."""
    from yigongti.benefit.fund.actions.catalogue import train
    from yigongti.shell import wiring as house

    with wiring.using(house), told.seat("fund") as acting:
        values = {"consortium": str(told.small.units[COUNTY + "-1"]), "year": planting.calendar.today().year}
        return int(train(acting=acting, values=values, client_id=uuid4()).pk)


def _posted(told: Story) -> int:
    """A voucher in the book of the county hospital."""
    from yigongti.management.finance.facade import Line, Voucher, post

    book = told.unit("H1")
    lines = (Line(book, "bank", debit=12345), Line(book, "fund_advance", credit=12345))
    with told.seat("accountant") as acting:
        return post(acting=acting, voucher=Voucher(uuid4(), planting.calendar.today(), f"预付款{HOME_TEXT}", lines))[0]


def _live(ground: Ground, told: Story) -> None:
    """What happens in both consortia: visits, referrals, an emergency access, a merge, an amendment."""
    small, rows = ground.small, ground.rows
    home = {"chief_complaint": HOME_TEXT, "history": HOME_TEXT, "plan": HOME_TEXT}
    away = {"chief_complaint": AWAY_TEXT, "history": AWAY_TEXT, "plan": AWAY_TEXT}
    rows["visit"] = told.visit("township", **home)
    rows["referral"] = told.send("township", visit=rows["visit"], treated_before=HOME_TEXT)
    rows["referral_back"] = told.send("township", visit=told.visit("township", person=1, **home), person=1,
                                      treated_before=HOME_TEXT)  # fmt: skip
    for step in ("accept", "arrive", "send_down"):
        told.step(rows["referral_back"], step)
    rows["away_visit"] = told.visit("township2", person=5, **away)
    rows["away_referral"] = told.send("township2", visit=rows["away_visit"], person=5, to=str(told.unit("H2")),
                                      treated_before=AWAY_TEXT)  # fmt: skip
    rows["away_second"] = told.send("township2", visit=told.visit("township2", person=6, **away), person=6,
                                    to=str(told.unit("H2")), treated_before=AWAY_TEXT)  # fmt: skip
    with told.seat("village") as acting:
        case = registry.break_glass(
            acting=acting, subject_id=small.people[3], reason="昏迷，无法提供证件", client_id=uuid4()
        )
        rows["break_glass"] = case.pk
    ground.glass_name = ground.home_names[3]
    with told.seat("registrar") as acting:
        rows["merge"] = registry.propose_merge(
            acting=acting, keep=small.people[0], duplicate=small.people[2], reason="同一人", client_id=uuid4()
        ).pk
    _persons(rows, told)
    _suspect(rows, told)
    from yigongti.policy.actions import propose

    with told.seat("officer") as acting:
        rows["amendment"] = propose(acting=acting, client_id=uuid4(), values={
            "key": "registry.break_glass.duration", "place": COUNTY, "value": "2 小时", "starts": planting.calendar.today(),
            "ends": None, "source": "示范卫发〔2026〕2号", "clause": "五", "status": "confirmed", "reason": "缩短开放时间",
        }).pk  # fmt: skip
    from tests.support import booked, compared
    from yigongti.kernel.form import drafts
    from yigongti.service.care import forms
    from yigongti.shell import wiring as house

    with wiring.using(house):
        rows.update(booked.plant(told))
        rows["complaint"] = _complained(told)
    rows["outage"] = _outage(told)
    rows["job_failure"] = _job_failed(told)
    rows["claim"] = _settled(ground)
    rows["catalogue"] = _catalogue(told)
    rows["special"], rows["paper"] = _reviewed(told, rows["claim"], rows["catalogue"])
    rows["voucher"] = _posted(told)
    rows["clearing"] = _cleared(told)
    with told.seat("fund") as acting:
        rows["comparison"] = compared.comparison(
            acting, told.unit(COUNTY + "-1"), planting.calendar.today().year - 1, HOME_TEXT
        )
    for who, visit in (("township", "visit"), ("township2", "away_visit")):
        with told.seat(who) as acting:
            drafts.save(acting=acting, form=forms.VISIT, object=f"visit-{rows[visit]}", data={"plan": "草稿"}, title="草稿",
                        resume=f"/care/visit/{rows[visit]}")  # fmt: skip


def _reviewed(told: Story, claim: int, catalogue: int) -> tuple[int, int]:
    """A special-case review of the ground's stay with a paper, as applied for; what its rules ask is not asked here."""
    from dataclasses import replace
    from unittest import mock

    from yigongti.benefit.fund.flow import SPECIAL
    from yigongti.benefit.fund.models import Paper, Special
    from yigongti.kernel.case.facade import open_case

    small, now = told.small, planting.calendar.now()
    unit, consortium = small.units["H1"], small.units[f"{COUNTY}-1"]
    plain = mock.patch("yigongti.kernel.case.engine.flow_of", return_value=replace(SPECIAL, on_open=None))
    with told.seat("settle") as acting, plain:
        case = open_case(
            acting=acting, flow=SPECIAL.code, subject_id=None, from_unit=unit, to_unit=consortium,
            hq_unit=small.units[COUNTY], title="特例单议", values={}, client_id=uuid4(),
        )  # fmt: skip
        row = Special.objects.create(
            case=case, claim_id=claim, claim_number="J", live=False, institution_id=unit, consortium_id=consortium,
            catalogue=catalogue, year=now.year, end_date=now.date(), days=1, principal_dx="J18.9", total_fen=2, mean_fen=1,
            points_milli=1, most_milli=2, reason="high_cost", text=HOME_TEXT,
        )  # fmt: skip
        paper = Paper.objects.create(
            special=row, name="附件", content=b"\x89PNG", digest="0", seat_id=acting.seat_id, at=now
        )
    return row.pk, paper.pk


def _persons(rows: dict[str, int], told: Story) -> None:
    """A paper code, a move that was taken back and a social fact of the home person; what an unknown patient leaves."""
    from yigongti.service.care.tags.actions import note_social

    one, today = told.small.people[0], planting.calendar.today()
    with told.seat("village") as acting:
        rows["card"] = registry.issue(acting=acting, subject_id=one, kind="paper", client_id=uuid4()).pk
        rows["life"] = registry.record_life_event(
            acting=acting, subject_id=one, kind="moved_out", on=today, source="village", client_id=uuid4()
        ).pk
        registry.undo_life_event(acting=acting, event_id=rows["life"], why="登记错了人")
        rows["social"] = note_social(
            acting=acting,
            subject_id=one,
            category="disabled",
            evidence=HOME_TEXT,
            document="",
            starts=today,
            client_id=uuid4(),
        ).pk


def _suspect(rows: dict[str, int], told: Story) -> None:
    """A pair that the robot would have put before the registrar."""
    from yigongti.registry.models import Suspect

    with told.seat("registrar"):
        a, b = sorted((told.small.people[0], told.small.people[3]))
        rows["suspect"] = Suspect.objects.create(
            a_id=a, b_id=b, score=75, evidence=[["姓名同音", 25]], found_at=planting.calendar.now()
        ).pk


def _marks(ground: Ground, admin: psycopg.Connection) -> None:
    """Numbers of cases and records as they were given, and the ids of the drafts."""
    people, rows = ground.small.people, ground.rows
    numbers = dict(admin.execute("select id, number from case_case").fetchall())
    records = dict(admin.execute("select subject_id, record_number from registry_resident").fetchall())
    ground.home_secrets = (HOME_TEXT, *(numbers[rows[k]] for k in ("referral", "referral_back")),
                           *(records[p] for p in people[:5]))  # fmt: skip
    ground.away_secrets = (AWAY_TEXT, *(numbers[rows[k]] for k in ("away_referral", "away_second")),
                           *(records[p] for p in people[5:]))  # fmt: skip
    row = admin.execute(
        "insert into spreadsheets_importrun (client_id, seat_id, unit_id, names, dry_run, state, made_at, content, credentials,"
        " ok, written, summary, report) values (gen_random_uuid(), %s, %s, '{residents.csv}', true, 'done', now(), '', '',"
        " false, false, '', '{}') returning id",
        [ground.small.seats["admin"], ground.small.units[COUNTY]],
    ).fetchone()
    assert row is not None
    rows["import_run"] = row[0]
    for key, basis in (("guardian", "guardian"), ("family", "consent")):
        row = admin.execute(
            "insert into access_delegation (subject_id, delegate_id, subject_name, delegate_name, basis, relation, evidence,"
            " starts, ends) values (%s, %s, '本人', '家人', %s, 'child', '户口簿', current_date - 1, current_date + 30)"
            " returning id",
            [people[0], people[3 if basis == "guardian" else 4], basis],
        ).fetchone()
        assert row is not None
        rows[key] = row[0]
    for key, who in (("draft", "township"), ("away_draft", "township2")):
        row = admin.execute("select id from form_draft where account_id = %s", [ground.small.accounts[who]]).fetchone()
        assert row is not None
        rows[key] = row[0]


@contextmanager
def unlocked(ground: Ground) -> Iterator[Ground]:
    """With the keys under which the ground's numbers were encrypted."""
    with crypto.using(ground.small.ring):
        yield ground
