"""Key populations: the first rule that holds gives the colour, the colour the interval; a changed fact changes the tag."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Refused
from yigongti.kernel.jobs.facade import run
from yigongti.policy import facade as policy
from yigongti.service.care.models import KeyTag
from yigongti.service.care.tags import actions, queries, rules
from yigongti.service.care.tags.jobs import JOBS

from .story import Story

DAILY, OF_ONE = JOBS
TABLE = rules.rules_of([
    {"category": "hypertension", "colour": "red", "condition": "hypertension & systolic >= 180", "reason": "高"},
    {"category": "hypertension", "colour": "green", "condition": "hypertension", "reason": "稳"},
    {"category": "chronic_elderly", "colour": "yellow", "condition": "age >= 65 & chronic >= 2", "reason": "多病"},
])  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "colours"),
    [
        ({"hypertension": 1, "systolic": 179}, {"hypertension": "green"}),
        ({"hypertension": 1, "systolic": 180}, {"hypertension": "red"}),
        ({"hypertension": 1}, {"hypertension": "green"}),
        ({"systolic": 200}, {}),
        ({"age": 64, "chronic": 2}, {}),
        ({"age": 65, "chronic": 2}, {"chronic_elderly": "yellow"}),
        ({"age": 65, "chronic": 1}, {}),
    ],
)
def test_the_first_rule_that_holds_gives_the_colour(facts: dict[str, int], colours: dict[str, str]) -> None:
    assert {tag.category: tag.colour for tag in rules.tags(facts, TABLE)} == colours


@pytest.mark.parametrize("condition", ["hiv", "age >= x", "age ~ 3", "", "psychosis & age > 3"])
def test_a_rule_that_cannot_be_read_or_names_a_sensitive_fact_is_refused(condition: str) -> None:
    with pytest.raises(rules.RuleFault):
        rules.rules_of([{"category": "child", "colour": "red", "condition": condition, "reason": "x"}])


def test_the_shipped_rules_are_readable_and_name_no_sensitive_class() -> None:
    rows = policy.value(actions.RULES, place="411700", on=date(2026, 1, 1)).value.named()  # type: ignore[union-attr]
    assert {rule.category for rule in rules.rules_of(rows)} == set(rules.CATEGORIES)
    assert not {"hiv", "psychosis", "mental"} & rules.FACTS


def test_what_a_village_establishes_becomes_a_dated_tag_and_ends_with_it(story: Story) -> None:
    person = story.small.people[0]
    with story.seat("village") as acting:
        fact = actions.note_social(
            acting=acting, subject_id=person, category="lone_elderly", evidence="入户核实，独居", document="",
            starts=calendar.today(), client_id=uuid4(),
        )  # fmt: skip
        with pytest.raises(Refused, match="已经登记"):
            actions.note_social(
                acting=acting, subject_id=person, category="lone_elderly", evidence="入户核实，独居", document="",
                starts=calendar.today(), client_id=uuid4(),
            )  # fmt: skip
    run(DAILY)
    with story.seat("village") as acting:
        tag = KeyTag.objects.get(subject_id=person, category="lone_elderly", until=None)
        assert tag.colour == "yellow" and tag.due > tag.since and "lone_elderly" in tag.rule
        assert [row.total for row in queries.villages(acting)] == [1]
        assert queries.badges((person,)) == (("黄色·孤寡独居老人", "due"),)
        actions.end_social(acting=acting, fact_id=fact.pk, why="子女已返乡")
    run(OF_ONE, subject_id=person)
    with story.seat("village"):
        assert KeyTag.objects.get(subject_id=person, category="lone_elderly").until == calendar.today()
    with story.seat("village3"):
        assert KeyTag.objects.count() == 0
