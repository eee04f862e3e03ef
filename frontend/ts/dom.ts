// What every island needs: delegated events, the CSRF token, debouncing, a place to say something.

/** Calls `handler` when `type` happens on an element matching `selector`, now or after a later swap. */
export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  handler: (target: HTMLElement, event: DocumentEventMap[K]) => void,
  capture = false,
): void {
  document.addEventListener(
    type,
    (event) => {
      const origin = event.target;
      const target = origin instanceof Element ? origin.closest<HTMLElement>(selector) : null;
      if (target) handler(target, event);
    },
    capture,
  );
}

export function all<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] {
  return Array.from(root.querySelectorAll<E>(selector));
}

export function csrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export function debounced(wait: number, work: () => void): (() => void) & { cancel(): void } {
  let timer = 0;
  const call = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(work, wait);
  };
  return Object.assign(call, { cancel: () => window.clearTimeout(timer) });
}

/** What a form would send, without its files. */
export function fieldsOf(form: HTMLFormElement): URLSearchParams {
  const texts = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return new URLSearchParams(texts);
}

/** POST the way the server expects it; never follows a redirect to the sign-in page silently. */
export function post(url: string, body: BodyInit | null, options: RequestInit = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body,
    credentials: "same-origin",
    redirect: "manual",
    ...options,
    headers: { "X-CSRFToken": csrf(), "X-Requested-With": "fetch", ...(options.headers ?? {}) },
  });
}

export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
}

/** Preferences of this browser only; never anything about a person. */
export const remembered = {
  get(key: string): string | null {
    try {
      return window.localStorage.getItem(`ygt.${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      window.localStorage.setItem(`ygt.${key}`, value);
    } catch {
      // A browser without storage forgets the choice, nothing more.
    }
  },
};

/** A short word in the corner; `late` stays until it is closed, or until what is named has come (`online`). */
export function say(text: string, tone: "info" | "fine" | "due" | "late" = "info", until = ""): void {
  const box = document.querySelector(".toasts");
  if (!box) return;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.dataset.tone = tone;
  if (until) notice.dataset.until = until;
  notice.setAttribute("role", tone === "late" ? "alert" : "status");
  const words = document.createElement("div");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet small";
  close.textContent = "知道了";
  close.addEventListener("click", () => notice.remove());
  notice.append(words, close);
  box.append(notice);
  if (tone !== "late") window.setTimeout(() => notice.remove(), 8000);
}
