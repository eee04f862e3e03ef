"""What a second person must decide is neither offered to whoever opened the case nor done by them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from tests.support import toy
from tests.support.people import bare_county

from yigongti.kernel import wiring
from yigongti.kernel.access.door import acting_as
from yigongti.kernel.audit import log
from yigongti.kernel.case import queries
from yigongti.kernel.case.engine import open_case, perform
from yigongti.kernel.case.flow import Holder, Refused
from yigongti.kernel.case.models import Case


def test_the_opener_is_not_offered_what_a_second_person_decides(database: object, as_owner: Any) -> None:
    first = toy.FLOW.leaving(toy.FLOW.start)[0]
    here = Holder("from", first.by[0].duty, "本方")
    both = replace(first, by=(*first.by, here), second=True)
    flow = replace(toy.FLOW, transitions=tuple(both if t is first else t for t in toy.FLOW.transitions))
    with wiring.using(replace_flow(flow)):
        bare = bare_county(as_owner)
        with log.collecting() as entries, acting_as(bare.ticket("doctor_a")) as acting:
            entries.acting = acting
            rights = replace(acting, rights=acting.rights | {here.duty})
            case = open_case(
                acting=acting, flow=flow.code, subject_id=bare.subject, from_unit=bare.a, to_unit=bare.b,
                hq_unit=bare.consortium, title="玩具单", values={"text": "x"}, client_id=uuid.uuid4(),
            )  # fmt: skip
            assert both.code not in [t.code for t in queries.allowed(Case.objects.get(pk=case.pk), rights)]
            there = replace(rights, units=(bare.a, bare.b))
            assert case.pk not in [one.pk for one in queries.waiting_for(there)]
            another = replace(there, seat_id=bare.seats["desk_b"])
            assert case.pk in [one.pk for one in queries.waiting_for(another)], "it waits for anybody else"
            with pytest.raises(Refused, match="提出人"):
                perform(acting=rights, case_id=case.pk, transition=both.code, values={}, client_id=uuid.uuid4())


def replace_flow(flow: Any) -> Any:
    told = toy.wiring()
    told.FLOWS = (flow,)
    return told
