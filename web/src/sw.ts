/**
 * The service worker: keeps every file of the page under the hash of its contents, so that it opens
 * without a connection and a new version fetches only what has changed.
 */

export {};

declare const self: typeof globalThis & {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
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
      const small = Object.keys(FILES).filter((path) => !FILES[path].large);
      await Promise.all(small.map(stored));
      await self.skipWaiting();
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
  const { scope } = self.registration;
  const url = request.url.split(/[?#]/)[0];
  if (request.method !== "GET" || !url.startsWith(scope)) return;
  const path = url.slice(scope.length) || "index.html";
  if (path in FILES) respondWith.call(event, stored(path).then(isolated));
});

/** The page has loaded: what came before this worker was there is fetched once more and kept. */
self.addEventListener("message", (event) => {
  const used: string[] = (event as MessageEvent).data;
  const paths = used.filter((path) => path in FILES);
  (event as MessageEvent & Extendable).waitUntil(Promise.all(paths.map(stored)));
});

/** A file from the cache, or fetched and kept. */
async function stored(path: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const known = await cache.match(key(path));
  if (known) return known;
  const fresh = await fetch(new URL(path, self.registration.scope), { cache: "no-cache" });
  if (fresh.ok) await cache.put(key(path), fresh.clone());
  return fresh;
}

function isolated(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
