"""Which compilers put statements together."""

from __future__ import annotations

from django.db.backends.postgresql import operations


class DatabaseOperations(operations.DatabaseOperations):
    """Django's, with the compilers of this package."""

    compiler_module = "yigongti.kernel.postgres.compiler"
