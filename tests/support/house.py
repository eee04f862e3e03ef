"""Draws the house as it stands into docs/architecture.md: who imports whom, how large each room is.

``python -m tests.support.house`` writes the part between the two marks; what it draws is read from the source, so that the
picture can't be more beautiful than the house.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "yigongti"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- house:begin -->", "<!-- house:end -->"
FRAME = ("kernel", "shell", "runtime")
"""What is no module: the ground below them, the screens and the machine around them."""


def wings() -> set[str]:
    """Folders without a file of their own: their folders are the modules."""
    folders = [path.parent for path in SOURCE.glob("*/__init__.py")]
    return {folder.name for folder in folders if [one.name for one in folder.glob("*.py")] == ["__init__.py"]}


def modules() -> tuple[str, ...]:
    """Every module of the house as the tree has it: ``policy``, ``service.care`` …"""
    found = {module_of(path) for path in files()}
    return tuple(sorted(found - set(FRAME) - wings()))


WINGS = wings()


def module_of(path: Path) -> str:
    """The module a source file belongs to: ``kernel``, ``service.referral`` …"""
    parts = path.relative_to(SOURCE).parts
    return f"{parts[0]}.{parts[1]}" if parts[0] in WINGS and len(parts) > 2 else parts[0]


def files() -> Iterator[Path]:
    """Python files that a person wrote: no migrations."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts and path.parent != SOURCE:
            yield path


def imported(path: Path) -> Iterator[str]:
    """Modules of the house that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = name.split(".")
            if parts[0] == "yigongti" and len(parts) > 1:
                yield f"{parts[1]}.{parts[2]}" if parts[1] in WINGS and len(parts) > 2 else parts[1]


def drawing() -> str:
    """The drawing and the table, as Markdown."""
    arrows: Counter[tuple[str, str]] = Counter()
    sizes: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for path in files():
        mine = module_of(path)
        sizes[mine].append((len(path.read_text(encoding="utf-8").splitlines()), path))
        arrows.update((mine, other) for other in set(imported(path)) if other != mine)
    return "\n".join([*_graph(arrows), "", *_table(sizes, arrows)])


def _graph(arrows: Counter[tuple[str, str]]) -> list[str]:
    """Direct imports; one that another path already tells is left out."""
    below: dict[str, set[str]] = defaultdict(set)
    for mine, other in arrows:
        below[mine].add(other)

    def reach(start: str, without: str) -> set[str]:
        found, todo = set(), [one for one in below[start] if one != without]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += below[one]
        return found

    told = sorted((mine, other) for mine, other in arrows if other not in reach(mine, other))
    return [
        "```mermaid",
        "graph TD",
        *(f"  {a.replace('.', '_')}[{a}] --> {b.replace('.', '_')}[{b}]" for a, b in told),
        "```",
    ]


def _table(sizes: dict[str, list[tuple[int, Path]]], arrows: Counter[tuple[str, str]]) -> list[str]:
    lines = ["| module | files | lines | largest file | imports (files) |", "|---|---:|---:|---|---|"]
    for name in sorted(sizes):
        found = sorted(sizes[name], reverse=True)
        largest = f"`{found[0][1].relative_to(SOURCE)}` {found[0][0]}"
        to = ", ".join(f"{b} {n}" for (a, b), n in sorted(arrows.items()) if a == name)
        lines.append(f"| {name} | {len(found)} | {sum(n for n, _ in found)} | {largest} | {to or '–'} |")
    return lines


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{drawing()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
