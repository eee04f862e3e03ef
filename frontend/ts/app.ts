// The one script of every page: htmx and the small islands. Nothing here decides anything; every page works
// without it, more slowly. No inline code, no eval (see the htmx-config meta tag).

import htmx from "htmx.org";

import { initCharts, startCharts } from "./charts";
import { startChrome } from "./chrome";
import { initColumns, startColumns } from "./columns";
import { csrf } from "./dom";
import { startDrafts } from "./draft";
import { initForms, startForms } from "./forms";
import { startKeys } from "./keys";
import { initLookups, startLookups } from "./lookup";
import { initScrollers } from "./scroll";
import { startStatus } from "./status";
import { startClock } from "./time";

function init(root: ParentNode): void {
  initForms(root);
  initLookups(root);
  initColumns(root);
  initScrollers(root);
  initCharts(root);
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  detail.headers["X-CSRFToken"] = csrf();
});

startChrome();
startCharts();
startForms();
startDrafts();
startLookups();
startColumns();
startKeys();
startClock();
startStatus();

// A single field or row put in by an island is given to htmx and to the islands again.
document.addEventListener("ygt:swapped", (event) => {
  const element = (event as CustomEvent<HTMLElement>).detail;
  htmx.process(element);
  initLookups(element);
});
htmx.onLoad((element) => init(element as HTMLElement));
