"""The log is read by residents: every verb and kind that the code writes has Chinese words."""

from __future__ import annotations

import re
from pathlib import Path

from yigongti.kernel import wiring
from yigongti.shell.words import ACTIONS, KINDS, action_word, kind_word

SOURCE = Path(__file__).resolve().parents[2] / "src" / "yigongti"


def written(verb: str) -> set[tuple[str, str]]:
    """(first, second) literal arguments of every call of the log in the source."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for match in re.finditer(
            rf'(?:log\.|_){verb}\(\s*"([^"]+)"(?:,\s*"([^"]+)")?', path.read_text(encoding="utf-8")
        ):
            found.add((match[1], match[2] or ""))
    return found


def test_every_verb_that_is_logged_has_chinese_words() -> None:
    verbs = {verb for verb, _ in written("did")}
    assert len(verbs) > 15
    assert {verb for verb in verbs if verb not in ACTIONS} == set()


def test_every_kind_that_is_logged_has_chinese_words() -> None:
    kinds = {kind for _, kind in written("did")} | {kind for kind, _ in written("saw")}
    assert len(kinds) > 8
    assert {kind for kind in kinds if kind and kind not in KINDS and not kind_word(kind)} == set()
    assert kind_word("import") == ""


def test_every_transition_of_every_flow_is_told_by_its_title() -> None:
    for flow in wiring.offer("FLOWS"):
        for transition in flow.transitions:
            assert re.search("[一-鿿]", action_word(transition.code))
