// The keyboard: / search, j k and arrows in lists, a for the row's main action, ? help, g h my work.
// Ctrl+Enter and Enter inside forms are in forms.ts. Single keys can be switched off (WCAG 2.1.4).

import { all, on, remembered, typing } from "./dom";

const ROWS = "[data-keys] a.row";

function step(from: Element | null, by: number): void {
  const rows = all<HTMLAnchorElement>(ROWS).filter((row) => row.offsetParent !== null);
  if (!rows.length) return;
  const item = from?.closest("tr, li");
  const here = rows.findIndex((row) => row === from || row.closest("tr, li") === item);
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.focus();
  rows[next]?.closest("tr, li")?.scrollIntoView({ block: "nearest" });
}

function mainAction(): void {
  const item = document.activeElement?.closest("tr, li") ?? document.querySelector("[data-keys] a.row")?.closest("tr, li");
  item?.querySelector<HTMLElement>("[data-key], .do a, .do button")?.click();
}

function showHelp(): void {
  const help = document.getElementById("keys");
  if (help instanceof HTMLDialogElement && !help.open) help.showModal();
}

let pending = "";

function single(event: KeyboardEvent): boolean {
  const focused = document.activeElement;
  const sequence = pending + event.key;
  pending = "";
  switch (sequence) {
    case "/": {
      const search = document.querySelector<HTMLInputElement>(".search input");
      search?.focus();
      search?.select();
      return search !== null;
    }
    case "j":
      step(focused, 1);
      return true;
    case "k":
      step(focused, -1);
      return true;
    case "a":
      mainAction();
      return true;
    case "?":
      showHelp();
      return true;
    case "g":
      pending = "g";
      window.setTimeout(() => (pending = ""), 1200);
      return true;
    case "gh":
      document.querySelector<HTMLAnchorElement>(".mark")?.click();
      return true;
    default:
      return false;
  }
}

function pressed(event: KeyboardEvent): void {
  if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    for (const menu of all<HTMLDetailsElement>("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
    if (document.activeElement?.closest(".search")) (document.activeElement as HTMLElement).blur();
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!document.activeElement?.closest("[data-keys]")) return;
    step(document.activeElement, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    return;
  }
  if (remembered.get("keys") !== "off" && single(event)) event.preventDefault();
}

export function startKeys(): void {
  document.addEventListener("keydown", pressed);
  for (const box of all<HTMLInputElement>("input[data-single-keys]")) {
    box.checked = remembered.get("keys") !== "off";
  }
  on("change", "input[data-single-keys]", (box) => {
    remembered.set("keys", (box as HTMLInputElement).checked ? "on" : "off");
  });
}
