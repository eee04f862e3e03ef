"""An empty county that waits for its spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def empty_county(database: str, as_owner: Any) -> Iterator[Any]:
    """The owner's connection on a county with divisions, roles and robots, nothing else; throw-away keys."""
    from tests.registry.small import COUNTY, DIVISIONS
    from yigongti.kernel import crypto
    from yigongti.kernel.access.maintenance import maintenance
    from yigongti.registry import facade as registry

    with crypto.using(crypto.throwaway_ring()), as_owner():
        with maintenance(reason="empty county"):
            registry.sync_roles()
            registry.write_places((registry.Division(*d) for d in DIVISIONS), origin="test")
            registry.ensure_robots(registry.ensure_region(COUNTY))
        yield None
