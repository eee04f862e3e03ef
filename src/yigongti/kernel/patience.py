"""More time than a page has, for the transaction under way: what reads whole tables, or reckons between two statements."""

from __future__ import annotations

from django.db import connection


def patience(most: str) -> None:
    """Let a statement, and the pause before the next one, take as long as `most` (PostgreSQL's words: ``5min``) until the end
    of the transaction; a page's own limits hold again after it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('statement_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true)",
            [most, most],
        )
