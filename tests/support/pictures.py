"""Pictures for the guides, taken from a simulated county that is being served: ``python -m tests.support.pictures URL``.

Every run writes ``docs/screens/*.png`` again (palette, at most 150 kB each). The county's own sample fills the pages;
the steps of a referral are clicked as in the stories.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.walking import Person, Walk

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
MOST = 150_000


def keep(one: Person, name: str) -> None:
    """Save what the screen shows."""
    path = SCREENS / f"{name}.png"
    one.page.mouse.move(2, 400)
    one.page.wait_for_timeout(150)
    one.page.screenshot(path=path)
    shrink(path)


def shrink(path: Path) -> None:
    """A palette of 128 colours, fewer if the picture is still too large."""
    from PIL import Image

    for colours in (128, 64, 32):
        with Image.open(path) as image:
            small = image.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        if path.stat().st_size <= MOST:
            return


def referral(walk: Walk) -> None:
    """The whole way of one referral."""
    from tests.support import referral_walk as steps
    from tests.support.walking import patients

    doctor = walk.person("town1")
    keep(doctor, "work")
    patient = patients(doctor, 1, skip=11)[0]
    steps.register(doctor, patient, lambda name: keep(doctor, name))
    steps.write_up(doctor)
    doctor.page.mouse.wheel(0, -5000)
    keep(doctor, "visit")
    doctor.page.locator("#suggestions").scroll_into_view_if_needed()
    doctor.page.mouse.wheel(0, 400)
    keep(doctor, "proposal")
    case = steps.send(doctor, patient, lambda name: keep(doctor, name))
    keep(doctor, "sent")
    desk = walk.person("desk")
    keep(desk, "desk-work")
    steps.open_from_work(desk, case)
    keep(desk, "referral")
    desk.act("退回")
    keep(desk, "decline")
    steps.open_from_work(desk, case)
    steps.fill_acceptance(desk)
    keep(desk, "accept")
    desk.send()
    desk.act("登记到院")
    keep(desk, "arrive")
    desk.send()
    specialist = walk.person("spec1")
    keep(specialist, "specialist-work")
    steps.open_from_work(specialist, case)
    specialist.page.click("a:has-text('查看健康档案')")
    keep(specialist, "record")
    specialist.page.go_back()
    steps.send_down(specialist, patient)
    keep(specialist, "send-down")
    specialist.send()
    steps.open_from_work(doctor, case)
    doctor.act("确认接回")
    keep(doctor, "take-back")


def pages(walk: Walk) -> None:
    """Pages that stand for themselves."""
    for login, wanted in (
        ("desk", (("desk-list", "/desk/referral/"), ("flow", "/desk/referral/flow"), ("statistics", "/desk/referral/statistics"))),
        ("village1", (("village-work", "/"),)),
        ("director", (("director-work", "/"), ("figures", "/figures/"), ("cockpit", "/cockpit/"), ("network-map", "/network/"))),
        ("townsettle1", (("counter", "/fund/counter/"),)),
        ("bureau", (("supervisor-work", "/"), ("supervision", "/supervision/"), ("log", "/log/"))),
        ("admin", (("accounts", "/accounts/"), ("account-new", "/accounts/new/"), ("institutions", "/institutions/"))),
        ("admin", (("import", "/import/"),)),
        ("registrar", (("duplicates", "/residents/duplicates/"),)),
        ("policy", (("policy-list", "/desk/policy_amendment/"), ("policy-new", "/desk/policy_amendment/new"))),
    ):  # fmt: skip
        one = walk.person(login)
        for name, path in wanted:
            one.page.goto(path)
            keep(one, name)


def money(walk: Walk) -> None:
    """The newest budget and year end, as the office's head sees them."""
    head = walk.person("fundhead")
    for name in ("budget", "clearing"):
        head.page.goto(f"/desk/fund_{name}/?show=all")
        with head.page.expect_navigation():
            head.page.locator("main a.row").first.click()
        keep(head, name)


def phones(walk: Walk) -> None:
    """The resident and the village doctor on a phone."""
    me = walk.person("resident", phone=True)
    for name, path in (
        ("resident", "/me/"),
        ("resident-progress", "/me/progress/"),
        ("resident-looked", "/me/looked/"),
    ):
        me.go(path)
        keep(me, name)
    village = walk.person("village1", phone=True)
    keep(village, "village-phone")
    guest = walk.visitor("", phone=True)
    guest.go("/sign-in/")
    keep(guest, "sign-in-phone")
    guest = walk.visitor("")
    guest.go("/sign-in/")
    keep(guest, "sign-in")


def main(url: str, only: tuple[str, ...]) -> None:
    """Take all pictures, or those of the named parts (referral, pages, money, phones)."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigongti.runtime.settings")
    django.setup()
    from playwright.sync_api import sync_playwright

    from tests.support.walking import Walk

    SCREENS.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Callable[[Walk], None]] = {"referral": referral, "pages": pages, "money": money, "phones": phones}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--lang=zh-CN"], env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        for name, part in parts.items():
            if not only or name in only:
                part(Walk(browser, url))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], tuple(sys.argv[2:]))
