"""The year's money before it ends: negotiated, budgeted, prepaid, booked, listed; two persons wherever money is fixed."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from tests.benefit.year import NEXT, THIS, YEAR, Year
from tests.race.test_at_once import at_once
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import agreeing, budgeting, paying, prepaying
from yigongti.benefit.fund.models import Agreement, Budget, Claim, MonthFigure, Offer, PayLine, PayList, Prepayment
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.queries.standing import standing, too_fast
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import NothingUpdated, Unit
from yigongti.kernel.case import clock
from yigongti.kernel.case.facade import Case, Conflict, Refused
from yigongti.kernel.form import Choice
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


@pytest.fixture
def year(ground: Ground, admin: psycopg.Connection) -> Year:
    return Year(ground, admin)


# ---- negotiation -----------------------------------------------------------------------------------------------------


def test_every_round_is_kept_with_its_reason_and_the_last_offer_is_what_is_signed(year: Year) -> None:
    from tests.benefit.year import TERMS

    with year.seat("insurance") as acting:
        case = agreeing.offer(
            acting=acting, values={"consortium": str(year.unit), "year": YEAR, **TERMS}, client_id=uuid4()
        ).pk
    year.do("fund", case, "counter", **{**TERMS, "per_capita_resident": 65_000, "reason": "慢病人数上升"})
    year.do("insurance", case, "offer", **{**TERMS, "per_capita_resident": 63_500, "reason": "折中"})
    year.do("fund", case, "accept", note=None)
    year.do("fundhead", case, "sign", note=None)
    with year.seat("director"):
        rounds = queries.offers(case)
        assert [(one.number, one.side, one.terms["per_capita_resident"], one.reason) for one in rounds] == [
            (1, "bureau", 62_000, "按上年实际"), (2, "consortium", 65_000, "慢病人数上升"), (3, "bureau", 63_500, "折中"),
        ]  # fmt: skip
        agreed = queries.agreement_of(year.unit, YEAR)
        assert agreed is not None
        assert (agreed.terms["per_capita_resident"], agreed.terms["risk_reserve"]) == (63_500, 500)


def test_the_one_who_accepted_does_not_sign(year: Year, admin: psycopg.Connection) -> None:
    from tests.benefit.year import TERMS

    with year.seat("insurance") as acting:
        case = agreeing.offer(
            acting=acting, values={"consortium": str(year.unit), "year": YEAR, **TERMS}, client_id=uuid4()
        ).pk
    year.do("fund", case, "accept", note=None)
    accounts = year.ground.small.accounts
    admin.execute(
        "update access_seat set account_id = %s where id = %s", [accounts["fund"], year.ground.small.seats["fundhead"]]
    )
    kept, accounts["fundhead"] = accounts["fundhead"], accounts["fund"]
    try:
        with pytest.raises(Refused, match="另一人"):
            year.do("fundhead", case, "sign", note=None)
        with pytest.raises(DatabaseError, match="two_persons"), year.seat("fundhead") as acting:
            Agreement.objects.filter(pk=case).update(
                signed_by_id=acting.seat_id, signed_account=acting.account_id, signed_at=calendar.now()
            )
    finally:
        accounts["fundhead"] = kept


def test_two_negotiations_of_one_year_are_refused_while_one_is_open(year: Year) -> None:
    from tests.benefit.year import TERMS

    def begin() -> int:
        with year.seat("insurance") as acting:
            values = {"consortium": str(year.unit), "year": YEAR, **TERMS}
            return int(agreeing.offer(acting=acting, values=values, client_id=uuid4()).pk)

    first = begin()
    with pytest.raises(Refused, match="正在进行"):
        begin()
    year.do("fund", first, "break_off", note="分歧太大")
    assert begin()


def test_signed_terms_and_offers_never_change(year: Year, admin: psycopg.Connection) -> None:
    case = year.agreed()
    with year.seat("fundhead"):
        with pytest.raises(NothingUpdated), transaction.atomic():
            Agreement.objects.filter(pk=case).update(terms={})
    for sql in (
        "update fund_agreement set terms = '{}' where case_id = %s", "delete from fund_agreement where case_id = %s",
        "update fund_offer set reason = '' where agreement_id = %s", "delete from fund_offer where agreement_id = %s",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            admin.execute(sql, [case])


# ---- budget ----------------------------------------------------------------------------------------------------------


def test_a_budget_is_heads_by_per_capita_less_the_reserve_under_the_years_agreement(year: Year) -> None:
    year.agreed(per_capita_resident=70_000)
    case = year.budget()
    with year.seat("director"):
        row = queries.budget_of(year.unit, YEAR)
        assert row is not None
        assert (row.pk, row.base_fen, row.tilt_fen, row.reserve_fen, row.pool_fen) == (
            case,
            8_800_000,
            0,
            440_000,
            8_360_000,
        )
        assert row.agreement is not None


def test_a_consortium_led_by_chinese_medicine_gets_the_tilt(year: Year) -> None:
    with year.seat("fund2") as acting:
        values = {"consortium": str(year.at("439921-2")), "year": YEAR, "headcount_day": None, "origin": "entered", "residents": 100,
                  "employees": 0}  # fmt: skip
        case = budgeting.prepare(acting=acting, values=values, client_id=uuid4()).pk
        row = Budget.objects.get(pk=case)
        assert (row.base_fen, row.tilt_fen, row.reserve_fen) == (6_200_000, 124_000, 316_200)


def test_heads_are_counted_from_the_master_index_and_only_by_whom_it_concerns(year: Year) -> None:
    today = calendar.today()
    with year.seat("fund"):
        assert queries.headcount(year.unit, today) == {"resident": 5, "employee": 0}
        assert queries.headcount(year.at("439921-2"), today) == {"resident": 0, "employee": 0}, "not its own"
    with year.seat("director"):
        assert queries.headcount(year.unit, today) == {"resident": 0, "employee": 0}, "no right"


def test_who_was_born_after_the_day_or_had_died_before_is_not_counted(year: Year, admin: psycopg.Connection) -> None:
    people, day = year.ground.small.people, date(YEAR, 6, 30)
    admin.execute(
        "update registry_resident set birth_date = %s where subject_id = %s", [day + timedelta(days=1), people[0]]
    )
    admin.execute("update registry_resident set birth_date = %s where subject_id = %s", [day, people[1]])
    for person, died in ((2, day), (3, day + timedelta(days=1))):
        admin.execute(
            "update registry_resident set status = 'dead', status_on = %s where subject_id = %s", [died, people[person]]
        )
    with year.seat("fund"):
        assert queries.headcount(year.unit, day)["resident"] == 3, "born on the day counts, dead on the day does not"


def test_the_one_who_prepared_does_not_approve_and_approved_never_changes(
    year: Year, admin: psycopg.Connection
) -> None:
    case = year.prepared()
    with pytest.raises(Denied):
        year.do("fund", case, "approve", note=None)
    with pytest.raises(NothingUpdated), year.seat("fund") as acting:
        Budget.objects.filter(pk=case).update(
            approved_by_id=acting.seat_id, approved_account=1, approved_at=calendar.now()
        )
    year.do("fundhead", case, "approve", note=None)
    for sql in ("update fund_budget set pool_fen = 1 where case_id = %s", "delete from fund_budget where case_id = %s"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            admin.execute(sql, [case])


def test_a_real_county_is_refused_assumed_parameters_and_a_demonstration_is_not(year: Year) -> None:
    from unittest import mock

    ports = {**house.PORTS, "print_mark": lambda place: ""}
    with wiring.using(mock.MagicMock(wraps=house, PORTS=ports, FLOWS=house.FLOWS, DESKS=house.DESKS)):
        with pytest.raises(Refused, match="未经确认"):
            year.prepared()
    assert year.prepared()


# ---- prepayment ------------------------------------------------------------------------------------------------------


def received(year: Year, month: int = 1, *, on: date | None = None, **more: Any) -> list[int]:
    with year.seat("fund") as acting:
        found = queries.budget_of(year.unit, NEXT)
        assert found is not None
        amount = sum(queries.plan(found).month(month).values())
        values = {"month": month, "on": on or calendar.today(), "amount": amount, **more}
        cases = prepaying.receive(acting=acting, consortium_id=year.unit, year=NEXT, values=values, client_id=uuid4())
        return [case.pk for case in cases]


def test_a_year_is_prepaid_to_the_fen_by_last_years_income_and_population(year: Year) -> None:
    year.claim("H1", 6_000_000)
    year.claim("T1", 2_999_999, level="township")
    year.claim("C1", 1_000_001, level="village")
    year.budget(NEXT)
    with year.seat("fund"):
        found = queries.budget_of(year.unit, NEXT)
        assert found is not None
        months = queries.plan(found).months
    # 10,000,000 last year: 70 % by income (the clinic's through its township), 30 % by population (all of T1); 90 % prepaid.
    assert {unit: sum(amounts) for unit, amounts in months.items()} == {
        year.at("H1"): 3_780_000, year.at("T1"): 5_220_000,
    }  # fmt: skip
    assert all(max(amounts) - min(amounts) <= 1 for amounts in months.values())


def test_money_is_received_passed_on_by_another_and_confirmed_by_the_member(year: Year) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    cases = received(year)
    assert len(cases) == 1
    today = calendar.today()
    with pytest.raises(Denied):
        year.do("fund", cases[0], "pass_on", on=today, voucher=None, note=None)
    with pytest.raises(Refused, match="早于到账日期"):
        year.do("fundhead", cases[0], "pass_on", on=today - timedelta(days=1), voucher=None, note=None)
    year.do("fundhead", cases[0], "pass_on", on=today, voucher="FK-1", note=None)
    with pytest.raises(Case.DoesNotExist):
        year.do("settle", cases[0], "confirm", on=today, note=None)
    year.do("townsettle", cases[0], "question", note="没有到账")
    year.do("fundhead", cases[0], "answer", note="银行退回，已重付")
    year.do("townsettle", cases[0], "confirm", on=today, note=None)
    with year.seat("director"):
        row = Prepayment.objects.get(pk=cases[0])
        assert (row.passed_on, row.confirmed_on, row.case.outcome) == (today, today, "confirmed")


def test_passing_on_is_due_by_the_end_of_the_thirtieth_day_after_the_money_came_and_late_the_moment_after(
    year: Year,
) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    came = calendar.today() - timedelta(days=3)
    (case,) = received(year, on=came)
    with year.seat("fund"):
        due = Case.objects.get(pk=case).due
    assert due == calendar.end_of(came + timedelta(days=30))
    for moment, late in ((due - timedelta(seconds=1), 0), (due, 0), (due + timedelta(seconds=1), 1)):
        with calendar.at(moment), year.seat("director") as acting:
            unit = Unit.objects.get(pk=year.unit)
            assert standing(unit, NEXT, acting.place).passing[0].late == late
    with calendar.at(due + timedelta(days=11)), year.seat("robot_clock") as acting:
        for _ in range(3):
            clock.tick(acting)
    with year.seat("director"):
        assert Case.objects.get(pk=case).stage == Case.Stage.DIRECTOR


@pytest.mark.parametrize("wrong", [-1, 1])
def test_another_amount_than_planned_is_refused(year: Year, wrong: int) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    with year.seat("fund"):
        found = queries.budget_of(year.unit, NEXT)
        assert found is not None
        amount = sum(queries.plan(found).month(1).values())
    with pytest.raises(Refused, match="不一致"):
        received(year, amount=amount + wrong)


def test_a_month_is_received_once_and_again_after_it_was_cancelled(year: Year) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    (case,) = received(year)
    with pytest.raises(Refused, match="已登记"):
        received(year)
    year.do("fund", case, "cancel", note="登记错月份")
    assert received(year) != [case]


def test_the_same_sending_of_a_receipt_has_one_effect(year: Year) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    sending = uuid4()
    made = []
    for _ in range(2):
        with year.seat("fund") as acting:
            found = queries.budget_of(year.unit, NEXT)
            assert found is not None
            values = {"month": 2, "on": calendar.today(), "amount": sum(queries.plan(found).month(2).values())}
            made.append([c.pk for c in prepaying.receive(
                acting=acting, consortium_id=year.unit, year=NEXT, values=values, client_id=sending)])  # fmt: skip
    assert made[0] == made[1]


# ---- months in the books ---------------------------------------------------------------------------------------------


def test_a_month_is_booked_by_institution_apart_from_prepayment_and_a_later_take_stands_beside(year: Year) -> None:
    year.budget()
    year.claim("H1", 300_000, on=date(YEAR, 1, 31))
    year.claim("H1", 5, on=date(YEAR, 2, 1))
    year.claim("H1", 999, own=False, on=date(YEAR, 1, 15))
    with year.seat("fund") as acting:
        assert budgeting.book_month(acting=acting, consortium_id=year.unit, year=YEAR, month=1) == 1
    year.claim("T1", 100_000, on=date(YEAR, 1, 20), level="township")
    with year.seat("fund") as acting:
        assert budgeting.book_month(acting=acting, consortium_id=year.unit, year=YEAR, month=1) == 2
        assert MonthFigure.objects.filter(year=YEAR).count() == 3
        found = standing(Unit.objects.get(pk=year.unit), YEAR, acting.place)
    assert [(one.month, one.claims, one.paid_fen) for one in found.months] == [(1, 2, 400_000)]
    assert found.forecast_fen == 4_800_000


@pytest.mark.parametrize(("spent", "fast"), [(104_999, False), (105_000, False), (105_001, True)])
def test_the_pool_runs_ahead_only_beyond_the_limit(spent: int, fast: bool) -> None:
    assert too_fast(spent, 1_200_000, 1, 500) is fast


# ---- payment lists ---------------------------------------------------------------------------------------------------


def listed(year: Year, kind: str, **more: Any) -> int:
    values = {"consortium": str(year.unit), "year": YEAR, "kind": kind, "period": "全年", "note": None, **more}
    with year.seat("fund") as acting:
        return int(paying.prepare(acting=acting, values=values, client_id=uuid4()).pk)


def test_capitation_is_persons_by_package(year: Year) -> None:
    rows = ({"institution": str(year.at("T1")), "package": "basic", "persons": 10},
            {"institution": str(year.at("C1")), "package": "chronic", "persons": 3})  # fmt: skip
    case = listed(year, "capitation", contracted=rows)
    year.do("fundhead", case, "approve", note=None)
    with year.seat("director"):
        assert PayList.objects.get(pk=case).total_fen == 10 * 12_000 + 3 * 24_000


def test_units_of_service_are_paid_by_the_price_and_a_strangers_institution_is_refused(year: Year) -> None:
    case = listed(year, "bed_day", units=({"institution": str(year.at("T1")), "count": 30, "basis": "康复床日"},))
    with year.seat("fund"):
        assert PayLine.objects.get(paylist_id=case).amount_fen == 30 * 18_000
    with pytest.raises(Refused, match="不属于该医共体"):
        listed(year, "bed_day", units=({"institution": str(year.at("H2")), "count": 1, "basis": "x"},))


def test_one_institution_is_not_listed_twice_for_the_same_thing_and_period(year: Year) -> None:
    def units(code: str) -> tuple[dict[str, Any], ...]:
        return ({"institution": str(year.at(code)), "count": 3, "basis": "康复床日"},)

    case = listed(year, "bed_day", units=units("T1"))
    page = year.ground.browser("fund").get(f"/case/{case}/").content.decode()
    assert "单价（元）" in page and "180.00" in page
    with pytest.raises(Refused, match="已有清单") as no:
        listed(year, "bed_day", units=units("T1"))
    assert no.value.field == "period"
    assert listed(year, "bed_day", units=units("H1")) and listed(year, "day_surgery", units=units("T1"))
    assert listed(year, "bed_day", units=units("T1"), period="下半年")
    year.do("fund", case, "withdraw", note="口径有误")
    assert listed(year, "bed_day", units=units("T1")), "what was withdrawn may be listed again"


def test_a_closed_referral_is_shared_once(year: Year, admin: psycopg.Connection) -> None:
    year.budget()
    referral = year.ground.rows["referral"]
    year.claim("H1", 1_000_000, episode=referral)
    with pytest.raises(Refused, match="没有需要支付"):
        listed(year, "referral")
    admin.execute(
        "update case_case set outcome = 'closed', closed_at = now(), due = null, next_at = null, holder_unit_id = null"
        " where id = %s", [referral]
    )  # fmt: skip
    case = listed(year, "referral")
    with year.seat("fund"):
        line = PayLine.objects.get(paylist_id=case)
        assert (line.payer_id, line.payee_id, line.amount_fen) == (year.at("H1"), year.at("T1"), 50_000)
    with pytest.raises(Refused, match="没有需要支付"):
        listed(year, "referral")
    year.do("fund", case, "withdraw", note="口径有误")
    assert listed(year, "referral"), "what was withdrawn may stand on another list"


def test_lists_are_approved_by_another_and_then_fixed(year: Year, admin: psycopg.Connection) -> None:
    case = listed(year, "day_surgery", units=({"institution": str(year.at("H1")), "count": 1, "basis": "疝"},))
    with pytest.raises(Denied):
        year.do("fund", case, "approve", note=None)
    year.do("fundhead", case, "approve", note=None)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        admin.execute("update fund_paylist set total_fen = 0 where case_id = %s", [case])
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        admin.execute("update fund_payline set amount_fen = 0 where paylist_id = %s", [case])


# ---- who sees, illegal steps, races ------------------------------------------------------------------------------------


def test_the_other_consortium_sees_nothing_of_it_and_without_the_fence_it_would(
    year: Year, admin: psycopg.Connection
) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.agreed(NEXT)
    year.budget(NEXT)
    received(year)
    kinds = (Agreement, Offer, Budget, Prepayment)
    with year.seat("fund2"):
        assert [kind.objects.count() for kind in kinds] == [0, 0, 0, 0]
    for kind in (*kinds, Case):
        table = kind._meta.db_table
        admin.execute(
            f"alter table {table} no force row level security; alter table {table} disable row level security"
        )
    with year.seat("fund2"):
        assert all(kind.objects.count() for kind in kinds)


def test_illegal_steps_are_refused(year: Year) -> None:
    case = year.budget()
    for step, who in (("approve", "fundhead"), ("reject", "fundhead"), ("withdraw", "fund")):
        with pytest.raises(Conflict):
            year.do(who, case, step, note="再来")
    agreed = year.agreed()
    for step, who in (("sign", "fundhead"), ("accept", "fund"), ("break_off", "insurance")):
        with pytest.raises(Conflict):
            year.do(who, agreed, step, note="再来")


@pytest.mark.race
@pytest.mark.parametrize("many", [2, 8])
def test_budgets_prepared_at_once_are_versions_without_gap(year: Year, admin: psycopg.Connection, many: int) -> None:
    assert at_once([lambda: str(bool(year.prepared())) for _ in range(many)]) == {"True": many}
    rows = admin.execute("select version from fund_budget where year = %s order by version", [YEAR]).fetchall()
    assert [n for (n,) in rows] == list(range(1, many + 1))


@pytest.mark.race
def test_a_month_received_by_many_at_once_is_received_once_and_without_lock_and_constraint_more_often(
    year: Year, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)

    def one(month: int) -> str:
        try:
            return f"received {len(received(year, month))}"
        except Refused:
            return "refused"

    assert at_once([lambda: one(1)] * 4) == {"received 1": 1, "refused": 3}
    admin.execute("drop index fund_prepayment_once")
    gate = threading.Barrier(4)  # without the lock, all four stand where it was before any of them looks
    monkeypatch.setattr(prepaying, "lock", lambda *given: gate.wait(30) and None)
    assert at_once([lambda: one(2)] * 4)["received 1"] > 1


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_the_page_the_sheet_and_the_paper_tell_the_same_year(year: Year) -> None:
    from openpyxl import load_workbook

    year.agreed()
    year.budget()
    year.claim("H1", 300_000, on=date(YEAR, 1, 31))
    client: Client = year.ground.browser("fund")
    query = f"?consortium={year.unit}&year={YEAR}"
    assert client.post(f"/fund/pool/book/{query}", {"month": "1"}).status_code == 302
    text = client.get(f"/fund/pool/{query}").content.decode()
    for said in ("76,000.00", "3,000.00", "总额预算", "居民医保 100 人"):
        assert said in text
    book = load_workbook(io.BytesIO(client.get(f"/fund/pool/export.xlsx{query}").content))
    assert book.sheetnames == ["总额", "月度预结（账面）", "预付", "成员单位", "清算各版"]
    assert book["月度预结（账面）"]["E2"].value == 3000
    assert client.get(f"/fund/pool/print{query}").content.startswith(b"%PDF-")
    assert client.get(f"/fund/pool/?consortium={year.at('439921-2')}").status_code == 404


def test_the_head_of_the_health_bureau_reads_every_consortiums_year_and_does_nothing_there(
    year: Year, admin: psycopg.Connection
) -> None:
    year.agreed()
    year.budget()
    year.claim("H1", 300_000, on=date(YEAR, 1, 31))
    query = f"?consortium={year.unit}&year={YEAR}"
    assert year.ground.browser("fund").post(f"/fund/pool/book/{query}", {"month": "1"}).status_code == 302
    client = year.ground.browser("bureau_head")
    text = client.get(f"/fund/pool/{query}").content.decode()
    assert "76,000.00" in text and "3,000.00" in text
    assert not any(link in text for link in ("/fund/pool/receive", "fund/claims", "总额办理页"))
    assert client.get(f"/fund/pool/?consortium={year.at('439921-2')}").status_code == 200
    assert client.get(f"/fund/pool/print{query}").content.startswith(b"%PDF-")
    for act in ("book/", "receive/", "pass-on/"):
        assert client.post(f"/fund/pool/{act}{query}", {"month": "2"}).status_code == 404, act
    with year.seat("bureau_head"):
        assert MonthFigure.objects.exists() and not Claim.objects.exists()
    admin.execute("update access_unit set path = array[id] where id = %s", [year.unit])
    with year.seat("bureau_head"):
        assert not MonthFigure.objects.exists(), "of a consortium of another region"


def test_a_receipt_is_noted_on_its_page_with_what_was_planned(year: Year) -> None:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    client, path = year.ground.browser("fund"), f"/fund/pool/receive/?consortium={year.unit}&year={NEXT}"
    assert "900.00" in client.get(path).content.decode()
    wrong = {"client_id": str(uuid4()), "month": "1", "on": f"{calendar.today()}", "amount": "1"}
    assert client.post(path, wrong).status_code == 422
    assert client.post(path, {**wrong, "amount": "900"}).status_code == 302


def test_a_new_offer_is_for_the_first_year_that_nothing_is_signed_for(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "consortia", lambda env: [Choice(str(year.unit), "医共体")])
    client = year.ground.browser("insurance")
    assert f'value="{THIS}"' in _year_field(client)
    year.agreed(THIS)
    assert f'value="{THIS + 1}"' in _year_field(client)


def _year_field(client: Any) -> str:
    page = client.get("/desk/fund_agreement/new").content.decode()
    found = re.search(r'<input[^>]*name="year"[^>]*>', page)
    assert found is not None
    return found.group()
