"""The desk contract, run for every desk the wiring lists and for a toy one that no module stands behind."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.test.utils import override_settings
from tests.desk_contract import DeskContract, Ground, Who, county_ground
from tests.kernel.desk_toy import Toy
from tests.support.cluster import Cluster
from tests.support.people import bare_county

from yigongti.kernel import wiring
from yigongti.kernel.access.door import acting_as
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Case


class TestToyDesk(DeskContract):
    """The contract on the smallest county: every wait of the toy's is between its two institutions."""

    code = "toy"

    @pytest.fixture
    def ground(self, database: str, as_owner: Any, admin: psycopg.Connection) -> Iterator[Ground]:
        toy = Toy(bare_county(as_owner))
        bare = toy.bare
        with override_settings(ROOT_URLCONF="yigongti.kernel.desk.urls", ALLOWED_HOSTS=["testserver"]), toy.wired():
            with acting_as(bare.ticket("doctor_a")) as acting, log.collecting():
                pk = toy.open(acting, client_id=uuid.uuid4(), to=bare.a).pk
                number = Case.objects.get(pk=pk).number
            who = {name: Who(bare.accounts[name], bare.seats[name]) for name in bare.seats}
            yield Ground(
                toy.desk, pk, number,
                insider=who["doctor_a"], outsider=who["desk_b"], stranger=who["director"], opener=who["doctor_a"],
            )  # fmt: skip

    @pytest.fixture
    def own_ground(self, ground: Ground) -> Ground:
        return ground


class TestSealOutageDesk(DeskContract):
    """No county has one before its log really stood still, so no sample opens one: the ground has it."""

    code = "seal_outage"

    @pytest.fixture
    def admin(self, ground_database: tuple[str, Any], cluster: Cluster) -> Iterator[psycopg.Connection]:
        with psycopg.connect(
            cluster.instance.dsn(admin=True, database=ground_database[0]), autocommit=True
        ) as connection:
            yield connection

    @pytest.fixture
    def ground(self, admin: psycopg.Connection) -> Iterator[Ground]:
        with override_settings(ALLOWED_HOSTS=["testserver"]):
            yield county_ground(self.code, admin)

    @pytest.fixture
    def own_ground(self, ground: Ground) -> Ground:
        return ground


class TestFailedJobDesk(TestSealOutageDesk):
    """No job of a sample fails: the ground has one that did."""

    code = "failed_job"


def _of_every_desk() -> dict[str, type[DeskContract]]:
    made = {}
    for desk in wiring.offer("DESKS"):
        name = "Test" + "".join(part.title() for part in desk.code.split("_")) + "Desk"
        if name in globals():
            continue  # its own class stands above
        made[name] = type(name, (DeskContract,), {"code": desk.code, "__doc__": f"The contract on {desk.heading}."})
    return made


globals().update(_of_every_desk())


def test_no_column_of_an_exported_list_is_named_twice() -> None:
    from yigongti.kernel.desk.export import heads

    desks = wiring.offer("DESKS")
    assert len(desks) > 10
    assert {desk.code for desk in desks if len(set(heads(desk))) < len(heads(desk))} == set()
