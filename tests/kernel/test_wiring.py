import sys
from types import ModuleType, SimpleNamespace

import pytest
from django.conf import settings

from yigongti.kernel import wiring
from yigongti.kernel.wiring import WiringError


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
