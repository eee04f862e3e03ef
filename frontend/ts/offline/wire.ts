// Talking to the server: fetch what is to be taken along, send what was filled in. Every failure is one of three words.

import type { Act, Packet, Safe, State } from "./store";

const PATIENCE = 10_000;
const BATCH = 50;

export type Answer<T> = { value: T } | { failed: "offline" | "signed-out" | "server"; said: string };

interface Outcome {
  client_id: string;
  state: State | "done";
  said: string;
  html: string;
}

async function ask<T>(url: string, options: RequestInit): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
      ...options,
    });
  } catch {
    return { failed: "offline", said: "没有网络，内容已保存在本机" };
  }
  if (response.type === "opaqueredirect" || response.status === 401) return { failed: "signed-out", said: "登录已过期，请登录后发送" };
  if (response.status === 404) return { failed: "signed-out", said: "当前账号没有离线随访的权限，请换用填写时的账号登录" };
  if (!response.ok) {
    const told = (await response.json().catch(() => ({}))) as { said?: string };
    return { failed: "server", said: told.said ?? `服务器暂时不能接收（${response.status}），内容已保存在本机，稍后再发送` };
  }
  return { value: (await response.json()) as T };
}

export function fetchPacket(url: string): Promise<Answer<Packet & { token: string }>> {
  return ask(url, { method: "GET" });
}

/** Sends what is ready, in the order it was filled in; each act is dropped only after the server has said that it stands. */
export async function send(url: string, token: string, safe: Safe, acts: Act[]): Promise<Answer<{ done: number; back: number }>> {
  let done = 0;
  let back = 0;
  for (let start = 0; start < acts.length; start += BATCH) {
    const batch = acts.slice(start, start + BATCH);
    const body = JSON.stringify({
      acts: batch.map(({ client_id, seat, case: id, transition, form, filled_at }) => ({ client_id, seat, case: id, transition, form, filled_at })),
    });
    const answer = await ask<{ outcomes: Outcome[] }>(url, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, "X-Requested-With": "fetch" },
    });
    if ("failed" in answer) return answer;
    for (const outcome of answer.value.outcomes) {
      const act = batch.find((one) => one.client_id === outcome.client_id);
      if (!act) continue;
      if (outcome.state === "done") {
        await safe.dropAct(act.client_id);
        done += 1;
      } else {
        await safe.keepAct({ ...act, state: outcome.state, said: outcome.said, html: outcome.html || act.html });
        back += 1;
      }
    }
  }
  return { value: { done, back } };
}
