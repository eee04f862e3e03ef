// Code, resident, seat and unit lookup: type initials, arrow, Enter, on to the next field. The server answers
// with <li role="option"> elements; the chosen value goes into the hidden input beside the text.

import Combobox from "@github/combobox-nav";

import { all, debounced } from "./dom";
import { nextField } from "./forms";

function hiddenOf(box: HTMLElement): HTMLInputElement | null {
  return box.querySelector<HTMLInputElement>('input[type="hidden"]');
}

function changed(box: HTMLElement): void {
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function token(box: HTMLElement, name: string, value: string, text: string): void {
  const list = box.querySelector(".tokens") ?? box.insertBefore(document.createElement("ul"), box.firstChild);
  list.className = "tokens";
  if (all<HTMLInputElement>("input", list).some((input) => input.value === value)) return;
  const item = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = text;
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = name;
  hidden.value = value;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = "×";
  drop.setAttribute("aria-label", `去掉 ${text}`);
  drop.dataset.dropToken = "";
  item.append(words, hidden, drop);
  list.append(item);
}

function attach(box: HTMLElement): void {
  const input = box.querySelector<HTMLInputElement>('input:not([type="hidden"])');
  const url = box.dataset.lookup;
  if (!input || !url || box.dataset.ready) return;
  box.dataset.ready = "yes";
  const several = "multiple" in box.dataset;
  const name = box.dataset.name ?? hiddenOf(box)?.name ?? "";
  const list = document.createElement("ul");
  list.className = "found";
  list.id = `${input.id || name}-found`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "查找结果");
  list.hidden = true;
  box.append(list);
  const combo = new Combobox(input, list, { firstOptionSelectionMode: "active", tabInsertsSuggestions: true });
  let asked: AbortController | null = null;
  let pending = false; // typed, not answered yet
  let takeFirst = false; // Enter came before the answer

  function close(): void {
    if (list.hidden) return;
    list.hidden = true;
    combo.stop();
  }

  async function ask(): Promise<void> {
    const query = input!.value.trim();
    asked?.abort();
    if (!query) {
      pending = false;
      return close();
    }
    asked = new AbortController();
    const mine = asked;
    try {
      const address = `${url}${url!.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`;
      const answer = await fetch(address, { signal: mine.signal, headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
      list.innerHTML = answer.ok ? await answer.text() : "";
      if (!answer.ok) nothing("暂时查不到，请稍后再试");
      else if (!list.children.length) nothing(`没有找到“${query}”，请换拼音首字母、名称或编码再试`);
    } catch {
      if (mine.signal.aborted) return;
      nothing("网络不通，暂时查不到");
    }
    pending = false;
    if (document.activeElement !== input) return;
    combo.stop();
    list.hidden = false;
    combo.start();
    list.scrollIntoView({ block: "nearest" });
    if (takeFirst) list.querySelector<HTMLElement>("[role=option]")?.click();
    takeFirst = false;
  }

  function nothing(text: string): void {
    const item = document.createElement("li");
    item.className = "none";
    item.textContent = text;
    list.replaceChildren(item);
  }

  const soon = debounced(180, () => void ask());
  input.addEventListener("input", () => {
    const hidden = hiddenOf(box);
    if (!several && hidden) hidden.value = "";
    pending = input.value.trim() !== "";
    takeFirst = false;
    soon();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && pending && !event.isComposing && !event.ctrlKey) {
      event.preventDefault();
      soon.cancel();
      takeFirst = true;
      void ask();
    }
    if (event.key === "ArrowDown" && list.hidden && input.value) void ask();
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", () => {
    soon.cancel();
    asked?.abort();
    window.setTimeout(close, 150);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("combobox-commit", (event) => {
    const option = event.target as HTMLElement;
    const value = option.dataset.value ?? "";
    const text = option.dataset.text ?? option.textContent?.trim() ?? "";
    if (several) {
      token(box, name, value, text);
      input.value = "";
    } else {
      const hidden = hiddenOf(box);
      if (hidden) hidden.value = value;
      input.value = text;
    }
    close();
    changed(box);
    if (!several) nextField(input);
  });
}

export function initLookups(root: ParentNode): void {
  if (root instanceof HTMLElement && root.matches("[data-lookup]")) attach(root);
  for (const box of all<HTMLElement>("[data-lookup]", root)) attach(box);
}

export function startLookups(): void {
  document.addEventListener("click", (event) => {
    const drop = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-drop-token]") : null;
    const box = drop?.closest<HTMLElement>("[data-lookup]");
    drop?.closest("li")?.remove();
    if (!box) return;
    changed(box);
    box.querySelector<HTMLInputElement>('input:not([type="hidden"])')?.focus();
  });
}
