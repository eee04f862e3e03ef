"""The connection: Django's, but it is asked whether it lives without a query."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base

from yigongti.kernel.postgres import lookups  # noqa: F401 - registered with the engine
from yigongti.kernel.postgres.operations import DatabaseOperations


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; statements are put together by our compilers."""

    ops_class = DatabaseOperations

    def is_usable(self) -> bool:
        """Whether the server still holds the connection.

        A server that has gone has closed the socket, which then is readable without having been asked. Only where
        something lies there is the server asked; Django asks before every request, on both connections.
        """
        if self.connection is None or self.connection.closed:
            return False
        try:
            readable, _, _ = select.select([self.connection.pgconn.socket], [], [], 0)
        except (OSError, ValueError):
            return False
        return not readable or bool(super().is_usable())
