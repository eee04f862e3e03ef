"""More time lasts as long as its transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from yigongti.kernel.patience import patience

pytestmark = pytest.mark.database
BOTH = "select current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')"


def told() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(BOTH)
        found: tuple[str, str] = cursor.fetchone()
    return found


def test_statement_and_pause_may_take_longer_until_the_transaction_ends(as_owner: Any) -> None:
    with as_owner():
        usual = told()
        with transaction.atomic():
            patience("7min")
            assert told() == ("7min", "7min")
        assert told() == usual != ("7min", "7min")
