/**
 * The service worker: keeps every file of the page under the hash of its contents, so that it opens
 * without a connection and a new build fetches only what has changed.  A page has all its files
 * from one build: a new one waits until nobody is at work with the one before.
 */

export {};

declare const self: typeof globalThis & {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options: object): Promise<{ url: string }[]>;
  };
};

interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** Path → hash of every file; the build fills it in.  `large` ones come when they are asked for. */
const FILES: Record<string, { hash: string; large: boolean }> = JSON.parse("__FILES__");
const CACHE = "colorizer-lite";
/** Isolate the page, so that it may use threads, where the host does not do it itself. */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const key = (path: string) => new URL(`${path}?${FILES[path].hash}`, self.registration.scope).href;

self.addEventListener("install", (event) => {
  (event as Extendable).waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      const before = new Set((await cache.keys()).map(({ url }) => pathOf(url)));
      const wanted = Object.keys(FILES).filter((path) => !FILES[path].large || before.has(path));
      await Promise.all(wanted.map(keep));
    })(),
  );
});

self.addEventListener("activate", (event) => {
  (event as Extendable).waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      const current = new Set(Object.keys(FILES).map(key));
      const old = (await cache.keys()).filter(({ url }) => !current.has(url));
      await Promise.all(old.map((request) => cache.delete(request)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Fetching;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const path = pathOf(request.url);
  if (path in FILES) respondWith.call(event, stored(path).then(isolated));
});

self.addEventListener("message", (event) => {
  const { data, ports } = event as MessageEvent<string[] | "take over">;
  (event as MessageEvent & Extendable).waitUntil(
    data === "take over"
      ? takeOver(ports[0])
      : // The page has loaded: what came before this worker was there is fetched once more and kept.
        Promise.all(data.filter((path) => path in FILES).map(keep)),
  );
});

/** Become the worker of the page that asks, unless another is open. */
async function takeOver(answer: MessagePort): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const alone = windows.filter(({ url }) => url.startsWith(self.registration.scope)).length === 1;
  answer.postMessage(alone);
  if (alone) await self.skipWaiting();
}

function pathOf(url: string): string {
  return url.split(/[?#]/)[0].slice(self.registration.scope.length) || "index.html";
}

async function keep(path: string): Promise<void> {
  const response = await stored(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  await response.arrayBuffer();
}

/** A file from the cache; or fetched, and kept once all of it has come. */
async function stored(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const known = await cache.match(key(path));
  if (known) return known;
  const fresh = await fetch(new URL(path, self.registration.scope), { cache: "no-cache" });
  if (!fresh.ok || !fresh.body) return fresh;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const checked = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array>({
    transform(chunk, controller) {
      chunks.push(chunk);
      controller.enqueue(chunk);
    },
    async flush(controller) {
      const whole = new Blob(chunks);
      if (await isOfThisBuild(path, whole)) {
        const kept = new Response(whole, { headers: typeOf(fresh) });
        await cache.put(key(path), kept).catch(console.warn); // there may be no room
      } else controller.error(new Error(`${path} is of another build.`));
    },
  });
  const length = fresh.headers.has("Content-Encoding") ? null : fresh.headers.get("Content-Length");
  const headers = { ...typeOf(fresh), ...(length && { "Content-Length": length }) };
  return new Response(fresh.body.pipeThrough(checked), { headers });
}

function typeOf(response: Response): Record<string, string> {
  const type = response.headers.get("Content-Type");
  return type ? { "Content-Type": type } : {};
}

async function isOfThisBuild(path: string, file: Blob): Promise<boolean> {
  if (path.endsWith(".html")) {
    // Hosts may add to it, but what it names must be there.
    return ((await file.text()).match(/assets\/[\w.-]+/g) ?? []).every((name) => name in FILES);
  }
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = magic[0] === 0x1f && magic[1] === 0x8b; // some hosts unpack a .gz on the way
  const unpack = () => file.stream().pipeThrough(new DecompressionStream("gzip"));
  const contents = await (packed ? new Response(unpack()) : file).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", contents));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hash.startsWith(FILES[path].hash);
}

function isolated(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
