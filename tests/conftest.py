"""Fixtures of the whole suite.

A test that touches the database asks for one of

``database``        the migrated, empty template's content; Django's aliases ``default`` and ``log`` point to it
``county``          the same with a simulated county of 500 residents
``small``           what is in it when it is a clone of the small county of a dozen seats and seven people
``shared_county``   one of them for a whole file, for tests that change nothing
``fresh_database``  a function that makes further clones (races, drills, a second server): ``fresh_database("county")``
``as_owner``        a context manager: inside, Django connects as the owner (``kernel.access.maintenance`` works)
``admin``           a psycopg connection as the administrator, which row security does not bind: to plant and to count

or carries the mark ``database`` / ``county``, which does the same. Every test gets a database as it was planted: what the
one before committed is taken out again (tests/support/warm.py), and nothing needs a rollback. Without one of them the
test is a unit test and has no database.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings

os.environ.pop("DATABASE_URL", None)
os.environ.pop("YGT_DATABASE", None)
# The tests' own settings, here and in the processes that tests start, wherever those stand.
os.environ["DJANGO_SETTINGS_MODULE"] = os.environ["YGT_SETTINGS"] = "tests.support.settings"
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")))
)
# Playwright leaves its event loop running in the worker's thread between browser tests; Django would take every later
# query of that worker for one from asynchronous code. The servers under test are started without it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from tests.support import grounds, order
from tests.support.cluster import CACHE, Cluster, place_key

# What Numba compiled is kept between runs and shared by the workers, under a hash of its sources.
os.environ.setdefault("YIGONGTI_CACHE", str(CACHE.with_name(CACHE.name + "-compiled")))

# Some images tell Python to keep no bytecode. A run starts some hundred processes, and each would compile the house anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if TYPE_CHECKING:
    from tests.registry.small import Small

# How long an example takes says something of the machine and nothing of the rule; what a fixture gives, examples share on purpose.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("house")

pytest_plugins = ["tests.support.browser"]
TIERS = ("unit", "database", "race", "contract", "browser", "drill")
_NOWHERE = "no_database_without_a_fixture"
_cluster: Cluster | None = None
_ran: Counter[str] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    """Start the run's PostgreSQL in the first process; every process points Django at it."""
    global _cluster
    if hasattr(config, "workerinput") or "YGT_TEST_HOME" in os.environ:
        _cluster = Cluster(Path(os.environ["YGT_TEST_HOME"]))
    elif not config.option.collectonly:
        os.environ["YGT_STATIC"] = str(CACHE.with_name(CACHE.name + "-static") / place_key())
        _cluster = Cluster.start()
        _collect_static(_cluster)
        os.environ["YGT_TEST_HOME"] = str(_cluster.home)
        if os.environ.get(
            "YGT_TIERS"
        ):  # the whole suite: it will need both, and the workers have other things to do first
            threading.Thread(target=_cluster.county, name="templates", daemon=True).start()
        config.add_cleanup(_end)
    if _cluster is not None:
        os.environ["YIGONGTI_DATA"] = str(_cluster.home)
    config.pluginmanager.register(Dearest())
    os.environ["YGT_DATABASE"] = _NOWHERE
    import django

    django.setup()
    from tests.support import warm

    warm.keep_connections()
    config.add_cleanup(warm.close)


def _collect_static(cluster: Cluster) -> None:
    """Collected files as in production; kept between runs. Without the bundle only the pages' tests fail, by name."""
    from yigongti.runtime import assets

    cluster.instance.static_root.parent.mkdir(exist_ok=True)
    with contextlib.suppress(assets.AssetsError):
        assets.ensure_static(cluster.instance)


def _end() -> None:
    os.environ.pop("YGT_TEST_HOME", None)
    if _cluster is not None:
        _cluster.end()


# ---- tiers -------------------------------------------------------------------------------------------------------


def _tier(item: pytest.Item) -> str:
    """A test's tier: its folder (browser, contract, drill), its mark (race), or whether it has a database."""
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    for tier in ("browser", "contract", "drill", "race"):
        if folder == tier or item.get_closest_marker(tier):
            return tier
    fixtures = set(getattr(item, "fixturenames", ()))
    return (
        "database"
        if fixtures & {"database", "county", "shared_county", "fresh_database", "ground_database"}
        else "unit"
    )


class Dearest:
    """The files that take longest are begun first, so that no worker is left with one of them at the end."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: order.place(item.path.relative_to(Path(__file__).parent).as_posix()))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector of garbage need not look at it in every pass."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A mark asks for the fixture of the same name; every report carries its tier."""
    for item in items:
        for name in ("county", "database"):
            if item.get_closest_marker(name) and name not in item.fixturenames:  # type: ignore[attr-defined]
                item.fixturenames.insert(0, name)  # type: ignore[attr-defined]
        item.user_properties.append(("tier", _tier(item)))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what really ran, a tier at a time."""
    if report.when == "call" and not report.skipped:
        _ran[dict(report.user_properties).get("tier", "unit")] += 1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many tests each tier ran."""
    terminalreporter.section("tiers")
    terminalreporter.write_line("  ".join(f"{tier}: {_ran[tier]}" for tier in TIERS))
    for tier in _missing():
        terminalreporter.write_line(f"FAILED: the tier '{tier}' ran no test", red=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A tier that was asked for and ran nothing fails the run."""
    if not hasattr(session.config, "workerinput") and exitstatus == 0 and _missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _missing() -> list[str]:
    return [tier for tier in os.environ.get("YGT_TIERS", "").split() if not _ran[tier]]


# ---- databases ---------------------------------------------------------------------------------------------------


def _the_cluster() -> Cluster:
    assert _cluster is not None
    return _cluster


def _point_at(name: str) -> None:
    """Point Django's aliases at a database, in this process and in those it starts."""
    from django.db import connections

    os.environ["YGT_DATABASE"] = name
    for alias in ("default", "log"):
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


@contextlib.contextmanager
def _database(template: str) -> Iterator[str]:
    from tests.support import warm

    one = warm.lend(_the_cluster(), template)
    _point_at(one.name)
    try:
        yield one.name
    finally:
        warm.take_back(template, one)
        _point_at(_NOWHERE)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A clone of the migrated, empty template; the name of the database."""
    for other in ("county", "shared_county"):
        if other in request.fixturenames:
            yield request.getfixturevalue(other)
            return
    planted = "small" in request.fixturenames
    with _database(grounds.small_county(_the_cluster())[0] if planted else _the_cluster().template()) as name:
        yield name


@pytest.fixture
def small(database: str) -> Small:
    """The small county, planted through the registry's own verbs: who is in the test's ``database``."""
    found: Small = copy.deepcopy(grounds.small_county(_the_cluster())[1])
    return found


@pytest.fixture
def county() -> Iterator[str]:
    """A clone with a simulated county of 500 residents; the name of the database."""
    with _database(_the_cluster().county()) as name:
        yield name


@pytest.fixture(scope="module")
def _county_of_module() -> Iterator[str]:
    name = _the_cluster().clone(_the_cluster().county())
    yield name
    _the_cluster().drop(name)


@pytest.fixture
def shared_county(_county_of_module: str) -> Iterator[str]:
    """A county that the tests of a file share: for those that leave it as they found it, and say so if they do not."""
    _point_at(_county_of_module)
    yield _county_of_module
    _point_at(_NOWHERE)


@pytest.fixture
def fresh_database() -> Iterator[Callable[..., str]]:
    """``fresh_database("empty" | "county") -> name``: further databases, dropped after the test."""
    cluster, made = _the_cluster(), []

    def make(kind: str = "empty") -> str:
        name = cluster.clone(cluster.county() if kind == "county" else cluster.template())
        made.append(name)
        return name

    yield make
    for name in made:
        cluster.drop(name)


@pytest.fixture
def admin(database: str) -> Iterator[psycopg.Connection]:
    """The administrator on the test's database, autocommit; row security does not bind it."""
    with psycopg.connect(_the_cluster().instance.dsn(admin=True, database=database), autocommit=True) as connection:
        yield connection


@pytest.fixture
def as_owner(database: str) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """``with as_owner(): ...``: Django's aliases connect as the schema's owner, as on the command line."""
    from django.db import connections

    @contextlib.contextmanager
    def owner() -> Iterator[None]:
        kept = {alias: dict(connections.settings[alias]) for alias in ("default", "log")}
        os.environ["YGT_ROLE"] = "owner"
        entry = _the_cluster().instance.databases()
        try:
            for alias in kept:
                connections[alias].close()
                connections[alias].settings_dict.update({**entry[alias], "NAME": database})
            yield
        finally:
            del os.environ["YGT_ROLE"]
            for alias, old in kept.items():
                connections[alias].close()
                connections[alias].settings_dict.update(old)

    return owner


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The run's PostgreSQL: ``.instance``, ``.clone``, ``.run_as_owner``."""
    return _the_cluster()


if sys.platform == "linux":
    # A test that forgets its threads or servers must not keep the machine busy after the run was killed.
    from yigongti.runtime.process import die_with_parent

    if "PYTEST_XDIST_WORKER" in os.environ:
        die_with_parent()
