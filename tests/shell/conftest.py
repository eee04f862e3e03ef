"""The small county, as the registry's tests plant it."""

from tests.registry.conftest import small

__all__ = ["small"]
