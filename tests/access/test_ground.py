"""The ground itself: without it the tests of this folder would prove nothing."""

from __future__ import annotations

from tests.support import web
from tests.support.ground import Ground


def test_each_side_sees_its_own_marked_rows(ground: Ground) -> None:
    home = web.text_of(ground.browser("township").get(f"/care/visit/{ground.rows['visit']}"))
    assert ground.home_names[0] in home
    assert ground.home_secrets[0] in home
    away = web.text_of(ground.browser("township2").get(f"/care/visit/{ground.rows['away_visit']}"))
    assert ground.away_names[0] in away
    assert ground.away_secrets[0] in away
