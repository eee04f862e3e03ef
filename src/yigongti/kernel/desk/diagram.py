"""A flow drawn from its own table: states in layers from the start, transitions between them. Pure; no library.

The drawing follows the usual steps for layered graphs: break circles, give layers, put stand-ins on long
edges, order each layer by the middle of its neighbours, then place. Circles are broken where a walk from
the start meets itself, so an arrow back is drawn as one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from yigongti.kernel.case.facade import Flow, State

WIDTH, HEIGHT = 148, 60
GAP_X, GAP_Y = 116, 46
MARGIN = 24
HEADROOM = 44  # above the first row: room for an arrow that leads back into its own box
_LINE = 16
_SWEEPS = 8
_FILLS = {"danger": "#b3261e", "primary": "#1b62a5"}


@dataclass(frozen=True, slots=True)
class Node:
    """A state as a box; ``lines`` are title, who holds it, and what limits it."""

    state: State
    x: float
    y: float
    kind: str
    lines: tuple[str, ...]
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """(x, y, text) of each line as written into the drawing; x and y are the text's middle."""
        top = self.y + self.height / 2 - (len(self.lines) - 1) * _LINE / 2
        return [(_at(self.x + self.width / 2), _at(top + n * _LINE), line) for n, line in enumerate(self.lines)]

    @property
    def rect(self) -> tuple[str, str, str, str]:
        """x, y, width, height as written into the drawing."""
        return _at(self.x), _at(self.y), _at(self.width), _at(self.height)


@dataclass(frozen=True, slots=True)
class Edge:
    """One or more transitions between the same two states as one arrow with their titles."""

    source: str
    target: str
    path: str
    head: str
    labels: tuple[tuple[str, str, str], ...]
    tone: str

    @property
    def fill(self) -> str:
        """Colour of the head; the line's own comes from the style sheet."""
        return _FILLS.get(self.tone, "#8b96a3")


@dataclass(frozen=True)
class Diagram:
    """The drawing: boxes, arrows, size in drawing units, and what it says for who can't see it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    said: str

    @property
    def box(self) -> str:
        return f"0 0 {self.width:.0f} {self.height:.0f}"


@dataclass(frozen=True, slots=True)
class _Arrow:
    source: str
    target: str
    titles: tuple[str, ...]
    tone: str


def draw(flow: Flow) -> Diagram:
    """The diagram of a flow. Every state is one box, every transition a title on exactly one arrow."""
    arrows = _arrows(flow)
    depth = _layers(flow.start, [state.code for state in flow.states], arrows)
    chains = {(a.source, a.target): _chain(a, depth) for a in arrows if depth[a.source] != depth[a.target]}
    layers = _ordered(depth, chains.values())
    centre = _placed(layers)
    nodes = tuple(_node(flow, state, *centre[state.code]) for state in flow.states)
    edges = _edges(arrows, depth, chains, centre)
    width = max(node.x + node.width for node in nodes) + MARGIN + 60
    height = max(y for _, y in centre.values()) + HEIGHT / 2 + MARGIN
    said = "；".join(
        f"{flow.state(a.source).title}经{'、'.join(a.titles)}到{flow.state(a.target).title}" for a in arrows
    )
    return Diagram(nodes, edges, width, height, said)


def _in_words(flow: Flow, arrow: _Arrow) -> str:
    return f"{flow.state(arrow.source).title}经{'、'.join(arrow.titles)}到{flow.state(arrow.target).title}"


def _arrows(flow: Flow) -> list[_Arrow]:
    found: dict[tuple[str, str], list[str]] = {}
    tones: dict[tuple[str, str], str] = {}
    for one in flow.transitions:
        for source in one.source:
            found.setdefault((source, one.target), []).append(one.title)
            tones.setdefault((source, one.target), one.tone)
    return [_Arrow(source, target, tuple(titles), tones[source, target]) for (source, target), titles in found.items()]


def _layers(start: str, codes: list[str], arrows: list[_Arrow]) -> dict[str, int]:
    """Longest way from the start, not counting arrows that lead back on the walk."""
    after: dict[str, list[str]] = {code: [] for code in codes}
    for arrow in arrows:
        after[arrow.source].append(arrow.target)
    order: list[str] = []
    state: dict[str, int] = {}
    forward: dict[str, list[str]] = {code: [] for code in codes}
    walk: list[tuple[str, int]] = [(start, 0)]
    state[start] = 1
    while walk:
        code, at = walk.pop()
        if at < len(after[code]):
            walk.append((code, at + 1))
            target = after[code][at]
            if state.get(target) != 1:
                forward[code].append(target)
            if target not in state:
                state[target] = 1
                walk.append((target, 0))
        else:
            state[code] = 2
            order.append(code)
    depth = dict.fromkeys(codes, 0)
    for code in reversed(order):
        for target in forward[code]:
            depth[target] = max(depth[target], depth[code] + 1)
    return depth


def _chain(arrow: _Arrow, depth: Mapping[str, int]) -> list[tuple[str, int]]:
    """The arrow's way through the layers, left to right: its ends with a stand-in on every layer between."""
    left, right = sorted((arrow.source, arrow.target), key=lambda code: depth[code])
    between = range(depth[left] + 1, depth[right])
    stand_ins = [(f"{arrow.source}>{arrow.target}@{layer}", layer) for layer in between]
    return [(left, depth[left]), *stand_ins, (right, depth[right])]


def _ordered(depth: Mapping[str, int], chains: Iterable[list[tuple[str, int]]]) -> list[list[str]]:
    """Layers with their boxes and stand-ins, each ordered by the middle of its neighbours to keep arrows apart."""
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for code, layer in depth.items():
        layers[layer].append(code)
    beside: dict[str, list[str]] = {}
    for chain in chains:
        for name, layer in chain[1:-1]:
            layers[layer].append(name)
        for (one, _), (other, _) in pairwise(chain):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    for sweep in range(_SWEEPS):
        place = {name: n for names in layers for n, name in enumerate(names)}
        for names in layers if sweep % 2 == 0 else reversed(layers):
            names.sort(key=lambda name: _middle([place[other] for other in beside.get(name, [])], place[name]))
            place.update({name: n for n, name in enumerate(names)})
    return layers


def _middle(places: list[int], own: int) -> float:
    return sum(places) / len(places) if places else float(own)


def _placed(layers: list[list[str]]) -> dict[str, tuple[float, float]]:
    """Centre of every box and stand-in; layers stand side by side, each centred on the tallest."""
    tall = max(_height(layer) for layer in layers)
    centre: dict[str, tuple[float, float]] = {}
    for number, layer in enumerate(layers):
        x = MARGIN + number * (WIDTH + GAP_X) + WIDTH / 2
        y = HEADROOM + (tall - _height(layer)) / 2
        for name in layer:
            size = _size(name)
            centre[name] = (x, y + size / 2)
            y += size + GAP_Y
    return centre


def _size(name: str) -> float:
    return HEIGHT / 2 if "@" in name else HEIGHT


def _height(layer: list[str]) -> float:
    return sum(_size(name) for name in layer) + GAP_Y * max(len(layer) - 1, 0)


def _node(flow: Flow, state: State, x: float, y: float) -> Node:
    kind = "start" if state.code == flow.start else "final" if state.final else ""
    lines = [state.title]
    if state.holder is not None:
        lines.append(_short(state.holder.title, 13))
    return Node(state, x - WIDTH / 2, y - HEIGHT / 2, kind, tuple(lines))


def _edges(
    arrows: list[_Arrow], depth: Mapping[str, int], chains: Mapping[tuple[str, str], list[tuple[str, int]]],
    centre: Mapping[str, tuple[float, float]],
) -> tuple[Edge, ...]:  # fmt: skip
    ports = _Ports(chains, centre)
    edges = []
    for arrow in arrows:
        if arrow.source == arrow.target:
            edges.append(_loop(arrow, *centre[arrow.source]))
            continue
        if depth[arrow.source] == depth[arrow.target]:
            edges.append(_beside(arrow, centre))
            continue
        points = [centre[name] for name, _ in chains[arrow.source, arrow.target]]
        back = depth[arrow.source] > depth[arrow.target]
        edges.append(_through(arrow, points, ports, back))
    return tuple(edges)


class _Ports:
    """Where each arrow meets its boxes: spread over the side, in the order of the heights it comes from or goes to."""

    def __init__(
        self, chains: Mapping[tuple[str, str], list[tuple[str, int]]], centre: Mapping[str, tuple[float, float]]
    ) -> None:
        sides: dict[tuple[str, str], list[tuple[float, str, str]]] = {}
        for (source, target), chain in chains.items():
            names = [name for name, _ in chain]
            sides.setdefault((names[0], "right"), []).append((centre[names[1]][1], source, target))
            sides.setdefault((names[-1], "left"), []).append((centre[names[-2]][1], source, target))
        self._shift: dict[tuple[str, str, str], float] = {}
        for (code, _), met in sides.items():
            met.sort()
            step = min(22.0, (HEIGHT - 12) / max(len(met), 1))
            for number, (_, source, target) in enumerate(met):
                self._shift[code, source, target] = (number - (len(met) - 1) / 2) * step

    def shift(self, code: str, arrow: _Arrow) -> float:
        return self._shift.get((code, arrow.source, arrow.target), 0.0)


def _through(arrow: _Arrow, points: list[tuple[float, float]], ports: _Ports, back: bool) -> Edge:
    """A smooth line over the layers, from the left box's right side to the right box's left side, arrow at
    the target.
    """
    left, right = (arrow.target, arrow.source) if back else (arrow.source, arrow.target)
    way = [
        (points[0][0] + WIDTH / 2, points[0][1] + ports.shift(left, arrow)),
        *points[1:-1],
        (points[-1][0] - WIDTH / 2, points[-1][1] + ports.shift(right, arrow)),
    ]
    if back:
        way.reverse()
    path = f"M{way[0][0]:.1f} {way[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(way):
        bend = (x2 - x1) / 2
        path += f" C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return Edge(
        arrow.source, arrow.target, path, _head(*way[-1], -1 if back else 1), _labels(arrow, *_label_at(way)),
        _tone(arrow, back),
    )  # fmt: skip


def _label_at(way: list[tuple[float, float]]) -> tuple[float, float]:
    """The middle of the gap next to the source: every arrow out of a box has its title where it leaves."""
    (x1, y1), (x2, y2) = way[0], way[1]
    share = 0.5 if len(way) == 2 else 0.42
    return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share


def _beside(arrow: _Arrow, centre: Mapping[str, tuple[float, float]]) -> Edge:
    """Between two boxes of one layer: a bow on the right."""
    (x1, y1), (x2, y2) = centre[arrow.source], centre[arrow.target]
    x = x1 + WIDTH / 2
    bow = 44 + abs(y2 - y1) / 10
    path = f"M{x:.1f} {y1:.1f} C{x + bow:.1f} {y1:.1f} {x + bow:.1f} {y2:.1f} {x2 + WIDTH / 2:.1f} {y2:.1f}"
    head = _head(x2 + WIDTH / 2, y2, -1)
    labels = _labels(arrow, x + bow * 0.75, (y1 + y2) / 2)
    return Edge(arrow.source, arrow.target, path, head, labels, _tone(arrow, False))


def _loop(arrow: _Arrow, x: float, y: float) -> Edge:
    top = y - HEIGHT / 2
    path = f"M{x - 24:.1f} {top:.1f} C{x - 30:.1f} {top - 34:.1f} {x + 30:.1f} {top - 34:.1f} {x + 24:.1f} {top:.1f}"
    head = f"{x + 24:.1f},{top:.1f} {x + 21:.1f},{top - 9:.1f} {x + 30:.1f},{top - 7:.1f}"
    return Edge(arrow.source, arrow.target, path, head, _labels(arrow, x, top - 30), _tone(arrow, False))


def _head(x: float, y: float, way: int) -> str:
    """Points of an arrow's head that ends at (x, y), pointing right (1) or left (-1)."""
    return f"{x:.1f},{y:.1f} {x - 9 * way:.1f},{y - 4.5:.1f} {x - 9 * way:.1f},{y + 4.5:.1f}"


def _labels(arrow: _Arrow, x: float, y: float) -> tuple[tuple[str, str, str], ...]:
    top = y - (len(arrow.titles) - 1) * _LINE / 2
    return tuple((_at(x), _at(top + n * _LINE), _short(title, 9)) for n, title in enumerate(arrow.titles))


def _tone(arrow: _Arrow, back: bool) -> str:
    return arrow.tone if arrow.tone in ("danger", "primary") else "back" if back else ""


def _at(number: float) -> str:
    """A coordinate in the drawing: one decimal, a point whatever the language."""
    return f"{number:.1f}"


def _short(text: str, signs: int) -> str:
    """At most so many Chinese signs' width."""
    width = 0.0
    for at, sign in enumerate(text):
        width += 1 if unicodedata.east_asian_width(sign) in "WF" else 0.55
        if width > signs:
            return text[: max(at - 1, 1)] + "…"
    return text
