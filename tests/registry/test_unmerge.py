"""Merge → work → unmerge: every row of either person is reachable afterwards, nothing twice, nothing guessed."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps

from tests.service.story import Story
from yigongti.kernel import wiring
from yigongti.kernel.access.models import Subject
from yigongti.kernel.case.facade import Refused, perform
from yigongti.registry import facade as registry
from yigongti.registry.models import Merge
from yigongti.registry.queries.sorting import recorded

STAYS = {
    "access_grant": "ends with the merge or with what was written", "access_delegation": "given by the person themself",
    "access_familycode": "given by the person themself",
    "access_seat": "the person's own account", "access_subject": "the pointer itself",
    "registry_resident": "the entry itself", "registry_merge": "the merge itself", "registry_sorting": "the decision itself",
    "registry_suspect": "about the pair", "registry_sounding": "of the entry's own name",
    "registry_breakglass": "moves with its case", "registry_unknown": "of the entry as it was found",
    "registry_kin": "of the entry as it was entered", "registry_lifeevent": "of the entry that it changed",
    "registry_card": "names one entry", "registry_carduse": "of the card", "registry_belonging": "of the entry's residence",
    "case_notice": "what was told then",
    "case_case": "with all that hangs on it; the page of sorting says so",
    "care_keytag": "computed anew for both", "care_socialfact": "told of the entry",
}  # fmt: skip
"""Tables about a person whose rows stay with their entry, and why. All others of care and cases are sorted."""


@pytest.fixture
def told(small: Any) -> Story:
    return Story(small)


def _counts(admin: Any, subjects: list[int]) -> dict[str, list[tuple[int, int]]]:
    tables = [one.table for one in wiring.port("subject_tables")]
    return {
        table: admin.execute(
            f'select id, subject_id from "{table}" where subject_id = any(%s) order by id', [subjects]
        ).fetchall()
        for table in tables
    }


def test_every_table_about_a_person_is_sorted_or_says_why_it_stays() -> None:
    sorted_tables = {one.table for one in wiring.port("subject_tables")}
    about = {
        model._meta.db_table for model in apps.get_models()
        if model._meta.app_label in ("access", "case", "registry", "care")
        and any(f.is_relation and f.related_model is Subject for f in model._meta.concrete_fields)
    }  # fmt: skip
    assert about - sorted_tables - set(STAYS) == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_nothing_is_there_twice(told: Story, admin: Any, seed: int) -> None:
    rng, small = random.Random(seed), told.small
    keep, duplicate = small.people[0], small.people[2]
    before_merge = told.visit("village", person=0)
    with small.as_seat("registrar") as acting:
        case = registry.propose_merge(
            acting=acting, keep=keep, duplicate=duplicate, reason="同一人核对过", client_id=uuid4()
        )
    with small.as_seat("registrar2") as acting:
        perform(acting=acting, case_id=case.pk, transition="confirm", values={"note": ""}, client_id=uuid4())
    for who in ("township", rng.choice(["village", "township"])):
        told.visit(who, person=rng.choice([0, 2]))
    written = _counts(admin, [keep, duplicate])
    with pytest.raises(Refused, match="还没有分清"), small.as_seat("registrar") as acting:
        perform(acting=acting, case_id=case.pk, transition="separate", values={"note": "两人"}, client_id=uuid4())
    with small.as_seat("registrar") as acting:
        rows = recorded(acting, Merge.objects.get(pk=case.pk))
        assert before_merge not in [one.row for one in rows if one.table == "care_visit"]
        chosen = {one.key: rng.choice([keep, duplicate]) for one in rows}
        assert registry.sort_rows(acting=acting, case_id=case.pk, sides=chosen) == 0
        perform(acting=acting, case_id=case.pk, transition="separate", values={"note": "两人"}, client_id=uuid4())
    after = _counts(admin, [keep, duplicate])
    assert {t: [pk for pk, _ in rows] for t, rows in after.items()} == {
        t: [pk for pk, _ in rows] for t, rows in written.items()
    }
    for table, lines in after.items():
        for pk, subject in lines:
            assert subject == chosen.get(f"{table}:{pk}", dict(written[table])[pk])
