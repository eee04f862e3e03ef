"""The story on the small county, with the two modules wired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.registry.small import Small
    from tests.service.story import Story


@pytest.fixture
def small(database: str, as_owner: Any) -> Small:
    from tests.registry.small import plant

    return plant(as_owner)


@pytest.fixture
def story(small: Small, as_owner: Any) -> Iterator[Story]:
    from tests.service import story as told
    from yigongti.kernel import wiring

    with wiring.using(told.WIRED):
        yield told.story(small, as_owner)
