"""The committed data dictionary says what the models say."""

from __future__ import annotations

from pathlib import Path

DICTIONARY = Path(__file__).resolve().parents[2] / "docs" / "data-dictionary.md"


def test_the_dictionary_is_current() -> None:
    from yigongti.runtime import dictionary

    assert DICTIONARY.read_text(encoding="utf-8") == dictionary.text(), (
        "python -m yigongti.runtime.dictionary --write docs/data-dictionary.md"
    )


def test_every_table_says_what_it_is_and_how_it_is_fenced() -> None:
    from yigongti.runtime import dictionary

    silent = [model._meta.db_table for model in dictionary.tables() if not dictionary._first(model)]
    assert not silent, f"no docstring: {silent}"
    assert "fence select" in dictionary.text()
