// Waterfall, Sankey, scatter.

import { text, tooltip } from "./labelled";
import { colour, type Theme } from "./theme";
import type { Option, Sankey, Scatter, Waterfall } from "./words";

export function waterfall(chart: Waterfall, theme: Theme): Option {
  const paints = { total: theme.total, rise: theme.rise, fall: theme.fall };
  const low = Math.min(0, ...chart.steps.flatMap((step) => [step.from, step.to]));
  return {
    animation: false,
    grid: { left: 4, right: 12, top: 24, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (item: { dataIndex: number }) => {
        const step = chart.steps[item.dataIndex];
        return step ? `${step.label}\n${step.t} ${chart.unit}` : "";
      },
    }),
    xAxis: {
      type: "category", data: chart.steps.map((step) => step.label), axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.grid } }, axisLabel: text(theme, { color: theme.soft, interval: 0, width: 84, overflow: "break" }),
    },
    yAxis: { type: "value", show: false, min: low },
    // A floating bar is drawn by a custom series: a hidden stacked base goes wrong where the level crosses zero.
    series: [
      {
        type: "custom",
        data: chart.steps.map((step, at) => ({ value: [at, step.from, step.to], u: step.u })),
        encode: { x: 0, y: [1, 2] },
        renderItem: (_: unknown, api: { value(i: number): number; coord(p: number[]): number[]; size(p: number[]): number[] }) => {
          const at = api.value(0);
          const step = chart.steps[at];
          const from = api.coord([at, api.value(1)]);
          const to = api.coord([at, api.value(2)]);
          const next = chart.steps[at + 1];
          const half = Math.min((api.size([1, 0])[0] ?? 40) * 0.32, 32);
          const [x, y1, y2] = [to[0] ?? 0, from[1] ?? 0, to[1] ?? 0];
          const bar = {
            type: "rect", shape: { x: x - half, y: Math.min(y1, y2), width: half * 2, height: Math.max(Math.abs(y1 - y2), 1) },
            style: { fill: paints[step?.sort ?? "total"] }, cursor: step?.u ? "pointer" : "default",
          };
          const words = {
            type: "text", silent: true,
            style: { text: step?.t ?? "", x, y: Math.min(y1, y2) - 4, align: "center", verticalAlign: "bottom", fill: theme.ink, font: `${theme.size}px ${theme.font}` },
          };
          const step_size = api.size([1, 0])[0] ?? 80;
          const bridge = { type: "line", silent: true, shape: { x1: x + half, y1: y2, x2: x + step_size - half, y2 }, style: { stroke: theme.soft, lineWidth: 1 } };
          return { type: "group", children: next ? [bar, bridge, words] : [bar, words] };
        },
      },
    ],
  };
}

export function sankey(chart: Sankey, theme: Theme, width: number): Option {
  const narrow = width < 560;
  const shown = new Map(chart.nodes.map((node, at) => [node.code, { ...node, paint: colour(theme, node.tone, at) }]));
  const room = Math.min(width * 0.28, (Math.max(...chart.nodes.map((node) => node.title.length + node.t.length)) + 2) * theme.size);
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
        emphasis: { focus: "adjacency" }, lineStyle: { color: "source", opacity: 0.38, curveness: 0.5 },
        label: text(theme, { position: "right", formatter: (item: { name: string }) => `${shown.get(item.name)?.title ?? ""}  ${shown.get(item.name)?.t ?? ""}` }),
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
