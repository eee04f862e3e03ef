"""The connection: Django's, but it is asked whether it lives without a query, and moments are read in C."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.types.datetime import TimestamptzLoader

from yigongti.kernel.postgres import lookups  # noqa: F401 - registered with the engine
from yigongti.kernel.postgres.operations import DatabaseOperations


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; statements are put together by our compilers."""

    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Django's, with psycopg's own reader of moments.

        Django's reader only replaces one UTC by another and is written in Python: 5 µs a moment, of which a list of fifty
        cases has four hundred. The connection's time zone is UTC (`TIME_ZONE`), so psycopg's answer is the same.
        """
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", TimestamptzLoader)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's, without asking the reader of moments for its time zone."""
        if not name:
            return self.connection.cursor()
        among = {"scrollable": False, "withhold": self.connection.autocommit}
        if self.settings_dict["OPTIONS"].get("server_side_binding") is True:
            return self.connection.cursor(name, **among)
        return base.ServerSideCursor(self.connection, name=name, **among)  # type: ignore[attr-defined]

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
