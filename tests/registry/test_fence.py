"""Who sees which resident: by responsibility, by relation, by a case; never by asking."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection

from yigongti.kernel.access.door import Outside
from yigongti.registry import facade as registry
from yigongti.registry.models import Resident

from .small import Small

SEEN = {
    "village": {0, 1, 2}, "village2": {3, 4}, "village3": {5, 6}, "township": {0, 1, 2, 3, 4}, "desk": set(),
    "specialist": set(), "tcm": set(), "head_c1": set(), "director": set(), "supervisor": set(),
    "admin": set(range(7)), "registrar": set(range(7)), "patient": {0}, "robot_clock": set(), "robot_facts": set(range(7)),
}  # fmt: skip


def test_each_role_sees_the_residents_of_its_reach_and_no_other(small: Small) -> None:
    for who, wanted in SEEN.items():
        with small.as_seat(who):
            found = set(Resident.objects.values_list("pk", flat=True))
        assert found == {small.people[i] for i in wanted}, who


def test_with_the_fence_off_the_same_test_would_see_everybody(small: Small, as_owner: object) -> None:
    from yigongti.kernel.access.maintenance import maintenance

    with as_owner(), maintenance(reason="control"):  # type: ignore[operator]
        assert Resident.objects.count() == len(small.people)


def test_outside_the_door_a_query_raises(small: Small) -> None:
    with pytest.raises(ProgrammingError):
        Resident.objects.count()
    with pytest.raises((ProgrammingError, Outside)), connection.cursor() as cursor:
        cursor.execute("select * from registry.search('zs', true, '', '', '', '', '', 10)")


def test_a_hospital_sees_the_person_after_a_visit_with_evidence_and_keeps_the_banner(small: Small) -> None:
    with small.as_seat("specialist") as acting:
        assert registry.banner(small.people[0]) is None
        registry.relate_by_visit(
            acting=acting, subject_id=small.people[0], evidence=registry.Evidence("typed", small.numbers[0])
        )
        person = registry.banner(small.people[0])
    assert person is not None
    assert person.name == "张三"
    assert small.numbers[0] not in repr(person)
    with small.as_seat("tcm"):
        assert registry.banner(small.people[0]) is None


def test_a_doctor_cannot_register_a_person_at_another_unit(small: Small) -> None:
    with pytest.raises(ProgrammingError), small.as_seat("village"):
        Resident.objects.create(
            subject_id=_new_subject(), name="甲", pinyin="jia", initials="j", sex="male", birth_date="2000-01-01",
            id_kind="none", record_number="9" * 17, place="439921101201", registered_id=small.units["H1"],
            registered_at="2026-01-01T00:00Z", changed_at="2026-01-01T00:00Z",
        )  # fmt: skip


def _new_subject() -> int:
    from yigongti.kernel.access.models import Subject

    return int(Subject.objects.create().pk)
