import sys
from types import ModuleType, SimpleNamespace

import pytest
from django.conf import settings

from yigongti.kernel import wiring
from yigongti.kernel.wiring import WiringError
from yigongti.registry.roles import ROLES


def test_a_list_that_the_wiring_does_not_have_is_empty() -> None:
    with wiring.using(SimpleNamespace(FLOWS=("a",))):
        assert wiring.offer("FLOWS") == ("a",)
        assert wiring.offer("DESKS") == ()


def test_the_real_wiring_offers_everything_the_kernel_may_ask_for() -> None:
    assert [name for name in wiring.Wiring.__annotations__ if not hasattr(wiring.get(), name)] == []


def test_a_port_nobody_implements_is_an_error_that_names_it() -> None:
    with wiring.using(SimpleNamespace(PORTS={"there": print})):
        assert wiring.port("there") is print
        with pytest.raises(WiringError, match="'missing'"):
            wiring.port("missing")


def test_the_stand_in_ends_with_its_block() -> None:
    outer, inner = SimpleNamespace(FLOWS=(1,)), SimpleNamespace(FLOWS=(2,))
    with wiring.using(outer):
        with wiring.using(inner):
            assert wiring.get() is inner
        assert wiring.get() is outer


def test_the_module_named_in_the_settings_is_imported_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("some_wiring")
    monkeypatch.setitem(sys.modules, "some_wiring", module)
    if not settings.configured:
        settings.configure()
    monkeypatch.setattr(settings, "WIRING", "some_wiring", raising=False)
    assert wiring.get() is module


def test_whoever_is_shown_the_room_of_a_desk_may_open_the_desk() -> None:
    rights = {f"/desk/{desk.code}/": desk.right for desk in wiring.offer("DESKS")}
    led_astray = [
        (role.code, room.title)
        for role in ROLES if not role.robot for room in wiring.offer("ROOMS")
        if room.url in rights and set(room.rights) & set(role.rights) and rights[room.url] not in role.rights
    ]  # fmt: skip
    assert led_astray == []
