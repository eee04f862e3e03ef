"""The books: balanced by code and by the database, final once posted, numbers without gaps, one effect, two persons."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from tests.support.ground import Ground
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Refused
from yigongti.management.finance import models, queries, rules
from yigongti.management.finance.facade import Line, Voucher, post, reverse

pytestmark = pytest.mark.database
TODAY = calendar.today()


def book(ground: Ground, code: str = "H1") -> int:
    return int(ground.small.units[code])


def voucher(ground: Ground, amount: int = 500, client_id: UUID | None = None, *more: Line) -> Voucher:
    one = book(ground)
    lines = (Line(one, "bank", debit=amount), Line(one, "fund_advance", credit=amount), *more)
    return Voucher(client_id or uuid4(), TODAY, "预付款", lines, "/fund/pool/")


def posted(ground: Ground, who: str = "accountant", **given: Any) -> list[int]:
    with ground.small.as_seat(who) as acting:
        return post(acting=acting, voucher=voucher(ground, **given))


def numbers(admin: psycopg.Connection, unit: int) -> list[int]:
    rows = admin.execute("select number from finance_voucher where book_id = %s order by number", [unit]).fetchall()
    return [row[0] for row in rows]


def test_each_book_of_a_posting_gets_a_voucher_of_its_own(ground: Ground) -> None:
    other = book(ground, "T1")
    more = (Line(other, "between_members", debit=7), Line(other, "referral_revenue", credit=7))
    with ground.small.as_seat("accountant") as acting:
        made = post(acting=acting, voucher=voucher(ground, 500, None, *more))
        assert {row.book_id for row in models.Voucher.objects.filter(pk__in=made)} == {book(ground), other}
        assert [row.amount for row in queries.vouchers(other, None, "")] == [7]


@pytest.mark.parametrize(
    ("lines", "message"),
    [((), "没有分录"), ((("bank", 5, 0), ("fund_advance", 0, 4)), "借贷不平"), ((("bank", 5, 5),), "只有借方或只有贷方"),
     ((("bank", -5, 0), ("fund_advance", 0, -5)), "只有借方"), ((("gold", 5, 0), ("bank", 0, 5)), "gold")],
)  # fmt: skip
def test_what_does_not_balance_is_refused_in_words(ground: Ground, lines: tuple[Any, ...], message: str) -> None:
    given = Voucher(uuid4(), TODAY, "错", tuple(Line(book(ground), *line) for line in lines))
    with ground.small.as_seat("accountant") as acting:
        before = models.Voucher.objects.count()
        with pytest.raises(Refused, match=message):
            post(acting=acting, voucher=given)
        assert models.Voucher.objects.count() == before


def test_the_database_itself_refuses_what_does_not_balance(ground: Ground, admin: psycopg.Connection) -> None:
    pk = posted(ground)[0]
    row = admin.execute("select book_id, posted_by_id from finance_voucher where id = %s", [pk]).fetchone()
    assert row is not None
    with pytest.raises(psycopg.Error, match="借贷不平"):
        admin.execute(
            "insert into finance_voucher (book_id, month, number, posted_on, text, source, client_id, posted_by_id, posted_at,"
            " transaction) values (%s, current_date, 77, current_date, '', '', gen_random_uuid(), %s, now(), 0)", row
        )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    ["update finance_voucher set text = 'x' where id = %(pk)s", "delete from finance_line where voucher_id = %(pk)s",
     "update finance_line set debit = debit + 1 where voucher_id = %(pk)s and debit > 0", "delete from finance_voucher where id = %(pk)s",
     "insert into finance_line (voucher_id, account_id, place, debit, credit) select voucher_id, account_id, 9, 1, 0 from finance_line"
     " where voucher_id = %(pk)s limit 1", "truncate finance_line cascade"],
)  # fmt: skip
def test_what_is_posted_refuses_every_change_also_to_the_highest(
    ground: Ground, admin: psycopg.Connection, statement: str
) -> None:
    pk = posted(ground)[0]
    with pytest.raises(psycopg.Error, match="已入账"):
        admin.execute(statement, {"pk": pk})


def test_the_acting_role_may_not_change_it_either(ground: Ground) -> None:
    pk = posted(ground)[0]
    with ground.small.as_seat("chief"):
        with pytest.raises(DatabaseError), transaction.atomic():
            models.Voucher.objects.filter(pk=pk).update(text="x")


def test_numbers_have_no_gaps_also_after_a_failure(ground: Ground, admin: psycopg.Connection) -> None:
    posted(ground)
    with ground.small.as_seat("accountant") as acting:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            post(acting=acting, voucher=voucher(ground))
            raise ZeroDivisionError
        post(acting=acting, voucher=voucher(ground))
    found = numbers(admin, book(ground))
    assert found == list(range(1, len(found) + 1))


def test_the_same_sending_three_times_has_one_effect(ground: Ground) -> None:
    same = uuid4()
    assert posted(ground, client_id=same) == posted(ground, client_id=same) == posted(ground, client_id=same)


def test_a_reversal_takes_back_once_and_by_another_person(ground: Ground) -> None:
    pk, same = posted(ground)[0], uuid4()
    with ground.small.as_seat("accountant") as acting, pytest.raises(Denied):
        reverse(acting=acting, voucher_id=pk, client_id=uuid4(), why="记错")
    own = posted(ground, "chief")[0]
    with ground.small.as_seat("chief") as acting:
        with pytest.raises(Refused, match="自己"):
            reverse(acting=acting, voucher_id=own, client_id=uuid4(), why="记错")
        back = reverse(acting=acting, voucher_id=pk, client_id=same, why="记错")
        assert reverse(acting=acting, voucher_id=pk, client_id=same, why="记错") == back
        with pytest.raises(Refused, match="已冲销"):
            reverse(acting=acting, voucher_id=pk, client_id=uuid4(), why="再来")
        lines = models.Line.objects.filter(voucher_id=back).order_by("place").values_list("debit", "credit")
        assert list(lines) == [(-500, 0), (0, -500)], "red letters"


def test_books_are_seen_and_written_in_reach_only(ground: Ground) -> None:
    pk = posted(ground)[0]
    with ground.small.as_seat("chief2") as acting:
        assert queries.voucher(pk) is None
        with pytest.raises((DatabaseError, models.Unit.DoesNotExist)), transaction.atomic():
            post(acting=acting, voucher=voucher(ground))
    with ground.small.as_seat("settle") as acting, pytest.raises(Denied):
        post(acting=acting, voucher=voucher(ground))


def test_a_trial_balance_balances_and_members_cancel_out(ground: Ground) -> None:
    one, two = book(ground), book(ground, "T1")
    lines = (
        Line(one, "referral_cost", debit=90), Line(one, "between_members", credit=90),
        Line(two, "between_members", debit=90), Line(two, "referral_revenue", credit=90),
    )  # fmt: skip
    with ground.small.as_seat("accountant") as acting:
        post(acting=acting, voucher=Voucher(uuid4(), TODAY, "转诊分享", lines))
        month = TODAY.replace(day=1)
        rows = queries.balances([one, two], month)
        assert sum(row.debit for row in rows) == sum(row.credit for row in rows)
        mutual = next(row for row in rows if row.mutual)
        assert (mutual.debit, mutual.credit, mutual.closing) == (90, 90, 0)
        bank = next(row for row in queries.balances([one], month) if row.account == "bank")
        assert bank.closing == sum(line.debit - line.credit for line in queries.account_lines([one], "bank", month))


def test_income_less_expense_of_the_month_and_of_the_year_is_what_is_left(ground: Ground) -> None:
    one, month = book(ground), TODAY.replace(day=1)
    earlier = month.replace(year=month.year - 1)
    with ground.small.as_seat("accountant") as acting:
        had = queries.flows([one], month)
        for day, account, fen in (
            (TODAY, "medical_revenue", 700), (TODAY, "subsidy_revenue", 50), (TODAY, "operating_cost", -400),
            (month.replace(month=1), "other_cost", -30), (earlier, "medical_revenue", 9_000),
        ):  # fmt: skip
            sides = {"debit": abs(fen)} if fen < 0 else {"credit": fen}
            bank = {"credit": -fen} if fen < 0 else {"debit": fen}
            lines = (Line(one, account, **sides), Line(one, "bank", **bank))
            post(acting=acting, voucher=Voucher(uuid4(), day, "收支", lines))
        found = queries.flows([one], month)
    grown = {code: row.year - (had[code].year if code in had else 0) for code, row in found.items()}
    assert {code: fen for code, fen in grown.items() if fen} == {
        "medical_revenue": 700, "subsidy_revenue": 50, "operating_cost": 400, "other_cost": 30,
    }  # fmt: skip
    assert found["other_cost"].month == (30 if month.month == 1 else 0) and "bank" not in found
    client = ground.browser("chief")
    where = f"?book={one}&month={month:%Y-%m}"
    text = client.get(f"/finance/income/{where}").content.decode()
    assert "收入合计" in text and "支出合计" in text and "本期盈余" in text and "account=operating_cost" in text
    assert client.get(f"/finance/income/export.xlsx{where}").content[:2] == b"PK"
    assert client.get(f"/finance/income/print{where}").content.startswith(b"%PDF-")


def test_where_income_is_shared_the_consortium_reads_what_each_member_earned(
    ground: Ground, admin: psycopg.Connection
) -> None:
    units, month = ground.small.units, TODAY.replace(day=1)
    with ground.small.as_seat("accountant") as acting:
        books = [units[code] for code in ("H1", "T1", "C1")]
        before = {row.book.pk: row.year for row in queries.medical_income(books, month)}
        for one, account, fen in (
            (books[0], "medical_revenue", 700),
            (books[1], "patient_revenue", 200),
            (books[2], "medical_revenue", 100),
        ):
            lines = (Line(one, account, credit=fen), Line(one, "bank", debit=fen))
            post(acting=acting, voucher=Voucher(uuid4(), TODAY, "收入", lines))
        found = queries.medical_income(books, month)
    assert {row.book.pk: row.year - before.get(row.book.pk, 0) for row in found} == {units["H1"]: 700, units["T1"]: 300}
    assert not before, "the shares below are of what this test earned"
    assert [(row.book.pk, row.clinics, row.share_text) for row in found] == [
        (units["H1"], 0, "70%"),
        (units["T1"], 1, "30%"),
    ]
    client = ground.browser("chief")
    assert "各成员单位医疗收入" not in client.get("/finance/income/").content.decode(), "Hunan keeps separate accounts"
    admin.execute("update access_unit set place = '139900' where kind = 'consortium'")
    text = client.get("/finance/income/").content.decode()
    assert "各成员单位医疗收入" in text and "县域" in text and "含 1 家村级机构" in text
    assert client.get("/finance/income/export.xlsx").content[:2] == b"PK"


def test_every_account_of_the_chart_is_a_balance_or_stands_in_one_part_of_the_statement() -> None:
    stated = [*rules.INCOME, *rules.EXPENSE]
    assert len(set(stated)) == len(stated)
    assert {code for code in rules.CHART if code.endswith(("_revenue", "_cost"))} == set(stated)
    assert {rules.CHART[code][1] for code in rules.INCOME} == {"credit"}
    assert {rules.CHART[code][1] for code in rules.EXPENSE} == {"debit"}


@pytest.mark.race
@pytest.mark.parametrize("threads", [2, 8, 50])
@pytest.mark.parametrize("same", [True, False], ids=["one sending", "control: each its own"])
def test_posting_at_once_has_one_effect_a_sending_and_leaves_no_gap(
    ground: Ground, admin: psycopg.Connection, threads: int, same: bool
) -> None:
    before, shared = len(numbers(admin, book(ground))), uuid4()
    ready, made, wrong = threading.Barrier(threads), list[tuple[int, ...]](), list[Exception]()

    def run() -> None:
        ready.wait(timeout=60)
        try:
            made.append(tuple(posted(ground, client_id=shared if same else uuid4())))
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    _together([run] * threads)
    found = numbers(admin, book(ground))
    assert not wrong
    assert len(set(made)) == (1 if same else threads)
    assert found == list(range(1, before + (1 if same else threads) + 1))


def _together(work: list[Callable[[], None]]) -> None:
    running = [threading.Thread(target=copy_context().run, args=(one,)) for one in work]
    for one in running:
        one.start()
    for one in running:
        one.join(timeout=120)
