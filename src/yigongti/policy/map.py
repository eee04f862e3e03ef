"""The policy map: clause → key → value → rule → test → screen, as one Markdown page.

``python -m yigongti.policy.map`` prints it; ``--write`` puts it into ``docs/policy-map.md`` of a checkout. Rules and
tests are the files in which the key is written; screens come from the parameter's definition.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .blueprint.reading import blueprints
from .blueprint.reading import load as blueprint
from .loader import HOME, shipped
from .rules import units
from .rules.terms import STATUSES, Parameter, Value

ROOT = HOME.parents[2]
PAGE = ROOT / "docs" / "policy-map.md"
_KEY = re.compile(r"(?<!code=)[\"']([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)[\"']")
_HEAD = """# Policy map

Clause → key → value → rule → test → screen, for every parameter that is shipped. Made by
`python -m yigongti.policy.map --write`; do not edit. What a county has amended is not here but on its own page
政策参数修订. Status: 已核实 = read in the text named; 待核实 = known, not read there; 假定 = set by this platform
because no text says it, refused wherever real money is cleared.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One value of one key, or a key without any."""

    parameter: Parameter
    value: Value | None
    place: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Clause, key with title, value, status: what the parameter files alone decide."""
        key = f"{self.parameter.title}<br>`{self.parameter.key}`"
        if self.value is None:
            return "—", key, "no value: a gap until a place sets one", "—"
        written = units.write(self.parameter, self.value.value).replace("|", "→").replace("\n", "；")
        until = f" 至 {self.value.ends}" if self.value.ends else ""
        said = f"{written}（{self.place}，自 {self.value.starts}{until}）"
        return self.value.clause, key, said, STATUSES[self.value.status]


def lines() -> dict[str, list[Line]]:
    """Source document → its lines, in the order of the keys; keys without a value come last under ""."""
    shelf = shipped()
    found: dict[str, list[Line]] = defaultdict(list)
    valued = set()
    for value in shelf.values():
        valued.add(value.key)
        place = shelf.places[value.place].title
        found[value.source].append(Line(shelf.parameters[value.key], value, place))
    for key in sorted(set(shelf.parameters) - valued):
        found[""].append(Line(shelf.parameters[key], None, ""))
    return dict(found)


def mentions(folder: Path) -> dict[str, list[str]]:
    """Key → the Python files under a folder in which it is written, as paths from the checkout's root."""
    keys = set(shipped().parameters)
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for key in sorted(set(_KEY.findall(path.read_text(encoding="utf-8"))) & keys):
            found[key].append(path.relative_to(ROOT).as_posix())
    return found


def page() -> str:
    """The whole page."""
    rules, tests = mentions(ROOT / "src"), mentions(ROOT / "tests")
    parts = [_HEAD]
    for source, group in lines().items():
        parts.append(f"\n## {source or 'Defined, without a national value'}\n")
        parts.append(_row(("clause", "parameter", "value", "status", "rule", "test", "screen")))
        parts.append(_row(("---",) * 7))
        parts += [
            _row((*line.cells, _files(rules, line), _files(tests, line), line.parameter.screen or "—"))
            for line in group
        ]
    parts += [_blueprint(code) for code in blueprints()]
    return "\n".join(parts) + "\n"


def _files(found: dict[str, list[str]], line: Line) -> str:
    names = [f"`{path.removeprefix('src/yigongti/')}`" for path in found.get(line.parameter.key, ())]
    return "<br>".join(names) or "—"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _blueprint(code: str) -> str:
    one = blueprint(code)
    groups = (
        ("levels", one.levels), ("alliances", one.alliances), ("bodies", one.bodies), ("offices", one.offices),
        ("unified domains", one.domains), ("unchanged", one.unchanged), ("headquarters centres", one.headquarters),
        ("resource centres", one.resource_centres), ("clinical centres", one.clinical_centres),
        ("emergency centres", one.emergency_centres), ("desks", one.desks), ("framework", one.framework),
        ("stages", one.stages), ("figures", one.figures), ("supervision", one.supervision),
        ("departments", one.departments), ("parameters", one.parameters),
    )  # fmt: skip
    rows = [
        _row((title, "、".join(item.title for item in items), "、".join(dict.fromkeys(item.clause for item in items))))
        for title, items in groups
        if items
    ]
    head = [_row(("what", "items", "clauses")), _row(("---",) * 3)]
    return "\n".join([f"\n## Blueprint {one.row} `{code}`: {one.title}（{one.source}）\n", *head, *rows])


def main(arguments: list[str]) -> int:
    """Print the page, or write it with ``--write``."""
    if "--write" in arguments:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
