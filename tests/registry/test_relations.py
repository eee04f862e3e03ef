"""A visit's relation: only with evidence, only for so long, and seen by the supervisor when nothing came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import Grant
from yigongti.kernel.case.facade import Refused
from yigongti.registry import facade as registry
from yigongti.registry.queries.relations import without_act

from .small import Small


def _typed(small: Small, number: str, person: int = 0, who: str = "specialist") -> Grant:
    with small.as_seat(who) as acting:
        return registry.relate_by_visit(
            acting=acting, subject_id=small.people[person], evidence=registry.Evidence("typed", number)
        )


def test_the_whole_number_of_this_person_opens_the_record_for_the_days_of_policy(small: Small) -> None:
    grant = _typed(small, small.numbers[0])
    assert grant.ends == calendar.today() + timedelta(days=30)
    assert (grant.unit_id, grant.evidence, grant.acted) == (small.units["H1"], "typed", False)


def test_full_width_digits_are_the_same_number(small: Small) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in small.numbers[0])
    assert _typed(small, wide).subject_id == small.people[0]


@pytest.mark.parametrize("number", ["", "123", "11010519491231002X", "x" * 1000])
def test_another_number_opens_nothing(small: Small, number: str) -> None:
    with pytest.raises(Refused):
        _typed(small, number)
    with small.as_seat("supervisor"):
        assert Grant.objects.count() == 0


def test_a_second_visit_lengthens_the_relation(small: Small) -> None:
    first = _typed(small, small.numbers[0])
    with calendar.moved(timedelta(days=10)):
        second = _typed(small, small.numbers[0])
        assert second.pk == first.pk
        assert second.ends == calendar.today() + timedelta(days=30)


def test_without_the_right_there_is_no_relation(small: Small) -> None:
    with pytest.raises(Denied):
        _typed(small, small.numbers[0], who="admin")


def test_an_appointment_must_be_about_this_person_at_this_unit(small: Small) -> None:
    with pytest.raises(Refused, match="转诊单"), small.as_seat("specialist") as acting:
        registry.relate_by_visit(
            acting=acting, subject_id=small.people[0], evidence=registry.Evidence("appointment", case_id=1)
        )


def test_a_relation_without_any_act_is_on_the_supervisors_list_until_something_is_written(small: Small) -> None:
    _typed(small, small.numbers[0])
    later = calendar.today() + timedelta(days=1)
    with small.as_seat("supervisor") as acting:
        assert [g.unit_id for g in without_act(acting, on=later)] == [small.units["H1"]]
    with small.as_seat("specialist") as acting:
        registry.acted(acting, small.people[0])
    with small.as_seat("supervisor") as acting:
        assert not without_act(acting, on=later).exists()
