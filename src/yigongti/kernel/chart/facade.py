"""What modules use of charts."""

from yigongti.kernel.chart.basis import COUNT, PERCENT, Measure
from yigongti.kernel.chart.describe import Chart, described, one_series
from yigongti.kernel.chart.map import Area, Layer, Link, Map, Ring, Spot
from yigongti.kernel.chart.model import (
    Bars,
    Flow,
    Lines,
    Mark,
    Node,
    Point,
    Sankey,
    Scatter,
    Series,
    Step,
    Waterfall,
)

__all__ = [
    "COUNT",
    "PERCENT",
    "Area",
    "Bars",
    "Chart",
    "Flow",
    "Layer",
    "Lines",
    "Link",
    "Map",
    "Mark",
    "Measure",
    "Node",
    "Point",
    "Ring",
    "Sankey",
    "Scatter",
    "Series",
    "Spot",
    "Step",
    "Waterfall",
    "described",
    "one_series",
]
