"""What an amendment changes, told line by line: of a table only the rows that move."""

from __future__ import annotations

from collections import Counter

CELLS = " | "
"""Between the cells of a written row (`units.write`)."""


def told(before: str, after: str) -> list[str]:
    """The change from one written value to another, a line a row that moves; a value of one line in one line.

    Rows are the same row where all cells but the last agree; where those do not tell rows apart, a moved row is told
    as one taken away and one added.
    """
    old, new = before.splitlines(), after.splitlines()
    if len(old) < 2 and len(new) < 2:
        return [f"{before or '无'} → {after}"]
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    was = {_name(line): line for line in gone}
    named = Counter(map(_name, (*gone, *come)))
    found = []
    for line in come:
        name = _name(line)
        if name in was and named[name] == 2 and name:
            found.append(f"{_plain(name)}：{_last(was.pop(name))} → {_last(line)}")
        else:
            found.append(f"新增 {_plain(line)}")
    return [*found, *(f"取消 {_plain(line)}" for line in gone if line in was.values())]


def moved(before: str, after: str) -> list[str]:
    """`told`, and where nothing moves that only the source does."""
    return told(before, after) or ["各行不变，依据改变"]


def brief(before: str, after: str) -> str:
    """The same in one line: the first change, and how many more there are."""
    lines = told(before, after)
    if not lines:
        return "各行不变"
    return lines[0] + (f" 等 {len(lines)} 处" if len(lines) > 1 else "")


def _name(line: str) -> str:
    return line.rpartition(CELLS)[0]


def _last(line: str) -> str:
    return line.rpartition(CELLS)[2]


def _plain(line: str) -> str:
    return line.replace(CELLS, " ")
