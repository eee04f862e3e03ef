from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel.printing.breaking import NO_END, NO_START, break_lines


def cells(text: str) -> float:
    """Chinese signs two cells wide, others one, as on a terminal."""
    return sum(1 if char.isascii() else 2 for char in text)


def test_a_line_breaks_between_any_two_chinese_characters() -> None:
    assert break_lines("沙县区总医院", 8, cells) == ["沙县区总", "医院"]


def test_no_closing_mark_begins_a_line() -> None:
    assert break_lines("胸闷三天。再发", 8, cells) == ["胸闷三", "天。再发"]
    assert break_lines("（参考）。好", 8, cells) == ["（参", "考）。好"]


def test_no_opening_mark_ends_a_line() -> None:
    assert break_lines("血压升高（很）", 10, cells) == ["血压升高", "（很）"]


def test_a_number_or_word_stays_whole() -> None:
    assert break_lines("编号35042710120300047完", 20, cells) == ["编号", "35042710120300047完"]
    assert break_lines("take aspirin now", 8, cells) == ["take", "aspirin", "now"]
    assert break_lines("基金支付2,325.80元", 12, cells) == ["基金支付", "2,325.80元"], (
        "an amount is never torn at its thousands"
    )


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert break_lines("abcdefghij", 4, cells) == ["abcd", "efgh", "ij"]


def test_line_ends_are_kept_and_an_empty_text_is_one_line() -> None:
    assert break_lines("甲\n\n乙", 8, cells) == ["甲", "", "乙"]
    assert break_lines("", 8, cells) == [""]


def test_a_character_wider_than_the_line_stands_alone() -> None:
    assert break_lines("甲乙", 1, cells) == ["甲", "乙"]


@given(st.text(alphabet="甲乙，。（）“”12ab. \n", max_size=80), st.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = break_lines(text, width, cells)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert all(cells(line) <= width for line in lines)


@given(st.text(alphabet="甲乙丙丁，。（1", max_size=60).filter(lambda text: "，，" not in text))
def test_marks_keep_their_places_where_the_line_has_room(text: str) -> None:
    for before, after in zip(lines := break_lines(text, 40, cells), lines[1:], strict=False):
        pair = before[-1:] + after[:1]
        assert not (pair and pair[-1] in NO_START and pair[0] not in NO_START | NO_END)
