// Repeated rows of a form: a server-rendered <template> with __n__ where the row's number goes.

import { all, on } from "./dom";

export function addRow(box: HTMLElement): boolean {
  const template = box.querySelector<HTMLTemplateElement>("template[data-row]");
  const body = box.querySelector("tbody");
  if (!template || !body) return false;
  if (body.rows.length >= Number(box.dataset.max ?? "100")) return false;
  const number = Number(box.dataset.next ?? String(body.rows.length));
  box.dataset.next = String(number + 1);
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("__n__", String(number));
  const row = holder.content.firstElementChild;
  body.append(holder.content);
  if (row) document.dispatchEvent(new CustomEvent("ygt:swapped", { detail: row }));
  row?.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
  changed(box);
  return true;
}

function changed(box: HTMLElement): void {
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const full = (box.querySelector("tbody")?.rows.length ?? 0) >= Number(box.dataset.max ?? "100");
  for (const button of all<HTMLButtonElement>("[data-add-row]", box)) button.disabled = full;
}

export function startRows(): void {
  on("click", "[data-add-row]", (button) => {
    const box = button.closest<HTMLElement>("[data-rows]");
    if (box) addRow(box);
  });
  on("click", "[data-remove-row]", (button) => {
    const box = button.closest<HTMLElement>("[data-rows]");
    const row = button.closest("tr");
    const neighbour = row?.previousElementSibling ?? row?.nextElementSibling;
    row?.remove();
    neighbour?.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
    if (box) changed(box);
  });
}
