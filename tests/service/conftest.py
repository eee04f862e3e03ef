"""The story on the small county, with the two modules wired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.registry.small import Small
    from tests.service.story import Story


@pytest.fixture
def story(small: Small) -> Iterator[Story]:
    """The two modules wired over the small county."""
    from tests.service import story as told
    from yigongti.kernel import wiring

    with wiring.using(told.WIRED):
        yield told.Story(small)
