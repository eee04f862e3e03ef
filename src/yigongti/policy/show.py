"""A parameter told to a person: value, status, source, and every place that was asked on the way."""

from __future__ import annotations

from datetime import date

from .rules import units
from .rules.shelf import Shelf
from .rules.terms import STATUSES, Parameter, Place, PolicyGap, Step, UnknownPlace, Value


def find_place(shelf: Shelf, text: str) -> Place:
    """The place meant by a division code, a title (湖南省) or a folder name (hunan). Raises UnknownPlace."""
    for place in shelf.places.values():
        if text in (place.code, place.title, place.folder):
            return place
    try:
        return shelf.chain(text)[0]
    except UnknownPlace as fault:
        known = "、".join(f"{place.title}（{place.code}，{place.folder}）" for place in shelf.places.values())
        raise UnknownPlace(f"{fault}；也可以写名称：{known}") from None


def show(shelf: Shelf, key: str, place: str, on: date) -> str:
    """Several lines of Chinese about a key at a place on a day; a gap is told as such, with its remedy.

    Raises UnknownKey and UnknownPlace.
    """
    here = find_place(shelf, place)
    steps = shelf.considered(key, here.code, on)
    parameter = shelf.parameters[key]
    lines = [
        f"{parameter.title}（{key}）",
        f"含义　　{parameter.meaning}",
        f"地点　　{here.title}（{here.code}）",
        f"日期　　{on}",
    ]
    taken = next((step for step in steps if step.taken), None)
    if taken is not None and taken.value is not None:
        lines += told(parameter, taken.value)
    lines += ["查找顺序", *(_step(parameter, step) for step in steps)]
    if taken is None:
        lines.append(gap_told(shelf, key, here.code, on))
    return "\n".join(lines)


def told(parameter: Parameter, value: Value) -> list[str]:
    """Value, status, source, days in force and note, one labelled line each."""
    written = units.write(parameter, value.value).replace("\n", "；")
    lines = [
        f"值　　　{written}",
        f"状态　　{STATUSES[value.status]}",
        f"依据　　{value.citation}",
        f"生效　　{value.starts} 至 {value.ends or '另行通知'}",
    ]
    if value.note:
        lines.append(f"说明　　{value.note}")
    lines.append(f"出处　　{value.origin}")
    return lines


def gap_told(shelf: Shelf, key: str, place: str, on: date) -> str:
    """The message of the gap at a place and day; empty where there is none."""
    try:
        shelf.look(key, place, on)
    except PolicyGap as gap:
        return str(gap)
    return ""


def _step(parameter: Parameter, step: Step) -> str:
    if step.value is None:
        said = "无"
    else:
        written = units.write(parameter, step.value.value).replace("\n", "；")
        said = f"{written}（自 {step.value.starts}，{step.value.citation}）"
    mark = "→" if step.taken else "　"
    return f"  {mark} {step.place.title}：{said}"
