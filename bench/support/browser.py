"""A browser that only fetches: one kept connection, cookies, compressed answers."""

from __future__ import annotations

import gzip
import http.client
import re
import time
import urllib.parse
from dataclasses import dataclass
from uuid import uuid4

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Wrong(RuntimeError):
    """An answer that the benchmark did not expect: what is measured would not be the page."""


@dataclass(frozen=True)
class Answer:
    """One answer: seconds it took, bytes as sent (compressed), its text, where it leads."""

    status: int
    seconds: float
    size: int
    body: bytes
    location: str

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Browser:
    """One person at one server."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.token = ""

    def _ask(self, method: str, path: str, body: str | None, expect: tuple[int, ...]) -> Answer:
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        raw = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.split(";", 1)[0]
        content = gzip.decompress(raw) if response.headers.get("Content-Encoding") == "gzip" else raw
        answer = Answer(response.status, seconds, len(raw), content, response.headers.get("Location", ""))
        if response.status not in expect:
            said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
            raise Wrong(f"{method} {path}: {response.status} {answer.location} {said[:1500]}")
        found = _TOKEN.search(answer.text) if method == "GET" else None
        if found:
            self.token = found[1]
        return answer

    def get(self, path: str) -> Answer:
        """A page; raises Wrong unless it is 200."""
        return self._ask("GET", path, None, (200,))

    def post(self, path: str, **values: object) -> Answer:
        """A form that is taken; raises Wrong unless the answer leads on."""
        data: dict[str, object] = {"csrfmiddlewaretoken": self.token, "client_id": str(uuid4()), **values}
        return self._ask("POST", path, urllib.parse.urlencode(data, doseq=True), (302, 303))

    def sign_in(self, login: str, password: str) -> Answer:
        """Sign in anew."""
        if not self.token:
            self.get("/sign-in/")
        return self.post("/sign-in/", login=login, password=password, next="/")


def query(path: str, **values: object) -> str:
    """An address with its question."""
    return f"{path}?{urllib.parse.urlencode(values)}"
