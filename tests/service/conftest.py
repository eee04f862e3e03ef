"""The story on the small county, with the two modules wired. The county is planted once a worker and cloned for each test."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests import conftest as suite

if TYPE_CHECKING:
    from tests.registry.small import Small
    from tests.service.story import Story

_planted: dict[str, Any] = {}
"""``name``: the database that tests are cloned from; ``small``: what was planted in it."""


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A clone of the planted county once there is one, else of the empty template."""
    if "county" in request.fixturenames:
        yield request.getfixturevalue("county")
        return
    with suite._database(_planted.get("name") or suite._the_cluster().template()) as name:
        yield name


@pytest.fixture
def small(database: str, as_owner: Any) -> Small:
    """The small county; planted and kept by the first test that asks."""
    from tests.registry.small import plant
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.registry import facade as registry

    if "small" in _planted:
        return copy.copy(_planted["small"])
    planted = plant(as_owner)
    with as_owner(), maintenance(reason="starter codes"):
        registry.load_starter_codes()
    _keep(database, planted)
    return planted


def _keep(database: str, planted: Small) -> None:
    """Keep a copy to clone from; not where this test already looks at the database from outside."""
    from django.db import connections

    for alias in ("default", "log"):
        connections[alias].close()
    try:
        _planted.update(name=suite._the_cluster().clone(database), small=copy.copy(planted))
    except psycopg.errors.ObjectInUse:
        _planted.clear()


@pytest.fixture
def story(small: Small) -> Iterator[Story]:
    """The two modules wired over the small county."""
    from tests.service import story as told
    from yigongti.kernel import wiring

    with wiring.using(told.WIRED):
        yield told.Story(small)
