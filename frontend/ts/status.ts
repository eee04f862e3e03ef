// What the page knows about the connection, the session and requests under way.

import { all, on, post, say } from "./dom";
import { serverNow, span } from "./time";

const WARN_BEFORE = 3 * 60_000;
const SLOW = 300;

function offline(): void {
  for (const bar of all<HTMLElement>(".offline")) bar.hidden = navigator.onLine;
  // What was said because there was no network lies over the button that is to be pressed again.
  if (navigator.onLine) for (const said of all<HTMLElement>(".toasts [data-until='online']")) said.remove();
}

// ---- session end ------------------------------------------------------------------------------------

let ends = Date.parse(document.body.dataset.sessionEnds ?? "");
const idle = ends - Date.parse(document.body.dataset.now ?? "");

/** The server has answered this session: its idle time starts anew. */
export function sessionUsed(): void {
  if (!Number.isNaN(idle) && serverNow() < ends) ends = serverNow() + idle;
}

/** What becomes of what was typed: a form with a draft keeps it, another one only while its page stands open. */
function kept(unsent: boolean): string {
  return unsent ? "本页填写的内容还没有提交，请先提交。" : "带草稿的表单已自动保存。";
}

function gone(unsent: boolean): string {
  return unsent
    ? "登录已结束。本页填写的内容还没有提交：请不要关闭本页，在新窗口登录后回来提交。"
    : "登录已结束。带草稿的表单已保存，重新登录后回到本页即可继续。";
}

function session(): void {
  const bar = document.querySelector<HTMLElement>(".session");
  if (!bar || Number.isNaN(ends)) return;
  const left = ends - serverNow();
  bar.hidden = left > WARN_BEFORE;
  const over = left <= 0;
  const words = bar.querySelector("[data-session-words]");
  const unsent = document.querySelector("main form.form[data-dirty]:not([data-draft-url])") !== null;
  if (words) words.textContent = over ? gone(unsent) : `登录将在 ${span(left) || "不到 1 分钟"}后结束；${kept(unsent)}`;
  for (const button of all<HTMLElement>("[data-extend]", bar)) button.hidden = over;
  for (const link of all<HTMLAnchorElement>("[data-again]", bar)) {
    link.hidden = !over;
    link.target = unsent ? "_blank" : "";
  }
}

async function extend(): Promise<void> {
  try {
    const answer = await post(document.body.dataset.sessionExtend ?? "", null);
    if (!answer.ok) throw new Error(String(answer.status));
    sessionUsed();
  } catch {
    say("没有延长成功，请检查网络；必要时重新登录。", "late");
  }
  session();
}

// ---- requests ---------------------------------------------------------------------------------------

let timer = 0;
let running = 0;

function bar(shown: boolean): void {
  const line = document.querySelector<HTMLElement>(".loading-bar");
  if (line) line.hidden = !shown;
}

function began(): void {
  running += 1;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => bar(running > 0), SLOW);
}

function finished(): void {
  running = Math.max(0, running - 1);
  if (!running) {
    window.clearTimeout(timer);
    bar(false);
  }
}

interface HtmxDetail {
  xhr: XMLHttpRequest;
  shouldSwap?: boolean;
  isError?: boolean;
}

function failed(event: Event): void {
  const status = (event as CustomEvent<HtmxDetail>).detail.xhr.status;
  if (status === 404) say("没有找到，或您无权查看。", "due");
  else if (status === 401) say("登录已结束，请重新登录。", "late");
  else if (status >= 500) say("系统出错，这一步没有完成；请稍后再试，仍不行请联系管理员。", "late");
}

export function startStatus(): void {
  offline();
  window.addEventListener("online", offline);
  window.addEventListener("offline", offline);
  session();
  window.setInterval(session, 15_000);
  on("click", "[data-extend]", () => void extend());

  document.addEventListener("htmx:beforeRequest", began);
  document.addEventListener("htmx:afterRequest", (event) => {
    finished();
    if ((event as CustomEvent<HtmxDetail>).detail.xhr.status < 400) sessionUsed();
  });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", () => say("没有连上服务器，这一步没有完成；请检查网络后再试。", "late"));
  // A rejected form (422) and a lost race (409) carry their own page to show.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<HtmxDetail>).detail;
    if (detail.xhr.status === 422 || detail.xhr.status === 409) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  window.addEventListener("beforeunload", began);
  window.addEventListener("pageshow", () => {
    running = 0;
    bar(false);
  });
}
