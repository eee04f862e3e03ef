// Dialogs, menus, the folding rooms, large type, copy and print.

import { all, on, say } from "./dom";

function cookie(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

function dialogs(): void {
  on("click", "[data-opens]", (button) => {
    const dialog = document.getElementById(button.dataset.opens ?? "");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  });
  on("click", "[data-closes]", (button) => button.closest("dialog")?.close());
  document.addEventListener("click", (event) => {
    if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
    for (const menu of all<HTMLDetailsElement>("details.menu[open]")) {
      if (!(event.target instanceof Node) || !menu.contains(event.target)) menu.open = false;
    }
  });
}

function toggle(attribute: "rooms" | "type", on: string): void {
  const root = document.documentElement;
  const now = root.dataset[attribute] === on ? "" : on;
  if (now) root.dataset[attribute] = now;
  else delete root.dataset[attribute];
  cookie(attribute, now);
}

function frame(): void {
  on("click", "[data-fold-rooms]", (button) => {
    toggle("rooms", "narrow");
    button.setAttribute("aria-expanded", String(document.documentElement.dataset.rooms !== "narrow"));
  });
  on("click", "[data-more-rooms]", (button) => {
    const open = button.closest(".rooms")?.classList.toggle("open") ?? false;
    button.setAttribute("aria-expanded", String(open));
  });
  on("click", "[data-large-type]", () => toggle("type", "large"));
  // On a telephone the tabs scroll sideways: the one that one is on is in sight.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function small(): void {
  on("click", "[data-print]", () => window.print());
  on("click", "[data-copy]", (button) => {
    void navigator.clipboard?.writeText(button.dataset.copy ?? "").then(
      () => say("已复制", "fine"),
      () => say("浏览器不允许复制，请手工选取", "due"),
    );
  });
  on("click", ".notice [data-dismiss]", (button) => button.closest(".notice")?.remove());
}

export function startChrome(): void {
  dialogs();
  frame();
  small();
}
