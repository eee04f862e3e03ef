"""The simulated county's two years of money: nothing that the rules would refuse, work waiting for who decides."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

pytestmark = pytest.mark.county


@pytest.fixture
def rows(county: str, admin: psycopg.Connection) -> Any:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        return admin.execute(sql).fetchall()  # type: ignore[arg-type]

    return ask


def test_last_year_was_cleared_to_the_fen_with_something_left_for_the_first_consortium(rows: Any) -> None:
    found = rows(
        "select k.balance_fen, k.kept_fen + k.returned_fen, k.kept_fen,"
        " (select sum(wages_fen + aid_fen + capacity_fen) from fund_clearedmember m where m.clearing_id = k.case_id),"
        " k.approved_at is not null, k.prepared_account <> k.approved_account"
        " from fund_clearing k join access_unit u on u.id = k.consortium_id"
        " where k.version = (select max(version) from fund_clearing o where o.consortium_id = k.consortium_id) order by u.code"
    )
    assert found
    balance, split, kept, members, approved, two = found[0]
    assert balance > 0
    assert split == balance
    assert kept == members > 0
    assert approved
    assert two
    assert all(row[0] < 0 for row in found[1::2]), "every second consortium has overspent"


def test_the_first_consortium_had_overspent_by_the_heads_first_counted_and_what_was_posted_for_it_is_taken_back(
    rows: Any,
) -> None:
    ((balance, fund, members, posted, red, left),) = rows(
        "select k.balance_fen, k.fund_share_fen,"
        " (select sum(overspend_fen) from fund_clearedmember m where m.clearing_id = k.case_id),"
        " (select count(*) from finance_voucher v where v.source = '/case/' || k.case_id || '/' and v.reverses_id is null),"
        " (select count(*) from finance_voucher v where v.reverses_id in"
        "   (select id from finance_voucher o where o.source = '/case/' || k.case_id || '/')),"
        " (select sum(debit) from finance_line n join finance_voucher v on v.id = n.voucher_id"
        "   where v.source = '/case/' || k.case_id || '/')"
        " from fund_clearing k where k.version = 1 and exists (select 1 from fund_clearing o where o.supersedes_id = k.case_id)"
    )
    assert balance < 0 < members
    assert fund + members == -balance
    assert posted == red > 0
    assert left == 0


def test_prepayments_of_this_year_wait_too_long_and_those_of_last_year_are_confirmed(rows: Any) -> None:
    late = rows("select count(*) from case_case where flow = 'fund_prepayment' and closed_at is null and due < now()")
    assert late[0][0] > 0
    last = rows(
        "select count(*) filter (where confirmed_on is null), count(*) from fund_prepayment"
        " where year = (select min(year) from fund_prepayment)"
    )
    assert last[0][0] == 0
    assert last[0][1] > 0


def test_nothing_lies_in_the_future_and_every_negotiation_has_its_rounds(rows: Any) -> None:
    assert rows("select count(*) from fund_monthfigure where booked_at > now()") == [(0,)]
    assert {n for (n,) in rows("select count(*) from fund_offer group by agreement_id")} == {3}
    assert rows("select count(*) from fund_paylist where approved_at is null")[0][0] > 0


def test_every_act_that_moved_money_has_its_balanced_voucher(rows: Any) -> None:
    source = "select count(distinct v.client_id) from finance_voucher v where v.source = '/case/' || {}.{} || '/' and v.reverses_id is null"
    for table, key, approved, postings in (
        ("fund_prepayment", "case_id", "passed_on is not null", 2), ("fund_clearing", "case_id", "approved_at is not null", 1),
        ("fund_paylist", "case_id", "approved_at is not null", 1),
        ("fund_finding", "case_id", "approved_at is not null and recover_fen > 0", 1),
    ):  # fmt: skip
        found = rows(f"select count(*), sum(({source.format('t', key)})) from {table} t where {approved}")
        assert found[0][0] > 0, table
        assert found[0][1] == postings * found[0][0], table
    assert rows(
        "select count(*) from (select voucher_id from finance_line group by 1 having sum(debit) <> sum(credit)) x"
    ) == [(0,)]
    assert rows(
        "select count(*) from fund_finding where approved_at is not null and recover_fen > 0 and voucher is null"
    ) == [(0,)]


def test_vouchers_are_numbered_without_a_gap_those_of_the_fund_by_day(rows: Any) -> None:
    assert rows(
        "select count(*) from (select number - row_number() over (partition by book_id, month order by number) as gap"
        " from finance_voucher) x where gap <> 0"
    ) == [(0,)]
    assert rows(
        "select count(*) from (select posted_on - lag(posted_on) over (partition by book_id, month order by number) as days"
        " from finance_voucher v where not exists (select 1 from finance_draft d where d.voucher_id = v.id)) x where days < 0"
    ) == [(0,)]


def test_the_running_year_is_near_its_even_course(rows: Any) -> None:
    found = rows(
        "select (select sum(paid_fen) from fund_monthfigure m where (m.consortium_id, m.year) = (b.consortium_id, b.year)),"
        " b.pool_fen, extract(month from current_date)::int - 1 from fund_budget b"
        " where b.year = (select max(year) from fund_budget)"
    )
    for spent, pool, months in found:
        if months > 2:  # of a young year five hundred residents tell nothing
            assert 0.75 < float(spent) / (float(pool) * months / 12) < 1.25
