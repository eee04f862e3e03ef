"""What the year's money shows on its cases: rounds of a negotiation, steps of a budget and of a year end, lines of a list."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from yigongti.benefit.fund import charts
from yigongti.benefit.fund.desk.pool import priced, word
from yigongti.benefit.fund.pages import sheets
from yigongti.benefit.fund.queries import audit, entries, steps, yearend
from yigongti.benefit.fund.queries import pool as queries
from yigongti.benefit.fund.queries.standing import standing
from yigongti.benefit.fund.rules.agreeing import TERMS, changed
from yigongti.benefit.fund.rules.vouchers import Line
from yigongti.kernel import money
from yigongti.kernel.access.facade import acting_or_none
from yigongti.kernel.access.models import Unit
from yigongti.kernel.panel import Panel
from yigongti.management.finance.facade import CHART


def record(shown: Any) -> Iterable[Panel]:
    """Slot ``case.main``."""
    makers = {
        "fund_agreement": _rounds, "fund_budget": _budget, "fund_paylist": _lines, "fund_clearing": _clearing,
        "fund_prepayment": _prepayment, "fund_finding": _recovery,
    }  # fmt: skip
    maker = makers.get(shown.case.flow)
    return maker(shown) if maker is not None else ()


def _rounds(shown: Any) -> Iterable[Panel]:
    rounds = queries.offers(shown.case.pk)
    moved = [changed(before.terms, after.terms) for before, after in pairwise(rounds)]
    rows = [
        (
            term.title,
            [
                (word(term, one.terms.get(term.name)), at > 0 and term.name in moved[at - 1])
                for at, one in enumerate(rounds)
            ],
        )
        for term in TERMS
    ]
    yield Panel("fund-rounds", "协商经过", "fund/_rounds.html", {"rounds": rounds, "rows": rows})


def _budget(shown: Any) -> Iterable[Panel]:
    row = queries.budgets([shown.case.pk]).get(shown.case.pk)
    if row is None:
        return
    told = steps.budget_steps(row, shown.acting.place)
    values = {"steps": told, "chart": charts.waterfall(f"{row.year} 年总额", told)}
    yield Panel("fund-budget", "总额怎样算出来的", "fund/_steps.html", values)


def _lines(shown: Any) -> Iterable[Panel]:
    lines = queries.lines_of(shown.case.pk)
    yield Panel("fund-lines", "明细", "fund/_paylines.html", {"lines": lines, "priced": priced(lines)})
    yield from _entries(shown, entries.of_paylist(lines))


def _prepayment(shown: Any) -> Iterable[Panel]:
    row = queries.prepayments([shown.case.pk]).get(shown.case.pk)
    if row is not None and not row.cancelled:
        yield from _entries(shown, [*entries.of_receipt(row), *entries.of_prepayment(row)])


def _clearing(shown: Any) -> Iterable[Panel]:
    row = yearend.clearings([shown.case.pk]).get(shown.case.pk)
    if row is None:
        return
    told, members = steps.clearing_steps(row, shown.acting.place), yearend.members_of(row.pk)
    others = [one for one in yearend.versions(row.consortium_id, row.year) if one.pk != row.pk]
    values = {
        "steps": told, "chart": charts.waterfall(f"{row.year} 年清算", told), "flow": charts.flow(row, members), "row": row,
        "others": others, "members": [one for one in members if one.services or one.paid_fen or one.prepaid_fen],
        "totals": sheets.totals(members), "over": row.balance_fen < 0,
    }  # fmt: skip
    yield Panel("fund-clearing", "清算怎样算出来的", "fund/_clearing.html", values)
    yield from _entries(shown, entries.of_clearing(members))


def _recovery(shown: Any) -> Iterable[Panel]:
    row = audit.by_case([shown.case.pk]).get(shown.case.pk)
    if row is not None and row.recover_fen:
        yield from _entries(shown, entries.of_recovery(row.institution_id, row.recover_fen))


def _entries(shown: Any, lines: list[Line]) -> Iterable[Panel]:
    """The booking lines and the vouchers that they became, for whoever reads the accounts."""
    if not shown.acting.may("finance.read"):
        return
    names = dict(Unit.objects.filter(pk__in={line.book for line in lines}).values_list("pk", "name"))
    values = {
        "lines": [(names.get(line.book, ""), CHART[line.account][0], line) for line in lines],
        "debit": sum(line.debit for line in lines), "credit": sum(line.credit for line in lines),
        "vouchers": entries.posted(shown.case.pk), "waiting": shown.case.closed_at is None,
    }  # fmt: skip
    yield Panel("fund-entries", "记账分录", "fund/_entries.html", values)


def balance(span: Any) -> Panel | None:
    """Slot ``cockpit``: each consortium's pool so far and its last year end, opened by a click. `span` has a ``period``."""
    acting = acting_or_none()
    if acting is None or not (acting.may("fund.pool") or acting.may("fund.supervise")):
        return None
    year = span.period.end.year
    rows = [standing(unit, year, acting.place) for unit in queries.reachable()]
    lines = [
        (one, money.percent(one.used_bp or 0), yearend.in_force(one.unit.pk, year - 1)) for one in rows if one.budget
    ]
    return (
        Panel("fund", f"{year} 年医保基金", "fund/_balance.html", {"lines": lines, "last": year - 1}) if lines else None
    )
