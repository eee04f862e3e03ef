"""Processor time a page costs, web and database together, in a county of 10 000 and of 1 000 000 residents.

``python bench/pages.py [--residents 10000 1000000] [--requests 40] [--keep DIR] [--json]``: makes its own PostgreSQL and counties, starts
the real server, signs in as five roles, and prints a table; the last line is JSON. Targets stand beside, never asserted: a shared
machine is not a judge. How it is measured and what was found: docs/bench.md.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from support.browser import Answer, Browser, query
from support.machine import Machine, Web

SEARCH_MS, OTHER_MS, RATIO, PAGE_KB = 15.0, 25.0, 1.5, 100.0
COCKPIT_COLD_MS, COCKPIT_WARM_MS = 1000.0, 100.0
UNTIMED = ("sign in (", "export xlsx (all")
"""The password's hash is meant to be dear; a file of a larger county's township has its rows and costs them."""
WARM = 12
START_SECONDS = 4.0
USERS, THINK_SECONDS = 20, 1.0


@dataclass(frozen=True)
class Measured:
    """One page: milliseconds of processor time a request, of the clock, and kilobytes as sent."""

    name: str
    requests: int
    web_ms: float
    database_ms: float
    p50_ms: float
    p95_ms: float
    kb: float

    @property
    def cpu_ms(self) -> float:
        return self.web_ms + self.database_ms

    @property
    def target_ms(self) -> float | None:
        if self.name.startswith(UNTIMED):
            return None
        if self.name.startswith(("cockpit", "figures")):
            return COCKPIT_COLD_MS if self.name.endswith("cold") else COCKPIT_WARM_MS
        return SEARCH_MS if self.name.startswith("search") else OTHER_MS


@dataclass
class County:
    """What was measured in a county of one size."""

    residents: int
    counts: dict[str, int]
    made_seconds: float
    pages: list[Measured] = field(default_factory=list)
    together: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)


class Bench:
    """The pages of one county, asked for one after the other."""

    def __init__(self, web: Web, told: dict[str, Any], requests: int, quiet: bool) -> None:
        self.web, self.told, self.requests, self.quiet = web, told, requests, quiet
        self.people: list[dict[str, Any]] = told["people"]
        self.found: list[Measured] = []
        self.visits: list[tuple[int, str]] = []
        self.sent: list[int] = []
        """Referrals that the run has sent itself, for the desk that receives them: a small county has few that wait."""

    def say(self, text: str) -> None:
        if not self.quiet:
            print(text, flush=True)

    def signed_in(self, login: str) -> Browser:
        browser = Browser(self.web.port)
        browser.sign_in(login, self.told["password"])
        browser.get("/me/" if login.startswith("bench-") else "/account/")  # a form's token for the writes
        return browser

    def measure(self, name: str, ask: Callable[[int], Answer], requests: int | None = None, warm: int = WARM) -> None:
        """Ask `requests` times, the warm-up before it not counted; `ask` is given a running number."""
        wanted = requests or self.requests
        for number in range(warm):
            ask(number)
        before, answers = self.web.cpu(), [ask(warm + number) for number in range(wanted)]
        web, database = self.web.cpu().since(before)
        seconds = sorted(answer.seconds for answer in answers)
        one = Measured(
            name, wanted, 1000 * web / wanted, 1000 * database / wanted, 1000 * statistics.median(seconds),
            1000 * seconds[int(0.95 * (len(seconds) - 1))], statistics.mean(a.size for a in answers) / 1000,
        )  # fmt: skip
        self.found.append(one)
        self.say(f"  {name:<34} {one.cpu_ms:6.1f} ms  (web {one.web_ms:5.1f}, database {one.database_ms:5.1f};"
                 f" clock {one.p50_ms:5.0f} / {one.p95_ms:5.0f})")  # fmt: skip

    def person(self, number: int) -> dict[str, Any]:
        return self.people[number % len(self.people)]

    # ---- the roles ----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Every page, role by role, in the order of the story."""
        self._warm()
        stranger = Browser(self.web.port)
        self.measure("sign-in page", lambda _: stranger.get("/sign-in/"))
        self.measure("sign in (argon2)", lambda _: Browser(self.web.port).sign_in("town1", self.told["password"]),
                     requests=10, warm=2)  # fmt: skip
        self._doctor(self.signed_in("town1"))
        self._desk(self.signed_in("desk"))
        self._others()

    def _warm(self) -> None:
        """Every thread of every worker has answered once; what a worker does at its first page is not a page's cost."""
        browsers = [self.signed_in("town1") for _ in range(12)]
        threads = [
            threading.Thread(target=lambda b=b: [b.get(p) for p in ("/", "/care/", "/search/?q=zs") * 3])
            for b in browsers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._rested()

    def _rested(self) -> None:
        """What a worker loads by itself some seconds after its start (pinyin, the facts' engine) is over: else it counts as the
        cost of the first pages."""
        until, used = time.monotonic() + 30, 1.0
        time.sleep(START_SECONDS)
        while used > 0.02 and time.monotonic() < until:
            before = self.web.cpu()
            time.sleep(1.0)
            used = sum(self.web.cpu().since(before))

    def _doctor(self, doctor: Browser) -> None:
        say = self.person
        self.measure("my work (doctor)", lambda _: doctor.get("/"))
        for name, words in (
            ("initials", lambda one: one["initials"]), ("name", lambda one: one["name"]),
            ("id last four + name", lambda one: f"{one['name']} {one['number'][-4:]}"),
            ("phone", lambda one: one["phone"]), ("id number", lambda one: one["number"]),
        ):  # fmt: skip
            self.measure(f"search: {name}", lambda n, w=words: doctor.get(query("/search/", q=w(say(n)))))
        self.measure("day list", lambda _: doctor.get("/care/"))
        self.measure("resident list", lambda _: doctor.get("/residents/"))
        self.measure("resident record", lambda n: doctor.get(f"/care/record/{say(n)['subject']}"))
        self.measure("register page", lambda n: doctor.get(f"/care/register/{say(n)['subject']}"))
        self.measure("write: create visit", lambda n: self._visit(doctor, say(n)))
        visit = self.visits
        self.measure("workstation page", lambda n: doctor.get(f"/care/visit/{visit[n % len(visit)][0]}"))
        self.measure("write: save visit", lambda n: self._save(doctor, visit[n % len(visit)][0]))
        self.measure(
            "referral form", lambda n: doctor.get(query("/desk/referral/new", subject=visit[n % len(visit)][1]))
        )
        self.measure("write: create referral", lambda n: self._refer(doctor, *visit[n]))
        self.measure("desk list (doctor)", lambda _: doctor.get("/desk/referral/"))
        file = "/desk/referral/export.xlsx?show="
        self.measure("export xlsx (the accepted)", lambda _: doctor.get(file + "accepted"), requests=10, warm=2)
        self.measure("export xlsx (all of a township)", lambda _: doctor.get(file + "all"), requests=10, warm=2)
        own = self.told["cases"]["own"]
        self.measure("case page (doctor)", lambda n: doctor.get(f"/case/{own[n % len(own)]}/"))

    def _visit(self, doctor: Browser, person: dict[str, Any]) -> Answer:
        answer = doctor.post(f"/care/register/{person['subject']}", kind="outpatient", evidence="typed",
                             number=person["number"])  # fmt: skip
        match = re.search(r"/care/visit/(\d+)", answer.location)
        assert match is not None
        self.visits.append((int(match[1]), str(person["subject"])))
        return answer

    def _save(self, doctor: Browser, visit: int) -> Answer:
        return doctor.post(
            f"/care/visit/{visit}", chief_complaint="胸闷 3 天", history="活动后加重", systolic_mmhg="150", diastolic_mmhg="90",
            principal="I20.0", principal__q="", certain="certain", plan="建议上转",
        )  # fmt: skip

    def _refer(self, doctor: Browser, visit: int, subject: str) -> Answer:
        answer = doctor.post(
            query("/desk/referral/new", subject=subject), visit=visit, to=self.told["hospital"], urgency="routine",
            diagnosis="I20.0", diagnosis__q="", reason="需进一步检查", treated_before="口服阿司匹林", transport="self",
            consent="yes", **{"consent-by": "本人", "consent-relation": "self"},
        )  # fmt: skip
        match = re.search(r"/case/(\d+)/", answer.location)
        assert match is not None
        self.sent.append(int(match[1]))
        return answer

    def _desk(self, desk: Browser) -> None:
        sent = self.sent
        at = time.strftime("%Y-%m-%dT09:00", time.localtime(time.time() + 2 * 86_400))
        self.measure("my work (desk)", lambda _: desk.get("/"))
        self.measure("desk list (desk)", lambda _: desk.get("/desk/referral/"))
        self.measure("notices", lambda _: desk.get("/notices/"))
        self.measure("case page (desk)", lambda n: desk.get(f"/case/{sent[n % len(sent)]}/"))
        self.measure("write: accept", lambda n: desk.post(
            f"/case/{sent[n]}/do/accept", department="心血管内科", specialist=self.told["specialist"], specialist__q="",
            appointment_at=at))  # fmt: skip

    def _others(self) -> None:
        specialist, arrived = self.signed_in("spec1"), self.told["cases"]["arrived"]
        self.measure("my work (specialist)", lambda _: specialist.get("/"))
        self.measure("case page (specialist)", lambda n: specialist.get(f"/case/{arrived[n % len(arrived)]}/"))
        director = self.signed_in("director")
        self.measure("my work (director)", lambda _: director.get("/"))
        self.measure("figures, cold", lambda _: director.get("/figures/"), requests=1, warm=0)
        self.measure("figures, warm", lambda _: director.get("/figures/"))
        self.measure("cockpit, cold", lambda _: director.get("/cockpit/"), requests=1, warm=0)
        self.measure("cockpit, warm", lambda _: director.get("/cockpit/"))
        resident = self.signed_in("bench-resident")
        self.measure("resident's record", lambda _: resident.get("/me/"))
        self.measure("resident: who looked", lambda _: resident.get("/me/looked/"))

    # ---- together, weight ---------------------------------------------------------------------------------------

    def together(self) -> dict[str, float]:
        """Requests a second and waiting times with twenty people at once who read a second between two pages."""
        times: list[float] = []
        pages = ("/", "/search/?q=wl", "/care/", "/desk/referral/", "/care/record/{subject}")
        numbers: Iterator[int] = count()

        def work(browser: Browser) -> None:
            for _ in range(8):
                for one in pages:
                    answer = browser.get(one.format(subject=self.person(next(numbers))["subject"]))
                    times.append(answer.seconds)
                    time.sleep(THINK_SECONDS)

        browsers = [self.signed_in("town1") for _ in range(USERS)]
        threads = [threading.Thread(target=work, args=(browser,)) for browser in browsers]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        times.sort()
        return {"users": USERS, "requests_per_second": round(len(times) / took, 1),
                "p50_ms": round(1000 * statistics.median(times), 1),
                "p95_ms": round(1000 * times[int(0.95 * (len(times) - 1))], 1)}  # fmt: skip

    def weights(self) -> dict[str, float]:
        """Kilobytes as sent of a first page with everything it links to."""
        found = {}
        for name, browser, path in (
            ("sign-in page", Browser(self.web.port), "/sign-in/"), ("my work (doctor)", self.signed_in("town1"), "/"),
        ):  # fmt: skip
            page = browser.get(path)
            linked = set(re.findall(r'(?:src|href)="(/static/[^"#?]+)', page.text))
            found[name] = round((page.size + sum(browser.get(one).size for one in sorted(linked))) / 1000, 1)
        return found


def measured(machine: Machine, residents: int, options: argparse.Namespace) -> County:
    """Make a county of this size, start the server on it, measure."""
    began = time.monotonic()
    name, told = machine.county(residents)
    county = County(residents, told["counts"], round(time.monotonic() - began, 1))
    if not options.json:
        print(f"== {residents:,} residents, made in {county.made_seconds:.0f} s: {told['counts']}", flush=True)
    with machine.web(name) as web:
        web.await_ready()
        bench = Bench(web, told, options.requests, options.json)
        bench.run()
        county.pages, county.together, county.weights = bench.found, bench.together(), bench.weights()
    return county


def table(counties: list[County]) -> Iterator[str]:
    """The result in lines: milliseconds at each size, their ratio, the target beside."""
    first, last = counties[0], counties[-1]
    yield (
        f"{'CPU ms a request (web + database)':<34}"
        + "".join(f"{c.residents:>10,}" for c in counties)
        + "   ratio  target"
    )
    for at, page in enumerate(last.pages):
        ratio = page.cpu_ms / max(first.pages[at].cpu_ms, 0.01)
        target = page.target_ms
        mark = "" if target is None else "  ok" if page.cpu_ms <= target else "  over"
        wide = "" if target is None or ratio <= RATIO or len(counties) == 1 else f"  ratio > {RATIO}"
        yield (f"{page.name:<34}" + "".join(f"{c.pages[at].cpu_ms:10.1f}" for c in counties)
               + f"{ratio:8.2f}{f'{target:8.0f}' if target else '       –'}{mark}{wide}")  # fmt: skip
    for c in counties:
        yield f"{c.residents:,}: {USERS} people at once {c.together}; kB with all assets {c.weights} (target {PAGE_KB:.0f})"


def result(counties: list[County]) -> dict[str, Any]:
    """What the last line holds."""
    return {
        "residents": [c.residents for c in counties],
        "rows": {str(c.residents): c.counts for c in counties},
        "pages": [
            {"name": page.name, "target_ms": page.target_ms, "cpu_ms": [round(c.pages[at].cpu_ms, 1) for c in counties],
             "ratio": round(page.cpu_ms / max(counties[0].pages[at].cpu_ms, 0.01), 2),
             "clock": [{k: round(v, 1) for k, v in asdict(c.pages[at]).items() if k in ("p50_ms", "p95_ms", "kb")}
                       for c in counties]}
            for at, page in enumerate(counties[-1].pages)
        ],
        "together": {str(c.residents): c.together for c in counties},
        "kb_with_assets": counties[-1].weights,
    }  # fmt: skip


def main() -> int:
    """Measure all sizes and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--residents", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=40, help="counted requests a page")
    parser.add_argument("--keep", type=Path, help="keep the counties in this directory, and use those that are there")
    parser.add_argument("--json", action="store_true", help="only the last line")
    options = parser.parse_args()
    counties = []
    for residents in sorted(options.residents):
        with Machine.running(options.keep and options.keep / str(residents)) as machine:
            counties.append(measured(machine, residents, options))
    if not options.json:
        print(*table(counties), sep="\n")
    print(json.dumps(result(counties), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
