"""The cockpit's figures are those of the rows they open to; the map and the tree add up to the same."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.registry.browse import browser, text
from tests.registry.small import COUNTY, Small

from yigongti.kernel import calendar
from yigongti.kernel.facts.facade import build
from yigongti.kernel.indicator.facade import Figure, Period, compute_many, indicator_named, rows_of
from yigongti.registry.models import Institution, Place, PlacePopulation, PlaceShape
from yigongti.shell.cockpit.board import _change, board, span_of

TOWN = "101"
SQUARE = [[112.0, 28.0], [112.2, 28.0], [112.2, 28.2], [112.0, 28.2], [112.0, 28.0]]


@pytest.fixture
def built(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """The small county with a snapshot of every fact."""
    monkeypatch.setattr("django.conf.settings.FACTS_DIR", tmp_path / "facts")
    with small.as_seat("robot_facts") as acting:
        build(acting)
    return small


def _number(page: str, label: str) -> str:
    found = re.search(rf'<span class="label">{label}</span><span class="value">([^<]+)', page)
    assert found is not None, label
    return found.group(1)


def test_every_figure_of_the_cockpit_is_the_number_of_rows_behind_it(built: Small) -> None:
    with built.as_seat("director") as acting:
        shown = board(acting, span_of("year", "", calendar.today()))
        for tile in shown.tiles:
            figure = tile.figure
            rows = rows_of(figure.indicator, acting, Period(figure.start, figure.end))
            amounts = [amount for amount in rows.amounts.values() if amount is not None]
            assert figure.numerator == (sum(amounts) if amounts else rows.total), figure.indicator.code
        assert (
            sum(flow.value for flow in shown.flows.flows)
            == rows_of(indicator_named("patient-flows"), acting, shown.span.period).total
        )


def test_many_figures_at_once_are_the_same_as_one_by_one(built: Small) -> None:
    span = span_of("year", "", calendar.today()).period
    with built.as_seat("director") as acting:
        asked = [
            (indicator_named(code), span) for code in ("visits", "primary-share", "network-beds", "network-beds-rate")
        ]
        together = compute_many(asked, acting)
        assert [compute_many([one], acting)[0] for one in asked] == together
        beds = sum(Institution.objects.exclude(unit__place="").values_list("beds", flat=True))
    assert together[2].numerator == beds


def test_the_page_opens_to_the_rows_and_is_there_for_directors_only(built: Small) -> None:
    with browser(built, "director") as client:
        page = text(client.get("/cockpit/?span=year"))
        beds = text(client.get("/figures/network-beds/"))
        assert 'href="/figures/cases-late/"' in page
        assert client.get("/cockpit/?span=year&screen=1").status_code == 200
        assert client.get("/cockpit/?span=month&at=9999-99").status_code == 200
        paper = client.get("/cockpit/print?span=year")
        network = text(client.get("/network/"))
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    counted = [int(one.replace(",", "")) for one in re.findall(r'data-label="计入">([\d,]+)', beds)]
    assert sum(counted) == int(_number(network, "床位").replace(",", ""))
    with browser(built, "village") as client:
        assert client.get("/cockpit/").status_code == 404


def test_outlines_are_checked_first_and_then_shade_the_map(built: Small) -> None:
    with built.as_seat("admin"):
        place = Place.objects.filter(level=4, pk__startswith=COUNTY).order_by("pk").first()
    assert place is not None
    feature = {
        "type": "Feature",
        "properties": {"code": place.pk, "pop": 20_000},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
    }

    def sent(**change: Any) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        told = {"type": "FeatureCollection", "features": [{**feature, **change}]}
        return {
            "file": SimpleUploadedFile("towns.geojson", json.dumps(told).encode()),
            "code": "code",
            "persons": "pop",
            "year": "2025",
        }

    with browser(built, "admin") as client:
        wrong = client.post("/network/shapes/", sent(properties={"code": "430102"}))
        assert (wrong.status_code, "不在本区域" in text(wrong)) == (422, True)
        checked = client.post("/network/shapes/", sent())
        token = re.search(r'name="checked" value="([^"]+)"', text(checked))
        assert token is not None
        with built.as_seat("admin"):
            assert not PlaceShape.objects.exists(), "checking writes nothing"
        assert client.post("/network/shapes/", {"checked": token.group(1) + "x"}).status_code == 422
        for _ in range(2):
            assert client.post("/network/shapes/", {"checked": token.group(1)}).status_code == 302
        page = text(client.get("/network/"))
    with built.as_seat("admin"):
        assert [one.persons for one in PlacePopulation.objects.all()] == [20_000]
    assert place.name in page
    with browser(built, "director") as client:
        assert client.get("/network/shapes/").status_code == 404
        assert client.get(f"/network/?place={place.pk}").status_code == 200
        assert client.get("/network/?pick=999999999").status_code == 404


def test_a_month_that_runs_is_compared_with_as_many_days_of_the_last_and_one_that_ended_with_the_whole() -> None:
    today = date(2026, 3, 31)
    running, ended = span_of("month", "", today), span_of("month", "2026-01", today)
    assert running.compared(date(2026, 3, 10)) == Period(date(2026, 2, 1), date(2026, 2, 10))
    assert running.compared(date(2026, 3, 30)) == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert ended.compared(today) == Period(date(2025, 12, 1), date(2025, 12, 31))


def test_what_ripens_is_not_compared_while_its_month_runs() -> None:
    closed, today = indicator_named("referral-closed"), calendar.today()
    low, high = (Figure(closed, share, 1, 1, (), None, None, None) for share in (0.1, 0.8))
    assert _change(low, high, span_of("month", "", today)) == closed.note
    before = (today.replace(day=1) - timedelta(days=40)).isoformat()
    assert _change(low, high, span_of("month", before, today)) == "较上月降 70.0 个百分点"
