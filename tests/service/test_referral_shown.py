"""What a referral shows afterwards: why it was declined, what its paper holds, that a figure opens to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.service.browse import signed_in, text
from tests.service.story import Story
from yigongti.kernel import wiring
from yigongti.kernel.case.facade import Case
from yigongti.kernel.facts.facade import build
from yigongti.kernel.printing import Fields, Paragraph
from yigongti.service.referral.printout import referral_form
from yigongti.shell import wiring as house

pytestmark = pytest.mark.database


def test_why_it_was_declined_stays_on_the_timeline_and_is_read_by_the_sender(story: Story, admin: Any) -> None:
    case = story.to("declined")
    kept = admin.execute("select reason from case_entry where case_id = %s and transition = 'decline'", [case])
    assert kept.fetchone() == ("no_bed",)
    with wiring.using(house), signed_in(story.small, "township") as browser:
        assert "后天有床" in text(browser.get(f"/case/{case}/"))


def test_the_paper_holds_the_plan_and_who_agreed_to_go_and_to_come_back(story: Story) -> None:
    case = story.to("closed")
    with story.seat("township"):
        blocks = referral_form(Case.objects.get(pk=case)).blocks
    plain = "".join(str(one) for one in blocks if isinstance(one, Paragraph | Fields))
    assert "阿司匹林长期，两周复查血脂" in plain
    agreed = [
        label for one in blocks if isinstance(one, Fields) for label, held in one.pairs if "张三（本人）" in str(held)
    ]
    assert agreed == ["转诊知情同意", "下转知情同意"]


def test_a_figure_opens_to_the_cases_that_were_counted_for_who_may_see_them(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.conf.settings.FACTS_DIR", tmp_path / "facts")
    case = story.send()
    with wiring.using(house):
        with story.seat("robot_facts") as acting:
            build(acting)
        for who, may in (("township", True), ("director", False)):
            with signed_in(story.small, who) as browser:
                page = browser.get("/figures/referral-up/")
            assert "共 1 行" in text(page), who
            assert (f'href="/case/{case}/"' in page.content.decode()) is may, who
