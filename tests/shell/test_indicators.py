"""Every indicator of the house against a table worked by hand (`cases/indicators.yaml`); one without such a table fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import override_settings
from tests.support.documents import document

from yigongti.kernel import wiring
from yigongti.kernel.access.door import Acting
from yigongti.kernel.facts import store
from yigongti.kernel.facts.facade import Fact, fact_named
from yigongti.kernel.indicator import compute
from yigongti.kernel.indicator.compute import Period, indicator_named, rows_of
from yigongti.shell import wiring as house

CASES: dict[str, Any] = document(Path(__file__).parent / "cases" / "indicators.yaml")
WORKED = [(fact, code) for fact, told in CASES.items() for code in told["indicators"]]
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
REGION = cast(Acting, SimpleNamespace(demand=lambda right: None, may=lambda right: True, units=()))
EMPTY: dict[str, Any] = {"id": 0, "text": "", "integer": 0, "fen": 0, "flag": False, "moment": None, "day": None}


@pytest.fixture(scope="module", autouse=True)
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each table of the cases as the snapshot of its fact; units keep their ids for names."""
    folder = tmp_path_factory.mktemp("facts")
    with override_settings(FACTS_DIR=folder), wiring.using(house), pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "_names", lambda codes: {})
        for name, told in CASES.items():
            _written(folder, fact_named(name), told["columns"], told["rows"])
        yield


def _written(folder: Path, fact: Fact, columns: list[str], rows: list[list[Any]]) -> None:
    whole = [{column.name: EMPTY[column.kind] for column in fact.columns} for _ in rows]
    kinds = {column.name: column.kind for column in fact.columns}
    for line, row in zip(whole, rows, strict=True):
        line.update({name: _read(kinds[name], value) for name, value in zip(columns, row, strict=True)})
    path = folder / f"{fact.name}-1.parquet"
    pq.write_table(pa.Table.from_pylist(whole, schema=store._arrow(fact.columns)), path)
    store._publish(fact.name, path, datetime(2026, 4, 3, tzinfo=ZoneInfo("UTC")), len(rows))


def _read(kind: str, value: Any) -> Any:
    if kind == "moment" and value is not None:
        return datetime.fromisoformat(str(value)).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return value


def test_every_indicator_of_the_house_is_worked_by_hand() -> None:
    assert sorted(code for _, code in WORKED) == sorted(one.code for one in wiring.offer("INDICATORS"))


@pytest.mark.parametrize(("fact", "code"), WORKED, ids=[code for _, code in WORKED])
def test_an_indicator_is_what_its_table_gives_on_paper(fact: str, code: str) -> None:
    indicator, want = indicator_named(code), CASES[fact]["indicators"][code]
    assert indicator.fact == fact
    found = compute.compute(indicator, REGION, MARCH)
    assert found.value == (None if want["value"] is None else pytest.approx(want["value"], abs=1e-9))
    assert {"numerator", "denominator"} <= want.keys() or found.denominator is None
    assert found.numerator == want.get("numerator", found.numerator)
    assert found.denominator == want.get("denominator", found.denominator)
    if indicator.kind == "duration":
        assert {part.code: [part.value, part.p90] for part in found.parts} == {
            name: pytest.approx(pair) for name, pair in want["parts"].items()
        }
    else:
        assert {part.code: part.rows for part in found.parts} == want.get("parts", {})
    counted = rows_of(indicator, REGION, MARCH)
    if indicator.kind in ("count", "breakdown", "ratio"):  # the figure opens to as many rows as it counts
        assert counted.total == found.numerator
    elif indicator.kind in ("sum", "rate"):
        assert sum(amount or 0 for amount in counted.amounts.values()) == found.numerator


SPANS = [Period(date(2026, m, 1), date(2026, m, 28)) for m in (2, 3, 4)]


@pytest.mark.parametrize("fact", list(CASES))
def test_months_asked_together_are_what_each_asks_for_itself(fact: str) -> None:
    table, _ = store.read(fact_named(fact), REGION)
    dated = [one for code in CASES[fact]["indicators"] if (one := indicator_named(code)).month]
    for column in {one.month for one in dated}:
        asked = [(one, span) for one in dated if one.month == column for span in (*SPANS[1:], SPANS[0])]
        assert compute._apart(asked) == SPANS
        together, alone = compute._by_span(table, asked, SPANS), compute._at_once(table, asked)
        assert [{k: v or 0 for k, v in one.items()} for one in together] == [
            {k: v or 0 for k, v in one.items()} for one in alone
        ]


def test_periods_that_meet_or_are_of_one_unit_or_of_another_column_are_not_told_apart() -> None:
    one, other = indicator_named("referral-up"), indicator_named("visits")
    week = Period(date(2026, 3, 25), date(2026, 4, 2))
    assert compute._apart([(one, MARCH), (one, week)]) == []
    assert compute._apart([(one, replace(MARCH, unit=1))]) == []
    assert compute._apart([(one, MARCH), (other, MARCH)]) == []
    assert compute._apart([(replace(one, month=""), MARCH)]) == []


def test_a_figure_of_one_unit_counts_the_rows_that_name_it() -> None:
    sender = replace(MARCH, unit=12)
    assert compute.compute(indicator_named("referral-up"), REGION, sender).value == 2
    assert compute.compute(indicator_named("referral-closed"), REGION, replace(MARCH, unit=22)).value == 1


def test_no_figure_is_read_in_fen() -> None:
    from yigongti.kernel.indicator.description import FEN
    from yigongti.kernel.indicator.templatetags.indicator import amount, counting, unit_of

    money = [one for one in house.INDICATORS if one.unit == FEN]
    assert money
    for one in money:
        assert (amount(1_234_567, one), unit_of(one)) == ("12,345.67", "元"), one.code
    for one in house.INDICATORS:
        assert FEN not in counting(100, one.counted_unit), one.code
        assert FEN not in counting(100, one.whole_unit), one.code
        assert "%" not in counting(100, one.counted_unit), f"{one.code}: a numerator is no share"


@pytest.mark.parametrize(
    ("fen", "told"), [(99_999_999, "999,999.99 元"), (100_000_000, "100.00 万元"), (-193_101_089, "-193.10 万元")]
)
def test_from_a_million_yuan_a_tile_tells_ten_thousands(fen: int, told: str) -> None:
    from yigongti.kernel.indicator.description import FEN, Figure
    from yigongti.kernel.indicator.templatetags.indicator import tile_amount, tile_unit

    one = next(one for one in house.INDICATORS if one.unit == FEN)
    figure = Figure(one, fen, fen, None, (), None, None, None)
    assert f"{tile_amount(figure)} {tile_unit(figure)}" == told
