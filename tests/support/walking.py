"""Walking through the product in a real browser as a person does, and looking hard at each page on the way.

``Walk`` is one server seen by several people; ``Person`` one signed-in screen. ``Person.look("name")`` looks at a page
once a run: axe-core, words, scripts, sideways scrolling on the narrowest phone; and, where ``YGT_PICTURES`` names a
directory, its picture on a desk and a phone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from yigongti.kernel import pinyin
from yigongti.simulation.facade import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DESK, PHONE, NARROW = (1366, 768), (390, 844), (320, 640)
GRAVE = ("serious", "critical")
CODE = re.compile(r"[A-Za-z0-9_.@-]*\d[A-Za-z0-9_.@-]*|[a-z_]+(?:\.[a-z_]+)+")
LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED = frozenset(
    ["mmHg", "mg", "ml", "kg", "cm", "mmol", "SpO", "Ctrl", "Enter", "Esc", "Hb", "pH", "xlsx", "csv", "Excel"]
)
"""Units, keys and file kinds; words all in capitals are codes."""
SKIPPED = "code, kbd, [lang=en], .login, input, textarea, [data-code]"
EXPECTED = re.compile(r"status of (401|404|409|422|429)")
PICTURES = Path(named) if (named := os.environ.get("YGT_PICTURES")) else None
"""Where pictures of what is looked at go; without it none are taken, for nobody would see them."""
_looked: set[str] = set()


@dataclass
class Person:
    """One person's screen, signed in."""

    login: str
    page: Page
    faults: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def name(self) -> str:
        """Whom the frame says one acts as."""
        return self.page.locator("details.menu summary span b").first.inner_text()

    @property
    def text(self) -> str:
        """What the work area shows."""
        return self.page.inner_text("main")

    def go(self, path: str) -> None:
        """Open an address by hand; stories click, this is for starting points."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def room(self, title: str, part: str = "") -> None:
        """Choose one of the rooms on the left, and a tab of it."""
        self.page.click(f"nav.rooms a:has-text('{title}')")
        if part:
            self.page.click(f"nav.tabs a:text-is('{part}')")

    def button(self, title: str) -> None:
        """Click the visible button or link of this name and wait for the next page."""
        self.page.locator(
            f"main button:visible:has-text('{title}'), main a.button:visible:has-text('{title}')"
        ).first.click()
        self.page.wait_for_load_state()

    def field(self, name: str) -> Locator:
        """The visible control of a form by its name."""
        return self.page.locator(f"main [name='{name}']:visible").first

    def fill(self, **values: str) -> None:
        """Type into fields by name."""
        for name, value in values.items():
            self.field(name).fill(value)

    def choose(self, name: str, value: str) -> None:
        """Choose an option as the mouse does: its words are clicked, or it is taken from the list."""
        one = self.page.locator(f"main label.option:visible:has(input[name='{name}'][value='{value}'])")
        if one.count():
            if not one.locator("input").first.is_checked():
                one.first.click()
        else:
            self.field(name).select_option(value)

    def find(self, name: str, typed: str, words: str) -> None:
        """Look something up: type, wait for the list, click the entry with these words."""
        self.field(f"{name}__q").fill("")
        self.field(f"{name}__q").press_sequentially(typed, delay=15)
        self.page.locator(f".found li[role=option]:has-text('{words}')").first.click()

    def agree(self, by: str) -> None:
        """Fill in the consent of the open form."""
        self.page.locator("main input[name=consent]:visible").check()
        self.fill(**{"consent-by": by})
        self.page.locator("main [name='consent-relation']:visible").select_option(index=1)

    def act(self, title: str) -> None:
        """Open the form of an action on a case's page, if it is not open yet."""
        begins = re.compile(rf"^\s*{title}")
        opened = self.page.locator("details.act[open]").filter(has=self.page.locator("summary").filter(has_text=begins))
        if not opened.count():
            self.page.locator("#acts a.button").filter(has_text=begins).first.click()
        opened.locator("form").first.wait_for()

    def send(self) -> None:
        """Press the button of the open action's form, or of the page's form."""
        inside = self.page.locator("details.act[open] form.form .actionbar button:not(.quiet)")
        button = inside.first if inside.count() else self.page.locator("main form.form .actionbar button.button").last
        with self.page.expect_navigation():
            button.click()

    def sees(self, *words: str) -> None:
        """Each of these is somewhere on the page."""
        shown = self.page.inner_text("body")
        for word in words:
            assert word in shown, f"{self.login} does not see “{word}” at {self.page.url}:\n{shown[:3000]}"

    def timeline(self) -> list[str]:
        """The case's timeline, a line an entry."""
        return [
            " ".join(line.split()) for line in self.page.locator("main .timeline > li:not(.next)").all_inner_texts()
        ]

    def look(self, name: str, *, full: bool = False) -> None:
        """Look at the page thoroughly, once a run under this name."""
        page = self.page
        key = f"{name} {re.sub('[0-9]+', '0', urlsplit(page.url).path)}"
        if key in _looked:
            return
        _looked.add(key)
        page.wait_for_load_state()
        wrong = [*_axe(page), *_english(page, self.login)]
        if PICTURES is not None:
            page.screenshot(path=PICTURES / f"{name}-desk.png", full_page=full)
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            page.screenshot(path=PICTURES / f"{name}-phone.png", full_page=full)
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{wide} px too wide at {NARROW[0]} px: {page.evaluate(_WIDEST)}")
        if page.locator("main [autofocus]").count() and not page.locator("main [autofocus]").first.is_visible():
            wrong.append("the page's first field is not on a phone's screen")
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        assert not wrong, f"{name} ({page.url}):\n" + "\n".join(wrong)


_WIDEST = """() => [...document.querySelectorAll('main *, header *, nav *')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-wrap, .diagram'))
  .slice(0, 4).map((e) => e.tagName + '.' + e.className).join(' | ')"""


def _axe(page: Page) -> list[str]:
    if not AXE.exists():
        raise AssertionError("axe-core is missing: run make dev (it installs the front end's development packages)")
    page.evaluate(AXE.read_text())  # evaluated by the debugger, so the page's security policy stays as it is
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"axe {one['impact']}: {one['id']} {one['help']}: " + " | ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in found["violations"] if one["impact"] in GRAVE
    ]  # fmt: skip


def _english(page: Page, login: str) -> list[str]:
    """Words of Latin letters that are neither a unit, nor a code, nor a key."""
    shown: str = page.evaluate(
        """(skipped) => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const out = []; while (walker.nextNode()) { const at = walker.currentNode.parentElement;
        if (!at || at.closest(skipped) || !at.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
        out.push(walker.currentNode.textContent); } return out.join('\\n'); }""",
        SKIPPED,
    )
    words = {
        word
        for word in LATIN.findall(CODE.sub(" ", shown))
        if word not in ALLOWED and not word.isupper() and word not in login
    }
    return [f"not Chinese: {', '.join(sorted(words))}"] if words else []


@dataclass
class Walk:
    """One running server and the people who work on it."""

    browser: Browser
    url: str
    people: list[Person] = field(default_factory=list)

    def person(self, login: str, *, password: str = PASSWORD, phone: bool = False) -> Person:
        """Somebody signs in by the form; the same login again is a second person at another machine."""
        one = self.visitor(login, phone=phone)
        one.go("/sign-in/")
        one.page.fill("#f-login", login)
        one.page.fill("#f-password", password)
        with one.page.expect_navigation():
            one.page.click("button.primary")
        assert "/sign-in" not in one.page.url, one.page.inner_text("body")
        return one

    def visitor(self, name: str, *, phone: bool = False) -> Person:
        """Somebody who has not signed in."""
        width, height = PHONE if phone else DESK
        context = self.browser.new_context(
            base_url=self.url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        page = context.new_page()
        page.set_default_timeout(30_000)  # a busy machine's page comes late, and nothing is wrong
        one = Person(name, page)
        watch(one, page)
        context.on("page", lambda other: watch(one, other))
        self.people.append(one)
        return one

    def leave(self) -> None:
        """Everybody goes home; whatever a script complained of fails the test."""
        faults = [f"{one.login}: {fault}" for one in self.people for fault in one.faults]
        for one in self.people:
            one.context.close()
        self.people.clear()
        assert not faults, faults


def watch(person: Person, page: Page) -> None:
    """Collect what the browser complains of."""
    page.on("pageerror", lambda error: person.faults.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            person.faults.append(f"console: {said.text} at {page.url}")
            if said.type == "error" and not EXPECTED.search(said.text)
            else None
        ),
    )


@dataclass(frozen=True)
class Patient:
    """Somebody of the county whom a story is about."""

    subject: int
    name: str

    @property
    def initials(self) -> str:
        return pinyin.words(self.name).initials


def patients(doctor: Person, count: int, *, skip: int = 0) -> list[Patient]:
    """Grown-up residents of the doctor's own list who carry a card, of names that are not the beginning of another's.

    Who was entered a second time, or came without a number, has left no telephone either.
    """
    rows: list[tuple[str, str, str, str]] = []
    for number in range(1, 6):
        doctor.go(f"/residents/?page={number}")
        # One question for the whole page: a question a row is a hundred round trips.
        rows += doctor.page.eval_on_selector_all(
            "main table tbody tr",
            "rows => rows.map(row => { const link = row.querySelector('a.row');"
            " return [link.getAttribute('href'), link.innerText, ...['年龄', '电话'].map("
            " label => row.querySelector(`[data-label=${label}]`).innerText)]; })",
        )
        names = [name for _, name, _, _ in rows]
        found = [
            Patient(int(address.strip("/").rpartition("/")[2]), name)
            for address, name, age, phone in rows
            if (years := re.fullmatch(r"(\d+) 岁", age.strip())) is not None
            and 35 <= int(years.group(1)) <= 75
            and "*" in phone
            and sum(other.startswith(name) for other in names) == 1
        ]
        if len(found) >= skip + count:
            break
    return found[skip : skip + count]


def number_of(doctor: Person, patient: Patient) -> str:
    """The whole identity number, as the patient's card would give it: shown on request, which the log notes."""
    doctor.go(f"/resident/{patient.subject}/")
    doctor.page.locator(".banner, main").first.locator("button:has-text('显示')").first.click()
    doctor.page.locator("main").get_by_text(re.compile(r"\d{17}[\dX]")).first.wait_for()
    found = re.search(r"\d{17}[\dX]", doctor.text)
    assert found is not None
    return found.group()
