import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigongti.kernel.pinyin import MAX_READINGS, name, words


@pytest.mark.parametrize(
    ("person", "full"),
    [
        ("曾国藩", "zeng guo fan"),
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("解晓东", "xie xiao dong"),
        ("区文诗", "ou wen shi"),
        ("尉迟恭", "yu chi gong"),
        ("长孙无忌", "zhang sun wu ji"),
        ("万俟卨", "mo qi xie"),
        ("翟志刚", "zhai zhi gang"),
        ("查良镛", "zha liang yong"),
        ("吕布", "lv bu"),
        ("欧阳锋", "ou yang feng"),
    ],
)
def test_a_surname_is_read_as_a_surname(person: str, full: str) -> None:
    assert name(person).full == full


def test_a_compound_surname_needs_a_given_name_after_it() -> None:
    assert name("单于勇").full == "chan yu yong"
    assert name("单于").full == "shan yu"
    assert name("曾").full == "zeng"


def test_the_same_character_inside_a_given_name_keeps_its_usual_sound() -> None:
    assert name("王单").full == "wang dan"
    assert name("李解").full == "li jie"


def test_a_term_is_read_in_context_and_not_as_a_surname() -> None:
    assert words("重庆银行").full == "chong qing yin hang"
    assert words("单克隆抗体").full.startswith("dan ")


def test_initials_are_one_letter_a_character() -> None:
    assert name("单雄信").initials == "sxx"
    assert words("2型糖尿病").initials == "2xtnb"


def test_a_name_is_found_also_by_the_reading_a_stranger_would_type() -> None:
    assert name("单雄信").readings[0] == "sxx"
    assert "dxx" in name("单雄信").readings
    assert len(name("单乐行长单乐行长").readings) == MAX_READINGS == 8
    assert "cgf" in name("曾国藩").readings


@pytest.mark.parametrize(("rare", "full"), [("𠮷田", "ji tian"), ("刘䶮", "liu yan"), ("㛃", "jie")])
def test_rare_characters_have_a_sound(rare: str, full: str) -> None:
    assert name(rare).full == full


def test_a_character_nobody_can_read_stands_for_itself() -> None:
    assert name("王\U000323af").initials == "w\U000323af"


def test_names_in_letters_and_dots_are_kept_readable() -> None:
    assert name("O'Neil Zhang").full == "oneil zhang"
    assert name("阿依努尔·买买提").full == "a yi nu er mai mai ti"
    assert name("ＡＢ").full == "ab"


def test_an_empty_name_has_no_sound() -> None:
    assert (name("").full, name("").initials, name("").readings) == ("", "", ())


def test_names_sort_by_sound_then_tone() -> None:
    people = ["张三", "曾一", "安宁", "李四", "林五", "赵六", "王二", "汪二"]
    assert sorted(people, key=lambda person: name(person).sort_key) == [
        "安宁", "李四", "林五", "汪二", "王二", "曾一", "张三", "赵六",
    ]  # fmt: skip


@given(st.text(max_size=30))
def test_any_text_has_a_bounded_answer(text: str) -> None:
    found = name(text)
    assert len(found.readings) <= MAX_READINGS
    if found.readings:
        assert found.initials in found.readings
