import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel import text
from yigongti.kernel.text import TextError, cell, clean, code, mask_id, mask_name, mask_phone, uncell


def test_text_is_trimmed_and_its_blanks_made_plain() -> None:
    assert clean("  张\u3000三\t\n ", max_length=20) == "张 三"


def test_lines_are_kept_where_they_are_meant() -> None:
    assert clean("头痛\r\n三天  \r\r无热\u2028\n", max_length=50, lines=True) == "头痛\n三天\n\n无热"


def test_invisible_characters_are_dropped_so_that_equal_names_are_equal() -> None:
    assert clean("\ufeff张\u200b三\u00ad", max_length=9) == "张三"


def test_composed_and_decomposed_letters_become_the_same() -> None:
    assert clean("e\u0301", max_length=9) == clean("\u00e9", max_length=9)


@pytest.mark.parametrize(
    ("code_in_file", "point"),
    [
        ("FE51", 0x20087),
        ("FE52", 0x20089),
        ("FE53", 0x200CC),
        ("FE59", 0x9FB4),
        ("FE61", 0x9FB5),
        ("FE66", 0x9FB6),
        ("FE67", 0x9FB7),
        ("FE6C", 0x215D7),
        ("FE6D", 0x9FB8),
        ("FE76", 0x2298F),
        ("FE7E", 0x9FB9),
        ("FE90", 0x9FBA),
        ("FE91", 0x241FE),
        ("FEA0", 0x9FBB),
    ],
)
def test_a_character_from_a_gb18030_file_gets_its_own_code_point(code_in_file: str, point: int) -> None:
    """Whatever edition of the standard this Python's decoder follows (GB 18030-2022, table of changes)."""
    assert clean(bytes.fromhex(code_in_file).decode("gb18030"), max_length=9) == chr(point)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("张\x00三", "空字符"),
        ("张\x07三", "第 2 个字符是控制字符（U\\+0007）"),
        ("张\x1b[2J", "控制字符"),
        ("\x9f", "控制字符"),
        ("张\ud800", "不完整"),
        ("张\u202e三", "第 2 个字符会改变文字方向（U\\+202E）"),
        ("长" * 21, "最多 20 个字，现有 21 个"),
        ("长" * 1_000_000, "最多 20 个字"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_the_field_and_the_remedy(bad: str, words: str) -> None:
    with pytest.raises(TextError, match=f"姓名.*{words}|{words}") as caught:
        clean(bad, max_length=20, label="姓名")
    assert str(caught.value).startswith("姓名")


def test_exactly_the_longest_text_is_accepted() -> None:
    assert len(clean("长" * 20, max_length=20)) == 20


def test_a_code_is_half_width_upper_case_without_blanks() -> None:
    assert code(" １１０１０５ 19491231００２x ") == "11010519491231002X"


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more(value: str) -> None:
    try:
        once = clean(value, max_length=80, lines=True)
    except TextError:
        return
    assert clean(once, max_length=80, lines=True) == once


@pytest.mark.parametrize(
    "attack",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        " =1",
        "\t=1",
        "\r=1",
        "＝1",
        "\u3000=1",
        "-1-1",
        "'=1",
    ],
)
def test_no_cell_begins_as_a_formula(attack: str) -> None:
    assert cell(attack).startswith("'")
    assert uncell(cell(attack)) == attack


@pytest.mark.parametrize("harmless", ["-12.5", "+3", "-", "-0.5%", "张三", "", "1-2", "'引号", "a=b"])
def test_plain_text_and_signed_numbers_are_left_alone(harmless: str) -> None:
    assert cell(harmless) == harmless


@given(st.text(alphabet="=+-@'\t \u3000a1", max_size=12))
def test_an_exported_cell_reads_back_as_it_was(value: str) -> None:
    assert uncell(cell(value)) == value


def test_masks_leave_what_recognises_and_hide_the_rest() -> None:
    assert mask_name("欧阳明") == "欧**"
    assert mask_name("张三") == "张*"
    assert mask_name("李") == "*"
    assert mask_name("") == ""
    assert mask_id("11010519491231002X") == "11************002X"
    assert mask_phone("13812345678") == "138****5678"


@pytest.mark.parametrize("mask", [mask_id, mask_phone])
@pytest.mark.parametrize(("number", "seen"), [("1234", 0), ("12345", 2), ("12345678", 2), ("", 0)])
def test_a_short_number_is_hidden_more_not_less(mask: object, number: str, seen: int) -> None:
    masked = mask(number)  # type: ignore[operator]
    assert len(masked) == len(number)
    assert len(number) - masked.count("*") == seen


def test_a_number_of_nine_signs_shows_both_ends() -> None:
    assert mask_id("123456789") == "12***6789"
    assert mask_phone("123456789") == "123**6789"


def test_a_shortened_text_ends_with_an_ellipsis() -> None:
    assert text.shorten("一二三四五", 4) == "一二三…"
    assert text.shorten("一二三四", 4) == "一二三四"
    assert text.shorten("一二三四", 1) == "…"
