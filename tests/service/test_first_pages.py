"""What a page reads at once: what lies beyond it is asked for or counted, never left out."""

from __future__ import annotations

import pytest

from tests.service.browse import signed_in, text
from tests.service.story import Story
from yigongti.kernel import wiring
from yigongti.kernel.case import queries as cases
from yigongti.service.care import queries
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


def test_visits_beyond_those_read_at_once_are_still_found(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    person = story.small.people[0]
    own, newer = story.visit("township", plan="观察"), story.visit("village")
    for many in (queries.RECENT, 1):
        monkeypatch.setattr(queries, "RECENT", many)
        with story.seat("township") as acting:
            assert [one.id for one in queries.visits_at(person, acting.units, 10)] == [newer, own]
            assert [one.id for one in queries.visits_at(person, [story.unit("T1")], 10)] == [own]
            of = queries.visit_of(newer)
            assert of is not None
            picture, summary = queries.judged(of)
            assert (picture.visit_id, queries.picture(of).visit_id) == (newer, newer)
            assert next(one.text for one in summary.earlier).endswith("观察")
            first = queries.visit_of(own)
            assert first is not None
            assert not queries.judged(first)[1].earlier


def test_my_work_shows_the_first_of_many_with_whole_counts_and_the_rest_when_asked(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "FIRST", 1)
    story.send()
    story.send(person=1)
    with wiring.using(house), signed_in(story.small, "township") as browser:
        first, more = browser.get("/"), browser.get("/?more=1")
    assert "显示 1 件，共 2 件" in text(first)
    assert "显示更多" in text(first)
    assert "显示" not in text(more).split("我发起的")[1].split("上转")[0]
    assert "显示更多" not in text(more)
