"""The fund's year in the books: each act of a second person posts, once, in its own transaction; a new version takes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import transaction

from tests.benefit.fund.test_audit import paid, replied
from tests.benefit.year import NEXT, YEAR, Year
from tests.support.ground import Ground
from yigongti.benefit.fund.actions import paying, prepaying
from yigongti.benefit.fund.models import ClearedMember, Finding
from yigongti.benefit.fund.queries import entries, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Refused
from yigongti.management.finance import facade as finance
from yigongti.management.finance.models import Line, Voucher
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
Sums = dict[tuple[int, str], int]


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


@pytest.fixture
def year(ground: Ground, admin: psycopg.Connection) -> Year:
    return Year(ground, admin)


@pytest.fixture
def charged(year: Year) -> Year:
    """A year with a surplus, ready to be cleared."""
    year.budget()
    year.scores()
    year.claim("H1", 5_000_000)
    year.claim("T1", 1_000_000, level="township")
    return year


def vouchers(year: Year) -> int:
    """How many the fund's second person has posted."""
    with year.seat("chief"):
        return int(Voucher.objects.filter(posted_by_id=year.ground.small.seats["fundhead"]).count())


def moved(year: Year, *cases: int) -> Sums:
    """Debit less credit by book and account of what cases posted, their reversals included; each voucher balances (fen)."""
    found: Sums = defaultdict(int)
    with year.seat("chief"):
        rows = [row for case in cases for row in entries.posted(case)]
        backs = [row.reversal for row in rows if hasattr(row, "reversal")]
        for row in [*rows, *backs]:
            lines = list(Line.objects.filter(voucher=row).select_related("account"))
            assert lines and sum(line.debit - line.credit for line in lines) == 0
            for line in lines:
                found[row.book_id, line.account.code] += line.debit - line.credit
    return {key: fen for key, fen in found.items() if fen}


def received(year: Year) -> int:
    year.claim("T1", 1_200_000, level="township")
    year.budget(NEXT)
    with year.seat("fund") as acting:
        found = queries.budget_of(year.unit, NEXT)
        assert found is not None
        values = {"month": 1, "on": calendar.today(), "amount": sum(queries.plan(found).month(1).values())}
        case, *_ = prepaying.receive(
            acting=acting, consortium_id=year.unit, year=NEXT, values=values, client_id=uuid4()
        )
        return int(case.pk)


def listed(year: Year, count: int = 30) -> int:
    values = {"consortium": str(year.unit), "year": YEAR, "kind": "bed_day", "period": "全年", "note": None,
              "units": ({"institution": str(year.at("T1")), "count": count, "basis": "康复床日"},)}  # fmt: skip
    with year.seat("fund") as acting:
        return int(paying.prepare(acting=acting, values=values, client_id=uuid4()).pk)


def passed(year: Year, case: int, **more: Any) -> None:
    year.do("fundhead", case, "pass_on", **{"on": calendar.today(), "voucher": None, "note": None, **more})


def test_a_prepayment_passed_on_leaves_nothing_to_pass_on_and_an_advance_at_the_member(year: Year) -> None:
    case = received(year)
    assert vouchers(year) == 0, "one person alone posts nothing"
    with year.seat("fund"):
        amount = queries.prepayments([case])[case].amount_fen
    passed(year, case)
    assert moved(year, case) == {(year.at("T1"), "bank"): amount, (year.at("T1"), "fund_advance"): -amount}
    assert vouchers(year) == 3, "receipt and payment of the consortium, receipt of the member"


def test_several_members_are_passed_on_to_in_one_act_each_with_balanced_vouchers_and_the_same_act_again_changes_nothing(
    year: Year,
) -> None:
    year.claim("H1", 2_400_000)
    received(year)
    today, sent = calendar.today(), uuid4()
    with year.seat("fundhead"):
        rows = queries.to_pass_on(year.unit, NEXT)
        amounts = {row.institution_id: row.amount_fen for row in rows}
        cases = [row.pk for row in rows]
    assert amounts.keys() == {year.at("H1"), year.at("T1")}

    def pass_on(who: str, chosen: list[int], on: Any = today, client_id: Any = sent) -> int:
        with year.seat(who) as acting, transaction.atomic():
            return len(prepaying.pass_on(
                acting=acting, consortium_id=year.unit, year=NEXT, cases=chosen, client_id=client_id,
                values={"on": on, "voucher": "FK-2", "note": None},
            ))  # fmt: skip

    with pytest.raises(Denied):
        pass_on("fund", cases)
    for wrong, says in (([], "没有选择"), ([*cases, 10**9], "不属于本医共体")):
        with pytest.raises(Refused, match=says):
            pass_on("fundhead", wrong)
    with pytest.raises(Refused, match="早于到账日期"):
        pass_on("fundhead", cases, today - timedelta(days=1))
    assert vouchers(year) == 0, "all or none"
    assert [pass_on("fundhead", cases) for _ in range(3)] == [2, 2, 2]
    assert vouchers(year) == 6, "three each, however often it was sent"
    assert moved(year, *cases) == {
        **{(unit, "bank"): fen for unit, fen in amounts.items()}, **{(unit, "fund_advance"): -fen for unit, fen in amounts.items()},
    }  # fmt: skip
    with pytest.raises(Refused, match="1 月："):
        pass_on("fundhead", cases, client_id=uuid4())


def test_a_list_approved_is_claimed_by_its_payees(year: Year) -> None:
    case = listed(year)
    year.do("fundhead", case, "approve", note=None)
    fen = 30 * 18_000
    assert moved(year, case) == {(year.at("T1"), "fund_receivable"): fen, (year.at("T1"), "medical_revenue"): -fen}


def test_a_year_end_approved_books_what_each_member_earned_and_kept(charged: Year) -> None:
    case = charged.computed()
    charged.do("fundhead", case, "approve", note=None)
    sums = moved(charged, case)
    with charged.seat("director"):
        members = yearend.members_of(case)
    for one in members:
        assert sums.get((one.institution_id, "medical_revenue"), 0) == -one.income_fen
        assert sums.get((one.institution_id, "surplus_revenue"), 0) == -one.kept_fen
    posted = -sum(fen for (_, account), fen in sums.items() if account in ("medical_revenue", "surplus_revenue"))
    assert posted == sum(one.income_fen + one.kept_fen for one in members) > 6_000_000


def test_a_new_version_takes_the_vouchers_of_the_old_one_back(charged: Year) -> None:
    first = charged.computed()
    charged.do("fundhead", first, "approve", note=None)
    charged.claim("T1", 200_000, level="township")
    second = charged.computed()
    before = vouchers(charged)
    charged.do("fundhead", second, "approve", note=None)
    assert moved(charged, first) == {}
    with charged.seat("chief"):
        backs = [row.reversal for row in entries.posted(first)]
        assert {row.text.partition("：")[2] for row in backs} == {f"{YEAR} 年清算第 2 版取代第 1 版"}
    members = ClearedMember.objects
    with charged.seat("director"):
        income = sum(one.income_fen for one in members.filter(clearing_id=second))
    both = moved(charged, first, second)
    assert -sum(fen for (_, account), fen in both.items() if account == "medical_revenue") == income
    assert vouchers(charged) == before + 2 * len(backs)


def test_what_an_accountant_has_reversed_is_not_taken_back_twice(charged: Year) -> None:
    first = charged.computed()
    charged.do("fundhead", first, "approve", note=None)
    with charged.seat("chief") as acting:
        by_hand = entries.posted(first)[0].pk
        finance.reverse(acting=acting, voucher_id=by_hand, client_id=uuid4(), why="记错账簿")
    second = charged.computed()
    charged.do("fundhead", second, "approve", note=None)
    assert moved(charged, first) == {}


def test_a_recovery_approved_is_owed_to_the_fund_and_the_finding_names_its_voucher(ground: Ground, year: Year) -> None:
    case = replied(ground)
    fen = paid(ground, case)
    year.do("fundaudit", case, "uphold", recover=fen, text="查无再入院指征")
    assert vouchers(year) == 0
    year.do("fundhead", case, "approve", text=None)
    assert moved(year, case) == {(year.at("H1"), "medical_revenue"): fen, (year.at("H1"), "fund_payable"): -fen}
    with year.seat("fundhead"):
        assert [row.pk for row in entries.posted(case)] == [Finding.objects.get(pk=case).voucher]


def test_the_same_approval_twice_posts_once(charged: Year) -> None:
    pages, case, sending = charged.ground.browser("fundhead"), charged.computed(), uuid4()
    once = 0
    for _ in range(2):
        charged.do("fundhead", case, "approve", client_id=sending, note=None)
        once = once or vouchers(charged)
    assert vouchers(charged) == once > 0
    page = pages.get(f"/case/{case}/").content.decode()
    with charged.seat("chief"):
        rows = entries.posted(case)
    assert all(f"/finance/voucher/{row.pk}/" in page and row.label in page for row in rows)
    assert f"/case/{case}/" in pages.get(f"/finance/voucher/{rows[0].pk}/").content.decode(), "and the way back"


def test_a_refused_act_posts_nothing(charged: Year) -> None:
    first, second, third = charged.computed(), charged.computed(), listed(charged)
    with pytest.raises(Denied):
        charged.do("fund", first, "approve", note=None)
    with pytest.raises(Denied):
        charged.do("fund", third, "approve", note=None)
    case = received(charged)
    with pytest.raises(Refused, match="早于到账日期"):
        passed(charged, case, on=calendar.today() - timedelta(days=1))
    charged.do("fundhead", third, "reject", note="口径有误")
    assert vouchers(charged) == 0
    charged.do("fundhead", first, "approve", note=None)
    held = vouchers(charged)
    with pytest.raises(Refused, match="第 1 版已批准"):
        charged.do("fundhead", second, "approve", note=None)
    assert vouchers(charged) == held


def test_an_act_that_fails_after_posting_leaves_no_voucher(charged: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    from yigongti.benefit.fund.actions import clearing

    case, posted = charged.computed(), clearing.post

    def broken(*given: Any, **told: Any) -> None:
        posted(*given, **told)
        raise Refused("断电")

    monkeypatch.setattr(clearing, "post", broken)
    with pytest.raises(Refused, match="断电"):
        charged.do("fundhead", case, "approve", note=None)
    assert vouchers(charged) == 0


def test_who_only_prepares_writes_nothing_into_the_books(year: Year) -> None:
    one = year.at("H1")
    lines = (finance.Line(one, "bank", debit=5), finance.Line(one, "fund_advance", credit=5))
    with year.seat("fund") as acting:
        with pytest.raises(Denied):
            finance.post(acting=acting, voucher=finance.Voucher(uuid4(), calendar.today(), "x", lines))
        with pytest.raises(Denied):
            finance.replace(acting=acting, posted=uuid4(), client_id=uuid4(), why="x")
    with year.seat("accountant") as acting, pytest.raises(Denied):
        finance.replace(acting=acting, posted=uuid4(), client_id=uuid4(), why="x")
