"""Merging two entries of one person: two registrars, nothing lost, nothing opened to strangers, taken back whole."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import Grant, Subject
from yigongti.kernel.case.facade import Case, Conflict, Refused, perform
from yigongti.registry import facade as registry
from yigongti.registry.models import Merge, Resident

from .small import Small


def _relate(small: Small, who: str, person: int) -> None:
    with small.as_seat(who) as acting:
        registry.relate_by_visit(
            acting=acting, subject_id=small.people[person], evidence=registry.Evidence("typed", small.numbers[person])
        )


def _propose(small: Small, who: str = "registrar") -> Case:
    with small.as_seat(who) as acting:
        return registry.propose_merge(
            acting=acting, keep=small.people[0], duplicate=small.people[2], reason="电话核对为同一人", client_id=uuid4()
        )


def _do(small: Small, who: str, case: Case, transition: str) -> Case:
    with small.as_seat(who) as acting:
        return perform(
            acting=acting, case_id=case.pk, transition=transition, values={"note": "核对"}, client_id=uuid4()
        )


def test_a_merge_needs_a_second_person(small: Small) -> None:
    case = _propose(small)
    with pytest.raises(Refused, match="提出人"):
        _do(small, "registrar", case, "confirm")
    _do(small, "registrar2", case, "confirm")
    with small.as_seat("registrar"):
        assert Subject.objects.get(pk=small.people[2]).canonical_id == small.people[0]
        assert registry.same_person(small.people[2]) == (small.people[0], small.people[2])


def test_who_could_read_one_can_read_both_and_nobody_else(small: Small) -> None:
    _relate(small, "specialist", 0)
    _relate(small, "tcm", 2)
    before = _rows(small)
    case = _propose(small)
    _do(small, "registrar2", case, "confirm")
    for who in ("specialist", "tcm"):
        with small.as_seat(who):
            assert set(Resident.objects.values_list("pk", flat=True)) == {small.people[0], small.people[2]}
    with small.as_seat("village3"):
        assert Resident.objects.filter(pk__in=[small.people[0], small.people[2]]).count() == 0
    after = _rows(small)
    assert before <= after, "a merge rewrote or lost a row"


def _rows(small: Small) -> set[tuple[object, ...]]:
    with small.as_seat("registrar"):
        people = set(Resident.objects.values_list("pk", "name", "record_number", "id_index", "registered_at"))
    with small.as_seat("supervisor"):
        return people | set(Grant.objects.values_list("pk", "subject_id", "unit_id", "starts", "ends"))


def test_the_search_shows_the_canonical_entry_once(small: Small) -> None:
    case = _propose(small)
    _do(small, "registrar2", case, "confirm")
    with small.as_seat("village") as acting:
        for text in ("李四", small.numbers[2]):
            assert [c.subject_id for c in registry.search(acting, text).candidates] == [small.people[0]]


def test_taking_back_restores_both_and_closes_what_was_carried_over(small: Small) -> None:
    _relate(small, "specialist", 0)
    case = _propose(small)
    _do(small, "registrar2", case, "confirm")
    with calendar.moved(timedelta(hours=1)):
        _do(small, "registrar", case, "separate")
    with small.as_seat("registrar"):
        assert registry.same_person(small.people[2]) == (small.people[2],)
        assert not Resident.objects.get(pk=small.people[2]).merged
        assert Merge.objects.get(pk=case.pk).unmerged_at is not None
    with small.as_seat("specialist") as acting, calendar.moved(timedelta(hours=2)):
        assert registry.opened(acting, small.people[2]) is None
        assert registry.opened(acting, small.people[0]) is not None


def test_a_chain_of_merges_stays_flat_and_comes_apart_in_order(small: Small) -> None:
    with small.as_seat("registrar") as acting:
        first = registry.propose_merge(
            acting=acting, keep=small.people[2], duplicate=small.people[1], reason="同一人核对过", client_id=uuid4()
        )
    _do(small, "registrar2", first, "confirm")
    second = _propose(small)
    _do(small, "registrar2", second, "confirm")
    with small.as_seat("registrar"):
        assert registry.same_person(small.people[1]) == (small.people[0], small.people[1], small.people[2])
    with pytest.raises(Refused, match="后来"):
        _do(small, "registrar", first, "separate")
    _do(small, "registrar", second, "separate")
    with small.as_seat("registrar"):
        assert registry.same_person(small.people[1]) == (small.people[2], small.people[1])


def test_a_pair_is_proposed_once_and_a_closed_case_moves_no_more(small: Small) -> None:
    case = _propose(small)
    with pytest.raises(Refused, match="已在审核中"):
        _propose(small, "village")
    _do(small, "registrar2", case, "reject")
    with pytest.raises(Conflict):
        _do(small, "registrar2", case, "confirm")
    with small.as_seat("registrar"):
        assert Subject.objects.get(pk=small.people[2]).canonical_id is None


def test_a_doctor_may_propose_but_not_decide(small: Small) -> None:
    case = _propose(small, "village")
    with pytest.raises(Denied):
        _do(small, "village", case, "confirm")
    with pytest.raises(Refused, match="可见范围"), small.as_seat("village") as acting:
        registry.propose_merge(
            acting=acting, keep=small.people[0], duplicate=small.people[5], reason="同名同姓", client_id=uuid4()
        )


def test_the_person_sees_both_entries_as_the_own_record(small: Small) -> None:
    case = _propose(small)
    _do(small, "registrar2", case, "confirm")
    with small.as_seat("patient") as acting:
        assert acting.subject_id == small.people[0]
        assert set(acting.subjects) == {small.people[0], small.people[2]}
        assert Resident.objects.count() == 2
    _do(small, "registrar", case, "separate")
    with small.as_seat("patient") as acting:
        assert acting.subjects == (small.people[0],)
