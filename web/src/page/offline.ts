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
