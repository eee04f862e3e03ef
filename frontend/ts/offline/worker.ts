// The service worker: keeps the page, its script, its style and its icons, nothing else. The page is asked from the network
// first, so that a new build is seen as soon as there is one; without a network it comes from what is kept.

interface Kept {
  /** Addresses to keep, the page first; written in front of this script by the server. */
  KEPT: string[];
  BUILD: string;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, handler: (event: WorkerEvent) => void): void;
}

interface WorkerEvent {
  request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as Kept;
const PREFIX = "ygt-offline-";
const CACHE = PREFIX + worker.BUILD;
const PATIENCE = 4_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(worker.KEPT)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const old = (name: string): boolean => name.startsWith(PREFIX) && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => worker.clients.claim()),
  );
});

async function page(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (fresh.ok) return fresh;
  } catch {
    // No network, or too slow: what is kept.
  }
  return (await caches.match(worker.KEPT[0] ?? "/offline/")) ?? Response.error();
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (worker.KEPT.includes(url.pathname)) event.respondWith(file(event.request));
});

export {};
