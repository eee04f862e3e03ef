// A map: shaded shapes, points by layer, circles of so many kilometres, lines of who belongs to whom.

import { registerMap } from "echarts/core";

import { text, tooltip } from "./labelled";
import { colour, faded, type Theme } from "./theme";
import type { Layer, MapChart, Option, Spot } from "./words";

const KM_PER_DEGREE = 111.32;
const CORNERS = 72;

/** The layer that gives a point its look: the first of its layers that is shown. */
function lookOf(spot: Spot, layers: Map<string, Layer>, on: Set<string>): Layer | undefined {
  const first = spot.layers.find((code) => on.has(code));
  return first === undefined ? undefined : layers.get(first);
}

export function map(chart: MapChart, theme: Theme, ident: string, on: Set<string>, width: number): Option {
  const features = chart.areas.map((area) => ({ type: "Feature", properties: { name: area.code }, geometry: area.geometry }));
  registerMap(ident, { type: "FeatureCollection", features } as never);
  const layers = new Map(chart.layers.map((layer) => [layer.code, layer]));
  const paint = new Map(chart.layers.map((layer, at) => [layer.code, colour(theme, layer.tone, at)]));
  const areas = new Map(chart.areas.map((area) => [area.code, area]));
  const numbers = chart.areas.map((area) => area.v).filter((v): v is number => v !== null);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const shade = (v: number | null): string =>
    v === null || numbers.length === 0 ? theme.none : mixed(theme.low, theme.high, most > least ? (v - least) / (most - least) : 0.3);
  const told = (name: string): string => {
    const area = areas.get(name);
    return area ? `${area.name}${chart.value_title ? `\n${chart.value_title}  ${area.t} ${area.v === null ? "" : chart.unit}` : ""}` : "";
  };
  const middle = chart.spots[0]?.at[1] ?? 30;
  return {
    animation: false,
    tooltip: tooltip(theme, {
      trigger: "item",
      formatter: (item: { name: string; data?: { words?: string } }) => item.data?.words ?? told(item.name),
    }),
    geo: {
      map: ident, roam: true, scaleLimit: { min: 1, max: 12 }, aspectScale: Math.cos((middle * Math.PI) / 180), left: 8, right: 8, top: 8, bottom: 8, preserveAspect: "contain", zlevel: 0,
      selectedMode: false, itemStyle: { borderColor: theme.border, borderWidth: 1 },
      label: { show: width >= 480, ...text(theme, { color: theme.soft, fontSize: theme.size - 1 }), formatter: (item: { name: string }) => areas.get(item.name)?.name ?? "" },
      emphasis: { label: text(theme), itemStyle: { areaColor: theme.grid } },
      regions: chart.areas.map((area) => ({ name: area.code, itemStyle: { areaColor: shade(area.v) }, emphasis: { itemStyle: { areaColor: shade(area.v), borderColor: theme.ink, borderWidth: 2 } } })),
      tooltip: { show: true, formatter: (item: { name: string }) => told(item.name) },
    },
    series: [
      {
        type: "custom", coordinateSystem: "geo", silent: true, clip: false, z: 3, name: "rings",
        data: chart.rings.filter((ring) => on.has(ring.layer)).map((ring) => ({ value: [...ring.at, ring.km], ring })),
        renderItem: (params: { dataIndex: number }, api: { coord(p: number[]): number[] }) => {
          const ring = chart.rings.filter((one) => on.has(one.layer))[params.dataIndex];
          if (!ring) return null;
          const tone = paint.get(ring.layer) ?? theme.ink;
          const top = api.coord([ring.at[0], ring.at[1] + ring.km / KM_PER_DEGREE]);
          return {
            type: "group",
            children: [
              { type: "polygon", shape: { points: circle(ring.at, ring.km).map((point) => api.coord(point)) }, style: { fill: faded(tone, 0.05), stroke: tone, lineWidth: 1.5, lineDash: [6, 4] } },
              { type: "text", style: { text: ring.label, x: top[0], y: (top[1] ?? 0) - 3, align: "center", verticalAlign: "bottom", fill: tone, font: `${theme.size}px ${theme.font}`, stroke: theme.ground, lineWidth: 3 } },
            ],
          };
        },
      },
      {
        type: "custom", coordinateSystem: "geo", silent: true, z: 4, name: "links",
        data: chart.links.filter((link) => on.has(link.layer)).map((link) => ({ value: [...link.from, ...link.to], layer: link.layer })),
        renderItem: (params: { dataIndex: number }, api: { value(i: number): number; coord(p: number[]): number[] }) => {
          const link = chart.links.filter((one) => on.has(one.layer))[params.dataIndex];
          const [from, to] = [api.coord([api.value(0), api.value(1)]), api.coord([api.value(2), api.value(3)])];
          return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: paint.get(link?.layer ?? "") ?? theme.soft, lineWidth: 1, opacity: 0.55 } };
        },
      },
      {
        type: "scatter", coordinateSystem: "geo", z: 5, labelLayout: { hideOverlap: true }, name: "spots",
        data: chart.spots.flatMap((spot) => {
          const look = lookOf(spot, layers, on);
          if (!look) return [];
          const fill = paint.get(look.code) ?? theme.ink;
          return [{
            name: spot.label, value: spot.at, u: spot.u, cursor: spot.u ? "pointer" : "default", words: spot.detail ? `${spot.label}\n${spot.detail}` : spot.label,
            symbol: look.symbol, symbolSize: spot.picked ? look.size * 1.5 : look.size,
            itemStyle: { color: fill, borderColor: spot.picked ? theme.ink : theme.ground, borderWidth: spot.picked ? 3 : 1.5 },
            label: text(theme, { show: (look.named && width >= 480) || spot.picked, position: "right", formatter: spot.label, fontWeight: spot.picked ? 600 : 400, textBorderColor: theme.ground, textBorderWidth: 3 }),
          }];
        }),
      },
    ],
  };
}

function circle(at: [number, number], km: number): [number, number][] {
  const stretch = Math.cos((at[1] * Math.PI) / 180);
  return Array.from({ length: CORNERS }, (_, n) => {
    const angle = (2 * Math.PI * n) / CORNERS;
    return [at[0] + (Math.cos(angle) * km) / KM_PER_DEGREE / stretch, at[1] + (Math.sin(angle) * km) / KM_PER_DEGREE];
  });
}

/** A colour between two of the tokens; `share` from 0 to 1. */
function mixed(low: string, high: string, share: number): string {
  const part = (hex: string, at: number): number => parseInt(hex.slice(1 + at * 2, 3 + at * 2), 16);
  const channel = (at: number): number => Math.round(part(low, at) + (part(high, at) - part(low, at)) * share);
  return `rgb(${channel(0)}, ${channel(1)}, ${channel(2)})`;
}
