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
        " from fund_clearing k join access_unit u on u.id = k.consortium_id order by u.code"
    )
    assert found
    balance, split, kept, members, approved, two = found[0]
    assert balance > 0
    assert split == balance
    assert kept == members > 0
    assert approved
    assert two
    assert all(row[0] < 0 for row in found[1::2]), "every second consortium has overspent"


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
