"""A county's own criteria: conditions in words, laid over the shipped file by day, never without a second person."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from yigongti.service.referral.criteria import raw, read, shipped
from yigongti.service.referral.rules import CriteriaFault
from yigongti.service.referral.rules.amending import Change, digest, lay_over
from yigongti.service.referral.rules.expression import read as read_words
from yigongti.service.referral.rules.expression import read_reason, write, write_reason

DAY = date(2026, 3, 5)


@pytest.mark.parametrize("one", shipped().items, ids=lambda one: str(one.id))
def test_every_shipped_condition_reads_back_as_it_was_written(one: Any) -> None:
    assert read_words(write(one.when, shipped()), shipped()) == dict(one.when)
    told = write_reason(one.reason, shipped())
    assert read_reason(told, shipped()) == one.reason
    assert not re.search(r"\{[^{}]*[a-z][^{}]*\}", told)


def test_a_reason_names_only_what_can_be_measured() -> None:
    assert read_reason("收缩压 {收缩压} mmHg", shipped()) == "收缩压 {sbp} mmHg"
    with pytest.raises(CriteriaFault, match="身高"):
        read_reason("身高 {身高}", shipped())


@pytest.mark.parametrize(("text", "said"), [
    ("收缩压 180", "之后应为"), ("血糖 > 3", "不认识"), ("收缩压 ≥ 180 舒张压 ≥ 110", "缺少"), ("（收缩压 ≥ 1", "括号"),
    ("危险信号 含任一「头皮痒」", "没有“头皮痒”"), ("意识 = 迷糊", "只能是"),
])  # fmt: skip
def test_what_is_not_understood_is_said_in_words(text: str, said: str) -> None:
    with pytest.raises(CriteriaFault, match=said):
        read_words(text, shipped())


def test_a_change_rules_from_its_first_to_its_last_day() -> None:
    rows = raw()["criteria"]
    one = rows[0]["id"]
    stop = Change(one, None, DAY, DAY + timedelta(days=2), 0)
    found = {day: {row["id"] for row in lay_over(rows, [stop], DAY + timedelta(days=day))} for day in (-1, 0, 2, 3)}
    assert [one in found[day] for day in (-1, 0, 2, 3)] == [True, False, False, True]


def test_the_later_decision_wins_and_the_hash_tells_sets_apart() -> None:
    rows = raw()["criteria"]
    body = dict(rows[0])
    first, second = (Change(body["id"], body | {"urgency": u}, DAY, None, n) for n, u in enumerate(("soon", "routine")))
    assert lay_over(rows, [second, first], DAY)[0]["urgency"] == "routine"
    assert digest(rows)[0] != digest(lay_over(rows, [first], DAY))[0]
    assert read({**raw(), "criteria": lay_over(rows, [first], DAY)}).items[0].urgency == "soon"


@pytest.mark.database
def test_a_change_is_in_force_only_after_a_second_person_approved_it(county: str, admin: Any) -> None:
    from tests.support.people import LIMITS
    from yigongti.kernel import calendar
    from yigongti.kernel.access import signin
    from yigongti.kernel.access.door import Denied, SessionTicket, acting_as
    from yigongti.kernel.audit import log
    from yigongti.kernel.case.facade import Refused, perform
    from yigongti.kernel.form import Picked
    from yigongti.service.referral import queries
    from yigongti.service.referral.actions import criteria as actions

    def ticket(login: str) -> SessionTicket:
        account, seat = admin.execute(
            "select s.account_id, s.id from access_seat s join access_account a on a.id = s.account_id where a.login = %s",
            [login],
        ).fetchone()
        token = signin.open_session(account_id=account, seat_id=seat, source="127.0.0.1", agent="t", limits=LIMITS)
        assert token is not None
        return SessionTicket(token)

    one = shipped().items[5]
    with acting_as(ticket("policy")) as acting, log.collecting():
        values = {
            "action": "stop", "criterion": Picked(one.id, one.title), "place": acting.place[:6], "starts": calendar.today(),
            "ends": None, "source": "本县标准", "clause": "一", "status": "assumed", "reason": "不适用",
        }  # fmt: skip
        case = actions.propose(acting=acting, values=values, client_id=uuid4()).pk
        assert one.id in {row["id"] for row in queries.in_force(acting.place, calendar.today()).rows}
    with pytest.raises((Denied, Refused)), acting_as(ticket("policy")) as acting, log.collecting():
        perform(acting=acting, case_id=case, transition="approve", values={}, client_id=uuid4())
    with acting_as(ticket("policy2")) as acting, log.collecting():
        before = queries.in_force(acting.place, calendar.today()).hash
        perform(acting=acting, case_id=case, transition="approve", values={}, client_id=uuid4())
        after = queries.in_force(acting.place, calendar.today())
        assert after.hash != before
        assert one.id not in {row["id"] for row in after.rows}
