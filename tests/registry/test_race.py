"""Several desks at the same moment: one person once, no record number twice, one decision on a merge."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from yigongti.kernel.case.facade import Conflict, Refused, perform
from yigongti.registry import facade as registry
from yigongti.registry.actions import residents
from yigongti.registry.models import Resident

from .small import V1, Small, number_of

pytestmark = pytest.mark.race


def together(threads: int, act: Callable[[int], Any]) -> list[Any]:
    """Run it in so many threads at once; exceptions are results."""
    gate = Barrier(threads)

    def one(number: int) -> Any:
        gate.wait(30)
        try:
            return act(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def _register(small: Small, number: int, birth: date) -> Resident:
    row = registry.ResidentRow(
        "周新民", V1, id_kind="resident", id_number=number_of(birth, "male", number), insurance="residents"
    )
    with small.as_seat("village" if number % 2 else "township") as acting:
        return registry.register(acting=acting, row=row, client_id=uuid4())


def test_one_person_is_registered_once_by_eight_desks(small: Small) -> None:
    results = together(8, lambda n: _register_same(small, n))
    made = [r for r in results if isinstance(r, Resident)]
    assert len(made) == 1
    assert all(isinstance(r, Refused) for r in results if not isinstance(r, Resident)), results


def test_without_the_lock_the_same_desks_would_register_the_person_several_times(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = residents._identity_taken

    def slowly(acting: Any, index: str) -> bool:
        found = asked(acting, index)
        sleep(0.5)  # what lies between looking and writing, made long enough to be met every time
        return found

    monkeypatch.setattr(residents, "_identity_taken", slowly)
    monkeypatch.setattr(residents, "lock_identity", lambda index: None)
    results = together(4, lambda n: _register_same(small, n))
    assert len([r for r in results if isinstance(r, Resident)]) > 1


def _register_same(small: Small, number: int) -> Resident:
    row = registry.ResidentRow("周新民", V1, id_kind="resident", id_number=number_of(date(1988, 8, 8), "male", 40))
    with small.as_seat("village" if number % 2 else "township") as acting:
        return registry.register(acting=acting, row=row, client_id=uuid4())


def test_eight_desks_in_one_village_give_eight_record_numbers(small: Small) -> None:
    results = together(8, lambda n: _register(small, n, date(1970, 1, 1 + n)))
    numbers = [r.record_number for r in results if isinstance(r, Resident)]
    assert len(numbers) == len(set(numbers)) == 8, results


def test_one_act_sent_by_eight_threads_has_one_effect(small: Small) -> None:
    client_id = uuid4()
    row = registry.ResidentRow("王小宝", V1, sex="male", birth_date=date(2026, 1, 1), id_kind="none")

    def send(_: int) -> int:
        with small.as_seat("village") as acting:
            return int(registry.register(acting=acting, row=row, client_id=client_id).pk)

    results = together(8, send)
    assert len(set(results)) == 1, results


def test_confirming_and_rejecting_a_merge_at_once_is_exactly_one(small: Small) -> None:
    with small.as_seat("village") as acting:
        case = registry.propose_merge(
            acting=acting, keep=small.people[0], duplicate=small.people[2], reason="电话核对为同一人", client_id=uuid4()
        )

    def decide(number: int) -> str:
        with small.as_seat("registrar" if number % 2 else "registrar2") as acting:
            done = perform(
                acting=acting, case_id=case.pk, transition="confirm" if number % 2 else "reject", values={"note": "核对"},
                client_id=uuid4(),
            )  # fmt: skip
            return str(done.state)

    results = together(4, decide)
    assert len([r for r in results if isinstance(r, str)]) == 1, results
    assert all(isinstance(r, Conflict) for r in results if not isinstance(r, str)), results
