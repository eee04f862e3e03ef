"""The ground, for the desk whose case no sample opens."""

from tests.support.grounds import ground_database

__all__ = ["ground_database"]
