"""Every voucher of the fund balances in each book, whatever the amounts."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from yigongti.benefit.fund.rules import vouchers
from yigongti.benefit.fund.rules.vouchers import Line, Result
from yigongti.management.finance.facade import CHART


def balanced(lines: list[Line]) -> bool:
    books: dict[int, int] = defaultdict(int)
    for line in lines:
        assert line.debit >= 0
        assert line.credit >= 0
        assert bool(line.debit) != bool(line.credit), "one side of a line"
        assert line.account in CHART, "an account of the books"
        books[line.book] += line.debit - line.credit
    return not any(books.values())


def test_receipt_passing_on_and_a_recovery_balance_in_each_book() -> None:
    assert balanced(vouchers.received(1, 5))
    assert balanced(vouchers.passed_on(1, 2, 5))
    assert balanced(vouchers.recovered(1, 5))
    assert vouchers.recovered(1, 0) == []


def test_a_list_from_the_pool_and_between_members_balances_and_leaves_out_nothing_but_zeros() -> None:
    lines = vouchers.listed([(None, 3, 700), (4, 3, 50), (4, 5, 0)])
    assert balanced(lines)
    assert sum(line.debit for line in lines if line.book == 3) == 750
    assert not [line for line in lines if line.book == 5]


@pytest.mark.parametrize("seed", range(50))
def test_a_year_end_balances_for_any_result(seed: int) -> None:
    rng = random.Random(seed)
    results = [
        Result(n, rng.randint(-(10**6), 10**12), rng.choice((0, rng.randint(0, 10**9))), rng.choice((0, rng.randint(0, 10**9))),
               rng.randint(0, 10**12)) for n in range(1, 20)
    ]  # fmt: skip
    assert balanced(vouchers.cleared(results))


@pytest.mark.parametrize(("prepaid", "account"), [(9, vouchers.RECEIVABLE), (10, None), (11, vouchers.TO_RETURN)])
def test_one_fen_decides_whether_money_is_claimed_or_owed(prepaid: int, account: str | None) -> None:
    lines = vouchers.cleared([Result(1, 10, 0, 0, prepaid)])
    found = {line.account for line in lines} & {vouchers.RECEIVABLE, vouchers.TO_RETURN}
    assert found == ({account} if account else set())
