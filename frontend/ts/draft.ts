// A half-filled form survives: its fields go to the server a moment after the last change, and at once when
// the page is left. Nothing about a patient is kept in the browser.

import { all, debounced, fieldsOf, on, post } from "./dom";
import { sessionUsed } from "./status";

interface Draft {
  save: (() => void) & { cancel(): void };
  flush: () => void;
  stop: () => void;
}

const drafts = new WeakMap<HTMLFormElement, Draft>();
const RETRY = 15_000;

function clock(): string {
  return new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
}

function state(form: HTMLFormElement, text: string, tone = ""): void {
  for (const place of all<HTMLElement>("[data-draft-state]", form)) {
    place.textContent = text;
    place.dataset.tone = tone;
    place.setAttribute("role", "status");
  }
}

function follow(form: HTMLFormElement): Draft {
  const url = form.dataset.draftUrl ?? "";
  let unsaved = false;
  let running: AbortController | null = null;

  async function send(options: RequestInit = {}): Promise<void> {
    if (form.dataset.sent) return;
    running?.abort();
    running = new AbortController();
    const mine = running;
    unsaved = false;
    try {
      const answer = await post(url, fieldsOf(form), { signal: mine.signal, ...options });
      if (answer.ok) {
        sessionUsed();
        state(form, `草稿已保存 ${clock()}`);
        return;
      }
      unsaved = true;
      const ended = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
      state(form, ended ? "草稿未保存：登录已结束，请在新窗口登录后回到本页" : "草稿暂未保存，稍后自动重试", "due");
    } catch {
      if (mine.signal.aborted) return;
      unsaved = true;
      state(form, "网络不通，草稿暂未保存；恢复后自动保存", "due");
    }
    window.setTimeout(() => unsaved && void send(), RETRY);
  }

  const save = debounced(800, () => void send());
  return {
    save: Object.assign(
      () => {
        unsaved = true;
        save();
      },
      { cancel: save.cancel },
    ),
    flush: () => {
      if (!unsaved || form.dataset.sent) return;
      save.cancel();
      void send({ keepalive: true });
    },
    stop: () => {
      // The form itself is on its way: a draft arriving after it would bring it back to life.
      unsaved = false;
      save.cancel();
      running?.abort();
    },
  };
}

function draftOf(form: HTMLFormElement): Draft {
  const known = drafts.get(form);
  if (known) return known;
  const made = follow(form);
  drafts.set(form, made);
  return made;
}

export function startDrafts(): void {
  const changed = (form: HTMLElement): void => draftOf(form as HTMLFormElement).save();
  on("input", "form[data-draft-url]", changed);
  on("change", "form[data-draft-url]", changed);
  on("submit", "form[data-draft-url]", (form, event) => {
    if (!event.defaultPrevented) draftOf(form as HTMLFormElement).stop();
  });
  const flushAll = (): void => {
    for (const form of all<HTMLFormElement>("form[data-draft-url]")) drafts.get(form)?.flush();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) flushAll();
  });
  window.addEventListener("pagehide", flushAll);
  window.addEventListener("online", flushAll);
  // htmx is about to put something else in a form's place.
  document.addEventListener("htmx:beforeRequest", flushAll);
}
