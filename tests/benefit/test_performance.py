"""Scores: entered by one, frozen by another, then unchangeable for everybody; a later round stands beside."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from tests.race.test_at_once import at_once
from tests.support.ground import Ground
from yigongti.benefit.performance import facade, rules
from yigongti.benefit.performance.actions import enter
from yigongti.benefit.performance.models import MemberScore, Round
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.facade import Case, Conflict, Refused, perform
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
YEAR = calendar.today().year - 1


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def told(ground: Ground, **other: Any) -> dict[str, Any]:
    units = ground.small.units
    lines = (
        {"institution": str(units["H1"]), "points": Decimal("95.5"), "deduction": 120_000, "note": ""},
        {"institution": str(units["T1"]), "points": Decimal(88), "deduction": None, "note": "首轮"},
    )
    return {
        "consortium": str(units["439921-1"]), "year": YEAR, "points": Decimal("92.25"), "basis": "考核办法", "members": lines,
    } | other  # fmt: skip


def entered(ground: Ground, who: str = "scorer", client_id: UUID | None = None, **other: Any) -> int:
    with ground.small.as_seat(who) as acting:
        return int(enter(acting=acting, values=told(ground, **other), client_id=client_id or uuid4()).pk)


def do(ground: Ground, who: str, case: int, step: str, client_id: UUID | None = None, **values: Any) -> Case:
    with ground.small.as_seat(who) as acting:
        return perform(acting=acting, case_id=case, transition=step, values=values, client_id=client_id or uuid4())


def test_frozen_scores_are_what_the_year_end_is_given(ground: Ground) -> None:
    case, units = entered(ground), ground.small.units
    with ground.small.as_seat("director"):
        assert facade.frozen_scores(units["439921-1"], YEAR) is None, "entered is not frozen"
    do(ground, "scorehead", case, "freeze", note=None)
    with ground.small.as_seat("director"):
        found = facade.frozen_scores(units["439921-1"], YEAR)
    assert found is not None
    assert (found.assessment_bp, found.members[units["H1"]], found.deductions) == (9_225, 9_550, {units["H1"]: 120_000})
    # A clinic without a line takes its township's score, an institution of neither the consortium's.
    assert found.of([1, units["439921-1"], units["T1"], units["C1"]]) == 8_800
    assert found.of([1, units["439921-1"], units["H2"]]) == 9_225
    text = rules.content("439921-1", YEAR, 1, 9_225, [("T1", 8_800, 0), ("H1", 9_550, 120_000)])
    assert found.digest == rules.digest(text)


def test_a_later_round_stands_beside_the_frozen_one_and_counts_once_it_is_frozen(ground: Ground) -> None:
    first, unit = entered(ground), ground.small.units["439921-1"]
    do(ground, "scorehead", first, "freeze", note=None)
    second = entered(ground, points=Decimal(90))
    with ground.small.as_seat("director"):
        assert [row.number for row in facade.frozen_rounds(unit, YEAR)] == [1]
    do(ground, "scorehead", second, "freeze", note=None)
    with ground.small.as_seat("director"):
        assert [(row.number, row.assessment_bp) for row in facade.frozen_rounds(unit, YEAR)] == [(2, 9_000), (1, 9_225)]
        older = facade.frozen_scores(unit, YEAR, 1)
        assert older is not None
        assert older.assessment_bp == 9_225


def test_the_writer_cannot_freeze_whoever_opened_it(ground: Ground, admin: psycopg.Connection) -> None:
    case = entered(ground)
    with pytest.raises(Denied):
        do(ground, "scorer", case, "freeze", note=None)
    # One person with both seats: refused by the account, and by the database where the rule is passed by.
    account = ground.small.accounts["scorer"]
    admin.execute("update access_seat set account_id = %s where id = %s", [account, ground.small.seats["scorehead"]])
    ground_accounts = dict(ground.small.accounts)
    ground.small.accounts["scorehead"] = account
    try:
        with pytest.raises(Refused, match="提出人"):
            do(ground, "scorehead", case, "freeze", note=None)
        with pytest.raises(DatabaseError, match="two_persons"), ground.small.as_seat("scorehead") as acting:
            Round.objects.filter(pk=case).update(
                confirmed_by_id=acting.seat_id, confirmed_account=account, frozen_at=calendar.now(), digest="x"
            )
    finally:
        ground.small.accounts.update(ground_accounts)


def test_who_corrects_becomes_the_first_person(ground: Ground, admin: psycopg.Connection) -> None:
    case = entered(ground)
    do(ground, "scorehead", case, "return", note="H1 得分有误")
    # The confirmer holds a scorer's seat as well and corrects: now another one must freeze.
    accounts, seats = ground.small.accounts, ground.small.seats
    admin.execute(
        "update access_seat set account_id = %s, unit_id = %s where id = %s",
        [accounts["scorehead"], ground.small.units["439921-1"], seats["scorer2"]],
    )
    kept, accounts["scorer2"] = accounts["scorer2"], accounts["scorehead"]
    try:
        members = told(ground)["members"]
        do(ground, "scorer2", case, "correct", points=Decimal(91), basis="更正", members=members)
        with pytest.raises(Refused, match="另一人"):
            do(ground, "scorehead", case, "freeze", note=None)
    finally:
        accounts["scorer2"] = kept


def test_nothing_of_a_frozen_round_changes_for_anybody(
    ground: Ground, admin: psycopg.Connection, as_owner: Any
) -> None:
    case = entered(ground)
    do(ground, "scorehead", case, "freeze", note=None)
    with ground.small.as_seat("scorer"):
        with pytest.raises(NothingUpdated), transaction.atomic():
            Round.objects.filter(pk=case).update(assessment_bp=10_000)
        assert MemberScore.objects.filter(round_id=case).delete()[0] == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            MemberScore.objects.create(round_id=case, institution_id=ground.small.units["C1"], assessment_bp=1)
    for sql in (
        "update performance_round set assessment_bp = 1 where case_id = %s",
        "delete from performance_round where case_id = %s",
        "update performance_memberscore set assessment_bp = 1 where round_id = %s",
        "delete from performance_memberscore where round_id = %s",
        "insert into performance_memberscore (round_id, institution_id, assessment_bp, quality_deduction_fen, note)"
        " values (%s, 1, 1, 0, '')",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="frozen"):
            admin.execute(sql, [case])


def test_the_other_consortium_sees_neither_the_case_nor_the_scores_and_without_the_fence_it_would(
    ground: Ground, admin: psycopg.Connection
) -> None:
    case = entered(ground)
    do(ground, "scorehead", case, "freeze", note=None)
    with ground.small.as_seat("scorer2"):
        assert not Round.objects.filter(pk=case).exists()
        assert not MemberScore.objects.filter(round_id=case).exists()
        assert facade.frozen_scores(ground.small.units["439921-1"], YEAR) is None
    with pytest.raises(Refused, match="没有这个医共体"):
        entered(ground, "scorer2")
    for table in ("performance_round", "performance_memberscore", "case_case"):
        admin.execute(
            f"alter table {table} no force row level security; alter table {table} disable row level security"
        )
    with ground.small.as_seat("scorer2"):
        assert facade.frozen_scores(ground.small.units["439921-1"], YEAR) is not None


@pytest.mark.parametrize(
    ("lines", "says"),
    [((("H2", 90),), "不是该医共体的成员"), ((("H1", 90), ("T1", 80), ("H1", 91)), "出现了两次")],
)
def test_lines_of_strangers_or_twice_are_refused(ground: Ground, lines: tuple[Any, ...], says: str) -> None:
    rows = [{"institution": str(ground.small.units[code]), "points": Decimal(n)} for code, n in lines]
    with pytest.raises(Refused, match=says):
        entered(ground, members=rows)


@pytest.mark.parametrize(("bp", "good"), [(-1, False), (0, True), (12_000, True), (12_001, False)])
def test_scores_lie_between_0_and_120_points_for_the_database_too(ground: Ground, bp: int, good: bool) -> None:
    def put() -> int:
        return entered(ground, points=Decimal(bp) / 100)

    if good:
        assert put()
    else:
        with pytest.raises(DatabaseError, match="performance_round_score"):
            put()


def test_illegal_steps_are_refused(ground: Ground) -> None:
    case = entered(ground)
    do(ground, "scorehead", case, "freeze", note=None)
    for step, who in (("freeze", "scorehead"), ("return", "scorehead"), ("withdraw", "scorer"), ("correct", "scorer")):
        with pytest.raises(Conflict):
            do(ground, who, case, step, note="再来")


def test_the_same_sending_twice_is_one_round(ground: Ground) -> None:
    sending = uuid4()
    assert entered(ground, client_id=sending) == entered(ground, client_id=sending)
    frozen = uuid4()
    case = entered(ground)
    for _ in range(2):
        do(ground, "scorehead", case, "freeze", client_id=frozen, note=None)


def test_overdue_scores_reach_the_directors_list(ground: Ground) -> None:
    case = entered(ground)
    from yigongti.kernel.case import clock

    for days in (5, 8, 11):
        with calendar.moved(timedelta(days=days)), ground.small.as_seat("robot_clock") as acting:
            clock.tick(acting)
    with ground.small.as_seat("director"):
        assert Case.objects.get(pk=case).stage == Case.Stage.DIRECTOR


@pytest.mark.race
@pytest.mark.parametrize("many", [2, 8])
def test_rounds_entered_at_once_are_numbered_without_gap(ground: Ground, admin: psycopg.Connection, many: int) -> None:
    outcomes = at_once([lambda: str(bool(entered(ground))) for _ in range(many)])
    assert outcomes == {"True": many}
    rows = admin.execute("select number from performance_round where year = %s order by number", [YEAR]).fetchall()
    assert [n for (n,) in rows] == list(range(1, many + 1))


@pytest.mark.race
def test_two_who_freeze_at_once_freeze_once(ground: Ground) -> None:
    case = entered(ground)

    def one() -> str:
        try:
            do(ground, "scorehead", case, "freeze", note=None)
            return "frozen"
        except Conflict:
            return "late"

    assert at_once([one] * 4) == {"frozen": 1, "late": 3}


# ---- the sheet -------------------------------------------------------------------------------------------------------

HEAD = (1, ("机构名称", "机构编码", "得分", "质量扣款(元)"))


def test_a_sheet_is_read_by_code_or_name_in_any_order() -> None:
    rows = [HEAD, (2, ("县医院", "", "95.5", "1,200")), (3, ("", "T1", "８８", ""))]
    lines, problems = rules.read_sheet(rows, {"县医院": 7, "T1": 8})
    assert not problems
    assert [(x.institution, x.points, x.deduction) for x in lines] == [("7", "95.5", "1,200"), ("8", "88", "")]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("别的医院", "", "90", ""), "第 2 行 机构"), (("县医院", "", "120.01", ""), "第 2 行 得分"),
        (("县医院", "", "九十", ""), "第 2 行 得分"), (("县医院", "", "", ""), "第 2 行 得分"),
        (("县医院", "", "NaN", ""), "第 2 行 得分"), (("县医院", "", "90.001", ""), "第 2 行 得分"),
        (("县医院", "", "90", "-5"), "第 2 行 质量扣款"), (("县医院", "", "90", "一百"), "第 2 行 质量扣款"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_by_row_and_column(row: tuple[str, ...], says: str) -> None:
    _, problems = rules.read_sheet([HEAD, (2, row)], {"县医院": 7})
    assert [p for p in problems if p.startswith(says)], problems


def test_a_sheet_without_a_head_says_what_is_wanted() -> None:
    assert "没有找到表头" in rules.read_sheet([(1, ("a", "b"))], {})[1][0]


def test_an_uploaded_sheet_becomes_a_draft_and_is_sent_by_the_form(ground: Ground) -> None:
    from openpyxl import Workbook, load_workbook

    client, unit = ground.browser("scorer"), str(ground.small.units["439921-1"])
    empty = load_workbook(io.BytesIO(client.get("/performance/sheet.xlsx").content)).active
    assert [row[0].value for row in empty.iter_rows()] == ["机构编码", "H1", "T1"]
    book = Workbook()
    for row in (rules.HEADS, ("H1", "", 95.5, 1200, "好"), ("T1", "", 88, None, None)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)

    def send(content: bytes) -> Any:
        file = SimpleUploadedFile("scores.xlsx", content)
        return client.post("/performance/upload/", {"consortium": unit, "file": file})

    assert send(out.getvalue()).status_code == 302
    page = client.get("/desk/performance_scores/new").content.decode()
    assert "95.5" in page
    bad = send(b"PK\x03\x04 not a workbook")
    assert bad.status_code == 422
    sent = {
        "client_id": str(uuid4()), "consortium": unit, "year": str(YEAR), "points": "92", "basis": "办法",
        "members-0-institution": str(ground.small.units["H1"]), "members-0-points": "95.5", "members-0-deduction": "1200",
    }  # fmt: skip
    assert client.post("/desk/performance_scores/new", sent).status_code == 302
    with ground.small.as_seat("scorer"):
        assert MemberScore.objects.get(round__year=YEAR).quality_deduction_fen == 120_000
