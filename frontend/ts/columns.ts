// Which columns of a list this browser shows: remembered under the table's data-columns key; until somebody has
// chosen, those named in data-columns-hidden are left out.

import { all, on, remembered } from "./dom";

function hiddenColumns(table: HTMLTableElement): Set<string> {
  const chosen = remembered.get(`columns.${table.dataset.columns ?? ""}`);
  return new Set((chosen ?? table.dataset.columnsHidden ?? "").split(",").filter(Boolean));
}

function apply(table: HTMLTableElement): void {
  const hidden = hiddenColumns(table);
  for (const cell of all<HTMLElement>("[data-col]", table)) cell.hidden = hidden.has(cell.dataset.col ?? "");
}

function choose(key: string): void {
  const table = document.querySelector<HTMLTableElement>(`table[data-columns="${CSS.escape(key)}"]`);
  const dialog = document.getElementById("column-choice");
  const body = dialog?.querySelector(".column-choice");
  if (!table || !body || !(dialog instanceof HTMLDialogElement)) return;
  const hidden = hiddenColumns(table);
  body.replaceChildren(
    ...all<HTMLElement>("thead [data-col]", table).map((head) => {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = !hidden.has(head.dataset.col ?? "");
      box.addEventListener("change", () => {
        if (box.checked) hidden.delete(head.dataset.col ?? "");
        else hidden.add(head.dataset.col ?? "");
        remembered.set(`columns.${key}`, [...hidden].join(","));
        apply(table);
      });
      label.append(box, head.textContent?.trim() ?? "");
      return label;
    }),
  );
  dialog.showModal();
}

export function initColumns(root: ParentNode): void {
  for (const table of all<HTMLTableElement>("table[data-columns]", root)) apply(table);
}

export function startColumns(): void {
  on("click", "[data-columns-for]", (button) => choose(button.dataset.columnsFor ?? ""));
}
