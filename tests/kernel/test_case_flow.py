"""Cases: checked flows, acts with one effect, the clock, both sides' view, hand-over and reopening."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.support import toy
from tests.support.people import Bare, bare_county

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.door import Acting, Denied, acting_as
from yigongti.kernel.audit import log
from yigongti.kernel.case import clock, handover, queries
from yigongti.kernel.case.engine import Conflict, open_case, perform
from yigongti.kernel.case.flow import FlowError, Holder, Refused, State, Transition, reason
from yigongti.kernel.case.models import Case, Notice, TimelineEntry
from yigongti.kernel.desk.detail import reads


@pytest.fixture
def bare(database: object, as_owner: object) -> Iterator[Bare]:
    with wiring.using(toy.wiring()):
        yield bare_county(as_owner)


class As:
    """`with As(bare, "desk_b") as acting`: the door with a log around it."""

    def __init__(self, bare: Bare, who: str) -> None:
        self.bare, self.who = bare, who

    def __enter__(self) -> Acting:
        self.log = log.collecting()
        entries = self.log.__enter__()
        self.door = acting_as(self.bare.ticket(self.who))
        entries.acting = self.door.__enter__()
        return entries.acting

    def __exit__(self, *error: Any) -> None:
        self.door.__exit__(*error)
        self.log.__exit__(*error)


def send(bare: Bare, client_id: uuid.UUID | None = None, priority: int = 0) -> int:
    with As(bare, "doctor_a") as acting:
        case = open_case(
            acting=acting, flow=toy.FLOW.code, subject_id=bare.subject, from_unit=bare.a, to_unit=bare.b,
            hq_unit=bare.consortium, title="张三 玩具单", values={"text": "x"}, client_id=client_id or uuid.uuid4(),
            priority=priority,
        )  # fmt: skip
        return case.pk


def do(bare: Bare, who: str, case_id: int, what: str, client_id: uuid.UUID | None = None, **values: Any) -> Case:
    with As(bare, who) as acting:
        return perform(
            acting=acting, case_id=case_id, transition=what, values=values, client_id=client_id or uuid.uuid4()
        )


# ---- the flow itself


def test_a_waiting_state_without_a_limit_is_an_error_of_the_flow() -> None:
    with pytest.raises(FlowError, match="without a limit"):
        replace(toy.FLOW, states=(replace(toy.FLOW.states[0], limit=None), *toy.FLOW.states[1:]))


@pytest.mark.parametrize(
    ("states", "transitions", "why"),
    [
        ((*toy.FLOW.states, State("lost", "失踪", toy.DESK, "toy.x")), toy.FLOW.transitions, "nobody can leave"),
        (toy.FLOW.states, toy.FLOW.transitions[:3], "nobody can leave"),
        (toy.FLOW.states, (*toy.FLOW.transitions, Transition("x", "x", ("nowhere",), "done", (toy.DESK,))), "unknown"),
        (toy.FLOW.states, (*toy.FLOW.transitions, toy.FLOW.transitions[0]), "named twice"),
    ],
)
def test_a_flow_that_could_lose_a_case_is_refused(states: Any, transitions: Any, why: str) -> None:
    with pytest.raises(FlowError, match=why):
        replace(toy.FLOW, states=states, transitions=transitions)


def test_a_state_that_only_others_can_leave_is_refused() -> None:
    stuck = Transition("finish", "完成", ("accepted",), "done", (toy.SENDER,))
    with pytest.raises(FlowError, match="its holder can do nothing"):
        replace(toy.FLOW, transitions=tuple(stuck if t.code == "finish" else t for t in toy.FLOW.transitions))


# ---- acts


def test_a_case_goes_from_sender_to_desk_and_both_sides_see_one_timeline(bare: Bare) -> None:
    case_id = send(bare)
    do(bare, "desk_b", case_id, "accept")
    do(bare, "desk_b", case_id, "finish")
    seen = []
    for who in ("doctor_a", "desk_b", "patient"):
        with As(bare, who):
            case = Case.objects.get(pk=case_id)
            seen.append([entry.title for entry in queries.timeline(case)])
    assert seen == [["发起玩具单", "接收", "完成"]] * 3
    assert case.outcome == "done" and case.closed_at is not None and case.due is None


def test_a_third_institution_sees_neither_case_nor_timeline(bare: Bare) -> None:
    case_id = send(bare)
    with As(bare, "director"):
        assert not Case.objects.filter(pk=case_id).exists()
        assert not TimelineEntry.objects.filter(case_id=case_id).exists()


def test_the_same_client_id_has_one_effect(bare: Bare) -> None:
    one, again = uuid.uuid4(), uuid.uuid4()
    assert send(bare, one) == send(bare, one)
    case_id = send(bare, one)
    for _ in range(3):
        assert do(bare, "desk_b", case_id, "accept", again).state == "accepted"
    with As(bare, "desk_b"):
        assert Case.objects.count() == 1 and TimelineEntry.objects.count() == 2


def test_acting_on_a_state_that_moved_on_says_who_was_quicker(bare: Bare) -> None:
    case_id = send(bare)
    do(bare, "desk_b", case_id, "accept")
    with pytest.raises(Conflict, match=r"县人民医院.*接收.*待完成"):
        do(bare, "desk_b", case_id, "decline")


def test_who_lacks_the_duty_is_denied_and_nothing_changes(bare: Bare) -> None:
    case_id = send(bare)
    with pytest.raises(Denied):
        do(bare, "doctor_a", case_id, "accept")
    with As(bare, "doctor_a"):
        assert Case.objects.get(pk=case_id).state == "sent" and TimelineEntry.objects.count() == 1


def test_a_duty_counts_only_on_its_side(bare: Bare, admin: psycopg.Connection) -> None:
    case_id = send(bare)
    admin.execute("update access_role set rights = array_append(rights, 'toy.desk') where code = 'doctor'")
    with pytest.raises(Denied):  # the sender sees the case and now holds the desk's duty, at the sending house
        do(bare, "doctor_a", case_id, "accept")


def test_a_refusing_rule_leaves_no_trace(bare: Bare) -> None:
    case_id = send(bare)
    with pytest.raises(Refused):
        do(bare, "desk_b", case_id, "accept", text="refuse me")
    with As(bare, "desk_b"):
        assert Case.objects.get(pk=case_id).state == "sent" and TimelineEntry.objects.count() == 1


def test_a_closed_case_is_reopened_with_a_new_clock(bare: Bare) -> None:
    case_id = send(bare)
    do(bare, "desk_b", case_id, "accept")
    do(bare, "desk_b", case_id, "finish")
    case = do(bare, "desk_b", case_id, "reopen")
    assert case.closed_at is None and case.due is not None and case.state == "accepted"
    with As(bare, "desk_b"):
        assert TimelineEntry.objects.order_by("-id")[0].kind == TimelineEntry.Kind.REOPENED


def test_handing_over_names_a_person_and_only_that_person_may_act(bare: Bare, admin: psycopg.Connection) -> None:
    case_id = send(bare)
    with As(bare, "head_b") as acting:
        handover.hand_over(
            acting=acting, case_id=case_id, to_seat=bare.seats["desk_b"], note="", client_id=uuid.uuid4()
        )
    with As(bare, "head_b") as acting, pytest.raises(Refused):
        handover.hand_over(
            acting=acting, case_id=case_id, to_seat=bare.seats["doctor_a"], note="", client_id=uuid.uuid4()
        )
    admin.execute("update access_seat set role_id = 'desk' where id = %s", [bare.seats["doctor_b"]])
    with pytest.raises(Denied):
        do(bare, "doctor_b", case_id, "accept")
    assert do(bare, "desk_b", case_id, "accept").state == "accepted"


# ---- my work and the clock


def test_my_work_shows_oldest_overdue_first_and_who_holds_what_i_sent(bare: Bare) -> None:
    with calendar.moved(-timedelta(hours=9)):
        old = send(bare)
    with calendar.moved(-timedelta(hours=8)):
        old_and_urgent = send(bare, priority=2)
    new = send(bare)
    new_and_urgent = send(bare, priority=2)
    with As(bare, "desk_b") as acting:
        work = queries.my_work(acting)
        assert [item.case.pk for item in work.waiting] == [old, old_and_urgent, new_and_urgent, new]
        assert [item.late for item in work.waiting] == [True, True, False, False]
        assert work.waiting[0].main is not None and work.waiting[0].main.code == "accept"
    with As(bare, "doctor_a") as acting:
        work = queries.my_work(acting)
        assert work.waiting == () and work.sent_total == 4
        assert work.sent[0].holder == "县人民医院 服务台"


def tick(bare: Bare) -> int:
    with As(bare, "robot_clock") as acting:
        return clock.tick(acting)


def test_the_clock_reminds_then_escalates_then_puts_it_on_the_directors_list(bare: Bare) -> None:
    case_id = send(bare)
    assert tick(bare) == 0
    with calendar.moved(timedelta(hours=3, minutes=1)):
        assert tick(bare) == 1 and tick(bare) == 0
        with As(bare, "desk_b") as acting:
            assert "即将到期" in queries.unread(acting)[0].text
    with calendar.moved(timedelta(hours=4, minutes=1)):
        tick(bare)
        with As(bare, "head_b") as acting:
            assert queries.my_work(acting).director_total == 1
            assert "已逾期" in queries.unread(acting)[0].text
        with As(bare, "director") as acting:
            assert queries.my_work(acting).director_total == 0
    with calendar.moved(timedelta(hours=24, minutes=1)):
        tick(bare)
        with As(bare, "director") as acting:
            assert [item.case.pk for item in queries.my_work(acting).director] == [case_id]
    with As(bare, "desk_b"):
        kinds = list(TimelineEntry.objects.filter(case_id=case_id).order_by("id").values_list("kind", flat=True))
    assert kinds == ["opened", "reminder", "escalation", "director"]


def test_who_answers_for_the_list_presses_what_is_on_it_and_reads_no_more_than_before(bare: Bare) -> None:
    case_id = send(bare)
    with As(bare, "director") as acting, pytest.raises(Case.DoesNotExist):
        handover.press(acting=acting, case_id=case_id, note="", client_id=uuid.uuid4())
    with calendar.moved(timedelta(hours=24, minutes=1)):
        tick(bare)
        once = uuid.uuid4()
        for _ in range(2):  # sent twice, one effect
            with As(bare, "director") as acting:
                handover.press(acting=acting, case_id=case_id, note="请今天接收", client_id=once)
        with As(bare, "director") as acting, pytest.raises(Refused, match="已经催办过"):
            handover.press(acting=acting, case_id=case_id, note="", client_id=uuid.uuid4())
        with As(bare, "director") as acting:
            case = Case.objects.get(pk=case_id)
            assert handover.may_press(acting, case)
            assert not handover.may_hand_over(acting, case)
            assert not reads(toy.FLOW)
            assert Case.objects.filter(pk=case_id).update_any(title="x") == 0, "it may press, not change"
        with As(bare, "desk_b") as acting:
            told = queries.unread(acting)[0]
            assert (told.urgent, told.unit_id, told.duty) == (True, bare.b, "toy.desk")
            assert "请今天接收" in told.text


def test_a_clock_that_slept_through_everything_still_tells_every_stage_once(bare: Bare) -> None:
    send(bare)
    with calendar.moved(timedelta(days=3)):
        assert tick(bare) == 1
        assert tick(bare) == 0
    with As(bare, "desk_b"):
        assert TimelineEntry.objects.count() == 4


def test_acting_in_time_stops_the_clock(bare: Bare) -> None:
    case_id = send(bare)
    do(bare, "desk_b", case_id, "accept")
    do(bare, "desk_b", case_id, "finish")
    with calendar.moved(timedelta(days=9)):
        assert tick(bare) == 0


def test_the_other_side_is_told_and_the_actor_is_not(bare: Bare) -> None:
    case_id = send(bare)
    do(bare, "desk_b", case_id, "decline")
    with As(bare, "doctor_a") as acting:
        assert [n.text for n in queries.unread(acting)] == ["张三 玩具单：县人民医院 desk_b 退回，现为“待发起方处理”"]
    with As(bare, "patient"):
        assert Notice.objects.count() == 2


def test_the_unread_are_told_first_then_the_newest_read_and_only_to_whom_they_are_addressed(bare: Bare) -> None:
    first, second = send(bare), send(bare)
    with As(bare, "desk_b") as acting:
        assert queries.mark_read(acting, calendar.now()) == 2
    third = send(bare)
    with As(bare, "desk_b") as acting:
        assert [one.case_id for one in queries.told(acting, 10)] == [third, second, first]
        assert [one.case_id for one in queries.told(acting, 2)] == [third, second]
        assert [one.case_id for one in queries.told(acting, 1)] == [third]
    with As(bare, "doctor_a") as acting:
        assert queries.told(acting, 10) == []


def test_a_case_is_found_by_its_whole_number_or_its_end_and_only_by_who_sees_it(bare: Bare) -> None:
    case = send(bare)
    with As(bare, "doctor_a"):
        number = Case.objects.get(pk=case).number
        for typed in (number, number.lower(), number[-5:], number[-7:], number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")):
            assert [one.pk for one in queries.numbered(typed)] == [case], typed
        for typed in (number[-4:], "X" + number, "1" + number[-7:], "13800000000", "张三", "9" * 30):
            assert queries.numbered(typed) == [], typed
    with As(bare, "director"):
        assert queries.numbered(number) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  电话核对\u200b 为两人 ", "电话核对 为两人"),
        ("长" * 300, "长" * 200),
        ("因\x00为", None),
        ("因\x07为", None),
        (" 因 ", None),
        ("", None),
    ],
)
def test_a_reason_is_kept_as_text_or_refused_beside_its_field(typed: str, kept: str | None) -> None:
    def read() -> str:
        return reason(typed, most=200, missing="没有写理由", remedy="写明怎样核对的", field="text")

    if kept is not None:
        assert read() == kept
        return
    with pytest.raises(Refused) as no:
        read()
    assert no.value.field == "text"
    assert "空字符" in no.value.message or "控制字符" in no.value.message or no.value.message == "没有写理由"


def test_whom_the_clock_tells_is_called_as_people_say_it() -> None:
    assert Holder("from", "x", "医保管理中心负责人").above == "医保管理中心负责人所在机构的负责人"
    assert Holder("from", "x", "机构负责人").above == "机构负责人"
