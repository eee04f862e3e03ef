// Keeps "还有 3 小时" true while the page stays open. The words are those of kernel.calendar: until, since, span.

import { all } from "./dom";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The server's clock, as far as this page knows it. */
const skew = (() => {
  const stamp = document.body.dataset.now;
  return stamp ? Date.parse(stamp) - Date.now() : 0;
})();

export function serverNow(): number {
  return Date.now() + skew;
}

export function span(ms: number): string {
  const size = Math.abs(ms);
  if (size < MINUTE) return "";
  if (size < HOUR) return `${Math.floor(size / MINUTE)} 分钟`;
  if (size < DAY) return `${Math.floor(size / HOUR)} 小时`;
  const days = Math.floor(size / DAY);
  const hours = Math.floor((size % DAY) / HOUR);
  return days < 3 && hours ? `${days} 天 ${hours} 小时` : `${days} 天`;
}

function until(due: number, now: number): string {
  const words = span(due - now);
  if (due < now) return words ? `已超 ${words}` : "刚刚超时";
  return words ? `${words}后到期` : "即将到期";
}

function since(at: number, now: number): string {
  const words = span(now - at);
  return words ? `${words}${at <= now ? "前" : "后"}` : "刚刚";
}

function refresh(): void {
  const now = serverNow();
  for (const element of all<HTMLElement>(".deadline[data-due]")) {
    const due = Date.parse(element.dataset.due ?? "");
    const words = element.querySelector(".rel > span");
    if (Number.isNaN(due) || !words) continue;
    words.textContent = until(due, now);
    const remind = Date.parse(element.dataset.remind ?? "");
    const tone = due < now ? "late" : remind <= now ? "due" : element.dataset.tone ?? "";
    if (tone) element.dataset.tone = tone;
  }
  for (const element of all<HTMLTimeElement>("time[data-relative]")) {
    const at = Date.parse(element.dateTime);
    if (!Number.isNaN(at)) element.textContent = since(at, now);
  }
}

export function startClock(): void {
  window.setInterval(refresh, 30_000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
}
