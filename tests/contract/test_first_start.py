"""What a visitor sees before there is a county."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from tests.support.cluster import Cluster

from yigongti.runtime.progress import Progress


def test_while_the_county_is_made_its_locked_tables_do_not_keep_the_sign_in_page_waiting(
    database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PROGRESS", lambda: Progress("county", 1, 2, "正在生成居民"))
    with psycopg.connect(cluster.instance.dsn(admin=True, database=database)) as maker:
        maker.execute("lock table access_unit, access_account in access exclusive mode")
        answer = Client().get("/sign-in/")
    assert answer.status_code == 200
    assert "50%" in answer.content.decode()
    assert "正在生成居民" in answer.content.decode()


def test_an_installation_without_a_county_says_how_to_make_one(database: str) -> None:
    answer = Client().get("/sign-in/")
    assert answer.status_code == 200
    assert "yigongti county new --empty" in answer.content.decode()
