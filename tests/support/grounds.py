"""What is planted once a process and cloned for each test: the small county, and the ground with its fixtures, of
which a folder's conftest imports what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support.cluster import Cluster

if TYPE_CHECKING:
    from tests.registry.small import Small
    from tests.support.ground import Ground

_planted: dict[str, tuple[str, Any]] = {}


def owner_of(cluster: Cluster, name: str) -> Callable[[], AbstractContextManager[None]]:
    """Django's aliases connected as the owner of a database, as the suite's `as_owner` does."""
    import os

    from django.db import connections

    @contextmanager
    def owner() -> Iterator[None]:
        kept = {alias: dict(connections.settings[alias]) for alias in ("default", "log")}
        os.environ["YGT_ROLE"] = "owner"
        entry = cluster.instance.databases()
        try:
            for alias in kept:
                connections[alias].close()
                connections[alias].settings_dict.update({**entry[alias], "NAME": name})
            yield
        finally:
            del os.environ["YGT_ROLE"]
            for alias, old in kept.items():
                connections[alias].close()
                connections[alias].settings_dict.update(old)

    return owner


def planted(cluster: Cluster, what: str, plant: Callable[[str], Any]) -> tuple[str, Any]:
    """The database of this kind in this process, planted by the first test that asks, and what is in it. Clone it."""
    from tests import conftest as base
    from yigongti.kernel.audit import seal

    if what not in _planted:
        name = cluster.clone(cluster.template())
        base._point_at(name)
        value = plant(name)
        # A test may come long after: what planting logged is sealed in time, as the sealer of a running platform does.
        seal.seal_once(cluster.home / what / "audit.json")
        base._point_at(base._NOWHERE)
        _planted[what] = (name, value)
    return _planted[what]


def small_county(cluster: Cluster) -> tuple[str, Small]:
    """The planted small county (tests/registry/small.py)."""
    from tests.registry.small import plant

    return planted(cluster, "small", lambda name: plant(owner_of(cluster, name)))


def _ground(cluster: Cluster) -> tuple[str, Ground]:
    """The planted ground (tests/support/ground.py)."""
    from tests.support.ground import plant

    return planted(cluster, "ground", lambda name: plant(owner_of(cluster, name), lambda: cluster._admin(name)))


@pytest.fixture
def ground_database(cluster: Cluster) -> Iterator[tuple[str, Ground]]:
    """A clone of the planted county: its name and what is in it."""
    from tests import conftest as base

    template, ground = _ground(cluster)
    with base._database(template) as name:
        yield name, ground


@pytest.fixture
def database(ground_database: tuple[str, Ground]) -> str:
    """What `admin` and `as_owner` are connected to in these folders: the ground."""
    return ground_database[0]


@pytest.fixture
def ground(database: str, ground_database: tuple[str, Ground]) -> Iterator[Ground]:
    """The two consortia, with their keys at hand."""
    from django.test.utils import override_settings

    from tests.support.ground import unlocked

    with override_settings(ALLOWED_HOSTS=["testserver"]), unlocked(ground_database[1]) as one:
        yield one


@pytest.fixture
def admin(database: str, cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """The administrator on the ground; row security does not bind it."""
    with psycopg.connect(cluster.instance.dsn(admin=True, database=database), autocommit=True) as connection:
        yield connection
