"""Inside a county: a claim settled through the counter's action with the fence on, and by the rule alone. The last line is JSON.

``python bench/support/counted.py COUNT``: with the environment of a running database. Claims are entered by the first hospital's clerk for
residents whom it may reckon with, each in a transaction of its own, committed; what is timed includes entering and leaving the door.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import timedelta
from uuid import uuid4

import django
import psycopg

_CLERK = "select a.id, s.id, s.unit_id from access_account a join access_seat s on s.account_id = a.id where a.login = 'settle'"
_PERSONS = """
select g.subject_id, count(distinct c.id) from access_grant g left join fund_claim c on c.subject_id = g.subject_id
 where g.unit_id = %s and g.starts <= current_date and (g.ends is null or g.ends >= current_date)
 group by 1 order by 2 desc, 1 limit 60"""


def main(count: int) -> dict[str, float]:
    """Medians and p95 in ms."""
    django.setup()
    from yigongti.benefit.fund.actions.settling import Draft, settle
    from yigongti.benefit.fund.queries import reckoning
    from yigongti.benefit.fund.rules.person import settle_person
    from yigongti.kernel import calendar
    from yigongti.kernel.access import signin
    from yigongti.kernel.access.door import SessionTicket, acting_as
    from yigongti.kernel.audit import log
    from yigongti.runtime.instance import Instance

    with psycopg.connect(Instance.from_environment().dsn(admin=True)) as admin:
        clerk = admin.execute(_CLERK).fetchone()
        assert clerk is not None
        persons = [row[0] for row in admin.execute(_PERSONS, [clerk[2]]).fetchall()]
    token = signin.open_session(
        account_id=clerk[0], seat_id=clerk[1], source="bench", agent="bench", limits=signin.SignInLimits(9, 9, 60, 60, 3600, 7200)
    )  # fmt: skip
    assert token is not None
    ticket, today = SessionTicket(token), calendar.today()
    with acting_as(ticket) as acting:
        persons = [one for one in persons if reckoning.may_reckon(one)][:20]
        before = {one: [row.claim for row in reckoning.standing(one)] for one in persons}
        place = acting.place
    dearest = max(before.values(), key=len)
    law = reckoning.sets_of(place, [one.end_date for one in dearest])
    alone, whole, cpu, run = list[float](), list[float](), list[float](), uuid4().hex[:8]
    for _ in range(count):
        began = time.perf_counter()
        settle_person(dearest[-1:], law)
        alone.append(time.perf_counter() - began)
    for number in range(count + 5):
        start = today - timedelta(days=3 + number % 7)
        draft = Draft(
            subject_id=persons[number % len(persons)], institution_id=clerk[2], insurance="resident", aid_class="none", level="county",
            is_tcm=False, in_county=True, kind="inpatient", start_date=start, end_date=today, total_fen=500_000 + number,
            excluded_fen=20_000, copay_first_fen=10_000, setl_id=f"B{run}{number}", principal_dx="J18.9", days=3,
        )  # fmt: skip
        began, worked = time.perf_counter(), time.process_time()
        with log.collecting(), acting_as(ticket) as acting:
            settle(acting=acting, draft=draft, client_id=uuid4())
        whole.append(time.perf_counter() - began)
        cpu.append(time.process_time() - worked)
    whole = sorted(whole[5:])
    return {
        "claims": count, "persons": len(persons), "claims_of_person": statistics.median(len(one) for one in before.values()),
        "rule_ms": round(1000 * statistics.median(alone), 4), "action_ms": round(1000 * statistics.median(whole), 2),
        "action_cpu_ms": round(1000 * statistics.median(cpu[5:]), 2),
        "action_p95_ms": round(1000 * whole[int(0.95 * (len(whole) - 1))], 2),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
