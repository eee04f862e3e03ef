// What the server tells a chart: the JSON of kernel/chart. Every number comes with its text, so nothing is formatted here.

export interface Value { v: number | null; t: string; u?: string }
export interface Series { name: string; tone: string; dashed: boolean; values: Value[] }
export interface Labelled {
  kind: "line" | "bar";
  title: string;
  unit: string;
  labels: string[];
  series: Series[];
  marks: { title: string; v: number; t: string; tone: string }[];
  stacked?: boolean;
  across?: boolean;
}
export interface Waterfall {
  kind: "waterfall";
  title: string;
  unit: string;
  steps: { label: string; sort: "total" | "rise" | "fall"; from: number; to: number; t: string; u?: string }[];
}
export interface Sankey {
  kind: "sankey";
  title: string;
  unit: string;
  nodes: { code: string; title: string; tone: string; t: string }[];
  flows: { source: string; target: string; v: number; t: string; u?: string }[];
}
export interface Scatter {
  kind: "scatter";
  title: string;
  x: string;
  y: string;
  points: { label: string; x: number; y: number; tx: string; ty: string; group: string; u?: string }[];
}
export interface Layer { code: string; title: string; tone: string; symbol: string; size: number; on: boolean; named: boolean }
export interface Spot { label: string; at: [number, number]; layers: string[]; detail: string; picked: boolean; u?: string }
export interface MapChart {
  kind: "map";
  title: string;
  unit: string;
  value_title: string;
  areas: { code: string; name: string; geometry: object; v: number | null; t: string; u?: string }[];
  spots: Spot[];
  rings: { label: string; at: [number, number]; km: number; layer: string }[];
  links: { from: [number, number]; to: [number, number]; layer: string }[];
  layers: Layer[];
}
export type Chart = Labelled | Waterfall | Sankey | Scatter | MapChart;

/** Any object that ECharts takes; its own types are larger than the drawings here. */
export type Option = Record<string, unknown>;
