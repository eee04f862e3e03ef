"""The product through its addresses: signed-in browsers, every route, what a page shows, what a request wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import psycopg
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.people import LIMITS
from yigongti.kernel.access import signin
from yigongti.kernel.access.web import COOKIE, Access

WRITTEN_BY_READING = ("audit_", "registry_searchtally", "access_session", "procrastinate_", "django_")
"""Tables that a refused or merely reading request may touch: the log, the search tally, when a session was last used."""


_handlers: dict[bool, Any] = {}
_traced: dict[str, tuple[list[str], str]] = {}


def browser(account: int, seat: int, *, csrf: bool = False, quiet: bool = False) -> Client:
    """A browser with a live session of the seat; `quiet` answers a view's crash by 500 instead of raising it."""
    token = signin.open_session(account_id=account, seat_id=seat, source="127.0.0.1", agent="test", limits=LIMITS)
    assert token is not None, "the seat is not the account's"
    return carrying(token, csrf=csrf, quiet=quiet)


def carrying(token: str = "", *, csrf: bool = False, quiet: bool = False) -> Client:
    """A browser with this session's cookie; all of them share one handler, so that middleware is loaded once."""
    client = Client(enforce_csrf_checks=csrf, raise_request_exception=not quiet)
    client.handler = _handlers.setdefault(csrf, client.handler)
    if token:
        client.cookies[COOKIE] = token
    return client


# ---- routes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """One address of the product: its full name, its view, who may call it (None: nobody said)."""

    name: str
    pattern: str
    view: Any
    access: Access | None


def routes() -> list[Route]:
    """Every route that the URL resolver knows, in its order."""
    return list(_routes(get_resolver().url_patterns, "", ""))


def _routes(patterns: Any, space: str, prefix: str) -> Iterator[Route]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _routes(one.url_patterns, inner, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            name = f"{space}{one.name}" if one.name else prefix + str(one.pattern)
            yield Route(name, prefix + str(one.pattern), one.callback, getattr(one.callback, "access", None))


# ---- what a page shows ----------------------------------------------------------------------------------------------


def text_of(response: Any) -> str:
    """Everything readable of an answer: the page, the lines of a spreadsheet, the words of a PDF, its headers."""
    kind = response.headers.get("Content-Type", "")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    heads = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    if "spreadsheetml" in kind:
        from openpyxl import load_workbook

        sheets = load_workbook(BytesIO(body), read_only=True).worksheets
        return heads + " ".join(
            str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row
        )
    if "pdf" in kind:
        from pypdf import PdfReader

        return heads + "".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages)
    return heads + body.decode("utf-8", "replace")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.offences: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("href", "hx-get"):
            if given.get(name) and tag != "link":
                self.links.append(str(given[name]))
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name == "style":
                self.offences.append(f"<{tag} {name}>")
            if value is not None and value.strip().lower().startswith("javascript:"):
                self.offences.append(f"<{tag} {name}=javascript:>")
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") != "application/json"):
            self.offences.append(f"<{tag}> inside the page")


def links(html: str, base: str) -> list[str]:
    """Addresses of this site that a page leads to, absolute paths with their query, in order, each once."""
    page = _Page()
    page.feed(html)
    found = [
        urlsplit(urljoin(base, link)) for link in page.links if not link.startswith(("#", "mailto:", "tel:", "data:"))
    ]
    own = [f"{at.path}?{at.query}" if at.query else at.path for at in found if at.netloc in ("", "testserver")]
    return list(dict.fromkeys(own))


def inline(html: str) -> list[str]:
    """What a strict content-security policy would refuse to run or to apply."""
    page = _Page()
    page.feed(html)
    return page.offences


def problems(html: str) -> list[str]:
    """The words that a refused form says."""
    return re.findall(r'class="problem"[^>]*>([^<]+)<', html)


# ---- what a request wrote ---------------------------------------------------------------------------------------------


def trace(admin: psycopg.Connection) -> tuple[tuple[str, str], ...]:
    """Rows and newest writing transaction of each table that only a deliberate write may change.

    One row of scalars: a union of so many tables is planned anew and starts parallel workers, 80 ms a look instead of 4.
    """
    names, asked = _looked_at(admin)
    row = admin.execute(asked, prepare=True).fetchone()
    assert row is not None
    return tuple(zip(names, row, strict=True))


def _looked_at(admin: psycopg.Connection) -> tuple[list[str], str]:
    """The tables, and the query; a schema is looked up once a database."""
    known = _traced.get(admin.info.dbname)
    if known is None:
        names = [
            name
            for (name,) in admin.execute(
                "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1"
            )
            if not name.startswith(WRITTEN_BY_READING)
        ]
        one = "(select count(*) || '/' || coalesce(max(xmin::text::bigint), 0) from \"{0}\")"
        known = _traced[admin.info.dbname] = names, "select " + ", ".join(one.format(name) for name in names)
    return known


def changed(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> list[str]:
    """Names of the tables that differ."""
    return [b[0] for a, b in zip(before, after, strict=True) if a != b]


def log_entries(admin: psycopg.Connection, since: int = 0) -> list[tuple[Any, ...]]:
    """The log after an entry: id, outcome, action, kind, why, seat, subjects, path."""
    return admin.execute(
        "select id, outcome, action, kind, why, seat_id, subjects, path from audit_entry where id > %s order by id",
        [since],
    ).fetchall()


def last_entry(admin: psycopg.Connection) -> int:
    row = admin.execute("select coalesce(max(id), 0) from audit_entry").fetchone()
    assert row is not None
    return int(row[0])


# ---- forms ------------------------------------------------------------------------------------------------------------


class _Form(HTMLParser):
    """The fields of the form whose action ends in a given address, as a browser would send them untouched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.sent, self.here = action, {}, False
        self._area = self._select = self._first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.here = given.get("method", "get").lower() == "post" and given.get("action", "").endswith(self.action)
        if not self.here or ("disabled" in given and tag != "option"):
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in given:
                    self.sent.setdefault(name, []).append(given.get("value", "on"))
            elif kind not in ("submit", "button", "image", "reset"):
                self.sent.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self._area = name
            self.sent.setdefault(name, []).append("")
        elif tag == "select" and name:
            self._select, self._first = name, ""
        elif tag == "option" and self._select:
            self._first = self._first or "seen"
            if "selected" in given or self._select not in self.sent:
                self.sent[self._select] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.sent[self._area][-1] = self.sent[self._area][-1].removeprefix("\n")
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self.here = False


def untouched(html: str, action: str) -> dict[str, list[str]]:
    """What a browser would send if nobody typed anything into the form that posts to `action`."""
    form = _Form(action)
    form.feed(html)
    assert form.sent, f"the page has no form that posts to {action}"
    return form.sent
