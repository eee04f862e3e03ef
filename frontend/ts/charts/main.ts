// The second bundle, fetched only by pages that show a chart: ECharts with what the drawings here need, nothing else.

import { BarChart, CustomChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { GeoComponent, GridComponent, LegendPlainComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

import { sankey, scatter, waterfall } from "./flows";
import { labelled, needed } from "./labelled";
import { map } from "./map";
import { themeOf } from "./theme";
import type { Chart, Option } from "./words";

use([BarChart, CustomChart, LineChart, SankeyChart, ScatterChart, GeoComponent, GridComponent, LegendPlainComponent,
  MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

function option(chart: Chart, figure: HTMLElement, width: number): Option {
  const theme = themeOf(figure);
  switch (chart.kind) {
    case "line":
    case "bar":
      return labelled(chart, theme, width);
    case "waterfall":
      return waterfall(chart, theme, width);
    case "sankey":
      return sankey(chart, theme, width);
    case "scatter":
      return scatter(chart, theme);
    case "map":
      return map(chart, theme, figure.id, shown(figure), width);
  }
}

function shown(figure: HTMLElement): Set<string> {
  const boxes = figure.querySelectorAll<HTMLInputElement>("input[data-layer]:checked");
  return new Set([...boxes].map((box) => box.dataset.layer ?? ""));
}

/** Bars that lie beside each other get the height that each of their numbers needs. */
function grow(picture: HTMLElement, chart: Chart, width: number): void {
  picture.style.minHeight = chart.kind === "bar" ? `${needed(chart, width)}px` : "";
}

/** Draws one figure into its picture and keeps it as wide as its place. Returns what takes it away again. */
export function draw(figure: HTMLElement, chart: Chart, open: (url: string) => void): () => void {
  const picture = figure.querySelector<HTMLElement>(".chart-picture");
  if (!picture) return () => undefined;
  picture.hidden = false;
  const drawn: EChartsType = init(picture, undefined, { renderer: "canvas" });
  let width = picture.clientWidth;
  grow(picture, chart, width);
  drawn.resize();
  const paint = (): void => drawn.setOption(option(chart, figure, width), { replaceMerge: chart.kind === "map" ? ["series"] : undefined });
  paint();
  drawn.on("click", (event) => {
    const item = event as unknown as { componentType: string; name: string; data?: { u?: string } };
    const area = chart.kind === "map" && item.componentType === "geo" ? chart.areas.find((one) => one.code === item.name) : undefined;
    const url = item.data?.u ?? area?.u;
    if (url) open(url);
  });
  const watcher = new ResizeObserver(() => {
    if (picture.clientWidth === 0) return;
    drawn.resize();
    const now = picture.clientWidth;
    if (now < 560 !== width < 560 || now < 480 !== width < 480) {
      width = now;
      grow(picture, chart, width);
      drawn.resize();
      paint();
    }
  });
  watcher.observe(picture);
  figure.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.dataset.layer) paint();
  });
  return () => {
    watcher.disconnect();
    drawn.dispose();
  };
}
