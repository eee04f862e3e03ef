// Forms: sent once, Ctrl+Enter, Enter to the next field, check on leaving a field, fields that depend on
// another, repeated rows, a warning before unsent input is left. The server decides everything again.

import { all, fieldsOf, on, post, say } from "./dom";
import { addRow, startRows } from "./rows";

const CONTROLS = "input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)";

function visible(element: HTMLElement): boolean {
  return element.offsetParent !== null;
}

// ---- sent once ------------------------------------------------------------------------------------

function sending(form: HTMLFormElement, event: SubmitEvent): void {
  if (event.defaultPrevented || form.method.toLowerCase() !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (!navigator.onLine) {
    // The browser would put its own page in the form's place, and what was typed would be gone.
    event.preventDefault();
    event.stopImmediatePropagation();
    say("没有网络，没有提交。填写的内容还在本页，请不要关闭；恢复网络后再按一次。", "late", "online");
    return;
  }
  form.dataset.sent = "yes";
  delete form.dataset.dirty;
  const button = event.submitter;
  if (button instanceof HTMLButtonElement && !button.hasAttribute("data-quiet")) {
    button.classList.add("busy");
    button.setAttribute("aria-busy", "true");
  }
}

export function sendable(form: HTMLFormElement): void {
  delete form.dataset.sent;
  for (const button of all<HTMLButtonElement>("button.busy", form)) {
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
  }
}

// ---- keys -----------------------------------------------------------------------------------------

function currentForm(): HTMLFormElement | null {
  const inside = document.activeElement?.closest("form");
  if (inside) return inside;
  const open = document.querySelector<HTMLFormElement>("dialog[open] form, .act[open] form");
  if (open) return open;
  const forms = all<HTMLFormElement>("form.form").filter(visible);
  return forms.length === 1 ? (forms[0] ?? null) : null;
}

function sendByKey(): void {
  const form = currentForm();
  const button = form?.querySelector<HTMLButtonElement>("button.primary:not([type=button]), button.danger:not([type=button])");
  if (form) form.requestSubmit(button ?? undefined);
}

export function nextField(from: HTMLElement): void {
  const form = from.closest("form");
  if (!form) return;
  const fields = all<HTMLElement>(CONTROLS, form).filter(visible);
  const here = fields.indexOf(from);
  const radio = (element: HTMLElement | undefined): string =>
    element instanceof HTMLInputElement && element.type === "radio" ? element.name : "";
  let next = here + 1;
  while (radio(fields[here]) && radio(fields[next]) === radio(fields[here])) next += 1;
  const target = fields[next] ?? form.querySelector<HTMLElement>("button.primary, button.danger");
  target?.focus();
  if (target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "checkbox") target.select();
}

function enter(event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    sendByKey();
    return;
  }
  const field = event.target;
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) return;
  const form = field.form;
  if (!form?.classList.contains("form") || form.dataset.enter === "submit") return;
  event.preventDefault();
  const row = field.closest("tr");
  const rows = row?.closest<HTMLElement>("[data-rows]");
  if (row && rows && row === row.parentElement?.lastElementChild && field === all(CONTROLS, row).at(-1)) {
    if (field.value && addRow(rows)) return;
  }
  nextField(field);
}

// ---- a field that depends on another ----------------------------------------------------------------

function chosen(form: HTMLFormElement, name: string): string[] {
  return new FormData(form).getAll(name).map(String);
}

export function showDependent(form: HTMLFormElement): void {
  for (const field of all<HTMLElement>("[data-when]", form)) {
    const wanted = (field.dataset.whenValue ?? "").split("|");
    const shown = chosen(form, field.dataset.when ?? "").some((value) => wanted.includes(value));
    field.hidden = !shown;
    for (const control of all<HTMLInputElement>("input, select, textarea", field)) control.disabled = !shown;
  }
}

// ---- check on leaving a field -------------------------------------------------------------------------

/** What stands in a field now; an answer to what stood there before is worth nothing any more. */
function entered(box: HTMLElement): string {
  return all<HTMLInputElement>("input, select, textarea", box)
    .map((one) => `${one.name}=${one.type === "checkbox" || one.type === "radio" ? one.checked : one.value}`)
    .join("&");
}

/** Until the pointer is up again: what lies under it while it is down must stay there, or the click meets nothing. */
let press: Promise<void> = Promise.resolve();

function held(): void {
  press = new Promise((done) => {
    const up = (): void => void window.setTimeout(done);  // behind the click
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, up, { once: true, capture: true });
  });
}

async function check(form: HTMLFormElement, control: HTMLInputElement): Promise<void> {
  const box = control.closest<HTMLElement>(".field[id]");
  const url = form.dataset.checkUrl;
  if (!box || !url || !control.name) return;
  const data = fieldsOf(form);
  data.set("_check", control.name);
  const sent = entered(box);
  try {
    const answer = await post(url, data);
    if (!answer.ok) return;
    const html = await answer.text();
    await press;
    if (form.dataset.sent || box.contains(document.activeElement) || !html.trim() || entered(box) !== sent) return;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = holder.content.firstElementChild;
    if (!fresh || fresh.id !== box.id) return;
    // A group is left in place while nothing is wrong with it: the next click may be on its way.
    if (box.tagName === "FIELDSET" && !box.classList.contains("bad") && !fresh.classList.contains("bad")) return;
    box.replaceWith(fresh);
    document.dispatchEvent(new CustomEvent("ygt:swapped", { detail: fresh }));
  } catch {
    // Offline: the server checks when the form is sent.
  }
}

// ---- start --------------------------------------------------------------------------------------------

export function initForms(root: ParentNode): void {
  for (const form of all<HTMLFormElement>("form", root)) showDependent(form);
  const problems = root.querySelector<HTMLElement>(".problems");
  if (problems) problems.focus();
}

export function startForms(): void {
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement) sending(event.target, event);
  });
  document.addEventListener("keydown", enter);
  document.addEventListener("pointerdown", held, true);
  on("input", "form", (form) => {
    form.dataset.dirty = "yes";
  });
  on("change", "form", (form) => {
    form.dataset.dirty = "yes";
    showDependent(form as HTMLFormElement);
  });
  // A slider and the number that it moves; the number is what is sent.
  on("input", "input[data-slides]", (slider) => {
    const field = document.getElementById((slider as HTMLElement).dataset.slides ?? "") as HTMLInputElement | null;
    if (field) field.value = (slider as HTMLInputElement).value;
  });
  on("change", "form[data-autosubmit]", (form) => (form as HTMLFormElement).requestSubmit());
  on("change", "form[data-check-url]", (form, event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) {
      const control = event.target as HTMLInputElement;
      control.addEventListener("blur", () => void check(form as HTMLFormElement, control), { once: true });
      if (document.activeElement !== control) void check(form as HTMLFormElement, control);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-leave][data-dirty]:not([data-draft-url])")) event.preventDefault();
  });
  // Back from the next page must not leave a dead button behind.
  window.addEventListener("pageshow", () => {
    for (const form of all<HTMLFormElement>("form[data-sent]")) sendable(form);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target instanceof HTMLFormElement) sendable(event.target);
  });
  // One open action form at a time, its first field ready.
  on("toggle", "details.act", (details) => openAct(details as HTMLDetailsElement), true);
  on("click", ".problems a[href^='#']", (link, event) => {
    const field = document.getElementById(decodeURIComponent(link.getAttribute("href")?.slice(1) ?? ""));
    const control = field?.matches(CONTROLS) ? field : field?.querySelector<HTMLElement>(CONTROLS);
    if (!control) return;
    event.preventDefault();
    control.focus();
    control.scrollIntoView({ block: "center" });
  });
  window.addEventListener("hashchange", openAddressed);
  openAddressed();
  startRows();
}

/** An address may name an action: /case/12/#do-accept opens its form. */
function openAddressed(): void {
  const named = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (named instanceof HTMLDetailsElement && named.classList.contains("act")) named.open = true;
}

function openAct(details: HTMLDetailsElement): void {
  if (!details.open || !details.querySelector("form")) return;  // explanations stay as they are opened
  for (const other of all<HTMLDetailsElement>("details.act[open]:has(form)")) {
    if (other !== details && other.parentElement === details.parentElement) other.open = false;
  }
  if (!details.querySelector(".problems")) details.querySelector<HTMLElement>(`form :is(${CONTROLS})`)?.focus();
}
