// A region that scrolls sideways and holds nothing to focus must itself be reachable by keyboard.

import { all } from "./dom";

export function initScrollers(root: ParentNode): void {
  for (const region of all<HTMLElement>(".table-wrap, .diagram, .tabs", root)) {
    if (region.scrollWidth <= region.clientWidth || region.querySelector("a, button, input, select")) continue;
    region.tabIndex = 0;
    if (region.hasAttribute("role")) continue;
    region.setAttribute("role", "region");
    const name = region.querySelector("caption") ?? region.closest("section")?.querySelector("h2");
    region.setAttribute("aria-label", `${name?.textContent?.trim() ?? "表格"}（可左右滚动）`);
  }
}
