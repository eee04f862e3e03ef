// What the device keeps: the packet and what was filled in, sealed with a key that only the PIN gives. Nothing readable
// is ever written down. Bounds of this protection: docs/adr/0018-offline-island.md.

const NAME = "yigongti-offline";
const ROUNDS = 600_000;
const TRIES = 5;

export type Pairs = [string, string][];

export interface Question {
  name: string;
  label: string;
  kind: string;
  required: boolean;
  low: string;
  high: string;
  places: number;
  length: number;
  unit: string;
}

export interface Action {
  code: string;
  title: string;
  submit: string;
  main: boolean;
  html: string;
  questions: Question[];
}

export interface Paper {
  case: number;
  number: string;
  title: string;
  state: string;
  meaning: string;
  otherwise: string;
  due: string;
  priority: number;
  person: { name: string; about: string; alert: string; where: string };
  story: string;
  acts: Action[];
}

export interface Packet {
  seat: number;
  who: string;
  at: string;
  until: string;
  papers: Paper[];
}

export type State = "draft" | "ready" | "refused" | "late" | "gone" | "other_seat" | "unreadable";

/** One thing filled in. The paper is kept with it, so that it can be read even when the packet has moved on. */
export interface Act {
  client_id: string;
  seat: number;
  case: number;
  transition: string;
  state: State;
  form: Pairs;
  filled_at: string;
  said: string;
  html: string;
  paper: Paper;
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  box: ArrayBuffer;
}

interface Lock {
  salt: Uint8Array<ArrayBuffer>;
  probe: Sealed;
  wrong: number;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const store of ["lock", "packet", "acts"]) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** One transaction, answered only when the browser has written it to the disk. */
async function write(store: string, work: (rows: IDBObjectStore) => void): Promise<void> {
  const base = await database();
  await new Promise<void>((resolve, reject) => {
    const transaction = base.transaction(store, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore(store));
  });
}

async function read<T>(store: string, key: string): Promise<T | undefined> {
  const base = await database();
  return asked<T | undefined>(base.transaction(store).objectStore(store).get(key));
}

async function derived(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const words = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS },
    words,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

async function seal(key: CryptoKey, value: unknown): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  return { iv, box: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain) };
}

async function unseal<T>(key: CryptoKey, sealed: Sealed): Promise<T> {
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.box);
  return JSON.parse(new TextDecoder().decode(plain)) as T;
}

/** Whether this device has a PIN already. */
export async function locked(): Promise<boolean> {
  return (await read<Lock>("lock", "lock")) !== undefined;
}

export interface Opened {
  safe: Safe | null;
  left: number;
}

/** Opens what is kept with the PIN. After five wrong ones the packet is dropped; what was not sent yet stays, sealed. */
export async function unlock(pin: string): Promise<Opened> {
  const lock = await read<Lock>("lock", "lock");
  if (!lock) return { safe: null, left: TRIES };
  const key = await derived(pin, lock.salt);
  try {
    await unseal(key, lock.probe);
  } catch {
    const wrong = lock.wrong + 1;
    await write("lock", (rows) => rows.put({ ...lock, wrong }, "lock"));
    if (wrong >= TRIES) await write("packet", (rows) => rows.clear());
    return { safe: null, left: Math.max(0, TRIES - wrong) };
  }
  await write("lock", (rows) => rows.put({ ...lock, wrong: 0 }, "lock"));
  return { safe: new Safe(key), left: TRIES };
}

/** Sets the PIN of a device that has none. */
export async function create(pin: string): Promise<Safe> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derived(pin, salt);
  const lock: Lock = { salt, probe: await seal(key, "ok"), wrong: 0 };
  await write("lock", (rows) => rows.put(lock, "lock"));
  await navigator.storage?.persist?.();
  return new Safe(key);
}

/** Forgets everything, what was not sent included. */
export async function forget(): Promise<void> {
  for (const store of ["packet", "acts", "lock"]) await write(store, (rows) => rows.clear());
}

/** How many acts wait on this device, readable without the PIN. */
export async function waiting(): Promise<number> {
  const base = await database();
  return asked(base.transaction("acts").objectStore("acts").count());
}

/** What is kept, while it is unlocked. */
export class Safe {
  constructor(private readonly key: CryptoKey) {}

  async packet(): Promise<Packet | null> {
    const sealed = await read<Sealed>("packet", "packet");
    if (!sealed) return null;
    const found = await unseal<Packet>(this.key, sealed);
    if (new Date(found.until) > new Date()) return found;
    await write("packet", (rows) => rows.clear());
    return null;
  }

  async keepPacket(packet: Packet): Promise<void> {
    const sealed = await seal(this.key, packet);
    await write("packet", (rows) => rows.put(sealed, "packet"));
  }

  async acts(): Promise<Act[]> {
    const base = await database();
    const sealed = await asked<Sealed[]>(base.transaction("acts").objectStore("acts").getAll());
    return Promise.all(sealed.map((one) => unseal<Act>(this.key, one)));
  }

  async keepAct(act: Act): Promise<void> {
    const sealed = await seal(this.key, act);
    await write("acts", (rows) => rows.put(sealed, act.client_id));
  }

  async dropAct(client_id: string): Promise<void> {
    await write("acts", (rows) => rows.delete(client_id));
  }
}
