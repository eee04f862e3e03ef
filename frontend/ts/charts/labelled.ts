// Lines and bars, stacked or not, upright or across.

import { colour, type Theme } from "./theme";
import type { Labelled, Option, Series } from "./words";

interface Laid { rect: { width: number; height: number }; labelRect: { width: number; height: number } }

const FEW = 13;
const NARROW = 560;
const SIDE_BY_SIDE = 3;

/** Bars beside each other lie down on a phone: upright, half of their numbers and names would be left out. */
function lies(chart: Labelled, width: number): boolean {
  const beside = chart.kind !== "line" && chart.stacked !== true && chart.series.length > 1;
  return chart.across === true || (beside && width < NARROW && chart.labels.length > SIDE_BY_SIDE);
}

/** Height (px) below which the numbers of bars that lie beside each other would run together; 0 for any other drawing. */
export function needed(chart: Labelled, width: number): number {
  const beside = lies(chart, width) && chart.stacked !== true;
  return beside ? chart.labels.length * (chart.series.length * 17 + 8) + 44 : 0;
}

/** What the pointer shows: drawn on the canvas, because the policy forbids style attributes in made HTML. */
export function tooltip(theme: Theme, more: Option): Option {
  return {
    renderMode: "richText", confine: true, backgroundColor: theme.ground, borderColor: theme.border, borderWidth: 1,
    padding: [6, 10], textStyle: { color: theme.ink, fontFamily: theme.font, fontSize: theme.size }, transitionDuration: 0, ...more,
  };
}

export function text(theme: Theme, more: Option = {}): Option {
  return { color: theme.ink, fontFamily: theme.font, fontSize: theme.size, ...more };
}

export function labelled(chart: Labelled, theme: Theme, width: number): Option {
  const across = lies(chart, width);
  const many = chart.series.length > 1;
  const line = chart.kind === "line";
  const widest = Math.max(...chart.labels.map((label) => label.length), 1);
  const categories: Option = {
    type: "category", data: chart.labels, inverse: across, axisTick: { show: false }, axisLine: { lineStyle: { color: theme.grid } },
    axisLabel: text(theme, {
      color: theme.soft, hideOverlap: true, interval: across ? 0 : "auto",
      ...(across ? { width: Math.min(width * 0.4, widest * theme.size + 8), overflow: "truncate" } : {}),
    }),
  };
  const values: Option = {
    type: "value", splitNumber: 4, axisLabel: text(theme, { color: theme.soft }), splitLine: { lineStyle: { color: theme.grid } },
    show: line || (chart.stacked === true && !across) || chart.labels.length > FEW, minInterval: chart.unit === "%" ? 0 : 1, scale: line && chart.unit === "%",
  };
  const end = line && many ? Math.max(...chart.series.map((one) => one.name.length)) * theme.size + 16 : 28;
  const words = chart.series.reduce((sum, one) => sum + one.name.length * theme.size + 34, 0);
  const above = 34 + (Math.ceil(words / Math.max(width, 1)) - 1) * 22;
  return {
    animation: false,
    grid: {
      left: 4, right: across ? 56 : end, top: many && !line ? above : 24, bottom: 4,
      outerBoundsMode: "same", outerBoundsContain: "axisLabel",
    },
    legend: many && !line ? { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: text(theme), selectedMode: false } : { show: false },
    tooltip: tooltip(theme, {
      trigger: "axis", axisPointer: { type: line ? "line" : "shadow", lineStyle: { color: theme.soft }, shadowStyle: { color: theme.grid, opacity: 0.4 } },
      formatter: (items: { dataIndex: number }[]) => {
        const at = items[0]?.dataIndex ?? 0;
        const lines = chart.series.map((one) => `${one.name}  ${one.values[at]?.t ?? "—"} ${one.values[at]?.v === null ? "" : chart.unit}`);
        return [chart.labels[at], ...lines].join("\n");
      },
    }),
    xAxis: across ? values : categories,
    yAxis: across ? categories : values,
    series: chart.series.map((one, at) => series(chart, one, at, theme, across)),
  };
}

function series(chart: Labelled, one: Series, at: number, theme: Theme, across: boolean): Option {
  const paint = colour(theme, one.tone, at);
  const many = chart.series.length > 1;
  const line = chart.kind === "line";
  const shown = (item: { dataIndex: number }): string => one.values[item.dataIndex]?.t ?? "";
  const data = one.values.map((value) => ({ value: value.v, u: value.u, cursor: value.u ? "pointer" : "default" }));
  // Names of several lines stand at their ends: what a mark is called goes to the other side, and a name covers the mark's line.
  const named = line && many;
  const marks = at === 0 && chart.marks.length > 0 ? {
    markLine: {
      symbol: "none", silent: true,
      data: chart.marks.map((mark) => ({
        [across ? "xAxis" : "yAxis"]: mark.v, name: mark.title, lineStyle: { color: theme.tones[mark.tone] || theme.soft, type: "dashed", width: 1.5 },
        label: text(theme, { formatter: `${mark.title} ${mark.t}`, position: across ? "end" : named ? "insideStartTop" : "insideEndTop", color: theme.tones[mark.tone] || theme.soft }),
      })),
    },
  } : {};
  if (line) {
    return {
      type: "line", name: one.name, data, color: paint, symbol: "circle", symbolSize: 6, showSymbol: one.values.length <= 31,
      lineStyle: { width: 2.5, type: one.dashed ? "dashed" : "solid" }, connectNulls: false, labelLayout: many ? { moveOverlap: "shiftY" } : { hideOverlap: true },
      label: text(theme, { show: !many && one.values.length <= FEW, position: "top", formatter: shown }),
      endLabel: text(theme, { show: named, formatter: one.name, color: paint, distance: 6, backgroundColor: theme.ground, padding: [1, 2] }), ...marks,
    };
  }
  return {
    type: "bar", name: one.name, data, color: paint, stack: chart.stacked ? "all" : undefined, barMaxWidth: across ? 20 : 44,
    // A number that is longer than its own piece of the bar would lie on its neighbours: the table and the pointer still tell it.
    labelLayout: chart.stacked ? ({ rect, labelRect }: Laid) => (rect.width < labelRect.width || rect.height < labelRect.height - 4 ? { fontSize: 0 } : {}) : { hideOverlap: true },
    label: text(theme, {
      show: chart.stacked ? true : chart.labels.length <= FEW || across,
      position: chart.stacked ? "inside" : across ? "right" : "top", formatter: shown, ...(chart.stacked ? { color: theme.ground } : {}),
    }),
    ...marks,
  };
}
