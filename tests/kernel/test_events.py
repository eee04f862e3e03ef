from dataclasses import dataclass, is_dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import transaction

import yigongti
from yigongti.kernel import events, wiring
from yigongti.kernel.events import EventError, Reaction, publish


@dataclass(frozen=True)
class Sent:
    """A letter was sent."""

    letter: int


@dataclass(frozen=True)
class Stamped:
    """A letter was stamped."""

    letter: int


@pytest.fixture(autouse=True)
def inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_in_transaction", lambda: True)


def wired(*reactions: Reaction) -> SimpleNamespace:
    return SimpleNamespace(EVENTS=(Sent, Stamped), REACTIONS=reactions)


def test_reactions_run_in_the_order_of_the_wiring() -> None:
    done: list[str] = []
    rules = [Reaction(Sent, lambda event, name=name: done.append(f"{name}{event.letter}")) for name in "cab"]
    with wiring.using(wired(*rules)):
        publish(Sent(1))
    assert done == ["c1", "a1", "b1"]


def test_only_reactions_to_the_announced_event_run() -> None:
    done: list[object] = []
    with wiring.using(wired(Reaction(Stamped, done.append))):
        publish(Sent(1))
    assert done == []


def test_an_event_announced_by_a_reaction_is_handled_before_the_next_reaction() -> None:
    done: list[str] = []
    with wiring.using(
        wired(
            Reaction(Sent, lambda event: publish(Stamped(event.letter))),
            Reaction(Stamped, lambda event: done.append("stamped")),
            Reaction(Sent, lambda event: done.append("sent")),
        )
    ):
        publish(Sent(1))
    assert done == ["stamped", "sent"]


def test_a_failing_reaction_stops_the_act_and_leaves_no_trail() -> None:
    def fail(event: Sent) -> None:
        raise LookupError("no such letter")

    with wiring.using(wired(Reaction(Sent, fail))):
        for _ in range(events.MAX_DEPTH + 1):
            with pytest.raises(LookupError):
                publish(Sent(1))


def test_reactions_that_go_round_in_a_circle_are_stopped_and_named() -> None:
    there = Reaction(Sent, lambda event: publish(Stamped(1)))
    back = Reaction(Stamped, lambda event: publish(Sent(1)))
    with wiring.using(wired(there, back)), pytest.raises(EventError, match="Sent → Stamped"):
        publish(Sent(1))


def test_an_event_outside_a_transaction_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_in_transaction", lambda: False)
    done: list[object] = []
    rules = wired(Reaction(Sent, done.append))
    with wiring.using(rules), pytest.raises(EventError, match="outside a transaction"):
        publish(Sent(1))
    assert done == []


@pytest.mark.parametrize("thing", ["sent", {"letter": 1}, 7])
def test_only_frozen_dataclasses_are_events(thing: object) -> None:
    with wiring.using(wired()), pytest.raises(EventError, match="frozen dataclasses"):
        publish(thing)


def test_a_dataclass_that_can_change_is_no_event() -> None:
    @dataclass
    class Draft:
        letter: int

    with wiring.using(wired()), pytest.raises(EventError):
        publish(Draft(1))


def test_the_listing_names_every_event_what_it_carries_and_who_reacts() -> None:
    def file_it(event: Sent) -> None: ...

    with wiring.using(wired(Reaction(Sent, file_it, why="keep a copy"))):
        sent, stamped = events.listing()
    assert (sent.event, sent.meaning, sent.carries) == (f"{__name__}.Sent", "A letter was sent.", ("letter",))
    assert sent.reactions[0][0].endswith("file_it")
    assert sent.reactions[0][1] == "keep a copy"
    assert stamped.reactions == ()


@pytest.mark.database
def test_in_the_database_an_event_belongs_to_the_transaction_of_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    done: list[object] = []
    with wiring.using(wired(Reaction(Sent, done.append))):
        with pytest.raises(EventError, match="outside a transaction"):
            publish(Sent(1))
        with transaction.atomic():
            publish(Sent(2))
    assert done == [Sent(2)]


def test_the_wiring_lists_every_event_that_a_module_declares() -> None:
    """An event class that nobody wired would be announced without ever appearing in `yigongti events`."""
    package = Path(yigongti.__file__).parent
    declared: set[type] = set()
    for path in package.rglob("events.py"):
        name = ".".join(("yigongti", *path.relative_to(package).with_suffix("").parts))
        if name == "yigongti.kernel.events":
            continue
        module = import_module(name)
        declared |= {kind for kind in vars(module).values() if is_event_of(kind, name)}
    listed = {line.event for line in events.listing()}
    assert {f"{kind.__module__}.{kind.__qualname__}" for kind in declared} <= listed


def is_event_of(kind: object, module: str) -> bool:
    own = isinstance(kind, type) and kind.__module__ == module
    return own and is_dataclass(kind) and not kind.__name__.startswith("_")
