"""A signed-in browser on the small county."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client

from tests.registry.small import LIMITS, Small
from yigongti.kernel import crypto
from yigongti.kernel.access import signin
from yigongti.kernel.access.web import COOKIE


@contextmanager
def browser(small: Small, who: str) -> Iterator[Client]:
    """A client that carries the seat's session; errors of views are raised."""
    with crypto.using(small.ring):
        token = signin.open_session(
            account_id=small.accounts[who], seat_id=small.seats[who], source="127.0.0.1", agent="test", limits=LIMITS
        )
        assert token is not None
        client = Client()
        client.cookies[COOKIE] = token
        yield client


def text(response: Any) -> str:
    return str(response.content.decode())
