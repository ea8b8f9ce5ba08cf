/** The service worker, which keeps the page's files so that it opens without a connection. */

const PATIENCE = 3000; // ms: the page must not wait for it

/** Resolves once the service worker fetches for this page, or there is none. */
export async function register(): Promise<void> {
  if (!("serviceWorker" in navigator) || !isSecureContext) return;
  const { serviceWorker } = navigator;
  try {
    await serviceWorker.register("sw.js");
  } catch {
    return; // private windows of some browsers
  }
  if (serviceWorker.controller) return;
  await Promise.race([
    new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve)),
    new Promise((resolve) => setTimeout(resolve, PATIENCE)),
  ]);
}

/** Make sure that everything this visit used is kept. */
export async function keep(): Promise<void> {
  const scope = new URL("./", location.href).href;
  const used = ["model/colorizer.json", "model/network.onnx", "model/render.onnx"];
  used.push(...RUNTIME.map((name) => `ort/${name}`));
  const registration = await navigator.serviceWorker?.getRegistration(scope);
  registration?.active?.postMessage(used);
}

const RUNTIME = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm.gz"];
