// Waterfall, Sankey, scatter.

import { text, tooltip } from "./labelled";
import { colour, type Theme } from "./theme";
import type { Option, Sankey, Scatter, Waterfall } from "./words";

/** Upright; lying on a narrow screen where the words of more than five steps would run together. */
export function waterfall(chart: Waterfall, theme: Theme, width: number): Option {
  const paints = { total: theme.total, rise: theme.rise, fall: theme.fall };
  const low = Math.min(0, ...chart.steps.flatMap((step) => [step.from, step.to]));
  const across = width < 560 && chart.steps.length > 5;
  const categories: Option = {
    type: "category", data: chart.steps.map((step) => step.label), inverse: across, axisTick: { show: false },
    axisLine: { lineStyle: { color: theme.grid } },
    axisLabel: text(theme, { color: theme.soft, interval: 0, width: across ? width * 0.34 : 84, overflow: across ? "truncate" : "break" }),
  };
  const values: Option = { type: "value", show: false, min: low };
  const spot = (at: number, value: number): [number, number] => (across ? [value, at] : [at, value]);
  return {
    animation: false,
    grid: { left: 4, right: across ? 64 : 12, top: across ? 4 : 24, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (item: { dataIndex: number }) => {
        const step = chart.steps[item.dataIndex];
        return step ? `${step.label}\n${step.t} ${chart.unit}` : "";
      },
    }),
    xAxis: across ? values : categories,
    yAxis: across ? categories : values,
    // A floating bar is drawn by a custom series: a hidden stacked base goes wrong where the level crosses zero.
    series: [
      {
        type: "custom",
        data: chart.steps.map((step, at) => ({ value: [at, step.from, step.to], u: step.u })),
        encode: across ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
        renderItem: (_: unknown, api: { value(i: number): number; coord(p: number[]): number[]; size(p: number[]): number[] }) => {
          const at = api.value(0);
          const step = chart.steps[at];
          const next = chart.steps[at + 1];
          const one = across ? 1 : 0;
          const other = 1 - one;
          const from = api.coord(spot(at, api.value(1)));
          const to = api.coord(spot(at, api.value(2)));
          const room = api.size(spot(1, 0))[one] ?? 40;
          const half = Math.min(room * 0.32, 32);
          const middle = to[one] ?? 0;
          const [v1, v2] = [from[other] ?? 0, to[other] ?? 0];
          const [first, long] = [Math.min(v1, v2), Math.max(Math.abs(v1 - v2), 1)];
          const shape = across ? { x: first, y: middle - half, width: long, height: half * 2 } : { x: middle - half, y: first, width: half * 2, height: long };
          const bar = { type: "rect", shape, style: { fill: paints[step?.sort ?? "total"] }, cursor: step?.u ? "pointer" : "default" };
          const place = across ? { x: first + long + 4, y: middle, align: "left", verticalAlign: "middle" } : { x: middle, y: first - 4, align: "center", verticalAlign: "bottom" };
          const words = { type: "text", silent: true, style: { text: step?.t ?? "", fill: theme.ink, font: `${theme.size}px ${theme.font}`, ...place } };
          const ends = across ? { x1: v2, y1: middle + half, x2: v2, y2: middle + room - half } : { x1: middle + half, y1: v2, x2: middle + room - half, y2: v2 };
          const bridge = { type: "line", silent: true, shape: ends, style: { stroke: theme.soft, lineWidth: 1 } };
          return { type: "group", children: next ? [bar, bridge, words] : [bar, words] };
        },
      },
    ],
  };
}

export function sankey(chart: Sankey, theme: Theme, width: number): Option {
  const narrow = width < 560;
  const shown = new Map(chart.nodes.map((node, at) => [node.code, { ...node, paint: colour(theme, node.tone, at) }]));
  // On a narrow screen the number stands below its word: in one line it would run over the next column.
  const wide = (node: Sankey["nodes"][number]): number => (narrow ? Math.max(node.title.length, node.t.length / 2) + 1 : node.title.length + node.t.length + 2);
  const room = Math.min(width * 0.28, Math.max(...chart.nodes.map(wide)) * theme.size);
  const words = (code: string): string => {
    const node = shown.get(code);
    return node ? `${node.title}${narrow ? "\n" : "  "}${node.t}` : "";
  };
  return {
    animation: false,
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (item: { dataType: string; dataIndex: number }) => {
        if (item.dataType === "node") {
          const node = chart.nodes[item.dataIndex];
          return node ? `${node.title}\n${node.t} ${chart.unit}` : "";
        }
        const flow = chart.flows[item.dataIndex];
        return flow ? `${shown.get(flow.source)?.title} → ${shown.get(flow.target)?.title}\n${flow.t} ${chart.unit}` : "";
      },
    }),
    series: [
      {
        type: "sankey", left: 4, right: room, top: 8, bottom: 8, nodeWidth: 14, nodeGap: narrow ? 14 : 18, draggable: false, layoutIterations: 0,
        nodeAlign: "left", // what goes no further stands beside what does: pushed to the end its band ran across the next column
        emphasis: { focus: "adjacency" }, lineStyle: { color: "source", opacity: 0.38, curveness: 0.5 },
        label: text(theme, { position: "right", lineHeight: theme.size + 4, formatter: (item: { name: string }) => words(item.name) }),
        data: chart.nodes.map((node) => ({
          name: node.code, itemStyle: { color: shown.get(node.code)?.paint, borderWidth: 0 },
        })),
        links: chart.flows.map((flow) => ({ source: flow.source, target: flow.target, value: flow.v, u: flow.u, cursor: flow.u ? "pointer" : "default" })),
      },
    ],
  };
}

export function scatter(chart: Scatter, theme: Theme): Option {
  const groups = [...new Set(chart.points.map((point) => point.group))];
  const axis = (name: string): Option => ({
    type: "value", name, nameLocation: "middle", nameGap: 28, nameTextStyle: text(theme, { color: theme.soft }), scale: true,
    axisLabel: text(theme, { color: theme.soft }), splitLine: { lineStyle: { color: theme.grid } }, splitNumber: 4,
  });
  return {
    animation: false,
    grid: { left: 32, right: 24, top: groups.length > 1 ? 36 : 16, bottom: 32, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: groups.length > 1 ? { top: 0, left: 0, itemWidth: 12, textStyle: text(theme), selectedMode: false } : { show: false },
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (item: { data: { point: Scatter["points"][number] } }) => {
        const point = item.data.point;
        return `${point.label}\n${chart.x}  ${point.tx}\n${chart.y}  ${point.ty}`;
      },
    }),
    xAxis: axis(chart.x),
    yAxis: { ...axis(chart.y), nameGap: 44 },
    series: groups.map((group, at) => ({
      type: "scatter", name: group, symbolSize: 11, color: theme.palette[at % theme.palette.length], itemStyle: { opacity: 0.85 },
      labelLayout: { hideOverlap: true }, label: text(theme, { show: chart.points.length <= 30, position: "right", color: theme.soft, formatter: (item: { data: { point: { label: string } } }) => item.data.point.label }),
      data: chart.points.filter((point) => point.group === group).map((point) => ({ value: [point.x, point.y], point, u: point.u, cursor: point.u ? "pointer" : "default" })),
    })),
  };
}
