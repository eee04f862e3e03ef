"""What a value may be, how it is written for people and read back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.policy.rules import units
from yigongti.policy.rules.terms import Column, Limit, Parameter, Table

HOUR = timedelta(hours=1)
DUE = {
    "within": "24 hours",
    "remind_before": "6 hours",
    "escalate_after": "12 hours",
    "director_after": "2 days",
}


def parameter(unit: str, **more: object) -> Parameter:
    return Parameter("a.key", "某项", unit, "…", **more)  # type: ignore[arg-type]


TARGETS = parameter("table", columns=(Column("by", "到期", "date"), Column("share", "比例", "bp")))


def test_a_limit_keeps_its_distances_from_the_due_moment() -> None:
    assert units.check(parameter("limit"), DUE) == Limit(24 * HOUR, 6 * HOUR, 12 * HOUR, 48 * HOUR)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("remind_before", "24 hours"),
        ("remind_before", "0 hours"),
        ("director_after", "11 hours"),
        ("within", "1 day"),
        ("within", "1.5 hours"),
        ("within", 24),
        ("within", "0 hours"),
    ],
)
def test_a_limit_out_of_order_or_badly_written_is_refused(field: str, text: object) -> None:
    with pytest.raises(units.ValueFault):
        units.check(parameter("limit"), {**DUE, field: text})


def test_a_limit_needs_exactly_its_four_parts() -> None:
    with pytest.raises(units.ValueFault, match="四项"):
        units.check(parameter("limit"), {"within": "24 hours"})


@pytest.mark.parametrize("raw", [4.0, "4", None, True, -1, 10**14])
def test_a_number_is_a_whole_number_within_reason(raw: object) -> None:
    with pytest.raises(units.ValueFault):
        units.check(parameter("days"), raw)


@pytest.mark.parametrize(("number", "fine"), [(4, False), (5, True), (6, True), (19, True), (20, True), (21, False)])
def test_bounds_include_their_ends(number: int, fine: bool) -> None:
    bounded = parameter("count", least=5, most=20)
    if fine:
        assert units.check(bounded, number) == number
    else:
        with pytest.raises(units.ValueFault, match="不能"):
            units.check(bounded, number)


@pytest.mark.parametrize(("share", "fine"), [(0, True), (9999, True), (10000, True), (10001, False)])
def test_a_share_is_at_most_the_whole(share: int, fine: bool) -> None:
    if fine:
        assert units.check(parameter("bp"), share) == share
    else:
        with pytest.raises(units.ValueFault, match="100%"):
            units.check(parameter("bp"), share)


@pytest.mark.parametrize(
    ("unit", "typed", "value"),
    [
        ("bp", "20%", 2000),
        ("bp", "12.35 %", 1235),
        ("bp", "２０％", 2000),
        ("days", "30 天", 30),
        ("days", "30", 30),
        ("hours", "３小时", 3),
        ("flag", "是", True),
        ("date", "2026-01-01", date(2026, 1, 1)),
        ("text", " 甲 ", "甲"),
        ("list", "甲、乙", ("甲", "乙")),
        ("fen", "150", 15000),
        ("fen", "1,234.5 元", 123450),
    ],
)
def test_what_a_person_types_is_read(unit: str, typed: str, value: object) -> None:
    assert units.read(parameter(unit), typed) == value


@pytest.mark.parametrize(
    ("unit", "typed"),
    [
        ("bp", "20"),
        ("bp", "0.2"),
        ("bp", "12.345%"),
        ("bp", "NaN%"),
        ("bp", "101%"),
        ("days", "三天"),
        ("days", "-1"),
        ("days", "1e3"),
        ("days", "9" * 40),
        ("date", "2026-02-30"),
        ("date", "2026-13-01"),
        ("flag", "真"),
        ("text", ""),
        ("text", "字" * 501),
        ("list", ""),
        ("list", "甲、甲"),
        ("limit", "4 小时"),
        ("limit", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_in_chinese(unit: str, typed: str) -> None:
    with pytest.raises(units.ValueFault) as fault:
        units.read(parameter(unit), typed)
    assert any("一" <= sign <= "鿿" for sign in str(fault.value))


def test_a_list_is_bound_to_its_choices() -> None:
    roles = parameter("list", choices={"desk": "转诊服务台", "doctor": "医生"})
    assert units.read(roles, "医生、desk") == ("doctor", "desk")
    assert units.write(roles, ("doctor", "desk")) == "医生、转诊服务台"
    with pytest.raises(units.ValueFault, match=r"护士.*转诊服务台、医生"):
        units.read(roles, "医生、护士")
    with pytest.raises(units.ValueFault, match="医生"):
        units.check(parameter("text", choices={"doctor": "医生"}), "nurse")
    assert units.read(parameter("text", choices={"doctor": "医生"}), "医生") == "doctor"


def test_a_table_names_the_row_and_the_column_that_is_wrong() -> None:
    table = units.read(TARGETS, "2025-12-31 | 90%\n2027-12-31 | 95%")
    assert isinstance(table, Table)
    assert table.row(by=date(2027, 12, 31)) == {"by": date(2027, 12, 31), "share": 9500}
    with pytest.raises(KeyError):
        table.row(by=date(2026, 12, 31))
    with pytest.raises(units.ValueFault, match="第 2 行"):
        units.read(TARGETS, "2025-12-31 | 90%\n2027-12-31")
    with pytest.raises(units.ValueFault, match=r"到期.*重复"):
        units.read(TARGETS, "2025-12-31 | 90%\n2025-12-31 | 95%")


MINUTES = st.integers(1, 60 * 24 * 30).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    remind, rest, escalate, director = (draw(MINUTES) for _ in range(4))
    due = remind + rest
    return Limit(due, remind, escalate, escalate + director)


@given(
    st.one_of(
        st.tuples(st.just(parameter("limit")), limits()),
        st.tuples(st.sampled_from([parameter(unit) for unit in units.COUNTED]), st.integers(0, units.MOST)),
        st.tuples(st.just(parameter("bp")), st.integers(0, units.FULL)),
        st.tuples(st.just(parameter("flag")), st.booleans()),
        st.tuples(st.just(parameter("date")), st.dates()),
        st.tuples(
            st.just(TARGETS),
            st.dictionaries(st.dates(), st.integers(0, units.FULL), min_size=1, max_size=5).map(
                lambda rows: Table(("by", "share"), tuple(rows.items()))
            ),
        ),
    )
)
def test_every_value_survives_being_written_and_read_and_stored(case: tuple[Parameter, object]) -> None:
    known, value = case
    assert units.read(known, units.write(known, value)) == value  # type: ignore[arg-type]
    assert units.check(known, units.raw(value)) == value  # type: ignore[arg-type]
