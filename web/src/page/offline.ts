/** The service worker, which keeps the page's files so that it opens without a connection. */

const PATIENCE = 3000; // ms: the page must not wait for it
const HANDING_OVER = 1000; // ms: the worker before ends what it has begun

/**
 * Resolves once the service worker fetches for this page, or there is none.  Where an earlier visit
 * brought a newer build, the page begins anew with that; if the worker before is slow to go, only
 * as long as the page is idle.
 */
export async function register(idle: () => boolean): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  const { serviceWorker } = navigator;
  let registration: ServiceWorkerRegistration;
  try {
    registration = await serviceWorker.register("sw.js");
  } catch {
    return; // private windows of some browsers
  }
  const changed = new Promise<Event>((resolve) =>
    serviceWorker.addEventListener("controllerchange", resolve),
  );
  if (!serviceWorker.controller) await soon(changed);
  else if (registration.waiting && (await soon(takesOver(registration.waiting)))) {
    if (!(await soon(changed, HANDING_OVER))) {
      void changed.then(() => idle() && location.reload());
      return;
    }
    location.reload();
    await new Promise(() => {}); // nothing more is loaded of the old build
  }
}

/** True if a worker will be that of this page; it refuses while another page is open. */
function takesOver(worker: ServiceWorker): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage("take over", [port2]);
  return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
}

function soon<T>(promise: Promise<T>, patience = PATIENCE): Promise<T | undefined> {
  return Promise.race([
    promise,
    new Promise<undefined>((resolve) => setTimeout(resolve, patience)),
  ]);
}

/** Make sure that everything this visit used is kept. */
export async function keep(): Promise<void> {
  const used = ["model/colorizer.json", "model/network.onnx", "model/render.onnx"];
  used.push(...RUNTIME.map((name) => `ort/${name}`));
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage(used);
}

const RUNTIME = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm.gz"];
