"""The small county as a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.registry.small import Small


@pytest.fixture
def small(database: str, as_owner: Any) -> Small:
    """A small county, planted through the registry's own verbs."""
    from tests.registry.small import plant

    return plant(as_owner)
