"""Emergency access: at once, for hours, told to the person, judged by somebody else."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Denied
from yigongti.kernel.access.models import Grant
from yigongti.kernel.audit.models import Entry
from yigongti.kernel.case.facade import Case, Notice, perform
from yigongti.registry import facade as registry
from yigongti.registry.desk import BREAK_GLASS_DESK
from yigongti.registry.models import BreakGlass

from .small import Small

WHY = "昏迷送来，来不及核对证件，需要过敏史"


def _break(small: Small, who: str = "specialist", client_id: UUID | None = None) -> Case:
    with small.as_seat(who) as acting:
        return registry.break_glass(
            acting=acting, subject_id=small.people[0], reason=WHY, client_id=client_id or uuid4()
        )


def _do(small: Small, who: str, case: Case, transition: str) -> Case:
    with small.as_seat(who) as acting:
        return perform(
            acting=acting, case_id=case.pk, transition=transition, values={"note": "已核实情况", "question": "说明"},
            client_id=uuid4(),
        )  # fmt: skip


def test_the_record_opens_at_once_and_closes_by_itself(small: Small) -> None:
    with small.as_seat("specialist"):
        assert registry.banner(small.people[0]) is None
    _break(small)
    with small.as_seat("specialist") as acting:
        grant = registry.opened(acting, small.people[0])
        assert grant is not None
        assert grant.until is not None
        assert timedelta(hours=2, minutes=59) < grant.until - calendar.now() <= timedelta(hours=3)
        with calendar.moved(timedelta(hours=3, seconds=1)):
            assert registry.opened(acting, small.people[0]) is None


def test_the_supervisor_has_it_on_the_desk_and_the_resident_sees_it(small: Small) -> None:
    case = _break(small)
    with small.as_seat("supervisor") as acting:
        found = Case.objects.get(pk=case.pk)
        assert found.holder_unit_id in acting.units
        assert found.due is not None
        assert found.title == "紧急调阅 张三"
        assert BREAK_GLASS_DESK.detail is not None
        assert ("理由", WHY) in BREAK_GLASS_DESK.detail(found, BreakGlass.objects.get(pk=case.pk))
    with small.as_seat("patient"):
        assert BreakGlass.objects.get().reason == WHY
        assert Notice.objects.filter(subject_id=small.people[0]).count() == 1
        assert Entry.objects.filter(action="break_glass").get().why == WHY


def test_an_unjustified_one_closes_the_record_now_and_the_head_answers(small: Small) -> None:
    case = _break(small, "village2")
    _do(small, "supervisor", case, "find_unjustified")
    with small.as_seat("village2") as acting:
        assert registry.opened(acting, small.people[0], at=calendar.now() + timedelta(seconds=1)) is None
    with small.as_seat("supervisor"):
        assert BreakGlass.objects.get().verdict == "unjustified"
        assert Grant.objects.get(case_id=case.pk).until <= calendar.now()
    with pytest.raises(Denied):
        _do(small, "village2", case, "rectify")


def test_the_head_of_the_own_unit_rectifies(small: Small) -> None:
    case = _break(small, "village")
    _do(small, "supervisor", case, "find_unjustified")
    assert _do(small, "head_c1", case, "rectify").outcome == "unjustified"


def test_a_question_goes_back_to_who_opened_it(small: Small) -> None:
    case = _break(small)
    asked = _do(small, "supervisor", case, "ask")
    assert asked.holder_seat_id == small.seats["specialist"]
    _do(small, "specialist", case, "explain")
    assert _do(small, "supervisor", case, "justify").outcome == "justified"


def test_the_same_client_id_opens_it_once(small: Small) -> None:
    client_id = uuid4()
    assert _break(small, client_id=client_id).pk == _break(small, client_id=client_id).pk
    with small.as_seat("supervisor"):
        assert Grant.objects.filter(reason="break_glass").count() == 1


def test_without_the_right_nothing_opens(small: Small) -> None:
    for who in ("desk", "admin", "director", "patient"):
        with pytest.raises(Denied):
            _break(small, who)
    with small.as_seat("supervisor"):
        assert Grant.objects.count() == 0
