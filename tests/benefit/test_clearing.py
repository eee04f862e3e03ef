"""The year end: computed by one, approved by another; versions beside each other; the same fen from the exported files."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import openpyxl
import psycopg
import pytest
from django.db import DatabaseError, transaction

from tests.benefit.year import THIS, YEAR, Year
from tests.race.test_at_once import at_once
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import clearing
from yigongti.benefit.fund.models import ClearedMember, Clearing, Prepayment, Special
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.parameters import settlement
from yigongti.benefit.fund.queries import catalogue, inputs, special, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import NothingUpdated
from yigongti.kernel.case.facade import Case, Conflict, Refused
from yigongti.policy import facade as policy
from yigongti.policy.shelves import shelf, using
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


@pytest.fixture
def year(ground: Ground, admin: psycopg.Connection) -> Year:
    """A year of 76 000 yuan with 65 000 yuan charged: 11 000 yuan left."""
    told = Year(ground, admin)
    told.agreed()
    told.budget()
    told.scores()
    told.claim("H1", 5_000_000)
    told.claim("T1", 1_000_000, level="township")
    told.claim("H2", 500_000, in_county=False, level="city")
    told.claim("H1", 300_000, own=False)
    return told


def result(case: int) -> Clearing:
    found: Clearing = Clearing.objects.get(pk=case)
    return found


def test_a_surplus_is_kept_by_the_frozen_score_and_split_to_the_fen(year: Year) -> None:
    case = year.computed()
    with year.seat("director"):
        row, members = result(case), {one.institution_id: one for one in yearend.members_of(case)}
    assert (row.charged_in_fen, row.charged_out_fen, row.balance_fen) == (6_000_000, 500_000, 1_100_000)
    assert (row.kept_fen, row.returned_fen, row.consortium_share_fen) == (990_000, 110_000, 0)
    h1, t1 = members[year.at("H1")], members[year.at("T1")]
    # 50/20/30 % by use; no village served anybody, so county and township share 6 : 3.
    assert (h1.wages_fen, h1.aid_fen, h1.capacity_fen) == (330_000, 132_000, 198_000)
    assert (t1.wages_fen, t1.aid_fen, t1.capacity_fen) == (165_000, 66_000, 99_000)
    assert (h1.income_fen, h1.services, t1.income_fen) == (5_290_000, 1, 1_000_000)
    assert sum(one.kept_fen for one in members.values()) == row.kept_fen


@pytest.mark.parametrize(("more", "balance"), [(1_099_999, 1), (1_100_000, 0), (1_100_001, -1)])
def test_one_fen_decides_between_surplus_and_overspend(year: Year, more: int, balance: int) -> None:
    year.claim("H1", more)
    case = year.computed()
    with year.seat("director"):
        row = result(case)
    assert row.balance_fen == balance
    assert (row.kept_fen, row.returned_fen) == ((1, 0) if balance == 1 else (0, 0))
    # Half up: of one fen the fund bears one, of none nothing.
    assert row.fund_share_fen + row.consortium_share_fen == max(0, -balance)


def test_an_overspend_is_shared_up_to_the_reasonable_and_borne_by_weight(year: Year) -> None:
    year.claim("H1", 2_100_000)
    case = year.computed()
    with year.seat("director"):
        row, members = result(case), {one.institution_id: one for one in yearend.members_of(case)}
    assert (row.balance_fen, row.reasonable_fen) == (-1_000_000, 760_000)
    assert (row.fund_share_fen, row.consortium_share_fen) == (380_000, 620_000)
    # Weights: score × services, H1 9 500 × 2, T1 8 800 × 1.
    assert members[year.at("H1")].overspend_fen == 423_741
    assert members[year.at("T1")].overspend_fen == 196_259


def test_the_one_who_computed_does_not_approve(year: Year, admin: psycopg.Connection) -> None:
    case = year.computed()
    with pytest.raises(Denied):
        year.do("fund", case, "approve", note=None)
    accounts, seats = year.ground.small.accounts, year.ground.small.seats
    admin.execute("update access_seat set account_id = %s where id = %s", [accounts["fund"], seats["fundhead"]])
    kept, accounts["fundhead"] = accounts["fundhead"], accounts["fund"]
    try:
        with pytest.raises(Refused, match="提出人"):
            year.do("fundhead", case, "approve", note=None)
        with pytest.raises(DatabaseError, match="two_persons"), year.seat("fundhead") as acting:
            Clearing.objects.filter(pk=case).update(
                approved_by_id=acting.seat_id, approved_account=acting.account_id, approved_at=calendar.now()
            )
    finally:
        accounts["fundhead"] = kept


def test_a_rerun_is_a_new_version_and_what_was_approved_never_changes(year: Year, admin: psycopg.Connection) -> None:
    first = year.computed()
    year.do("fundhead", first, "approve", note=None)
    year.claim("T1", 200_000, level="township")
    second = year.computed(note="补到清单")
    with year.seat("director"):
        rows = yearend.versions(year.unit, YEAR)
        assert [(row.version, row.balance_fen) for row in rows] == [(2, 900_000), (1, 1_100_000)]
        assert result(second).supersedes_id == first
    with year.seat("fundhead"):
        with pytest.raises(NothingUpdated), transaction.atomic():
            Clearing.objects.filter(pk=first).update(kept_fen=0)
    for sql in (
        "update fund_clearing set kept_fen = 0 where case_id = %s", "delete from fund_clearing where case_id = %s",
        "update fund_clearedmember set wages_fen = 0 where clearing_id = %s",
        "delete from fund_clearedmember where clearing_id = %s",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            admin.execute(sql, [first])
    year.do("fundhead", second, "approve", note=None)
    with year.seat("director"):
        found = yearend.in_force(year.unit, YEAR)
        assert found is not None
        assert found.version == 2


def test_a_version_computed_before_another_was_approved_is_refused(year: Year) -> None:
    first, second = year.computed(), year.computed()
    year.do("fundhead", first, "approve", note=None)
    with pytest.raises(Refused, match="第 1 版已批准"):
        year.do("fundhead", second, "approve", note=None)
    year.do("fundhead", second, "reject", note="重算")


def test_a_year_without_budget_or_frozen_scores_is_not_cleared(ground: Ground, admin: psycopg.Connection) -> None:
    bare = Year(ground, admin)
    with pytest.raises(Refused, match="总额还没有批准"):
        bare.computed()
    bare.budget()
    with pytest.raises(Refused, match="得分还没有冻结"):
        bare.computed()
    bare.scores()
    with pytest.raises(Refused, match="还没有结束"):
        bare.computed(THIS)
    with pytest.raises(Refused, match="没有成员机构有权重"):
        bare.computed()
    bare.claim("T1", 1, level="township")
    assert bare.computed()


def test_assumed_parameters_are_refused_where_a_real_county_clears(year: Year) -> None:
    ports = {**house.PORTS, "print_mark": lambda place: ""}
    with wiring.using(mock.MagicMock(wraps=house, PORTS=ports, FLOWS=house.FLOWS, DESKS=house.DESKS)):
        with pytest.raises(Refused, match="未经确认"):
            year.computed()
    case = year.computed()
    with year.seat("director"):
        assert not result(case).real
    assert "演示数据" in year.ground.browser("fund").get(f"/case/{case}/").content.decode()


READ = sorted({
    *pool_parameters.KEYS.values(), "fund.dip.same_pay", *settlement.SETTLEMENT.values(), settlement.CHAIN,
    *(f"fund.dip.{name}" for name in catalogue.NUMBERS), "fund.dip.special_share", special.EXPERTS, special.LONG_STAY,
})  # fmt: skip
"""Every key of policy that settling, grouping and clearing a year read, a granted special case with them."""


def test_every_key_that_the_chain_reads_is_refused_alone_where_it_is_assumed(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = {pool_parameters.KEYS[name] for name in pool_parameters.AGREED}
    bare, assumed = policy.value, [""]

    def told(key: str, *, place: str, on: date, real: bool = False) -> policy.Value:
        found = bare(key, place=place, on=on)
        if real and (key == assumed[0] or found.note == "trial"):
            raise policy.AssumedRefused(key)
        return replace(found, value="dip") if key == "fund.pool.inpatient_by" else found

    monkeypatch.setattr(policy, "value", told)
    monkeypatch.setattr(clearing, "is_real", lambda place: True)
    with year.seat("fund"):
        found = queries.budget_of(year.unit, YEAR)
        assert found is not None
        found.pool = {**found.pool, "inpatient_by": "dip"}

        def refused(*granted: Special) -> set[str]:
            said = set()
            for assumed[0] in READ:
                try:
                    clearing._founded("439921", found, granted, True)
                except policy.AssumedRefused as no:
                    said.add(str(no))
            return said

        long, costly = (Special(year=YEAR, end_date=date(YEAR, 3, 1), reason=why) for why in ("long_stay", "high_cost"))
        assert refused(costly, long) == set(READ) - agreed, "those the year's agreement settles"
        assert refused(costly) == set(READ) - agreed - {special.LONG_STAY}, "no granted stay stood on it"
        assert refused() == set(READ) - agreed - {special.LONG_STAY, special.EXPERTS, "fund.dip.special_share"}
    month = {"place": "439921", "starts": date(YEAR, 5, 1), "ends": date(YEAR, 5, 31), "note": "trial"}
    assumed[0] = ""
    trial = replace(bare("fund.serious_tiers", place="439921", on=date(YEAR, 5, 1)), **month)
    with year.seat("fund"), using(shelf().with_changes([trial])), pytest.raises(policy.AssumedRefused, match="serious"):
        clearing._founded("439921", found, (), True)
    assumed[0] = "fund.serious_tiers"
    answer = year.ground.browser("fund").post(
        "/desk/fund_clearing/new", {"consortium": str(year.unit), "year": str(YEAR), "client_id": str(uuid4())}
    )
    assert (answer.status_code, "未经确认" in answer.content.decode()) == (422, True)
    with year.seat("fund"):
        assert not Clearing.objects.filter(year=YEAR).exists()


def test_the_chosen_round_of_scores_counts(year: Year) -> None:
    year.scores(points=50)
    old, new = year.computed(scores=1), year.computed()
    with year.seat("director"):
        assert (result(old).kept_fen, result(new).kept_fen) == (990_000, 550_000)


def test_the_same_sending_twice_is_one_version(year: Year) -> None:
    sending = uuid4()
    assert year.computed(client_id=sending) == year.computed(client_id=sending)


def test_illegal_steps_are_refused(year: Year) -> None:
    case = year.computed()
    year.do("fundhead", case, "approve", note=None)
    for step, who in (("approve", "fundhead"), ("reject", "fundhead"), ("withdraw", "fund")):
        with pytest.raises(Conflict):
            year.do(who, case, step, note="再来")


def test_the_other_consortium_sees_no_version_and_without_the_fence_it_would(
    year: Year, admin: psycopg.Connection
) -> None:
    case = year.computed()
    with year.seat("fund2"):
        assert not Clearing.objects.exists()
        assert not ClearedMember.objects.exists()
    assert year.ground.browser("fund2").get(f"/fund/clearing/{case}/inputs.zip").status_code == 404
    for table in ("fund_clearing", "fund_clearedmember", "case_case"):
        admin.execute(
            f"alter table {table} no force row level security; alter table {table} disable row level security"
        )
    with year.seat("fund2"):
        assert Clearing.objects.exists()
        assert ClearedMember.objects.exists()


@pytest.mark.race
def test_two_versions_approved_at_once_are_approved_once_and_without_lock_and_rule_twice(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    def approve(case: int) -> str:
        try:
            year.do("fundhead", case, "approve", note=None)
            return "approved"
        except Refused:
            return "refused"

    first, second = year.computed(), year.computed()
    assert at_once([lambda: approve(first), lambda: approve(second)]) == {"approved": 1, "refused": 1}
    from yigongti.benefit.fund.actions import clearing

    third, fourth = year.computed(), year.computed()
    before = mock.Mock(pk=result_of(year, third))
    monkeypatch.setattr(clearing, "lock", lambda *given: None)
    monkeypatch.setattr(clearing.yearend, "in_force", lambda *given: before)
    # The ledger takes a voucher back only once, which alone would stop the second.
    monkeypatch.setattr(clearing, "take_back", lambda *given: [])
    assert at_once([lambda: approve(third), lambda: approve(fourth)]) == {"approved": 2}


def result_of(year: Year, case: int) -> int | None:
    """What a version would supersede."""
    with year.seat("director"):
        found: int | None = result(case).supersedes_id
        return found


@pytest.mark.race
@pytest.mark.parametrize("many", [2, 8])
def test_versions_computed_at_once_are_numbered_without_gap(year: Year, admin: psycopg.Connection, many: int) -> None:
    assert at_once([lambda: str(bool(year.computed())) for _ in range(many)]) == {"True": many}
    rows = admin.execute("select version from fund_clearing where year = %s order by version", [YEAR]).fetchall()
    assert [n for (n,) in rows] == list(range(1, many + 1))


# ---- what leaves the house -------------------------------------------------------------------------------------------


def exported(year: Year, case: int) -> dict[str, bytes]:
    answer = year.ground.browser("fund").get(f"/fund/clearing/{case}/inputs.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as box:
        return {name: box.read(name) for name in box.namelist()}


def test_the_export_holds_every_input_and_names_no_person(year: Year) -> None:
    import pyarrow.parquet as pq

    files = exported(year, year.computed())
    tables = {
        name: pq.read_table(io.BytesIO(content)).to_pylist()
        for name, content in files.items()
        if name.endswith("parquet")
    }
    assert len(tables["claims.parquet"]) == 4
    assert {row["person_id"] for row in tables["claims.parquet"]} == {1, 2}, "numbered anew"
    assert sum(row["basic_fen"] for row in tables["settled.parquet"]) == 6_800_000
    assert tables["consortia.parquet"] == [{"consortium_id": year.unit, "tcm_led": False, "assessment_bp": 9_000}]
    parameters = json.loads(files["parameters.json"])
    assert parameters["pool"]["per_capita_fen"] == {"resident": 62_000, "employee": 180_000}
    assert "deductible" in parameters


@pytest.mark.parametrize("more", [0, 2_100_000], ids=["surplus", "overspend"])
def test_an_auditor_gets_the_same_fen_with_one_command(year: Year, tmp_path: Path, more: int) -> None:
    import pyarrow.parquet as pq

    from yigongti.runtime.cli import main

    # Treated in the other consortium, and the other's resident treated here: charged there, income here.
    year.claim("H2", 31_007)
    year.claim("T1", 20_011, own=False, level="township")
    if more:
        year.claim("H1", more)
    case = year.computed()
    for name, content in exported(year, case).items():
        (tmp_path / name).write_bytes(content)
    read_me = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "其他医共体参保人在本医共体成员机构的清单" in read_me
    words = inputs.COMMAND.split()[1:]
    told = [str(tmp_path / word) if word == "out" or "." in word else word for word in words]
    assert main(told) == 0
    with year.seat("director"):
        row, members = result(case), yearend.members_of(case)
    (consortium,) = pq.read_table(tmp_path / "out" / "consortium.parquet").to_pylist()
    names = (
        "persons", "budget_fen", "reserve_fen", "pool_fen", "charged_in_fen", "charged_out_fen", "balance_fen", "kept_fen",
        "returned_fen", "fund_share_fen", "consortium_share_fen",
    )  # fmt: skip
    assert {name: consortium[name] for name in names} == {name: getattr(row, name) for name in names}
    recomputed = {one["institution_id"]: one for one in pq.read_table(tmp_path / "out" / "member.parquet").to_pylist()}
    for member in members:
        again = recomputed[member.institution_id]
        for name in ("services", "income_fen", "wages_fen", "aid_fen", "capacity_fen", "overspend_fen"):
            assert again[name] == getattr(member, name), (member.institution_id, name)


def test_a_claim_that_came_later_changes_no_earlier_export(year: Year) -> None:
    case = year.computed()
    before = exported(year, case)
    year.claim("H1", 7)
    assert exported(year, case) == before


def test_facts_that_are_no_longer_what_they_were_are_not_exported(year: Year, admin: psycopg.Connection) -> None:
    case = year.computed()
    admin.execute(
        "alter table fund_settlement disable trigger user; update fund_settlement set basic_fen = basic_fen + 1"
    )
    with year.seat("fund") as acting, pytest.raises(LookupError, match="不一致"):
        inputs.files(yearend.clearings([case])[case], acting.place)


def test_the_report_states_each_step_and_two_versions_compare(year: Year) -> None:
    first = year.computed()
    year.do("fundhead", first, "approve", note=None)
    year.claim("T1", 200_000, level="township")
    second = year.computed()
    client = year.ground.browser("director")
    page = client.get(f"/case/{second}/").content.decode()
    for said in ("县域内支付", "结余留用", "9,000.00", "与第 1 版比较", "县人民医院"):
        assert said in page
    beside = f"/fund/clearing/{first}/with/{second}/"
    compared = client.get(beside).content.decode()
    assert "第 1 版" in compared and "依据不同：结算数据；" in compared
    (reckoned, members) = workbook(client.get(f"{beside}export.xlsx").content)
    assert reckoned[1][0] == "可用总额" and reckoned[1][3] == 0
    row = next(one for one in members if one[0] == "县人民医院")
    assert all(isinstance(amount, int | float) for amount in row[1:]) and row[3] == pytest.approx(row[2] - row[1])
    assert client.get(f"{beside}print").content.startswith(b"%PDF-")
    paper = year.ground.browser("fund").get(f"/case/{second}/print")
    assert paper.content.startswith(b"%PDF-")
    assert year.ground.browser("fund").get(f"/fund/clearing/{second}/members.xlsx").status_code == 200


def workbook(content: bytes) -> list[list[tuple[Any, ...]]]:
    """The rows of every page of a workbook."""
    return [
        [tuple(row) for row in page.iter_rows(values_only=True)] for page in openpyxl.load_workbook(io.BytesIO(content))
    ]


def test_a_version_says_that_a_later_one_took_its_place_and_its_members_add_up(year: Year) -> None:
    first = year.computed()
    year.do("fundhead", first, "approve", note=None)
    client = year.ground.browser("fundhead")
    assert "被取代" not in client.get(f"/case/{first}/").content.decode()
    year.claim("T1", 200_000, level="township")
    second = year.computed()
    assert "被取代" not in client.get(f"/case/{first}/").content.decode()
    year.do("fundhead", second, "approve", note=None)
    page = client.get(f"/case/{first}/").content.decode()
    assert "已由第 2 版取代" in page and "95.00" in page
    listed = client.get("/desk/fund_clearing/?show=all").content.decode()
    assert "已由第 2 版取代" in listed and "现行" in listed
    _, members = workbook(client.get(f"/fund/clearing/{second}/members.xlsx").content)
    assert members[0][2] == "得分" and 95 in {row[2] for row in members}
    total = members[-1]
    assert total[0] == "合计" and total[-1] == pytest.approx(sum(row[-1] for row in members[1:-1]))


def test_the_clearing_is_waited_for_until_the_directors_list(year: Year) -> None:
    from datetime import timedelta

    from yigongti.kernel.case import clock

    case = year.computed()
    for days in (9, 14, 21):
        with calendar.moved(timedelta(days=days)), year.seat("robot_clock") as acting:
            clock.tick(acting)
    with year.seat("director"):
        assert Case.objects.get(pk=case).stage == Case.Stage.DIRECTOR


def test_a_months_prepayment_is_set_against_what_is_due(year: Year) -> None:
    from yigongti.benefit.fund.actions import prepaying
    from yigongti.benefit.fund.queries import pool as pools

    year.claim("T1", 1_200_000, on=date(YEAR - 1, 5, 1), level="township")
    today: Any = calendar.today()
    with year.seat("fund") as acting:
        found = pools.budget_of(year.unit, YEAR)
        assert found is not None
        amount = sum(pools.plan(found).month(1).values())
        cases = prepaying.receive(acting=acting, consortium_id=year.unit, year=YEAR, client_id=uuid4(),
                                    values={"month": 1, "on": today, "amount": amount})  # fmt: skip
    case = next(one for one in cases if one.to_unit_id == year.at("T1"))
    with year.seat("fundhead"):
        amount = Prepayment.objects.get(pk=case.pk).amount_fen
    year.do("fundhead", case.pk, "pass_on", on=today, voucher=None, note=None)
    cleared = year.computed()
    with year.seat("director"):
        t1 = ClearedMember.objects.get(clearing_id=cleared, institution_id=year.at("T1"))
    assert amount > 0
    assert (t1.prepaid_fen, t1.due_fen) == (amount, 1_000_000 + t1.kept_fen - amount)
    assert Decimal(t1.assessment_bp) == 8_800
