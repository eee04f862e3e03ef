"""docs/policy-map.md says what the parameter files say, and every file it names speaks of the key."""

from __future__ import annotations

import re

from yigongti.policy import map as policy_map

REMEDY = "run python -m yigongti.policy.map --write"


def written_rows() -> list[list[str]]:
    text = policy_map.PAGE.read_text(encoding="utf-8")
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| ")
    ]


def test_the_map_holds_exactly_the_shipped_values() -> None:
    expected = {line.cells for group in policy_map.lines().values() for line in group}
    on_page = {tuple(row[:4]) for row in written_rows() if len(row) == 7 and row[0] not in ("clause", "---")}
    assert on_page == expected, REMEDY


def test_every_rule_and_test_the_map_names_speaks_of_the_key() -> None:
    for row in written_rows():
        if len(row) != 7 or "`" not in row[1]:
            continue
        key = re.findall(r"`([a-z_.0-9]+)`", row[1])[0]
        for path in re.findall(r"`([^`]+)`", row[4] + row[5]):
            file = policy_map.ROOT / (path if path.startswith("tests/") else f"src/yigongti/{path}")
            assert file.exists(), f"{path}: {REMEDY}"
            assert key in file.read_text(encoding="utf-8"), f"{path} no longer speaks of {key}: {REMEDY}"


def test_the_map_shows_the_blueprint_with_its_clauses() -> None:
    text = policy_map.PAGE.read_text(encoding="utf-8")
    assert "Blueprint BP-H" in text
    assert "综合管理服务中心、人力资源中心、财务管理中心" in text


def test_every_key_that_the_code_asks_for_is_defined() -> None:
    asked = re.compile(r"(?:policy|facade)\.(?:value|duration|limit|limit_at_unit)\(\s*[\"']([^\"']+)[\"']")
    for path in sorted((policy_map.ROOT / "src").rglob("*.py")):
        for key in asked.findall(path.read_text(encoding="utf-8")):
            assert key in policy_map.shipped().parameters, f"{path.name} asks for {key}, which no file defines"


TOLD = {
    "audit.retention": "the least time a log is kept; nothing of this platform deletes one",
    "network.diseases.county": "how many diseases a county treats, told beside the list of abilities it is compared with by people",
    "network.diseases.township": "the same of a township",
    "network.private_lead": "what a system settles once for all when it is set up: blueprint and comparison tell it",
    "network.single_legal_person": "the same",
    "network.tcm_primary": "a target of a text without a figure of this platform: no source says who counts it",
    "target.counties_built": "a province's target; a county has no figure of it",
    "target.primary_tcm": "as network.tcm_primary",
    "workforce.city_experts": "of the module of staff, which is not built",
    "workforce.posting_suspends": "the same",
}
"""Parameters that no code reads, with why they are told all the same."""


def test_every_parameter_is_read_by_code_or_it_is_said_why_it_is_only_told() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((policy_map.ROOT / "src").rglob("*.py")))
    asked = set(re.findall(r"[\"']([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)[\"']", code))
    begun = tuple(re.findall(r"f[\"']([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*\.)\{", code))
    keys = set(policy_map.shipped().parameters)
    unread = {key for key in keys - asked if not key.startswith(begun)}
    assert unread == set(TOLD), "read it, delete it, or say here why it is told; and take out of here what is read now"
