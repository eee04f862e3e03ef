"""What the pages share: consortium, year and days of an address, a file that is tried before it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest

from yigongti.benefit.fund.queries import pool as pools
from yigongti.kernel import ids
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Refused

FIRST_YEAR = 2015


def consortium_and_year(given: Mapping[str, str], usual: int, last: int) -> tuple[Unit, int] | None:
    """Consortium and year of an address or form; the first in reach and the *usual* year where it says none.

    None: no consortium in reach. Raises Http404 for one out of reach, or a year before FIRST_YEAR or after *last*.
    """
    wanted = ids.row_id(given.get("consortium", ""))
    if wanted is not None:
        unit = pools.consortium(wanted)
        if unit is None:
            raise Http404
    else:
        unit = next(iter(pools.reachable()), None)
    told = given.get("year", "")
    year = int(told) if told.isascii() and told.isdigit() and len(told) == 4 else usual
    if not FIRST_YEAR <= year <= last:
        raise Http404
    return (unit, year) if unit is not None else None


def day_in(request: HttpRequest, name: str) -> date | None:
    """A day of the address, None where there is none or what stands there is no day."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@dataclass(frozen=True)
class TakenFile:
    """A file that was sent; `writing`: for good, after it was tried."""

    name: str
    content: bytes
    digest: str
    writing: bool


def taken_file(request: HttpRequest, *, most: int, remedy: str) -> TakenFile:
    """The file that was sent to be tried or, once it was, written; of at most *most* bytes.

    Raises Refused for none, too large a one, or another to be written than was tried.
    """
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > most:
        raise Refused(f"没有选择文件，或文件超过 {most // 2**20} MB", field="file", remedy=remedy)
    content = file.read()
    digest, writing = hashlib.sha256(content).hexdigest(), request.POST.get("do") == "write"
    if writing and request.POST.get("tried") != digest:
        raise Refused("所选文件与试导入的不是同一个", field="file", remedy="请先试导入这个文件")
    return TakenFile(file.name or "", content, digest, writing)
