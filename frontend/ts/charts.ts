// Charts: the table twin is on the page already; a page with a chart fetches the drawing part, once, and draws above it.
// Whatever goes wrong leaves the table.

import htmx from "htmx.org";

import { all, on } from "./dom";

type Draw = (figure: HTMLElement, chart: unknown, open: (url: string) => void) => () => void;

const drawn = new Map<HTMLElement, () => void>();

export function initCharts(root: ParentNode): void {
  for (const [figure, takeAway] of drawn) {
    if (!figure.isConnected) {
      takeAway();
      drawn.delete(figure);
    }
  }
  for (const figure of all("figure[data-chart]", root)) void start(figure);
}

async function start(figure: HTMLElement): Promise<void> {
  const source = figure.dataset.chartSrc;
  const told = document.getElementById(figure.dataset.chart ?? "")?.textContent;
  if (!source || !told || figure.dataset.drawn) return;
  figure.dataset.drawn = "loading";
  try {
    const { draw } = (await import(source)) as { draw: Draw };
    figure.dataset.drawn = "yes";
    drawn.set(figure, draw(figure, JSON.parse(told), (url) => open(figure, url)));
    for (const part of all("[data-chart-twin], .chart-layers", figure)) part.hidden = false;
  } catch {
    figure.dataset.drawn = "failed";
    for (const part of all(".chart-picture", figure)) part.hidden = true;
  }
}

/** A click on a value: the part of the page named by the figure is swapped, or the address is gone to. */
function open(figure: HTMLElement, url: string): void {
  const target = figure.dataset.chartTarget;
  const part = target ? document.getElementById(target) : null;
  if (!part) {
    window.location.assign(url);
    return;
  }
  void htmx.ajax("get", url, { source: part, target: part, select: `#${target}`, swap: "outerHTML" }).then(() => {
    window.history.replaceState(null, "", url);
  });
}

export function startCharts(): void {
  on("click", "[data-chart-twin]", (button) => {
    const figure = button.closest<HTMLElement>("figure[data-chart]");
    if (!figure) return;
    const table = figure.dataset.show !== "table";
    if (table) figure.dataset.show = "table";
    else delete figure.dataset.show;
    button.setAttribute("aria-pressed", String(table));
  });
}
