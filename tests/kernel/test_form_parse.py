"""Reading what people type: every value exact, every mistake answered with what, where and the remedy."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.desk_toy import Codes

from yigongti.kernel.form import (
    Choice,
    Consent,
    Env,
    Field,
    Form,
    FormError,
    Group,
    Known,
    Parsed,
    Picked,
    Problem,
    blank,
    describe,
    parse,
)  # fmt: skip
from yigongti.kernel.form.reading import Unreadable, day, decimal, fen, integer, moment
from yigongti.kernel.form.values import loaded, plain, stored

ENV = Env(
    today=date(2026, 3, 5),
    now=datetime(2026, 3, 5, 4, tzinfo=UTC),
    who="李医生",
    sources={"codes": Codes(), "resident": Codes()},
    masked={"idn": "43****1234"},
)
EVERYTHING = Form(
    "test.all",
    "全部",
    fields=(
        Field("name", "姓名", max_length=10),
        Field("story", "经过", "longtext"),
        Field("count", "次数", "integer", min=0, max=99, unit="次"),
        Field("temp", "体温", "decimal", places=1, min=Decimal("30"), max=Decimal("45"), unit="℃"),
        Field("fee", "费用", "fen", min=0),
        Field("on", "日期", "date", max=lambda env: env.today),
        Field("at", "时间", "datetime"),
        Field("way", "方式", "choice", choices=(("walk", "步行"), ("cart", "平车"))),
        Field("signs", "症状", "choices", choices=(("a", "发热"), ("b", "咳嗽"), ("c", "胸痛")), max=2),
        Field("smokes", "吸烟", "yesno"),
        Field("packs", "每日支数", "integer", required=True, when=("smokes", True)),
        Field("dx", "诊断", "code", source="codes"),
        Field("who", "居民", "resident"),
        Field(
            "drugs", "药品", "table", max=3,
            columns=(Field("drug", "名称", required=True), Field("dose", "剂量", "decimal", unit="mg")),
        ),
        Field("agree", "知情同意", "consent"),
        Field("idn", "身份证号", masked=True),
    ),
)  # fmt: skip


def read(**data: Any) -> Parsed:
    return parse(EVERYTHING, data, env=ENV)


def said(parsed: Parsed) -> str:
    return " ".join(problem.text for problem in parsed.problems)


# ---- never raises ----------------------------------------------------------------------------------------------

texts = st.text(max_size=200) | st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "１２３",
        "2026-13-01",
        "2026年2月30日",
        "１．５",
        "yes",
        "a",
        "I10",
        "=1+1",
        "\ud800",
        "-0",
        "1e5",
        "٣",
    ]
)
names = st.sampled_from(
    [field.name for field in EVERYTHING.fields]
    + [
        "dx__q",
        "agree-by",
        "agree-relation",
        "agree-at",
        "drugs-0-drug",
        "drugs-0-dose",
        "drugs-99999-drug",
        "drugs--x",
    ]
)


@settings(max_examples=300)
@given(st.dictionaries(names | st.text(max_size=20), texts | st.lists(texts, max_size=4), max_size=12))
def test_whatever_is_sent_is_read_or_refused_in_words_and_never_raises(data: dict[str, Any]) -> None:
    parsed = parse(EVERYTHING, data, env=ENV)
    assert all(problem.message and problem.text.endswith(("。", "）")) for problem in parsed.problems)
    assert stored(EVERYTHING, loaded(EVERYTHING, parsed.stored)) == parsed.stored
    describe(EVERYTHING, parsed.stored)
    describe(EVERYTHING, parsed.values)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_every_reader_of_one_text_raises_nothing_but_unreadable(raw: str) -> None:
    for reader in (integer, fen, day, moment, lambda text: decimal(text, places=2)):
        with contextlib.suppress(Unreadable):
            reader(raw)


@given(st.integers(-(10**11), 10**11))
def test_yuan_text_becomes_exactly_the_same_fen(amount: int) -> None:
    sign, whole, cents = "-" if amount < 0 else "", abs(amount) // 100, abs(amount) % 100
    assert fen(f"{sign}{whole}.{cents:02d}") == amount
    assert fen(f"{sign}{whole:,}.{cents:02d} 元") == amount


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_way_of_writing_a_day_means_the_same_day(on: date) -> None:
    ways = (
        on.isoformat(), f"{on.year}/{on.month}/{on.day}", f"{on.year}年{on.month}月{on.day}日", f"{on:%Y%m%d}",
        f"{on.year}.{on.month}.{on.day}", on.isoformat().translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}),
    )  # fmt: skip
    assert {day(way) for way in ways} == {on}


# ---- numbers ---------------------------------------------------------------------------------------------------


def test_full_width_digits_are_read_as_digits() -> None:
    parsed = read(count="１２", temp="３６．５", fee="￥１，２３４．５")
    assert parsed.ok
    assert parsed.values["count"] == 12
    assert parsed.values["temp"] == Decimal("36.5")
    assert parsed.values["fee"] == 123_450


@pytest.mark.parametrize(
    ("raw", "words"),
    [("12.5", "不是整数"), ("十二", "不是数字"), ("100", "应在 0 次 到 99 次 之间"), ("-1", "超出范围")],
)
def test_a_wrong_whole_number_is_refused_with_its_limits(raw: str, words: str) -> None:
    assert words in said(read(count=raw))


@pytest.mark.parametrize(("raw", "ok"), [("29.9", False), ("30", True), ("30.0", True), ("45", True), ("45.1", False)])
def test_limits_include_their_ends(raw: str, ok: bool) -> None:
    assert read(temp=raw).ok is ok


def test_too_many_decimals_are_refused_not_rounded() -> None:
    parsed = read(temp="36.55", fee="1.234")
    assert "最多 1 位小数" in said(parsed)
    assert parsed.problem("fee") is not None


# ---- days ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("2026-02-30", "2026 年 2 月没有 30 日"),
        ("2025-02-29", "2025 年 2 月没有 29 日"),
        ("2026-13-01", "没有 13 月"),
        ("2026-00-10", "没有 0 月"),
        ("0999-01-01", "年份 999 不合理"),
        ("明天", "不是日期"),
        ("2026-03-06", "不能晚于 2026-03-05"),
    ],
)
def test_an_impossible_day_is_named(raw: str, words: str) -> None:
    assert words in said(read(on=raw))


def test_a_leap_day_exists_in_a_leap_year() -> None:
    assert read(on="2024-2-29").values["on"] == date(2024, 2, 29)


def test_a_time_is_read_on_the_wall_clock_of_the_region() -> None:
    for raw in ("2026-03-05 14:30", "2026-03-05T14:30", "2026年3月5日 14:30", "２０２６－０３－０５　１４：３０"):
        assert read(at=raw).values["at"] == datetime(2026, 3, 5, 6, 30, tzinfo=UTC), raw
    assert "没有 25:00 这个时间" in said(read(at="2026-03-05 25:00"))
    assert "缺少日期或时间" in said(read(at="14:30"))


# ---- texts -----------------------------------------------------------------------------------------------------


def test_nul_and_other_control_characters_are_refused() -> None:
    assert "NUL" in said(read(name="张\x00三"))
    assert "控制字符" in said(read(story="a\x07b"))


def test_a_million_characters_are_refused_at_once_and_say_how_many_are_allowed() -> None:
    assert "最多 4000 个字" in said(read(story="长" * 1_000_000))
    assert "最多 10 个字" in said(read(name="一二三四五六七八九十甲"))


def test_a_long_text_keeps_its_lines() -> None:
    assert read(story="一\r\n二").values["story"] == "一\n二"


def test_what_was_typed_is_kept_beside_the_problems() -> None:
    parsed = read(on="2026-02-30", name="张三")
    assert parsed.raw["on"] == ["2026-02-30"]
    assert parsed.raw["name"] == ["张三"]


# ---- choices, look-ups, conditions -----------------------------------------------------------------------------


def test_only_offered_choices_are_taken() -> None:
    assert read(way="cart").values["way"] == "cart"
    assert "不是可选的项" in said(read(way="fly"))
    assert read(signs=["a", "b", "a"]).values["signs"] == ("a", "b")
    assert "最多选 2 项" in said(read(signs=["a", "b", "c"]))


def test_a_code_is_looked_up_and_keeps_the_label_of_the_day() -> None:
    assert read(dx="I10").values["dx"] == Picked("I10", "原发性高血压")
    assert "没有找到「X99」" in said(read(dx="X99"))


@pytest.mark.parametrize("code", ["²", "１２３٣", "一", "I10\u0661"])
def test_a_code_outside_plain_signs_is_never_handed_to_a_source(code: str) -> None:
    class Strict(Codes):
        def get(self, code: str) -> Choice | None:
            int(code.encode("ascii").decode(), 36)  # what a source of row ids does
            return super().get(code)

    parsed = parse(
        EVERYTHING,
        {"dx": code, "who": code},
        env=Env(ENV.today, ENV.now, sources={"codes": Strict(), "resident": Strict()}),
    )
    assert {problem.field for problem in parsed.problems} == {"dx", "who"}


def test_a_typed_exact_name_finds_its_code_without_a_script() -> None:
    assert read(dx__q="肺炎").values["dx"] == Picked("J18", "肺炎")


def test_a_new_text_wins_over_a_code_left_over_from_before() -> None:
    assert read(dx="I10", dx__q="肺炎").values["dx"] == Picked("J18", "肺炎")
    assert "没有找到「肺」" in said(read(dx="I10", dx__q="肺"))


def test_a_person_is_never_guessed_from_a_name() -> None:
    assert "没有找到" in said(read(who__q="肺炎"))


def test_a_conditional_question_is_asked_only_under_its_condition() -> None:
    assert "packs" not in read(smokes="no", packs="20").values
    assert "每日支数没有填写" in said(read(smokes="yes"))
    assert read(smokes="yes", packs="20").values["packs"] == 20


# ---- tables ----------------------------------------------------------------------------------------------------


def test_rows_of_a_table_are_read_in_order_and_empty_ones_left_out() -> None:
    parsed = parse(
        EVERYTHING,
        {"drugs-0-drug": "甲", "drugs-0-dose": "5", "drugs-1-drug": "", "drugs-7-drug": "乙"},
        env=ENV,
    )
    assert parsed.values["drugs"] == ({"drug": "甲", "dose": Decimal("5")}, {"drug": "乙", "dose": None})


def test_a_problem_in_a_row_names_the_row() -> None:
    parsed = parse(EVERYTHING, {"drugs": [{"drug": "甲"}, {"dose": "5"}]}, env=ENV)
    assert [problem.field for problem in parsed.problems] == ["drugs-1-drug"]
    assert "药品第 2 行名称没有填写" in said(parsed)


def test_too_many_rows_are_refused() -> None:
    assert "最多 3 行" in said(parse(EVERYTHING, {"drugs": [{"drug": "甲"}] * 4}, env=ENV))


# ---- consent ---------------------------------------------------------------------------------------------------


def test_a_consent_records_who_agreed_when_and_who_took_it_down() -> None:
    parsed = parse(EVERYTHING, {"agree": "yes", "agree-by": "张三", "agree-relation": "self"}, env=ENV)
    assert parsed.values["agree"] == Consent(True, "张三", "本人", ENV.now, "李医生")


def test_a_consent_without_a_name_or_from_the_future_is_refused() -> None:
    assert "没有写由谁同意" in said(parse(EVERYTHING, {"agree": "yes", "agree-relation": "self"}, env=ENV))
    late = {"agree": "yes", "agree-by": "张", "agree-relation": "self", "agree-at": "2026-03-05 12:01"}
    assert "将来" in said(parse(EVERYTHING, late, env=ENV))


def test_a_required_consent_stops_the_form() -> None:
    form = Form("t.c", "t", fields=(Field("ok", "同意书", "consent", required=True),))
    assert "没有记录同意书" in said(parse(form, {}, env=ENV))


# ---- masked values ---------------------------------------------------------------------------------------------


def test_a_masked_value_sent_back_changes_nothing() -> None:
    parsed = read(idn="43****1234", name="张三")
    assert parsed.ok
    assert "idn" not in parsed.values
    assert "idn" not in parsed.stored
    assert parsed.unchanged == {"idn"}


def test_a_masked_value_changed_by_half_is_refused() -> None:
    parsed = read(idn="43****1235")
    assert "遮蔽" in said(parsed)
    assert "idn" not in parsed.values


def test_a_new_whole_value_replaces_a_masked_one() -> None:
    assert read(idn="430102").values["idn"] == "430102"


def test_a_masked_value_is_never_described_whole() -> None:
    (line,) = describe(EVERYTHING, {"idn": "430102199001011234"})
    assert "19900101" not in line.text


# ---- the form's own check --------------------------------------------------------------------------------------


def test_the_forms_check_runs_only_when_every_field_could_be_read() -> None:
    seen: list[dict[str, Any]] = []

    def check(values: dict[str, Any]) -> list[Problem]:
        seen.append(values)
        return [Problem("b", "乙应大于甲", "改乙", "规则第2条")] if values["b"] <= values["a"] else []

    form = Form("t.check", "t", fields=(Field("a", "甲", "integer"), Field("b", "乙", "integer")), check=check)
    assert not parse(form, {"a": "x", "b": "1"}, env=ENV).ok
    assert not seen
    assert said(parse(form, {"a": "2", "b": "1"}, env=ENV)) == "乙应大于甲。改乙。（依据：规则第2条）"
    assert parse(form, {"a": "1", "b": "2"}, env=ENV).ok


def test_what_is_known_is_asked_for_when_a_form_is_shown_and_not_when_it_is_sent() -> None:
    asked: list[Env] = []

    def known(env: Env) -> dict[str, Known]:
        asked.append(env)
        return {"name": Known("甲")}

    env = ENV.asking(known)
    form = Form("toy", "登记", (Field("name", "姓名"),))
    assert parse(form, {"name": "乙"}, env=env).values == {"name": "乙"} and not asked
    assert blank(form, env=env).raw["name"] == ["甲"] and len(env.known) == 1 and len(asked) == 1


# ---- known values and reading back -----------------------------------------------------------------------------


def test_what_is_known_is_filled_in_and_reads_back_as_itself() -> None:
    known = {
        "count": 7, "temp": Decimal("36.5"), "fee": 12_345, "on": date(2026, 3, 1), "way": "cart", "signs": ("a", "b"),
        "smokes": True, "packs": 3, "dx": Picked("I10", "原发性高血压"), "story": "一\n二",
        "at": datetime(2026, 3, 1, 1, tzinfo=UTC),
        "drugs": ({"drug": "甲", "dose": Decimal("5")},), "agree": Consent(True, "张三", "监护人", ENV.now, "李医生"),
    }  # fmt: skip
    filled = blank(EVERYTHING, env=ENV.knowing(**{name: Known(value) for name, value in known.items()}))
    again = parse(EVERYTHING, filled.raw, env=ENV)
    assert again.ok
    assert {name: value for name, value in again.values.items() if value not in (None, ())} == known


def test_describing_shows_labels_units_and_choices_in_words() -> None:
    values = read(count="3", way="cart", fee="12.5", signs=["a", "b"], smokes="no", dx="I10").stored
    lines = {line.label: line.text for line in describe(EVERYTHING, values)}
    assert lines == {
        "次数": "3 次", "方式": "平车", "费用": "12.50 元", "症状": "发热、咳嗽", "吸烟": "否",
        "诊断": "原发性高血压（I10）",
    }  # fmt: skip


def test_a_stored_value_that_no_longer_fits_is_shown_as_it_is() -> None:
    lines = describe(EVERYTHING, {"on": "很久以前", "way": "sledge", "dx": {"old": 1}})
    assert [line.text for line in lines][:2] == ["很久以前", "sledge"]


def test_storing_without_a_field_gives_the_same_as_storing_with_it() -> None:
    parsed = read(temp="36.5", on="2026-03-01", dx="I10", drugs=[{"drug": "甲", "dose": "5"}])
    assert {name: plain(value) for name, value in parsed.values.items()} == parsed.stored


# ---- descriptions that can't be meant --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Field("Name", "x"),
        lambda: Field("client_id", "x"),
        lambda: Field("a", "x", "wish"),
        lambda: Field("a", "x", "choice"),
        lambda: Field("a", "x", "code"),
        lambda: Field("a", "x", "table"),
        lambda: Field("a", "x", "integer", masked=True),
        lambda: Form("a", "x", fields=(Field("a", "x"), Field("a", "y"))),
        lambda: Form("a", "x", fields=(Field("a", "x", when=("b", True)), Field("b", "y", "yesno"))),
        lambda: Form("a", "x", fields=(Field("a", "x"),), groups=(Group("g", ("b",)),)),
    ],
)
def test_a_description_that_cannot_be_meant_is_refused_when_it_is_made(wrong: Any) -> None:
    with pytest.raises(FormError):
        wrong()


def test_choices_may_depend_on_the_surroundings() -> None:
    form = Form("t.d", "t", fields=(Field("a", "甲", "choice", choices=lambda env: (Choice(env.who, env.who),)),))
    assert parse(form, {"a": "李医生"}, env=ENV).ok
    assert not parse(form, {"a": "王医生"}, env=ENV).ok


def test_a_sentence_with_a_pattern_keeps_its_chinese_punctuation_and_a_code_is_read_in_half_width() -> None:
    form = Form(
        "toy.reason", "理由",
        (
            Field("reason", "理由", "longtext", pattern=r"[\s\S]{5,}", pattern_says="至少 5 个字"),
            Field("login", "账号", pattern=r"[a-z0-9]+", pattern_says="字母和数字"),
        ),
    )  # fmt: skip
    found = parse(form, {"reason": "昏迷送至急诊，家属不在。", "login": "ａｂ１"}, env=ENV)
    assert found.values == {"reason": "昏迷送至急诊，家属不在。", "login": "ab1"}
