"""The starter list of diagnoses: well-formed, complete enough, and honest about what it marks."""

from __future__ import annotations

import re

from tests.data.files import REGISTRY, diseases, rows

CHAPTERS = {row["chapter"]: row for row in rows(REGISTRY / "icd10_chapters.csv")}
PROGRAMMES = {
    "hypertension",
    "diabetes",
    "copd",
    "asthma",
    "chd",
    "stroke",
    "heart_failure",
    "af",
    "rhd",
    "ckd",
    "tb",
    "hepatitis",
    "hiv",
    "smd",
    "dementia",
    "parkinson",
    "epilepsy",
    "cancer",
    "cirrhosis",
    "thyroid",
    "dyslipidaemia",
    "gout",
    "obesity",
    "ra",
    "osteoarthritis",
    "osteoporosis",
}


def test_there_are_at_least_six_hundred_codes_and_none_twice() -> None:
    listed = [row["code"] for row in rows(REGISTRY / "icd10_starter.csv")]
    assert len(listed) >= 600
    assert len(listed) == len(set(listed))
    assert listed == sorted(listed)


def test_every_code_has_the_shape_of_icd10() -> None:
    assert [code for code in diseases() if not re.fullmatch(r"[A-Z]\d\d(\.\d)?", code)] == []


def test_a_category_is_not_listed_beside_its_own_subdivisions() -> None:
    three = {code for code in diseases() if len(code) == 3}
    assert {code for code in diseases() if len(code) > 3 and code[:3] in three} == set()


def test_names_are_chinese_unique_and_free_of_stray_space() -> None:
    names = [row["name"] for row in diseases().values()]
    assert len(names) == len(set(names))
    for name in names:
        assert name == name.strip()
        assert re.search(r"[\u4e00-\u9fff]", name)
        assert not re.search(r"[(),]", name), name


def test_every_code_has_words_a_doctor_types_and_none_repeats_the_name() -> None:
    for code, row in diseases().items():
        words = row["aliases"].split(";")
        assert all(word and word == word.strip() for word in words), code
        assert len(words) == len(set(words)), code
        assert row["name"] not in words, code


def test_the_chapter_agrees_with_the_range_of_its_categories() -> None:
    for code, row in diseases().items():
        chapter = CHAPTERS[row["chapter"]]
        assert chapter["code_from"] <= code[:3] <= chapter["code_to"], code


def test_limits_of_sex_and_age_are_valid() -> None:
    for code, row in diseases().items():
        assert row["sex"] in {"", "M", "F"}, code
        low, high = (int(row[name]) if row[name] else None for name in ("age_min_days", "age_max_days"))
        assert low is None or low > 0, code
        assert low is None or high is None or low < high, code


def test_pregnancy_is_for_women_of_fertile_age_and_perinatal_codes_for_infants() -> None:
    for code, row in diseases().items():
        if code[0] == "O":
            assert (row["sex"], row["age_min_days"], row["age_max_days"]) == ("F", "3653", "21915"), code
        if code[0] == "P":
            assert int(row["age_max_days"]) <= 366, code


def test_hiv_and_severe_mental_illness_are_sensitive_and_nothing_else_is() -> None:
    sensitive = {code for code, row in diseases().items() if row["sensitive"] == "1"}
    tagged = {code for code, row in diseases().items() if row["chronic"] in {"hiv", "smd"}}
    assert tagged <= sensitive
    assert {"B24", "Z21", "R75", "F20.9", "F22.0", "F25.9", "F31.9"} <= sensitive
    assert all(code[0] in "FBZR" for code in sensitive)
    assert {row["sensitive"] for row in diseases().values()} == {"0", "1"}


def test_programme_tags_come_from_the_documented_list() -> None:
    used = {row["chronic"] for row in diseases().values()} - {""}
    assert used <= PROGRAMMES
    assert {"hypertension", "diabetes", "copd", "tb", "smd"} <= used


def test_the_notifiable_classes_follow_the_list_of_forty_two() -> None:
    def classed(mark: str) -> set[str]:
        return {code for code, row in diseases().items() if row["notifiable"] == mark}

    assert classed("甲") == {"A00.9", "A20.9"}
    assert {"A92.0", "A93.8", "U07.1", "B04", "A15.0", "B05.9", "A82.9", "J09", "A33"} <= classed("乙")
    assert {
        "J10.1",
        "B26.9",
        "B06.9",
        "B08.4",
        "A30.9",
        "B30.3",
        "A75.2",
        "B55.0",
        "B67.9",
        "B74.9",
        "A08.0",
    } <= classed("丙")
    assert {row["notifiable"] for row in diseases().values()} == {"", "甲", "乙", "丙"}
    for free in ("B01.9", "A35", "B08.5", "A17.0", "J18.9", "A05.9"):
        assert diseases()[free]["notifiable"] == "", free
