// The offline island: what waits for one seat, filled in without a network, sent once. Three views, told apart by the
// address: the list, one case, one form. Everything a person typed is kept as it is typed.

import { debounced, say } from "../dom";
import { showDependent, startForms } from "../forms";
import { troubles } from "./checks";
import { type Act, type Action, type Packet, type Pairs, type Paper, type Safe, type State, create, forget, locked, unlock, waiting } from "./store";
import { fetchPacket, send } from "./wire";

const LOCK_AFTER = 5 * 60_000;
const body = document.body.dataset;
const view = document.querySelector<HTMLElement>("[data-view]") as HTMLElement;
const net = document.querySelector<HTMLElement>("[data-net]") as HTMLElement;

let safe: Safe | null = null;
let packet: Packet | null = null;
let acts: Act[] = [];
let busy = false;

const WORDS: Record<State, string> = {
  draft: "未填完",
  ready: "待发送",
  refused: "被退回，请修改",
  late: "已由他人办理",
  gone: "已不在您的待办中",
  other_seat: "由另一账号填写",
  unreadable: "无法识别",
};

// ---- small pieces -------------------------------------------------------------------------------------

type Child = Node | string | null | false;

function el(tag: string, attributes: Record<string, string>, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false && child !== ""));
  return made;
}

function button(text: string, tone: string, work: () => void): HTMLElement {
  const made = el("button", { type: "button", class: `button ${tone}` }, text);
  made.addEventListener("click", work);
  return made;
}

/** Markup that the server made for this page; it holds no script, and the policy of the page would not run any. */
function drawn(html: string): HTMLElement {
  const box = el("div", { class: "drawn" });
  box.innerHTML = html;
  return box;
}

function moment(iso: string): string {
  return new Date(iso).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).replaceAll("/", "-");
}

function show(...children: Child[]): void {
  view.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== false));
  view.setAttribute("aria-busy", "false");
}

function status(text: string, tone: string): void {
  net.textContent = text;
  net.dataset.tone = tone;
}

// ---- the PIN ------------------------------------------------------------------------------------------

function pinForm(title: string, help: string, submit: string, work: (pin: string, said: HTMLElement) => Promise<void>): HTMLElement {
  const input = el("input", { id: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: "6", pattern: "[0-9]{6}", required: "" }) as HTMLInputElement;
  const said = el("p", { class: "error", role: "alert" });
  const form = el(
    "form",
    { class: "form card", novalidate: "" },
    el("div", { class: "field" }, el("label", { for: "pin" }, title), el("div", { class: "control" }, input), el("p", { class: "help" }, help), said),
    el("div", { class: "actionbar" }, el("button", { class: "button primary" }, submit)),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!/^\d{6}$/.test(input.value)) {
      said.textContent = "请输入 6 位数字";
      return;
    }
    const pin = input.value;
    input.value = "";
    void work(pin, said);
  });
  queueMicrotask(() => input.focus());
  return form;
}

async function enter(): Promise<void> {
  if (await locked()) {
    show(pinForm("离线口令", "这部设备上保存的待办已加密，用离线口令打开", "打开", opening), forgetting());
    return;
  }
  show(pinForm("设一个离线口令", "6 位数字。没有网络时用它打开待办；它只在这部设备上，服务器不知道，忘了只能清除重来", "设置并下载待办", async (pin) => {
    safe = await create(pin);
    await begin();
  }));
}

async function opening(pin: string, said: HTMLElement): Promise<void> {
  const opened = await unlock(pin);
  if (opened.safe) {
    safe = opened.safe;
    await begin();
    return;
  }
  said.textContent = opened.left ? `口令不对，还可以试 ${opened.left} 次` : "口令多次不对，本机的待办已删除；未发送的内容仍加密保存，想起口令后可继续发送";
}

function forgetting(): HTMLElement {
  const box = el("details", { class: "muted" }, el("summary", {}, "忘记口令"));
  void waiting().then((count) => {
    const lost = count ? `其中 ${count} 条没有发送的内容会丢失，不能找回。` : "没有未发送的内容。";
    box.append(el("p", {}, `只能清除这部设备上的离线内容，联网后重新下载。${lost}`), button("清除本机离线内容", "danger", () => void forget().then(() => location.reload())));
  });
  return box;
}

// ---- reading, sending -----------------------------------------------------------------------------------

async function begin(): Promise<void> {
  await reload();
  await draw();
  await exchange();
}

async function reload(): Promise<void> {
  if (!safe) return;
  packet = await safe.packet();
  acts = await safe.acts();
}

/** Fetches, sends what is ready, fetches again; says in one line how it stands. */
async function exchange(): Promise<void> {
  if (!safe || busy) return;
  busy = true;
  try {
    status("正在联系服务器", "");
    const fresh = await fetchPacket(body.packet ?? "");
    if ("failed" in fresh) {
      status(fresh.said, fresh.failed === "offline" ? "due" : "late");
      if (fresh.failed === "signed-out") net.append(" ", el("a", { href: `${body.signIn}?next=${encodeURIComponent(body.scope ?? "/")}` }, "去登录"));
      return;
    }
    const { token, ...got } = fresh.value;
    const ready = acts.filter((act) => act.state === "ready" && act.seat === got.seat).sort((a, b) => (a.filled_at < b.filled_at ? -1 : 1));
    const sent = ready.length ? await send(body.send ?? "", token, safe, ready) : { value: { done: 0, back: 0 } };
    if ("failed" in sent) {
      await safe.keepPacket(got);
      status(sent.said, "due");
      return;
    }
    const last = ready.length ? await fetchPacket(body.packet ?? "") : fresh;
    if (!("failed" in last)) {
      const { token: _unused, ...newest } = last.value;
      await safe.keepPacket(newest);
    }
    const { done, back } = sent.value;
    if (done) say(`已发送 ${done} 条`, "fine");
    if (back) say(`${back} 条需要处理，见列表`, "late");
    status(`已联网，${moment(new Date().toISOString())} 更新`, "fine");
  } finally {
    busy = false;
    await reload();
    if (!location.hash) await draw();
  }
}

// ---- the views --------------------------------------------------------------------------------------------

async function draw(): Promise<void> {
  if (!safe) return;
  const [kind, id, code] = location.hash.slice(1).split("/");
  const paper = paperOf(Number(id));
  if (kind === "case" && paper) {
    const action = paper.acts.find((one) => one.code === code);
    show(...(action ? formView(paper, action) : caseView(paper)));
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("h2[tabindex]")?.focus();
  } else {
    show(...listView());
  }
}

function paperOf(id: number): Paper | undefined {
  return packet?.papers.find((one) => one.case === id) ?? acts.find((one) => one.case === id)?.paper;
}

function actsOf(paper: Paper): Act[] {
  return acts.filter((act) => act.case === paper.case);
}

function listView(): Child[] {
  const unsent = acts.filter((act) => act.state === "ready").length;
  const known = new Set(packet?.papers.map((one) => one.case));
  const others = acts.filter((act) => !known.has(act.case)).map((act) => act.paper);
  const papers = [...(packet?.papers ?? []), ...others.filter((one, place) => others.findIndex((other) => other.case === one.case) === place)];
  const head = el(
    "div",
    { class: "offline-head" },
    el("p", {}, packet ? `${packet.who}；${moment(packet.at)} 下载，可用到 ${moment(packet.until)}` : "本机没有待办；联网后会自动下载"),
    button(unsent ? `发送 ${unsent} 条` : "更新", unsent ? "primary" : "", () => void exchange()),
  );
  if (!papers.length) return [head, el("p", { class: "empty" }, "现在没有可以离线办理的随访。")];
  return [head, el("p", { class: "muted" }, `共 ${papers.length} 项，最早到期的在前`), el("ul", { class: "work-list" }, ...papers.map(line))];
}

function line(paper: Paper): HTMLElement {
  const late = paper.due !== "" && new Date(paper.due) < new Date();
  const mine = actsOf(paper)[0];
  const tone = mine && mine.state !== "draft" && mine.state !== "ready" ? "late" : late ? "late" : "due";
  return el(
    "li",
    { "data-tone": late ? "late" : "" },
    el("div", { class: "who" }, el("a", { class: "row", href: `#case/${paper.case}` }, paper.person.name), ` ${paper.person.about}`),
    el("div", { class: "what" }, paper.title, mine ? el("span", { class: "badge", "data-tone": mine.state === "ready" ? "fine" : tone }, WORDS[mine.state]) : ""),
    el("div", { class: "when", "data-tone": late ? "late" : "due" }, paper.due ? `${late ? "已逾期：" : ""}${moment(paper.due)} 前` : ""),
  );
}

function person(paper: Paper): HTMLElement {
  const { name, about, alert, where } = paper.person;
  return el(
    "section",
    { class: "card offline-person" },
    el("h2", { tabindex: "-1" }, name, el("small", {}, ` ${about}`)),
    alert && el("p", { class: "allergy" }, alert),
    where && el("p", { class: "muted" }, where),
    el("p", {}, paper.title),
    el("p", { class: "muted" }, `${paper.state}。若无人处理：${paper.otherwise}`),
  );
}

function back(href: string, text: string): HTMLElement {
  return el("p", {}, el("a", { href }, `← ${text}`));
}

function caseView(paper: Paper): Child[] {
  const kept = actsOf(paper);
  return [
    back("#", "返回列表"),
    person(paper),
    ...kept.map((act) => keptView(act)),
    el("div", { class: "offline-acts" }, ...paper.acts.map((one) => el("a", { class: `button ${one.main ? "primary" : ""}`, href: `#case/${paper.case}/${one.code}` }, one.title))),
    drawn(paper.story),
  ];
}

function keptView(act: Act): HTMLElement {
  const title = act.paper.acts.find((one) => one.code === act.transition)?.title ?? act.transition;
  return el(
    "section",
    { class: "notice", "data-tone": act.state === "ready" ? "fine" : act.state === "draft" ? "info" : "late" },
    el(
      "div",
      {},
      el("b", {}, `${title}：${WORDS[act.state]}`),
      act.said && el("p", {}, act.said),
      act.state === "late" || act.state === "gone" ? el("pre", {}, told(act)) : "",
      el("p", {}, button("放弃这条内容", "quiet small", () => void drop(act))),
    ),
  );
}

/** What was typed, to be read or copied where it can't be sent any more. */
function told(act: Act): string {
  const labels = new Map((act.paper.acts.find((one) => one.code === act.transition)?.questions ?? []).map((one) => [one.name, one.label]));
  return act.form.filter(([name, value]) => labels.has(name) && value).map(([name, value]) => `${labels.get(name)}：${value}`).join("\n");
}

async function drop(act: Act): Promise<void> {
  await safe?.dropAct(act.client_id);
  await reload();
  await draw();
}

// ---- the form -----------------------------------------------------------------------------------------------

function formView(paper: Paper, action: Action): Child[] {
  const known = acts.find((act) => act.case === paper.case && act.transition === action.code && ["draft", "ready", "refused"].includes(act.state));
  const fields = drawn(known?.html || action.html);
  const form = el("form", { class: "form card", novalidate: "", "data-enter": "next" }, fields) as HTMLFormElement;
  const said = el("span", { class: "draft-state", "aria-live": "polite" });
  const act: Act = known ?? {
    client_id: crypto.randomUUID(), seat: packet?.seat ?? 0, case: paper.case, transition: action.code, state: "draft", form: [], filled_at: "", said: "", html: "", paper,
  };
  if (act.form.length) fill(form, act.form);
  showDependent(form);
  const keep = async (state: State): Promise<void> => {
    const next: Act = { ...act, ...acts.find((one) => one.client_id === act.client_id), state, form: typed(form), filled_at: new Date().toISOString() };
    await safe?.keepAct(next);
    acts = [...acts.filter((one) => one.client_id !== act.client_id), next];
    said.textContent = `已保存在本机 ${new Date().toLocaleTimeString("zh-CN", { hour12: false })}`;
  };
  const autosave = debounced(300, () => void keep(act.state === "refused" ? "refused" : "draft"));
  form.addEventListener("input", () => {
    said.textContent = "";
    autosave();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    autosave.cancel();
    if (complain(form, action)) return;
    void keep("ready").then(async () => {
      location.hash = "";
      await draw();
      await exchange();
    });
  });
  form.append(el("div", { class: "actionbar" }, said, el("span", { class: "grow" }), el("button", { class: "button primary" }, `${action.submit}（联网后发送）`)));
  return [back(`#case/${paper.case}`, paper.person.name), person(paper), el("h2", {}, action.title), form];
}

function typed(form: HTMLFormElement): Pairs {
  return [...new FormData(form)].filter((pair): pair is [string, string] => typeof pair[1] === "string");
}

/** Puts the kept answers into the fields as the server drew them. */
function fill(form: HTMLFormElement, pairs: Pairs): void {
  for (const element of Array.from(form.elements)) {
    if (element instanceof HTMLInputElement && ["radio", "checkbox"].includes(element.type)) {
      element.checked = pairs.some(([name, value]) => name === element.name && value === element.value);
    } else if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) {
      const found = pairs.find(([name]) => name === element.name);
      if (found) element.value = found[1];
    }
  }
}

/** Shows what is wrong, above the form, as the server does; whether something was. */
function complain(form: HTMLFormElement, action: Action): boolean {
  const hidden = new Set(Array.from(form.querySelectorAll<HTMLElement>("[data-when][hidden] [name]"), (one) => one.getAttribute("name") ?? ""));
  const found = troubles(action.questions, typed(form), hidden);
  form.querySelector(".problems")?.remove();
  if (!found.length) return false;
  const box = el(
    "div",
    { class: "problems", role: "alert", tabindex: "-1" },
    el("h2", {}, `有 ${found.length} 处需要修改`),
    el("ul", {}, ...found.map((one) => el("li", {}, one.said))),
  );
  form.prepend(box);
  box.focus();
  return true;
}

// ---- start ----------------------------------------------------------------------------------------------------

function lockLater(): void {
  const lock = debounced(LOCK_AFTER, () => {
    safe = null;
    packet = null;
    acts = [];
    void enter();
  });
  for (const type of ["pointerdown", "keydown", "input"] as const) document.addEventListener(type, lock);
  lock();
}

async function start(): Promise<void> {
  if (!window.isSecureContext || !("serviceWorker" in navigator)) {
    show(el("p", { class: "notice", "data-tone": "late" }, "离线随访要通过 https 打开。请向管理员索要 https 地址，并按 /ca 页的说明安装证书。"));
    return;
  }
  await navigator.serviceWorker.register(body.worker ?? "", { scope: body.scope ?? "/offline/" }).catch(() => undefined);
  window.addEventListener("hashchange", () => void draw());
  window.addEventListener("online", () => void exchange());
  window.addEventListener("offline", () => status("没有网络，内容保存在本机", "due"));
  startForms();
  lockLater();
  await enter();
}

void start();
