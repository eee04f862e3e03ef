"""Describing a chart: frozen values from which the browser's drawing and its table twin are both made.

A description is complete without the browser: numbers are written here, once, so that picture and table never differ.
Nothing here reads the database or knows a colour; tones are words (late, due, fine, info) that the style sheet resolves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from yigongti.kernel.chart.basis import COUNT, Cell, Measure, Twin, bounded, with_unit


@dataclass(frozen=True)
class Series:
    """One line or one set of bars: a value for each label, None where there is none. `urls` as many, or none."""

    name: str
    values: tuple[float | None, ...]
    urls: tuple[str, ...] = ()
    tone: str = ""
    dashed: bool = False

    def described(self, measure: Measure) -> dict[str, Any]:
        urls = self.urls or ("",) * len(self.values)
        values = [
            {"v": measure.number(value), "t": measure.text(value), **({"u": url} if url else {})}
            for value, url in zip(self.values, urls, strict=True)
        ]
        return {"name": self.name, "tone": self.tone, "dashed": self.dashed, "values": values}


@dataclass(frozen=True)
class Mark:
    """A level to compare with: a target, a limit."""

    title: str
    value: float
    tone: str = "info"


@dataclass(frozen=True)
class _Labelled:
    """What lines and bars share: labels along one axis, series along the other."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    measure: Measure = COUNT
    label_title: str = "项目"
    marks: tuple[Mark, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        bounded(len(self.labels) * len(self.series), self.title)
        for one in self.series:
            if len(one.values) != len(self.labels) or len(one.urls) not in (0, len(self.labels)):
                raise ValueError(f"chart {self.title}: series {one.name} has not one value for each label")

    def described(self) -> dict[str, Any]:
        return {
            "labels": list(self.labels), "unit": self.measure.unit,
            "series": [one.described(self.measure) for one in self.series],
            "marks": [{"title": m.title, "v": self.measure.number(m.value), "t": self.measure.text(m.value), "tone": m.tone}
                      for m in self.marks],
        }  # fmt: skip

    def twins(self) -> tuple[Twin, ...]:
        heads = (self.label_title, *(with_unit(one.name, self.measure) for one in self.series))
        rows = []
        for at, label in enumerate(self.labels):
            cells = [Cell(label)]
            cells += [Cell(self.measure.text(s.values[at]), s.urls[at] if s.urls else "", True) for s in self.series]
            rows.append(tuple(cells))
        rows += [
            (Cell(m.title), *(Cell(self.measure.text(m.value), "", True) for _ in self.series)) for m in self.marks
        ]
        return (Twin(heads, tuple(rows)),)


@dataclass(frozen=True)
class Lines(_Labelled):
    """Values over time, one line a series; marks are drawn as dashed levels."""

    kind: ClassVar[str] = "line"


@dataclass(frozen=True)
class Bars(_Labelled):
    """Values by label. `stacked` puts the series on each other, `across` lays the bars (long names, rankings)."""

    kind: ClassVar[str] = "bar"
    stacked: bool = False
    across: bool = False

    def described(self) -> dict[str, Any]:
        return {**super().described(), "stacked": self.stacked, "across": self.across}


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: a rise (positive), a fall (negative), or the level reached (`total`, its value ignored)."""

    label: str
    value: float = 0
    total: bool = False
    url: str = ""


@dataclass(frozen=True)
class Waterfall:
    """How one amount becomes another, step by step."""

    title: str
    steps: tuple[Step, ...]
    measure: Measure = COUNT
    note: str = ""
    kind: ClassVar[str] = "waterfall"

    def __post_init__(self) -> None:
        bounded(len(self.steps), self.title)

    def levels(self) -> list[tuple[Step, float, float]]:
        """Each step with the level before and after it, in the stored unit."""
        out, level = [], 0.0
        for step in self.steps:
            before = 0.0 if step.total else level
            level = level if step.total else level + step.value
            out.append((step, before, level))
        return out

    def described(self) -> dict[str, Any]:
        m, lines = self.measure, []
        for step, before, after in self.levels():
            shown = after if step.total else step.value
            sort = "total" if step.total else "rise" if step.value >= 0 else "fall"
            lines.append({"label": step.label, "sort": sort, "from": m.number(before), "to": m.number(after),
                          "t": m.text(shown), **({"u": step.url} if step.url else {})})  # fmt: skip
        return {"unit": m.unit, "steps": lines}

    def twins(self) -> tuple[Twin, ...]:
        m = self.measure
        rows = tuple(
            (
                Cell(step.label),
                Cell("" if step.total else m.text(step.value), step.url, True),
                Cell(m.text(after), "", True),
            )
            for step, _, after in self.levels()
        )
        return (Twin(("项目", with_unit("增减", m), with_unit("累计", m)), rows),)


@dataclass(frozen=True)
class Node:
    """A node of a Sankey diagram; `code` is unique, the title may repeat on both sides."""

    code: str
    title: str
    tone: str = ""


@dataclass(frozen=True)
class Flow:
    """How much goes from one node to another; both are codes."""

    source: str
    target: str
    value: float
    url: str = ""


@dataclass(frozen=True)
class Sankey:
    """Flows between nodes, left to right. Raises ValueError for an unknown node or a circle (give both sides own codes)."""

    title: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    measure: Measure = COUNT
    source_title: str = "从"
    target_title: str = "到"
    note: str = ""
    kind: ClassVar[str] = "sankey"

    def __post_init__(self) -> None:
        bounded(len(self.flows), self.title)
        known = {node.code for node in self.nodes}
        onward: dict[str, set[str]] = {code: set() for code in known}
        for flow in self.flows:
            if flow.source not in known or flow.target not in known:
                raise ValueError(f"chart {self.title}: no node {flow.source} or {flow.target}")
            onward[flow.source].add(flow.target)
        while ends := [code for code, after in onward.items() if not after]:
            for code in ends:
                del onward[code]
            for after in onward.values():
                after.difference_update(ends)
        if onward:
            raise ValueError(f"chart {self.title}: flows in a circle through {sorted(onward)[0]}")

    def described(self) -> dict[str, Any]:
        m = self.measure
        through = {
            n.code: max(sum(f.value for f in self.flows if f.source == n.code), sum(f.value for f in self.flows if f.target == n.code))
            for n in self.nodes
        }  # fmt: skip
        return {
            "unit": m.unit,
            "nodes": [{"code": n.code, "title": n.title, "tone": n.tone, "t": m.text(through[n.code])} for n in self.nodes],
            "flows": [{"source": f.source, "target": f.target, "v": m.number(f.value), "t": m.text(f.value),
                       **({"u": f.url} if f.url else {})} for f in self.flows],
        }  # fmt: skip

    def twins(self) -> tuple[Twin, ...]:
        title = {node.code: node.title for node in self.nodes}
        rows = tuple(
            (Cell(title[f.source]), Cell(title[f.target]), Cell(self.measure.text(f.value), f.url, True))
            for f in self.flows
        )
        return (Twin((self.source_title, self.target_title, with_unit("数量", self.measure)), rows),)


@dataclass(frozen=True)
class Point:
    """One dot. `group` colours it."""

    label: str
    x: float
    y: float
    group: str = ""
    url: str = ""


@dataclass(frozen=True)
class Scatter:
    """Two values of each thing against each other."""

    title: str
    points: tuple[Point, ...]
    x_title: str
    y_title: str
    x: Measure = field(default_factory=Measure)
    y: Measure = field(default_factory=Measure)
    label_title: str = "名称"
    note: str = ""
    kind: ClassVar[str] = "scatter"

    def __post_init__(self) -> None:
        bounded(len(self.points), self.title)

    def described(self) -> dict[str, Any]:
        return {
            "x": with_unit(self.x_title, self.x), "y": with_unit(self.y_title, self.y),
            "points": [{"label": p.label, "x": self.x.number(p.x), "y": self.y.number(p.y), "tx": self.x.text(p.x),
                        "ty": self.y.text(p.y), "group": p.group, **({"u": p.url} if p.url else {})} for p in self.points],
        }  # fmt: skip

    def twins(self) -> tuple[Twin, ...]:
        rows = tuple(
            (Cell(p.label, p.url), Cell(self.x.text(p.x), "", True), Cell(self.y.text(p.y), "", True))
            for p in self.points
        )
        return (Twin((self.label_title, with_unit(self.x_title, self.x), with_unit(self.y_title, self.y)), rows),)
