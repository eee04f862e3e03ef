"""Vouchers by hand: the accountant enters, a second person posts; a mistake goes by red letters; a closed month stays shut."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import openpyxl
import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from tests.support.ground import Ground, unlocked
from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Denied
from yigongti.kernel.case.facade import Refused, perform
from yigongti.management.finance import models, queries, rules
from yigongti.management.finance.actions import closing, entering, posting
from yigongti.management.finance.facade import Line, Voucher, post
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database
TODAY = calendar.today()
BEFORE = calendar.add_months(TODAY.replace(day=1), -1)
EARLIER = calendar.add_months(BEFORE, -1)


@pytest.fixture(autouse=True)
def wired() -> Iterator[None]:
    with wiring.using(house):
        yield


def typed(ground: Ground, **other: Any) -> dict[str, Any]:
    lines = [
        {"account": "operating_cost", "debit": 800, "credit": None},
        {"account": "bank", "debit": None, "credit": 800},
    ]
    values = {
        "kind": "manual",
        "book": str(ground.small.units["H1"]),
        "on": TODAY,
        "text": "支付水电费",
        "lines": lines,
    }
    return values | other


def entered(ground: Ground, **other: Any) -> int:
    with ground.small.as_seat("accountant") as acting:
        return int(entering.enter(acting=acting, values=typed(ground, **other), client_id=uuid4()).pk)


def act(ground: Ground, who: str, case: int, step: str, **values: Any) -> None:
    with ground.small.as_seat(who) as acting:
        perform(acting=acting, case_id=case, transition=step, values=values, client_id=uuid4())


def posted(ground: Ground, **other: Any) -> int:
    case = entered(ground, **other)
    act(ground, "chief", case, "post", note=None)
    with ground.small.as_seat("chief"):
        made = models.Draft.objects.get(pk=case).voucher_id
        assert made is not None
        return int(made)


def test_nothing_is_in_the_books_until_a_second_person_posts(ground: Ground) -> None:
    case = entered(ground)
    with ground.small.as_seat("chief"):
        before = models.Voucher.objects.count()
    with ground.small.as_seat("accountant") as acting, pytest.raises((Denied, Refused)):
        perform(acting=acting, case_id=case, transition="post", values={"note": None}, client_id=uuid4())
    act(ground, "chief", case, "post", note=None)
    with ground.small.as_seat("chief"):
        row = models.Draft.objects.get(pk=case).voucher
        assert row is not None
        assert models.Voucher.objects.count() == before + 1
        assert [(line.account.code, line.debit, line.credit) for line in queries.lines_of(row)] == [
            ("operating_cost", 800, 0), ("bank", 0, 800),
        ]  # fmt: skip


def test_the_database_itself_wants_two_accounts(ground: Ground, admin: psycopg.Connection) -> None:
    case, voucher = entered(ground), posted(ground)
    admin.execute("alter table finance_draft no force row level security")
    with pytest.raises(psycopg.errors.CheckViolation, match="two_persons"):
        admin.execute(
            "update finance_draft set posted_account = entered_account, voucher_id = %s where case_id = %s",
            [voucher, case],
        )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"lines": [{"account": "bank", "debit": 5}, {"account": "cash", "credit": 4}]}, "借贷不平"),
     ({"lines": [{"account": "bank", "debit": 5, "credit": 5}, {"account": "cash"}]}, "第 1 行"),
     ({"book": "999999"}, "账簿"), ({"kind": "red", "reverses": "PZ-999999", "why": "录错"}, "没有这张凭证")],
)  # fmt: skip
def test_what_cannot_be_booked_is_refused_in_words(ground: Ground, wrong: dict[str, Any], says: str) -> None:
    with ground.small.as_seat("accountant") as acting:
        before = models.Draft.objects.count()
        with pytest.raises(Refused, match=says), transaction.atomic():
            entering.enter(acting=acting, values=typed(ground, **wrong), client_id=uuid4())
        assert models.Draft.objects.count() == before


def test_what_was_returned_is_corrected_and_posted_as_corrected(ground: Ground) -> None:
    case = entered(ground)
    act(ground, "chief", case, "return", text="金额不对")
    lines = [{"account": "operating_cost", "debit": 900}, {"account": "bank", "credit": 900}]
    act(ground, "accountant", case, "correct", on=TODAY, text="支付水电费", lines=lines, attachments=2)
    act(ground, "chief", case, "post", note=None)
    with ground.small.as_seat("chief"):
        row = models.Draft.objects.get(pk=case).voucher
        assert row is not None
        assert queries.lines_of(row)[0].debit == 900


def test_a_red_voucher_takes_back_line_by_line_and_only_once(ground: Ground) -> None:
    pk = posted(ground)
    month = TODAY.replace(day=1)
    with ground.small.as_seat("chief"):
        before = {row.account: row.debit for row in queries.balances([ground.small.units["H1"]], month)}
    red = posted(ground, kind="red", reverses=f"PZ-{pk}", why="金额录错")
    with ground.small.as_seat("accountant") as acting:
        row = models.Voucher.objects.get(pk=red)
        assert row.reverses_id == pk
        assert [(line.debit, line.credit) for line in queries.lines_of(row)] == [(-800, 0), (0, -800)]
        after = {row.account: row.debit for row in queries.balances([row.book_id], month)}
        assert after["operating_cost"] == before["operating_cost"] - 800, "turnover shrinks, it doesn't swell"
        with pytest.raises(Refused, match="已冲销"):
            entering.enter(
                acting=acting, values=typed(ground, kind="red", reverses=str(pk), why="再冲"), client_id=uuid4()
            )


def test_a_negative_line_stands_nowhere_else(ground: Ground) -> None:
    book = ground.small.units["H1"]
    red = Voucher(uuid4(), TODAY, "红字", (Line(book, "bank", debit=-1), Line(book, "fund_advance", credit=-1)))
    with ground.small.as_seat("accountant") as acting, pytest.raises(DatabaseError, match="红字"), transaction.atomic():
        posting.write(red, {}, seat_id=acting.seat_id, at=calendar.now())


def planted(ground: Ground, on: date) -> None:
    """A voucher of an act, on a day."""
    book = ground.small.units["H1"]
    lines = (Line(book, "bank", debit=7), Line(book, "fund_advance", credit=7))
    with ground.small.as_seat("accountant") as acting:
        post(acting=acting, voucher=Voucher(uuid4(), on, "预付款", lines))


def closed(ground: Ground, month: date) -> int:
    with ground.small.as_seat("chief") as acting:
        return closing.close(acting=acting, books=[ground.small.units["H1"]], month=month)


def test_a_closed_month_takes_no_voucher_and_what_is_late_is_booked_today(
    ground: Ground, admin: psycopg.Connection
) -> None:
    planted(ground, BEFORE)
    assert (closed(ground, BEFORE), closed(ground, BEFORE)) == (1, 0)
    with ground.small.as_seat("accountant") as acting, pytest.raises(Refused, match="已结账"):
        entering.enter(acting=acting, values=typed(ground, on=BEFORE), client_id=uuid4())
    planted(ground, BEFORE)
    with ground.small.as_seat("chief"):
        row = models.Voucher.objects.order_by("-pk")[0]
        assert (row.posted_on, row.text) == (TODAY, f"预付款（补记 {BEFORE}）")
    seat = admin.execute("select posted_by_id from finance_voucher limit 1").fetchone()
    assert seat is not None
    with pytest.raises(psycopg.errors.RestrictViolation, match="已结账"):
        admin.execute(
            "insert into finance_voucher (book_id, month, number, posted_on, text, source, client_id, posted_by_id, posted_at,"
            " transaction) values (%s, %s, 0, %s, '', '', gen_random_uuid(), %s, now(), 0)",
            [ground.small.units["H1"], BEFORE, BEFORE, seat[0]],
        )  # fmt: skip


def test_months_close_in_order_and_open_again_from_the_last(ground: Ground) -> None:
    for month in (EARLIER, BEFORE):
        planted(ground, month)
    with pytest.raises(Refused, match="先后"):
        closed(ground, BEFORE)
    case = entered(ground, on=EARLIER)
    with pytest.raises(Refused, match="1 张"):
        closed(ground, EARLIER)
    act(ground, "accountant", case, "drop", text="不记了")
    assert (closed(ground, EARLIER), closed(ground, BEFORE)) == (1, 1)
    book = ground.small.units["H1"]
    with ground.small.as_seat("chief") as acting:
        with pytest.raises(Refused, match=f"{BEFORE:%Y-%m} 已结账"):
            closing.reopen(acting=acting, book=book, month=EARLIER, why="补记")
        closing.reopen(acting=acting, book=book, month=BEFORE, why="补记折旧")
        assert not queries.is_closed(book, BEFORE)
    with ground.small.as_seat("accountant") as acting, pytest.raises(Denied):
        closing.close(acting=acting, books=[book], month=BEFORE)


@pytest.mark.parametrize(
    ("month", "before", "waiting", "says"),
    [(TODAY, (), 0, "还没有过完"), (BEFORE, (EARLIER,), 0, "先后"), (BEFORE, (), 2, "2 张"), (BEFORE, (), 0, "")],
)
def test_why_a_month_cannot_be_closed(month: date, before: tuple[date, ...], waiting: int, says: str) -> None:
    told = rules.closable(month, TODAY, before, waiting)
    assert (says in told) if says else not told


def test_from_the_form_to_the_printed_voucher(ground: Ground) -> None:
    with unlocked(ground):
        accountant, chief = ground.browser("accountant"), ground.browser("chief")
        sent = {
            "client_id": str(uuid4()), "kind": "manual", "book": str(ground.small.units["H1"]), "on": str(TODAY),
            "text": "支付水电费", "lines-0-account": "operating_cost", "lines-0-debit": "4826.50", "lines-0-credit": "",
            "lines-1-account": "bank", "lines-1-debit": "", "lines-1-credit": "4826.50", "lines-count": "2", "attachments": "2",
        }  # fmt: skip
        form = accountant.get(reverse("desk:create", args=["finance_voucher"]))
        assert form.status_code == 200
        done = accountant.post(reverse("desk:create", args=["finance_voucher"]), sent)
        assert done.status_code == 302, done.content.decode()
        case = done.headers["Location"].split("/")[2]
        assert "4,826.50" in chief.get(f"/case/{case}/").content.decode()
        act(ground, "chief", int(case), "post", note=None)
        with ground.small.as_seat("chief"):
            pk = models.Draft.objects.get(pk=int(case)).voucher_id
        assert pk is not None
        page = accountant.get(reverse("finance:voucher", args=[pk])).content.decode()
        assert f"PZ-{pk}" in page and "附件 2 张" in page and f"?reverses=PZ-{pk}" in page
        link = accountant.get(reverse("desk:create", args=["finance_voucher"]) + f"?reverses=PZ-{pk}").content.decode()
        assert f'value="PZ-{pk}"' in link
        paper = chief.get(reverse("finance:paper", args=[pk]))
        text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
        assert "4,826.50" in text and "肆仟捌佰贰拾陆元伍角" in text


def test_a_month_is_closed_on_its_page_and_what_forbids_it_is_said(ground: Ground) -> None:
    planted(ground, BEFORE)
    book = ground.small.units["H1"]
    with unlocked(ground):
        chief = ground.browser("chief")
        sent, close, reopen = (
            {"month": f"{BEFORE:%Y-%m}"},
            reverse("finance:close", args=[book]),
            reverse("finance:reopen", args=[book]),
        )
        assert chief.post(close, sent).status_code == 302
        assert "已结账" in chief.get(reverse("finance:periods") + f"?month={BEFORE:%Y-%m}").content.decode()
        asked = f"?month={BEFORE:%Y-%m}"
        sheet = openpyxl.load_workbook(io.BytesIO(chief.get(reverse("finance:periods_export") + asked).content)).active
        heads, *rows = sheet.iter_rows(values_only=True)
        assert (
            heads[3] == "借方发生额（元）" and next(row[1:3] for row in rows if row[0] == "县人民医院")[0] == "已结账"
        )
        assert all(isinstance(row[3], int | float) for row in rows)
        for paper in ("finance:periods_paper", "finance:listing_paper"):
            assert chief.get(reverse(paper) + asked).content.startswith(b"%PDF-")
        refused = chief.post(reopen, sent | {"why": ""})
        assert refused.status_code == 422 and "原因" in refused.content.decode()
        assert chief.post(reopen, sent | {"why": "补记折旧"}).status_code == 302
        assert ground.browser("chief2", quiet=True).post(close, sent).status_code == 404
