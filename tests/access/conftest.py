from pathlib import Path

import pytest

from tests.support.grounds import admin, database, ground, ground_database

__all__ = ["admin", "database", "ground", "ground_database"]


@pytest.fixture(autouse=True)
def no_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests of this process counted is not the ground's: without facts of its own a page says so."""
    monkeypatch.setattr("django.conf.settings.FACTS_DIR", tmp_path / "facts")
