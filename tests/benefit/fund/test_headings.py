"""Which field a column of a settlement list is: the national name or Chinese."""

from __future__ import annotations

import pytest

from yigongti.benefit.fund.rules import headings, lists


def test_every_field_is_known_by_its_national_name_its_title_and_each_further_word_and_no_word_means_two() -> None:
    told = [(word, one.name) for one in lists.FIELDS for word in (one.name, one.title, *headings.ALIASES[one.name])]
    assert {word: headings.name_of(word) for word, _ in told} == dict(told)
    assert len({word for word, _ in told}) == len(told)
    assert headings.ALIASES.keys() == lists.TITLES.keys()


@pytest.mark.parametrize(
    ("head", "name"),
    [("* 总费用（元）", "medfee_sumamt"), ("总费用(medfee_sumamt)", "medfee_sumamt"), ("medfee_sumamt 总费用", "medfee_sumamt"),
     ("　身份证号 ", "certno"),
     ("ＣＥＲＴＮＯ", "certno"), ("入院日期", "adm_time"), ("机构级别（县外）", "level"), ("备注", None), ("", None)],
)  # fmt: skip
def test_width_stars_units_and_both_names_together_do_not_matter(head: str, name: str | None) -> None:
    assert headings.name_of(head) == name


def test_two_columns_of_one_field_are_refused_by_their_names() -> None:
    with pytest.raises(headings.TwoColumns, match="列“证件号码”和“身份证号”是同一个字段"):
        headings.named(["结算编号", "证件号码", "身份证号"])
    assert headings.named(["结算编号", "备注", "备注"]) == ["setl_id", "备注", "备注"]


def test_columns_that_must_be_there_are_named_once_and_so_is_what_is_none_of_ours() -> None:
    heads = headings.named(
        ["结算编号", "种类", "", *(one.title for one in lists.FIELDS if one.name not in ("setl_id", "med_type"))]
    )
    assert headings.lacking(heads) == (["医疗类别（med_type）"], ["种类"])
    assert headings.lacking(headings.named([one.title for one in lists.FIELDS])) == ([], [])


def test_how_each_column_that_must_be_there_and_has_a_form_is_written_is_said() -> None:
    assert {one.name for one in lists.FIELDS if one.required and not one.says} == {
        "mdtrt_id", "medins_fill_dept", "bill_code", "bill_no",
    }  # fmt: skip
    assert lists.WRITTEN.keys() <= lists.TITLES.keys()
