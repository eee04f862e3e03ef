"""A browser without a screen: Django's client, signed in as a seat of the small county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.test import Client

from tests.registry.small import LIMITS, Small
from yigongti.kernel import crypto
from yigongti.kernel.access import signin
from yigongti.kernel.access.web import COOKIE


@contextmanager
def signed_in(small: Small, who: str) -> Iterator[Client]:
    """A client with a live session; the county's keys are in force inside."""
    token = signin.open_session(
        account_id=small.accounts[who], seat_id=small.seats[who], source="127.0.0.1", agent="test", limits=LIMITS
    )
    assert token is not None
    client = Client()
    client.cookies[COOKIE] = token
    with crypto.using(small.ring):
        yield client


def text(response: Any) -> str:
    """What a reader sees: tags dropped, blanks folded."""
    body = response.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def sent(**values: Any) -> dict[str, Any]:
    """A form as a browser sends it, with an id of its own."""
    return {"client_id": str(uuid4()), **values}
